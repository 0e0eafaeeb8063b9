import PatrolDecisions
import PatrolModel

/// What is learned together with what.
public enum TrainingVariant: Int32, CaseIterable, Sendable {
    /// Dispatch and patrol in turn, each with the best of the other so far.
    case joint = 0
    /// The same phases, but each with the best heuristic in the other's place; combined at the end.
    case apart
    case patrolOnly
    case dispatchOnly
}

/// What a policy is accepted for.
public enum TrainingGoal: Int32, CaseIterable, Sendable {
    /// The scenario's cost: weighted waiting, or lateness beyond its grace, with the price of lost calls.
    case cost = 0
    /// The worst group's mean response time, lost calls charged. Group weights rise where a group waits longer.
    case worstGroup
    /// The share of calls reached within the response target of their priority.
    case withinTarget
    /// The 90th percentile of response times, lost calls charged.
    case p90
    /// Of patrol: the share of places that count as visited (`ScenarioArrays.presenceSeconds`), by demand. Heuristics and dispatch are
    /// accepted for their cost.
    case presence

    /// Whether it concerns calls of one priority.
    var isOfCalls: Bool { self == .withinTarget || self == .p90 }
}

/// How a policy is trained. The defaults are those of the results page.
public struct TrainerOptions: Sendable {
    public var variant = TrainingVariant.joint
    public var goal = TrainingGoal.cost
    /// Each phase begins with the networks of the last one of its kind, if those were accepted.
    public var warmStart = true
    /// Of one phase of dispatch and one of patrol each.
    public var rounds = 2
    public var dispatch = DispatchLearnerOptions()
    public var patrolMethod = PatrolMethod.search
    public var patrol = PatrolLearnerOptions()
    public var patrolSearch = SearchOptions(generations: 24, deviation: 0.1)
    public var moves = MoveLearnerOptions()

    /// Every pair of these is validated; the best is where training starts and what it falls back to.
    public var heuristicPatrols = [PatrolPolicyKind.backupCoverage, .complianceTable]
    public var heuristicDispatches = [DispatchPolicyKind.minimumWeightedTravel, .priorityClosest]
    /// Replications of each validation, and the most of one that is undecided (`AcceptanceTest`); their lengths after the
    /// scenario's warm-up.
    public var validations = 256
    public var validationLimit = 4096
    public var validationSeconds = 24.0 * 3600
    /// Of every decision in validation.
    public var nodeLimit: UInt64 = 256
    /// How fast group weights move, towards `worstGroup`: the exponent of a group's mean response time over that of all.
    public var groupWeightRate = 0.5
    /// Of the calls that `withinTarget` and `p90` are about; 0: all calls.
    public var goalPriority = 0
    /// How much the last three goals count beside the weighted wait: while a phase learns, what they are about costs this many times the
    /// weighted wait of the policy so far (`TrainingObjective`).
    public var goalPrice: Float = 1

    public init() {}

    /// - Throws: `invalidArgument`, `invalidNumber`.
    func validate() throws(PatrolError) {
        guard !heuristicPatrols.isEmpty, !heuristicDispatches.isEmpty else {
            throw PatrolError(
                .invalidArgument, "no heuristic to start from: heuristic_patrols or heuristic_dispatches is empty")
        }
        for kind in heuristicPatrols where kind == .learned { throw notHeuristic("heuristic_patrols") }
        for kind in heuristicDispatches where kind == .learned { throw notHeuristic("heuristic_dispatches") }
        // Those of the patrol method that is not chosen too.
        try patrol.validate()
        try patrolSearch.validate("patrol_generations", atLeast: 1)
        if patrolMethod == .rollouts { try moves.validate() }
        try checkCount(rounds, in: 1...1000, "rounds")
        try checkCount(validations, in: 2...100_000, "validations")
        try checkCount(validationLimit, in: 0...100_000, "validation_limit")
        try checkNumber(validationSeconds, in: 60...largestNumber, "validation_seconds")
        try checkNumber(groupWeightRate, in: 0...10, "group_weight_rate")
        try checkCount(goalPriority, in: 0...(goal.isOfCalls ? Incident.priorities : 0), "goal_priority")
        try checkPositive(goalPrice, atMost: 1000, "goal_price")
    }

    var acceptance: AcceptanceTest { AcceptanceTest(first: validations, limit: validationLimit) }

    private func notHeuristic(_ name: StaticString) -> PatrolError {
        PatrolError(.invalidArgument, "\(name) contains \"learned\", expected heuristics")
    }
}
