import PatrolDecisions
import PatrolSimulation

/// What a policy is learned for: a scenario, and the engine that decides in it. The engine brings rules, options, the policy
/// beside the one that is learned, and the heuristic that is followed first.
public struct TrainingTask: Sendable {
    public let model: SimulationModel
    public let engine: DecisionEngine

    public init(_ model: SimulationModel, engine: DecisionEngine) {
        (self.model, self.engine) = (model, engine)
    }
}
