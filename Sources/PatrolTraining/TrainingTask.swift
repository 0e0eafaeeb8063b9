import PatrolDecisions
import PatrolModel
import PatrolSimulation

/// What a policy is learned for: a scenario, and the engine that decides in it. The engine brings rules, options, the policy
/// beside the one that is learned, and the heuristic that is followed first.
public struct TrainingTask: Sendable {
    public let model: Scenario
    public let engine: DecisionEngine

    public init(_ model: Scenario, engine: DecisionEngine) {
        (self.model, self.engine) = (model, engine)
    }

    /// Seconds by which one of many runs begins later than the scenario says: runs that are no whole periods of the demand, the
    /// shifts and the self-initiated work begin at all hours of these, one after the other. Runs in a log or in storms begin when
    /// the scenario says.
    /// - Parameter seconds: that each run counts.
    func delay(ofRun run: Int, seconds: Double) -> Double {
        let period = model.periodHours
        guard period > 1, seconds.truncatingRemainder(dividingBy: 3600 * Double(period)) != 0 else { return 0 }
        // 61 has no divisor in common with 24 or 168, and takes a few runs to all parts of a week.
        return 3600 * Double(61 * (run % period) % period)
    }

    /// - Throws: `invalidArgument` where there is none, `mismatch` where an engine is of another area than its scenario.
    static func validate(_ tasks: [TrainingTask]) throws(PatrolError) {
        guard !tasks.isEmpty else { throw PatrolError(.invalidArgument, "no task to learn from") }
        for task in tasks where task.engine.area !== task.model.area {
            throw PatrolError(.mismatch, "an engine and its scenario do not share one area object")
        }
    }
}
