import CPatrol
import PatrolABI
import PatrolDecisions
import PatrolModel
import PatrolSimulation

@_cdecl("patrol_scenario_arrays_init") @implementation
public func patrol_scenario_arrays_init(_ arrays: UnsafeMutablePointer<patrol_scenario_arrays>!) {
    initialize(arrays)
}

@_cdecl("patrol_scenario_create") @implementation
public func patrol_scenario_create(
    _ area: OpaquePointer!, _ arrays: UnsafePointer<patrol_scenario_arrays>!,
    _ scenario: UnsafeMutablePointer<OpaquePointer?>!, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let area: ServiceArea = try object(area, "area")
        let arrays = try required(arrays, "arrays")
        let scenario = try required(scenario, "scenario")
        let given = try read(arrays, "arrays")
        let own = try ownScenario(given, area)
        let log = try callLog(given, area)
        scenario.pointee = try give(Scenario(area: area, scenario: own, log: log))
    }
}

@_cdecl("patrol_scenario_destroy") @implementation
public func patrol_scenario_destroy(_ scenario: OpaquePointer!) { release(scenario, as: Scenario.self) }

@_cdecl("patrol_engine_post_seconds") @implementation
public func patrol_engine_post_seconds(
    _ engine: OpaquePointer!, _ unit_count: UInt32, _ seconds: UnsafeMutablePointer<Float>!,
    _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let engine: DecisionEngine = try object(engine, "engine")
        let seconds = try required(seconds, "seconds")
        try check(unit_count >= 1, .invalidArgument, "unit_count is 0, expected at least 1")
        seconds.pointee = engine.postSeconds(units: Int(unit_count))
    }
}

/// Elements of an array that may be of any size but no larger than this: counts beyond it are mistakes.
private let mostElements = 100_000_000

private func ownScenario(_ given: patrol_scenario_arrays, _ area: ServiceArea) throws(PatrolError) -> ScenarioArrays {
    try ScenarioArrays.validateSizes(
        units: Int(given.unit_count), shifts: given.shift_count, storms: given.storm_count)
    var own = try ScenarioArrays(area: area, unitCount: Int(given.unit_count))
    try takeUnits(given, area, into: &own)
    try takeShifts(given, into: &own)
    try takeCategories(given, area, into: &own)
    if let weights = given.group_weights {
        for g in 0..<area.groupCount { own.groupWeights[g] = weights[g] }
    }
    try takeStorms(given, into: &own)
    let hours = try size(given.work_hours, "work_hours")
    if hours > 0 {
        try checkPeriod(hours, "work_hours")
        own.selfInitiated.ratesPerHour = try copy(given.work_per_hour, hours, "work_per_hour")
    }
    own.selfInitiated.meanSeconds = given.work_mean_seconds
    own.selfInitiated.interruptiblePriority = given.work_interruptible_priority
    own.outOfService.ratePerHour = given.out_of_service_per_hour
    own.outOfService.meanSeconds = given.out_of_service_mean_seconds
    own.rateScale = given.rate_scale
    own.overflowSeconds = given.overflow_seconds
    own.compliance = given.compliance
    own.reassessmentSeconds = given.reassessment_seconds
    own.start = given.start_seconds
    own.warmUp = given.warm_up_seconds
    own.queueCapacity = Int(given.queue_capacity)
    own.knowsTimeLeft = try flag(given.knows_time_left, "knows_time_left")
    own.noticeSeconds = given.notice_seconds
    var targets = given.response_target_seconds
    own.responseTargets = withUnsafeBytes(of: &targets) { $0.loadUnaligned(as: SIMD8<Float>.self) }
    var grace = given.grace_seconds
    own.graceSeconds = withUnsafeBytes(of: &grace) { $0.loadUnaligned(as: SIMD8<Float>.self) }
    var prices = given.late_price_seconds
    own.latePrices = withUnsafeBytes(of: &prices) { $0.loadUnaligned(as: SIMD8<Float>.self) }
    own.presenceSeconds = given.presence_seconds
    own.absencePrice = given.absence_price
    return own
}

