import PatrolDecisions
import PatrolModel

/// One simulation, episode after episode, as a stream of patrol decisions of one unit each: what patrol is trained on. The
/// engine decides dispatch.
///
///     try episodes.advance()                     // to the first decision
///     while training {
///         let moves = try episodes.moves(features: row)
///         try episodes.take(chosen)              // an index among them; nil: the engine's choice
///         try episodes.advance()
///     }
public final class PatrolEpisodeStream {
    public let simulator: Simulator
    private let seconds: Double
    private let seedStep: UInt64
    private var seed: UInt64
    /// The deciding unit's moves, staying first; shape [most candidates].
    private let choices: Buffer<PatrolCandidate>
    /// Number of moves shown to the deciding unit; 0: none yet.
    public private(set) var moveCount = 0
    /// Index of the deciding unit in the fleet; −1 before the first `advance` and after one that failed.
    public private(set) var unit = -1
    /// Number of calls that each unit had been sent to at its last decision in this episode; −1: no decision yet.
    private let sentBefore: Buffer<Int64>
    /// Whether the unit was sent to a call since its last decision in this episode, or has not decided in it yet.
    public private(set) var isInterrupted = true
    /// Whether the last `advance` passed the end of an episode, and the cumulative cost at that end.
    public private(set) var hasEnded = false
    public private(set) var endedCost = 0.0

    /// After this many episodes in a row without a patrol decision, there will be none.
    private static let mostIdleEpisodes = 10

    /// - Parameters:
    ///   - seed: of the first episode; the next ones have seed + `seedStep`, seed + 2 · `seedStep`, ...
    ///   - seconds: length of an episode, > 0.
    public init(
        _ model: Scenario, engine: DecisionEngine, seed: UInt64, seedStep: UInt64, seconds: Double
    ) throws(PatrolError) {
        simulator = try Simulator(model, engine: engine, seed: seed, measures: false)
        self.seconds = seconds
        self.seed = seed
        self.seedStep = seedStep
        choices = try Buffer(
            count: simulator.session.maximumCandidates, repeating: PatrolCandidate(node: 0, nextNode: 0, seconds: 0))
        sentBefore = try Buffer(count: model.scenario.units.count, repeating: -1)
    }

    /// The deciding unit's moves, staying first.
    /// - Parameter features: shape [most candidates, 28]; rows beyond the moves are left as they are.
    public func moves(features: UnsafeMutablePointer<Float>) throws(PatrolError) -> UnsafeBufferPointer<PatrolCandidate>
    {
        let found = try simulator.candidates(ofUnit: unit, features: features)
        for k in 0..<found.count { choices[k] = found[k] }
        moveCount = found.count
        return UnsafeBufferPointer(start: choices.base, count: moveCount)
    }

    /// Decides for the unit; nothing happens where there is none.
    /// - Parameter choice: index of one of its `moves`; nil: the engine's choice.
    public func take(_ choice: Int?) throws(PatrolError) {
        guard unit >= 0 else { return }
        guard let choice else { return try simulator.decide(unit: unit) }
        try checkIndex(choice, below: moveCount, "choice")
        simulator.tell(unit, choices[choice])
    }

    /// Advances to the next patrol decision, past the ends of episodes.
    /// - Throws: `mismatch` if episodes have no patrol decisions; whatever a decision throws.
    public func advance() throws(PatrolError) {
        (hasEnded, moveCount) = (false, 0)
        if unit >= 0 { sentBefore[unit] = Int64(simulator.units[unit].timesSent) }
        unit = -1
        var ended = 0
        while true {
            let next = simulator.firstDueUnit
            if next >= 0 {
                unit = next
                isInterrupted = sentBefore[unit] != Int64(simulator.units[unit].timesSent)
                return
            }
            switch try simulator.stepToDecision(until: simulator.model.scenario.start + seconds) {
            case .dispatch: try simulator.decide()
            case .patrol: break
            case .none:
                if !hasEnded { (hasEnded, endedCost) = (true, simulator.cumulativeCost) }
                beginEpisode()
                ended += 1
                guard ended <= PatrolEpisodeStream.mostIdleEpisodes else {
                    throw PatrolError(.mismatch, "in \(ended - 1) episodes in a row no unit had a patrol decision")
                }
            }
        }
    }

    private func beginEpisode() {
        seed &+= seedStep
        simulator.restart(seed: seed)
        for u in 0..<sentBefore.count { sentBefore[u] = -1 }
    }
}
