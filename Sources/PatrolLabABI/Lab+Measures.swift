import CPatrol
import PatrolABI
import PatrolModel
import PatrolSimulation

@_cdecl("patrol_metrics_init") @implementation
public func patrol_metrics_init(_ metrics: UnsafeMutablePointer<patrol_metrics>!) {
    guard let metrics else { return }
    var value = patrol_metrics()
    value.struct_size = structSize(patrol_metrics.self)
    metrics.pointee = value
}

@_cdecl("patrol_simulation_get_metrics") @implementation
public func patrol_simulation_get_metrics(
    _ simulation: OpaquePointer!, _ metrics: UnsafeMutablePointer<patrol_metrics>!,
    _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let simulator = try simulator(simulation)
        let metrics = try required(metrics, "metrics")
        try checkSize(metrics, "metrics")
        let own = try simulator.metrics()
        metrics.pointee = patrol_metrics(
            struct_size: metrics.pointee.struct_size, reserved: 0, seconds: own.seconds, calls: UInt64(own.calls),
            served: UInt64(own.served), lost: UInt64(own.lost), open: UInt64(own.open), response: cResponse(own.response),
            mean_queue_wait: own.meanQueueWait, p90_queue_wait: own.p90QueueWait, mean_travel: own.meanTravel,
            p90_travel: own.p90Travel, mean_until_complete: own.meanUntilComplete, cost_rate: own.costRate,
            utilization: own.utilization, utilization_gini: own.utilizationGini, across_beats: own.acrossBeats,
            coverage: own.coverage, equity_difference: own.equityDifference, equity_ratio: own.equityRatio,
            dispatches: UInt64(own.dispatches), diversions: UInt64(own.diversions), events: own.events,
            decisions: own.decisions)
    }
}

private func cResponse(_ own: ResponseSummary) -> patrol_response {
    patrol_response(
        calls: UInt64(own.calls), reached: UInt64(own.reached), lost: UInt64(own.lost), waiting: UInt64(own.waiting),
        mean: own.mean, median: own.median, p90: own.p90, p95: own.p95, charged_mean: own.chargedMean,
        charged_median: own.chargedMedian, charged_p90: own.chargedP90, charged_p95: own.chargedP95,
        within_target: own.withinTarget)
}

@_cdecl("patrol_simulation_get_responses") @implementation
public func patrol_simulation_get_responses(
    _ simulation: OpaquePointer!, _ call_class: Int32, _ rows: UnsafeMutablePointer<patrol_response>!, _ capacity: Int,
    _ stride: Int, _ count: UnsafeMutablePointer<Int>!, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let simulator = try simulator(simulation)
        let count = try required(count, "count")
        guard let kind = CallClass(rawValue: call_class) else {
            throw invalid("call_class is \(call_class), expected 0 to \(CallClass.allCases.count - 1)")
        }
        let own = try simulator.responses(kind)
        let output = try Strided(UnsafePointer(rows), count: capacity == 0 ? 0 : own.count, stride: stride, "rows")
        try announce(own.count, capacity: capacity, into: count, "rows")
        for k in 0..<output.count { output.store(cResponse(own[k]), at: k) }
    }
}

@_cdecl("patrol_simulation_get_unit_times") @implementation
public func patrol_simulation_get_unit_times(
    _ simulation: OpaquePointer!, _ rows: UnsafeMutablePointer<patrol_unit_times>!, _ capacity: Int, _ stride: Int,
    _ count: UnsafeMutablePointer<Int>!, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let simulator = try simulator(simulation)
        let count = try required(count, "count")
        let own = try simulator.metrics().units
        let output = try Strided(UnsafePointer(rows), count: capacity == 0 ? 0 : own.count, stride: stride, "rows")
        try announce(own.count, capacity: capacity, into: count, "rows")
        for u in 0..<output.count { output.store(cTimes(own[u]), at: u) }
    }
}

private func cTimes(_ own: UnitSummary) -> patrol_unit_times {
    patrol_unit_times(
        off_duty: own.offDuty, out_of_service: own.outOfService, standing: own.standing, driving: own.driving,
        en_route: own.enRoute, on_scene: own.onScene, self_initiated: own.selfInitiated, dispatches: UInt64(own.dispatches))
}
