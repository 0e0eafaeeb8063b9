import CPatrol
import PatrolABI
import PatrolDecisions
import PatrolModel
import PatrolTraining

@_cdecl("patrol_trainer_options_init") @implementation
public func patrol_trainer_options_init(_ options: UnsafeMutablePointer<patrol_trainer_options>!) {
    initialize(options)
}

/// The trainer's own defaults in C.
func trainerDefaults() -> patrol_trainer_options {
    let own = TrainerOptions()
    var options = patrol_trainer_options()
    options.rounds = UInt32(own.rounds)
    options.variant = own.variant.rawValue
    options.goal = own.goal.rawValue
    options.warm_start = own.warmStart ? 1 : 0
    options.threads = 2
    options.validations = UInt32(own.validations)
    options.validation_limit = UInt32(own.validationLimit)
    options.validation_seconds = own.validationSeconds
    let dispatch = own.dispatch
    options.value_form = dispatch.valueForm.rawValue
    options.learns_pairs = dispatch.learnsPairs ? 1 : 0
    store(dispatch.pairHidden, in: &options.pair_layers)
    options.value_hidden = UInt32(dispatch.valueHidden)
    options.value_block = UInt32(dispatch.valueBlock)
    options.bootstrap_comparisons = UInt32(dispatch.bootstrapComparisons)
    options.comparisons = UInt32(dispatch.comparisons)
    options.iterations = UInt32(dispatch.iterations)
    options.dispatch_generations = UInt32(dispatch.search.generations)
    options.search_population = UInt32(dispatch.search.population)
    options.search_replications = UInt32(dispatch.search.replications)
    options.horizon_seconds = dispatch.horizonSeconds
    options.compared_share = Float(dispatch.comparedShare)
    options.explored_share = Float(dispatch.exploredShare)
    let patrol = own.patrol
    options.patrol_method = own.patrolMethod.rawValue
    options.patrol_generations = UInt32(own.patrolSearch.generations)
    options.patrol_reward = patrol.reward.rawValue
    options.patrol_spans_calls = patrol.spansCalls ? 1 : 0
    options.patrol_presence = patrol.presence
    options.patrol_driving_price = patrol.drivingPrice
    store(patrol.learning.hidden, in: &options.patrol_layers)
    options.patrol_rounds = UInt32(patrol.rounds)
    options.patrol_heuristic_rounds = UInt32(patrol.heuristicRounds)
    options.patrol_episodes = UInt32(patrol.episodesPerRound)
    options.patrol_steps = UInt32(patrol.stepsPerRound)
    options.patrol_episode_seconds = patrol.episodeSeconds
    options.patrol_discount_rate = patrol.discountRate
    return options
}

