import PatrolModel
import PatrolNetworks

/// The reward of a patrol unit between two of its decisions.
public enum PatrolReward: Int32, CaseIterable, Sendable {
    /// Its marginal coverage (what the demand-weighted arrival time would be longer without it) less the most that any anchor
    /// would give, where the move has led it: a difference reward (Wolpert & Tumer 2002), free of what others do.
    case difference
    /// The same with backup: of the expected arrival time where the nearest unit may be busy (`candidate/2` in `Features.md`).
    case backupDifference
    /// Minus the demand-weighted arrival time of all free units together.
    case teamCoverage
    /// Minus the cost of the whole system meanwhile.
    case teamCost
}

/// How patrol is learned. The defaults are those of the results page.
public struct PatrolLearnerOptions: Sendable {
    public var reward = PatrolReward.backupDifference
    /// Follows a unit through its calls to its next patrol decision. Otherwise a transition ends unseen where the unit is
    /// taken: else it learns to seek or to dodge calls.
    public var spansCalls = false
    /// Reward for a visit to a place: this times its demand times the hours since the last visit (the selfish utility of
    /// Santana et al. 2004; discounted, its sum over visits is the demand-weighted idle time up to constants).
    public var presence: Float = 0
    /// Price of a minute of driving on patrol.
    public var drivingPrice: Float = 0

    /// Per second.
    public var discountRate = 1.2e-3
    public var learning = DeepQOptions()
    public var memory = 50_000
    public var rate = LinearSchedule(from: 1e-3, to: 5e-5, steps: 12_000)
    /// Share of random moves by round.
    public var exploration = LinearSchedule(from: 0.2, to: 0.03, steps: 60)

    /// Rounds of episodes followed by gradient steps. The first rounds follow the engine's own patrol heuristic and
    /// fill the memory.
    public var rounds = 120
    public var heuristicRounds = 6
    public var episodesPerRound = 4
    public var episodeSeconds = 6.0 * 3600
    public var stepsPerRound = 100

    public init() {}

    /// Options that the C interface has are named as there.
    /// - Throws: `invalidArgument`, `invalidNumber`.
    func validate() throws(PatrolError) {
        for width in learning.hidden { try checkCount(width, in: 1...1024, "a width of patrol_layers") }
        try checkCount(learning.hidden.count, in: 0...8, "number of patrol_layers")
        try checkCount(learning.batch, in: 1...65_536, "batch")
        try checkCount(memory, in: 1...100_000_000, "memory")
        try checkCount(rounds, in: 1...1_000_000, "patrol_rounds")
        try checkCount(heuristicRounds, in: 1...rounds, "patrol_heuristic_rounds")
        try checkCount(episodesPerRound, in: 1...64, "patrol_episodes")
        try checkCount(stepsPerRound, in: 0...1_000_000, "patrol_steps")
        try checkNumber(discountRate, in: 0...1, "patrol_discount_rate")
        try checkNumber(episodeSeconds, in: 60...largestNumber, "patrol_episode_seconds")
        try checkNumber(presence, in: 0...1e6, "patrol_presence")
        try checkNumber(drivingPrice, in: 0...1e6, "patrol_driving_price")
        try checkNumber(learning.targetShare, in: 0...1, "target_share")
        try checkPositive(learning.huberThreshold, atMost: 1e6, "huber_threshold")
        try checkNumber(learning.gapShare, in: 0...0.99, "gap_share")
        for value in [rate.first, rate.last] { try checkNumber(value, in: 0...1, "learning rate") }
        for value in [exploration.first, exploration.last] { try checkNumber(value, in: 0...1, "exploration") }
    }
}
