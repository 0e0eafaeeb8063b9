import PatrolDecisions
import PatrolModel
import PatrolSimulation

/// What a policy is learned for: a scenario, and the engine that decides in it. The engine brings rules, options, the policy
/// beside the one that is learned, and the heuristic that is followed first.
public struct TrainingTask: Sendable {
    public let model: SimulationModel
    public let engine: DecisionEngine

    public init(_ model: SimulationModel, engine: DecisionEngine) {
        (self.model, self.engine) = (model, engine)
    }

    /// - Throws: `invalidArgument` where there is none, `mismatch` where an engine is of another area than its scenario.
    static func check(_ tasks: [TrainingTask]) throws(PatrolError) {
        guard !tasks.isEmpty else { throw PatrolError(.invalidArgument, "no task to learn from") }
        for task in tasks where task.engine.area !== task.model.area {
            throw PatrolError(.mismatch, "an engine's area is another object than its scenario's")
        }
    }
}