/// The caller's options. The trainer checks ranges; checked here are those that its types cannot hold.
func trainerOptions(_ given: patrol_trainer_options) throws(PatrolError) -> TrainerOptions {
    var own = TrainerOptions()
    try checkCount(Int(given.threads), in: 1...64, "threads")
    try checkCount(Int(given.reserved), in: 0...0, "options->reserved")
    try checkCount(Int(given.reserved_end), in: 0...0, "options->reserved_end")
    own.variant = try kind(given.variant, "variant")
    own.goal = try kind(given.goal, "goal")
    if given.goal_price != 0 { own.goalPrice = given.goal_price }
    own.goalPriority = Int(given.goal_priority)
    own.warmStart = try flag(given.warm_start, "warm_start")
    own.rounds = Int(given.rounds)
    own.validations = Int(given.validations)
    own.validationLimit = Int(given.validation_limit)
    own.validationSeconds = given.validation_seconds
    if given.heuristic_patrol_count > 0 {
        own.heuristicPatrols = try names(given.heuristic_patrols, given.heuristic_patrol_count, "heuristic_patrols") {
            $0.name
        }
    }
    if given.heuristic_dispatch_count > 0 {
        own.heuristicDispatches =
            try names(given.heuristic_dispatches, given.heuristic_dispatch_count, "heuristic_dispatches") { $0.name }
    }
    own.dispatch.valueForm = try kind(given.value_form, "value_form")
    own.dispatch.learnsPairs = try flag(given.learns_pairs, "learns_pairs")
    own.dispatch.pairHidden = widths(given.pair_layers)
    own.dispatch.valueHidden = Int(given.value_hidden)
    own.dispatch.valueBlock = Int(given.value_block)
    own.dispatch.bootstrapComparisons = Int(given.bootstrap_comparisons)
    own.dispatch.comparisons = Int(given.comparisons)
    own.dispatch.iterations = Int(given.iterations)
    own.dispatch.search.generations = Int(given.dispatch_generations)
    own.dispatch.search.population = Int(given.search_population)
    own.dispatch.search.replications = Int(given.search_replications)
    own.dispatch.horizonSeconds = given.horizon_seconds
    own.dispatch.comparedShare = Double(given.compared_share)
    own.dispatch.exploredShare = Double(given.explored_share)
    own.patrolMethod = try kind(given.patrol_method, "patrol_method")
    own.patrolSearch.generations = Int(given.patrol_generations)
    own.patrolSearch.population = Int(given.search_population)
    own.patrolSearch.replications = Int(given.search_replications)
    own.patrol.reward = try kind(given.patrol_reward, "patrol_reward")
    own.patrol.spansCalls = try flag(given.patrol_spans_calls, "patrol_spans_calls")
    own.patrol.presence = given.patrol_presence
    own.patrol.drivingPrice = given.patrol_driving_price
    own.patrol.learning.hidden = widths(given.patrol_layers)
    own.patrol.rounds = Int(given.patrol_rounds)
    own.patrol.heuristicRounds = Int(given.patrol_heuristic_rounds)
    own.patrol.episodesPerRound = Int(given.patrol_episodes)
    own.patrol.stepsPerRound = Int(given.patrol_steps)
    own.patrol.episodeSeconds = given.patrol_episode_seconds
    own.patrol.discountRate = given.patrol_discount_rate
    own.moves.hidden = widths(given.patrol_layers)
    own.moves.comparisons = 3 * Int(given.comparisons)
    return own
}

private func kind<Kind: RawRepresentable & CaseIterable>(
    _ value: Int32, _ name: StaticString
) throws(PatrolError) -> Kind where Kind.RawValue == Int32 {
    guard let kind = Kind(rawValue: value) else {
        throw invalid("\(name) is \(value), expected 0 to \(Kind.allCases.count - 1)")
    }
    return kind
}

private func names<Kind: CaseIterable & Equatable>(
    _ given: UnsafePointer<UnsafePointer<CChar>?>?, _ count: UInt32, _ field: StaticString,
    _ name: (Kind) -> StaticString
) throws(PatrolError) -> [Kind] {
    try check(count <= 64, .invalidArgument, "\(field) has \(count) names, expected at most 64")
    let given = try array(given, Int(count), field)
    var kinds: [Kind] = []
    for k in 0..<given.count {
        guard let text = given[k] else { throw invalid("\(field)[\(k)] is NULL") }
        var found: Kind?
        for kind in Kind.allCases where equal(text, name(kind)) { found = kind }
        guard let found else {
            throw PatrolError(.unknownName, "\(field)[\(k)] is \(quoted(text)), expected one of the names in patrol.h")
        }
        try check(!kinds.contains(found), .invalidArgument, "\(field)[\(k)] is \(quoted(text)), as an earlier one is")
        kinds.append(found)
    }
    return kinds
}

private typealias Widths = (UInt32, UInt32, UInt32, UInt32)

private func widths(_ given: Widths) -> [Int] {
    var widths: [Int] = []
    for width in [given.0, given.1, given.2, given.3] {
        if width == 0 { break }
        widths.append(Int(width))
    }
    return widths
}

private func store(_ widths: [Int], in given: inout Widths) {
    func width(_ k: Int) -> UInt32 { k < widths.count ? UInt32(widths[k]) : 0 }
    given = (width(0), width(1), width(2), width(3))
}
