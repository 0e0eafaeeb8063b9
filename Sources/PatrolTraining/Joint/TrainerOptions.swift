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

    public init() {}

    /// - Throws: `invalidArgument`, `invalidNumber`.
    func check() throws(PatrolError) {
        guard !heuristicPatrols.isEmpty, !heuristicDispatches.isEmpty else {
            throw PatrolError(.invalidArgument, "no heuristic to start from: heuristic_patrols or heuristic_dispatches is empty")
        }
        for kind in heuristicPatrols where kind == .learned { throw notHeuristic("heuristic_patrols") }
        for kind in heuristicDispatches where kind == .learned { throw notHeuristic("heuristic_dispatches") }
        guard patrol.form == .candidate else {
            throw PatrolError(.unsupported, "the flattened form has no policy file: train it by itself")
        }
        // Those of the patrol method that is not chosen too.
        try patrol.check()
        try patrolSearch.check("patrol_generations", atLeast: 1)
        guard rounds >= 1, rounds <= 1000 else {
            throw PatrolError(.invalidArgument, "rounds is \(rounds), expected 1 to 1000")
        }
        guard validations >= 2, validations <= 100_000 else {
            throw PatrolError(.invalidArgument, "validations is \(validations), expected 2 to 100,000")
        }
        guard validationLimit >= 0, validationLimit <= 100_000 else {
            throw PatrolError(.invalidArgument, "validation_limit is \(validationLimit), expected 0 to 100,000")
        }
        guard validationSeconds >= 60, validationSeconds <= 1e9, groupWeightRate >= 0, groupWeightRate <= 10 else {
            throw PatrolError(
                .invalidNumber,
                "validation_seconds is \(validationSeconds), group_weight_rate \(groupWeightRate); expected 60 to 10^9 and 0 to 10")
        }
    }

    var acceptance: AcceptanceTest { AcceptanceTest(first: validations, limit: validationLimit) }

    private func notHeuristic(_ name: StaticString) -> PatrolError {
        PatrolError(.invalidArgument, "\(name) contains \"learned\", expected heuristics")
    }
}
