import CPatrol
import PatrolABI
import PatrolModel
import PatrolSimulation

@_cdecl("patrol_metrics_init") @implementation
public func patrol_metrics_init(_ metrics: UnsafeMutablePointer<patrol_metrics>!) {
    initialize(metrics)
}

@_cdecl("patrol_simulation_get_metrics") @implementation
public func patrol_simulation_get_metrics(
    _ simulation: OpaquePointer!, _ metrics: UnsafeMutablePointer<patrol_metrics>!,
    _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let simulator = try simulator(simulation)
        let own = try simulator.metrics()
        try fill(metrics, "metrics") {
            $0.seconds = own.seconds
            $0.calls = UInt64(own.calls)
            $0.served = UInt64(own.served)
            $0.lost = UInt64(own.lost)
            $0.open = UInt64(own.open)
            $0.response = cResponse(own.response)
            $0.mean_queue_wait = own.meanQueueWait
            $0.p90_queue_wait = own.p90QueueWait
            $0.mean_travel = own.meanTravel
            $0.p90_travel = own.p90Travel
            $0.mean_until_complete = own.meanUntilComplete
            $0.cost_rate = own.costRate
            $0.utilization = own.utilization
            $0.utilization_gini = own.utilizationGini
            $0.across_beats = own.acrossBeats
            $0.coverage = own.coverage
            $0.equity_difference = own.equityDifference
            $0.equity_ratio = own.equityRatio
            $0.dispatches = UInt64(own.dispatches)
            $0.diversions = UInt64(own.diversions)
            $0.events = own.events
            $0.decisions = own.decisions
            $0.presence = own.presence
        }
    }
}

private func cResponse(_ own: ResponseSummary) -> patrol_response {
    patrol_response.with {
        $0.calls = UInt64(own.calls)
        $0.reached = UInt64(own.reached)
        $0.lost = UInt64(own.lost)
        $0.waiting = UInt64(own.waiting)
        $0.mean = own.mean
        $0.median = own.median
        $0.p90 = own.p90
        $0.p95 = own.p95
        $0.charged_mean = own.chargedMean
        $0.charged_median = own.chargedMedian
        $0.charged_p90 = own.chargedP90
        $0.charged_p95 = own.chargedP95
        $0.within_target = own.withinTarget
    }
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
    patrol_unit_times.with {
        $0.off_duty = own.offDuty
        $0.out_of_service = own.outOfService
        $0.standing = own.standing
        $0.driving = own.driving
        $0.en_route = own.enRoute
        $0.on_scene = own.onScene
        $0.self_initiated = own.selfInitiated
        $0.dispatches = UInt64(own.dispatches)
    }
}