private func takeUnits(
    _ given: patrol_scenario_arrays, _ area: ServiceArea, into own: inout ScenarioArrays
) throws(PatrolError) {
    guard given.units != nil else { return }
    let units = try Strided(given.units, count: own.units.count, stride: given.unit_stride, "units")
    for u in 0..<units.count {
        let unit = units[u]
        try checkIndex(Int(unit.start_node), below: area.nodeCount, "units[\(u)].start_node")
        own.units[u].id = unit.id
        own.units[u].capabilities = unit.capabilities
        own.units[u].startNode = Int32(bitPattern: unit.start_node)
        own.units[u].homeBeat = unit.home_beat
    }
}

private func takeShifts(_ given: patrol_scenario_arrays, into own: inout ScenarioArrays) throws(PatrolError) {
    let shifts = try Strided(given.shifts, count: given.shift_count, stride: given.shift_stride, "shifts")
    own.shifts = try Buffer(count: shifts.count, repeating: Shift(unit: 0, start: 0, end: 0))
    for k in 0..<shifts.count {
        let shift = shifts[k]
        try checkIndex(Int(shift.unit), below: own.units.count, "shifts[\(k)].unit")
        try checkCount(Int(shift.reserved), in: 0...0, "shifts[\(k)].reserved")
        own.shifts[k] = Shift(unit: Int32(bitPattern: shift.unit), start: shift.start_hour, end: shift.end_hour)
    }
}

private func takeCategories(
    _ given: patrol_scenario_arrays, _ area: ServiceArea, into own: inout ScenarioArrays
) throws(PatrolError) {
    own.serviceSamples = try copy(given.service_samples, given.service_sample_count, "service_samples")
    guard given.categories != nil else { return }
    let categories = try Strided(
        given.categories, count: area.categoryCount, stride: given.category_stride, "categories")
    for c in 0..<categories.count {
        let category = categories[c]
        guard let kind = ServiceTime.Kind(rawValue: category.service_kind) else {
            throw invalid("categories[\(c)].service_kind is \(category.service_kind), expected 0 to 3")
        }
        try checkCount(Int(category.units_required), in: 1...Incident.mostUnits, "categories[\(c)].units_required")
        if kind == .empirical {
            try own.checkSamples(Int(category.first_sample), Int(category.sample_count), ofCategory: c)
        }
        var service = ServiceTime(kind, mean: category.service_mean_seconds, variation: category.service_variation)
        service.firstSample = Int32(truncatingIfNeeded: category.first_sample)
        service.sampleCount = Int32(truncatingIfNeeded: category.sample_count)
        own.categories[c].service = service
        own.categories[c].weight = category.weight
        own.categories[c].priority = category.priority
        own.categories[c].unitsRequired = Int32(bitPattern: category.units_required)
        own.categories[c].requiredCapabilities = category.required_capabilities
    }
}

private func takeStorms(_ given: patrol_scenario_arrays, into own: inout ScenarioArrays) throws(PatrolError) {
    let storms = try Strided(given.storms, count: given.storm_count, stride: given.storm_stride, "storms")
    own.storms = try Buffer(count: storms.count, repeating: Storm(start: 0, end: 0, multiplier: 1))
    for k in 0..<storms.count {
        own.storms[k] = Storm(
            start: storms[k].start_seconds, end: storms[k].end_seconds, multiplier: storms[k].multiplier)
    }
}

/// The log where there is one.
private func callLog(_ given: patrol_scenario_arrays, _ area: ServiceArea) throws(PatrolError) -> CallLog? {
    try checkCount(given.call_count, in: 0...mostElements, "call_count")
    guard given.call_count > 0 else { return nil }
    let calls = try Strided(given.calls, count: given.call_count, stride: given.call_stride, "calls")
    let entries = try Buffer(count: calls.count, repeating: CallLog.Entry())
    for k in 0..<calls.count {
        let call = calls[k]
        try checkIndex(Int(call.node), below: area.nodeCount, "calls[\(k)].node")
        entries[k].time = call.time_seconds
        entries[k].node = Int32(bitPattern: call.node)
        entries[k].category = call.category
        entries[k].priority = call.priority
        entries[k].serviceSeconds = call.service_seconds
    }
    return CallLog(entries)
}

private func copy(
    _ pointer: UnsafePointer<Float>?, _ count: Int, _ name: StaticString
) throws(PatrolError) -> Buffer<Float> {
    try check(
        count >= 0 && count <= mostElements, .invalidArgument,
        "\(name) has \(count) elements, expected at most \(mostElements)")
    let given = try array(pointer, count, name)
    let own = try Buffer<Float>(count: count, repeating: 0)
    for k in 0..<count { own[k] = given[k] }
    return own
}
