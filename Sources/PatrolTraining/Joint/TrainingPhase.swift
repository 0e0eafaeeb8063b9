import PatrolDecisions

/// One piece of a training schedule: something is learned, or just taken, and validated.
public struct TrainingPhase: Sendable {
    public enum Kind: Equatable, Sendable {
        case heuristic(PatrolPolicyKind, DispatchPolicyKind)
        case dispatch
        case patrol
        /// Of what was learned apart.
        case combination
    }

    public let kind: Kind
    public let round: Int
    let isFirstAfterHeuristics: Bool

    var isLearned: Bool { kind == .dispatch || kind == .patrol || kind == .combination }

    static func all(_ options: TrainerOptions) -> [TrainingPhase] {
        var phases: [TrainingPhase] = []
        for patrol in options.heuristicPatrols {
            for dispatch in options.heuristicDispatches {
                phases.append(
                    TrainingPhase(kind: .heuristic(patrol, dispatch), round: 0, isFirstAfterHeuristics: false))
            }
        }
        let heuristics = phases.count
        func add(_ kind: Kind, _ round: Int) {
            phases.append(TrainingPhase(kind: kind, round: round, isFirstAfterHeuristics: phases.count == heuristics))
        }
        for round in 0..<options.rounds {
            if options.variant != .patrolOnly { add(.dispatch, round) }
            if options.variant != .dispatchOnly { add(.patrol, round) }
        }
        if options.variant == .apart { add(.combination, options.rounds) }
        return phases
    }
}

/// What a phase came to, by validation.
public struct PhaseOutcome: Sendable {
    public let phase: TrainingPhase
    /// Simulated until the end of the phase, validations included.
    public let events: UInt64
    /// Mean cost a second; with several tasks the mean of their costs, each relative to the first pair of heuristics.
    public var cost = Double.nan
    /// Largest mean response time of a group, seconds.
    public var worstGroup = Double.nan
    /// What the goal counts, the lower the better: the cost, the mean response time of the worst group in seconds, the share of calls
    /// that were late, the 90th percentile in seconds, or the share of places that did not count as visited.
    public var goalValue = Double.nan
    /// Of all calls, seconds; lost ones charged.
    public var meanResponse = Double.nan
    /// Relative difference to what it had to beat in what the goal counts, and half of its interval as `AcceptanceTest` has it (95 %
    /// over all looks; for a pair of heuristics there is one); NaN for the first phase, and where what it had to beat cost nothing.
    public var difference = Double.nan
    public var halfWidth = Double.nan
    /// That the validation took.
    public var replications = 0
    public var isAccepted = false

    init(_ phase: TrainingPhase, events: UInt64) {
        self.phase = phase
        self.events = events
    }
}
