import PatrolModel
import PatrolSimulation

/// What a goal counts besides the weighted wait, and what learning is charged for it: a price for each late call, or for absence, in the
/// scenario's own cost, so that rollouts and searches see it.
struct TrainingObjective {
    let goal: TrainingGoal
    /// Of the calls that count; 0: all.
    let priority: Int
    /// What all of it costs, relative to the weighted wait.
    let price: Double

    init(_ options: TrainerOptions) {
        (goal, priority, price) = (options.goal, options.goalPriority, Double(options.goalPrice))
    }

    /// - Throws: `mismatch` where nothing in a scenario is what the goal is about.
    func validate(_ tasks: [TrainingTask]) throws(PatrolError) {
        guard goal.isOfCalls else { return }
        for task in tasks {
            if priority > 0 {
                try check(
                    task.model.hasCalls(ofPriority: priority), .mismatch,
                    "goal_priority is \(priority), but no call of the scenario has that priority")
            }
            guard goal == .withinTarget else { continue }
            var isAny = false
            for p in priorities where task.model.scenario.responseTargets[p] < .infinity { isAny = true }
            try check(
                isAny, .mismatch,
                "the goal within_target needs response targets of the calls it is about: the scenario has none of them")
        }
    }

    /// Indices of the priorities of the calls that count.
    private var priorities: Range<Int> { priority > 0 ? priority - 1..<priority : 0..<Incident.priorities }

    /// What the goal counts, the lower the better; NaN where there was nothing of it.
    func value(_ metrics: Metrics) -> Double {
        let calls = calls(metrics)
        return switch goal {
        case .cost, .worstGroup: metrics.costRate
        case .withinTarget: 1 - calls.withinTarget
        case .p90: calls.chargedP90
        case .presence: 1 - metrics.presence
        }
    }

    /// How much there was of what has a price: late calls a second, or the share of places that were absent.
    func amount(_ metrics: Metrics) -> Double {
        let calls = calls(metrics)
        return switch goal {
        case .cost, .worstGroup: 0
        case .withinTarget: calls.calls > 0 ? (1 - calls.withinTarget) * Double(calls.calls) / metrics.seconds : 0
        case .p90: 0.1 * Double(calls.calls) / metrics.seconds
        case .presence: 1 - metrics.presence
        }
    }

    private func calls(_ metrics: Metrics) -> ResponseSummary {
        priority > 0 ? metrics.byPriority[priority - 1] : metrics.response
    }

    /// The task as a learner sees it that goes on from a policy: with the price at which that policy's late calls, or its absence, cost
    /// `price` times its weighted wait. For the 90th percentile calls are late from the policy's own on: where fewer are, it falls.
    ///
    /// - Parameters:
    ///   - cost, value, amount: the policy's means over validation.
    func priced(_ task: TrainingTask, cost: Double, value: Double, amount: Double) throws(PatrolError) -> TrainingTask {
        // Where there is nothing to be gained, and where nothing is known.
        guard amount > 0, price * cost > 0 else { return task }
        let (each, most) = (Float(price * cost / amount), Float(largestNumber))
        var scenario = task.model.scenario
        switch goal {
        case .cost, .worstGroup: return task
        case .withinTarget: for p in priorities { scenario.latePrices[p] = min(scenario.latePrices[p] + each, most) }
        case .p90:
            guard value < .infinity else { return task }
            for p in priorities {
                (scenario.responseTargets[p], scenario.latePrices[p]) = (Float(value), min(each, most))
            }
        case .presence: scenario.absencePrice = min(scenario.absencePrice + each, most)
        }
        let model = try Scenario(area: task.model.area, scenario: scenario, log: task.model.log)
        return TrainingTask(model, engine: task.engine)
    }
}
