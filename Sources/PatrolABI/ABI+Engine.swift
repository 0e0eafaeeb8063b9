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
        own.dispatchPolicy = try dispatchPolicy(given.dispatch_policy, learned: trained?.pair != nil || trained?.value != nil)
        own.seed = given.seed
        try checkPositive(given.stay_seconds, "stay_seconds")
        own.staySeconds = given.stay_seconds
        own.keepTargetGain = try nonNegative(given.keep_target_gain, "keep_target_gain")
        own.stalePositionSeconds = try limit(given.stale_position_seconds, "stale_position_seconds")
        try check(
            given.maximum_snap_metres >= 0, .invalidNumber,
            "maximum_snap_metres is \(given.maximum_snap_metres), expected 0 or more, or infinity")
        own.maximumSnapMetres = given.maximum_snap_metres
        try check(given.reserved == 0, .invalidArgument, "options->reserved is \(given.reserved), expected 0")
        own.rules = try rules(given)
        own.discountRate = try nonNegative(given.discount_rate, "discount_rate")
        try check(
            (1...512).contains(given.compliance_rows), .invalidArgument,
            "compliance_rows is \(given.compliance_rows), expected 1 to 512")
        own.complianceRows = Int(given.compliance_rows)
        let limits = try holdTravelSeconds(given, categories: area.categoryCount)
        let weights = given.group_weights.map { UnsafeBufferPointer(start: $0, count: area.groupCount) }
        if let weights {
            for g in 0..<weights.count { try checkPositive(weights[g], "group_weights[\(g)]") }
        }
        engine.pointee = try give(DecisionEngine(
            area: area, policy: trained, options: own, groupWeights: weights, holdTravelSeconds: limits))
    }
}

@_cdecl("patrol_engine_destroy") @implementation
public func patrol_engine_destroy(_ engine: OpaquePointer!) { release(engine, as: DecisionEngine.self) }

package func flag(_ value: UInt32, _ name: StaticString) throws(PatrolError) -> Bool {
    guard value <= 1 else { throw invalid("\(name) is \(value), expected 0 or 1") }
    return value == 1
}

@inline(never)
private func nonNegative(_ value: Float, _ name: StaticString) throws(PatrolError) -> Float {
    try checkNonNegative(value, "\(name)")
    return value
}

@inline(never)
private func limit(_ value: Float, _ name: StaticString) throws(PatrolError) -> Float {
    try checkLimit(value, "\(name)")
    return value
}

private func patrolPolicy(_ name: UnsafePointer<CChar>?, learned: Bool) throws(PatrolError) -> PatrolPolicyKind {
    guard let name else { return learned ? .learned : .marginalCoverage }
    for kind in PatrolPolicyKind.allCases where equal(name, kind.name) { return kind }
    throw PatrolError(.unknownName, "patrol_policy is \(quoted(name)), expected one of the names in patrol.h")
}

private func dispatchPolicy(_ name: UnsafePointer<CChar>?, learned: Bool) throws(PatrolError) -> DispatchPolicyKind {
    guard let name else { return learned ? .learned : .minimumWeightedTravel }
    for kind in DispatchPolicyKind.allCases where equal(name, kind.name) { return kind }
    throw PatrolError(.unknownName, "dispatch_policy is \(quoted(name)), expected one of the names in patrol.h")
}

/// Checks the travel limits for holding. - Returns: shape [rows, categories], or nil where there are none.
private func holdTravelSeconds(_ given: patrol_engine_options, categories: Int) throws(PatrolError) -> UnsafeBufferPointer<Float>? {
    if given.hold_rows == 0 { return nil }
    try check((0...64).contains(given.hold_rows), .invalidArgument, "hold_rows is \(given.hold_rows), expected 0 to 64")
    let limits = try array(given.hold_travel_seconds, given.hold_rows * categories, "hold_travel_seconds")
    for k in 0..<limits.count {
        let least = k < categories ? 0 : limits[k - categories]
        try check(
            limits[k] >= least && (limits[k] <= 1e9 || limits[k] == .infinity), .invalidNumber,
            "hold_travel_seconds[\(k)] is \(limits[k]), expected 0 to 1e9, or infinity, and no less than in the row before")
    }
    return limits
}

private func rules(_ given: patrol_engine_options) throws(PatrolError) -> DispatchRules {
    var rules = DispatchRules()
    try check(
        given.never_hold_priority >= 0 && given.never_hold_priority <= Incident.priorities, .invalidArgument,
        "never_hold_priority is \(given.never_hold_priority), expected 0 to \(Incident.priorities)")
    rules.neverHoldPriority = given.never_hold_priority
    rules.strictPriority = try flag(given.strict_priority, "strict_priority")
    var holds = given.longest_hold_seconds
    rules.longestHold = withUnsafeBytes(of: &holds) { $0.loadUnaligned(as: SIMD8<Float>.self) }
    for p in 0..<Incident.priorities { try checkLimit(rules.longestHold[p], "longest_hold_seconds[\(p)]") }
    rules.maximumTravelSeconds = try limit(given.maximum_travel_seconds, "maximum_travel_seconds")
    rules.shiftEndMargin = try nonNegative(given.shift_end_margin_seconds, "shift_end_margin_seconds")
    rules.ownBeatPenalty = try limit(given.own_beat_penalty_seconds, "own_beat_penalty_seconds")
    try check(
        given.reserve_per_beat <= 4096, .invalidArgument, "reserve_per_beat is \(given.reserve_per_beat), expected 0 to 4096")
    rules.reservePerBeat = Int32(given.reserve_per_beat)
    rules.reservePrice = try limit(given.reserve_price, "reserve_price")
    var matrix = given.preemption
    try withUnsafeBytes(of: &matrix) { (cells) throws(PatrolError) in
        for k in 0..<cells.count {
            try check(
                cells[k] <= 1, .invalidArgument,
                "preemption[\(k / Incident.priorities)][\(k % Incident.priorities)] is \(cells[k]), expected 0 or 1")
            if cells[k] == 1 { rules.preemption |= 1 << UInt64(k) }
        }
    }
    return rules
}
