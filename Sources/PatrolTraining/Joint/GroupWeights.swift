import CKernels
import PatrolDecisions
import PatrolModel
import PatrolSimulation

/// Weights of population groups as a training goal moves them.
enum GroupWeights {
    /// Weights times e^(rate · (mean response − that of all groups) / that of all groups), with mean 1 over the groups.
    static func moved(_ weights: [Float], means seen: Validation, rate: Double) -> [Float] {
        var (sum, count) = (0.0, 0.0)
        for g in weights.indices {
            let mean = seen.mean(Validation.Column.groups + g)
            if !mean.isNaN { (sum, count) = (sum + mean, count + 1) }
        }
        guard count > 0, sum > 0 else { return weights }
        let all = sum / count
        var moved: [Double] = []
        var total = 0.0
        for g in weights.indices {
            let mean = seen.mean(Validation.Column.groups + g)
            let step = mean.isNaN ? 0 : max(-4, min(rate * (mean - all) / all, 4))
            moved.append(max(1e-3, Double(weights[g]) * kernels_exp64(step)))
            total += moved[g]
        }
        var result: [Float] = []
        for weight in moved { result.append(Float(weight * Double(moved.count) / total)) }
        return result
    }

    /// The task with other weights in decisions and charges.
    static func apply(_ weights: [Float], to task: TrainingTask) throws(PatrolError) -> TrainingTask {
        var scenario = task.model.scenario
        scenario.groupWeights = try Buffer(count: weights.count, repeating: 1)
        for g in weights.indices { scenario.groupWeights[g] = weights[g] }
        let model = try Scenario(area: task.model.area, scenario: scenario, log: task.model.log)
        return TrainingTask(model, engine: try engine(task.engine, weights))
    }

    /// The engine with other weights.
    static func engine(_ engine: DecisionEngine, _ weights: [Float]) throws(PatrolError) -> DecisionEngine {
        guard weights.count == engine.groupWeights.count else {
            throw PatrolError(
                .mismatch, "\(weights.count) group weights, the area has \(engine.groupWeights.count) groups")
        }
        let values = try Buffer<Float>(count: weights.count, repeating: 1)
        for g in weights.indices { values[g] = weights[g] }
        return try DecisionEngine(
            area: engine.area, policy: engine.policy, options: engine.options, groupWeights: values.elements)
    }
}
