import CPatrol
import PatrolDecisions
import PatrolFiles
import PatrolModel
import PatrolNetworks

@_cdecl("patrol_engine_options_init") @implementation
public func patrol_engine_options_init(_ options: UnsafeMutablePointer<patrol_engine_options>!) {
    initialize(options)
}

/// The engine's own defaults in C.
func engineDefaults() -> patrol_engine_options {
    let own = EngineOptions()
    var options = patrol_engine_options()
    options.stay_seconds = own.staySeconds
    options.keep_target_gain = own.keepTargetGain
    options.stale_position_seconds = own.stalePositionSeconds
    options.maximum_snap_metres = own.maximumSnapMetres
    options.never_hold_priority = own.rules.neverHoldPriority
    options.strict_priority = own.rules.strictPriority ? 1 : 0
    withUnsafeMutableBytes(of: &options.longest_hold_seconds) { bytes in
        bytes.storeBytes(of: own.rules.longestHold, as: SIMD8<Float>.self)
    }
    options.maximum_travel_seconds = own.rules.maximumTravelSeconds
    options.shift_end_margin_seconds = own.rules.shiftEndMargin
    options.own_beat_penalty_seconds = own.rules.ownBeatPenalty
    options.reserve_per_beat = UInt32(own.rules.reservePerBeat)
    options.reserve_price = own.rules.reservePrice
    options.discount_rate = own.discountRate
    options.compliance_rows = UInt32(own.complianceRows)
    options.plan_margin = own.rules.planMargin
    return options
}

@_cdecl("patrol_engine_create") @implementation
public func patrol_engine_create(
    _ area: OpaquePointer!, _ policy: OpaquePointer!, _ options: UnsafePointer<patrol_engine_options>!,
    _ engine: UnsafeMutablePointer<OpaquePointer?>!, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let area: ServiceArea = try object(area, "area")
        let policy: PolicyHandle? = policy == nil ? nil : try object(policy, "policy")
        let engine = try required(engine, "engine")
        let given = try readOptional(options, "options")
        let trained = policy?.file.policy
        var own = EngineOptions()
        own.homeBeatPatrol = try flag(given.home_beat_patrol, "home_beat_patrol")
        own.patrolPolicy = try patrolPolicy(given.patrol_policy, learned: trained?.patrol != nil)
        own.dispatchPolicy = try dispatchPolicy(
            given.dispatch_policy, learned: trained?.pair != nil || trained?.value != nil)
        own.seed = given.seed
        own.staySeconds = given.stay_seconds
        own.keepTargetGain = given.keep_target_gain
        own.stalePositionSeconds = given.stale_position_seconds
        own.maximumSnapMetres = given.maximum_snap_metres
        try checkCount(Int(given.reserved), in: 0...0, "options->reserved")
        try checkCount(Int(given.reserved_2), in: 0...0, "options->reserved_2")
        try checkCount(Int(given.reserved_3), in: 0...0, "options->reserved_3")
        own.rules = try rules(given)
        own.discountRate = given.discount_rate
        own.complianceRows = Int(given.compliance_rows)
        let limits = try holdTravelSeconds(given, categories: area.categoryCount)
        let weights = given.group_weights.map { UnsafeBufferPointer(start: $0, count: area.groupCount) }
        engine.pointee = try give(
            DecisionEngine(
                area: area, policy: trained, options: own, groupWeights: weights, holdTravelSeconds: limits))
    }
}

@_cdecl("patrol_engine_retain") @implementation
public func patrol_engine_retain(_ engine: OpaquePointer!) { retain(engine, as: DecisionEngine.self) }

@_cdecl("patrol_engine_destroy") @implementation
public func patrol_engine_destroy(_ engine: OpaquePointer!) { release(engine, as: DecisionEngine.self) }

package func flag(_ value: UInt32, _ name: StaticString) throws(PatrolError) -> Bool {
    try checkCount(Int(value), in: 0...1, "\(name)")
    return value == 1
}

private func patrolPolicy(_ name: UnsafePointer<CChar>?, learned: Bool) throws(PatrolError) -> PatrolPolicyKind {
    guard let name else { return learned ? .learned : .marginalCoverage }
    for kind in PatrolPolicyKind.allCases where equal(name, kind.name) { return kind }
    throw PatrolError(
        .unknownName,
        """
        patrol_policy is \(quoted(name)), expected one of learned, stay, random_walk, demand_walk, fixed_posts, \
        compliance_table, marginal_coverage, backup_coverage, dmexclp
        """)
}

private func dispatchPolicy(_ name: UnsafePointer<CChar>?, learned: Bool) throws(PatrolError) -> DispatchPolicyKind {
    guard let name else { return learned ? .learned : .minimumWeightedTravel }
    for kind in DispatchPolicyKind.allCases where equal(name, kind.name) { return kind }
    throw PatrolError(
        .unknownName,
        """
        dispatch_policy is \(quoted(name)), expected one of learned, closest_fcfs, priority_closest, own_beat_first, \
        minimum_weighted_travel, weighted_index
        """)
}

/// The travel limits for holding, shape [rows, categories], or nil where there are none.
private func holdTravelSeconds(_ given: patrol_engine_options, categories: Int) throws(PatrolError)
    -> UnsafeBufferPointer<Float>?
{
    if given.hold_rows == 0 { return nil }
    try checkCount(given.hold_rows, in: 0...EngineOptions.mostHoldRows, "hold_rows")
    return try array(given.hold_travel_seconds, given.hold_rows * categories, "hold_travel_seconds")
}

private func rules(_ given: patrol_engine_options) throws(PatrolError) -> DispatchRules {
    var rules = DispatchRules()
    rules.neverHoldPriority = given.never_hold_priority
    rules.strictPriority = try flag(given.strict_priority, "strict_priority")
    var holds = given.longest_hold_seconds
    rules.longestHold = withUnsafeBytes(of: &holds) { $0.loadUnaligned(as: SIMD8<Float>.self) }
    rules.maximumTravelSeconds = given.maximum_travel_seconds
    rules.shiftEndMargin = given.shift_end_margin_seconds
    rules.arrivesBeforeShiftEnd = try flag(given.arrive_before_shift_end, "arrive_before_shift_end")
    rules.ownBeatPenalty = given.own_beat_penalty_seconds
    rules.reservePerBeat = Int(given.reserve_per_beat)
    rules.reservePrice = given.reserve_price
    rules.planMargin = given.plan_margin
    var matrix = given.preemption
    try withUnsafeBytes(of: &matrix) { (cells) throws(PatrolError) in
        for k in 0..<cells.count {
            try checkCount(
                Int(cells[k]), in: 0...1, "preemption[\(k / Incident.priorities)][\(k % Incident.priorities)]")
            if cells[k] == 1 { rules.preemption |= 1 << UInt64(k) }
        }
    }
    return rules
}
