import CKernels
import PatrolModel

/// Measures the part of a decision that a deadline should leave room for.
extension DecisionSession {
    /// Times a decision of a full session without a search for a better assignment than the exact heuristic: routing, setup and
    /// that heuristic, and the patrol moves.
    /// - Returns: one and a half times the slowest of three runs, microseconds.
    public func measureLeastDeadline() throws(PatrolError) -> UInt64 {
        try fillUp()
        // All units are free, where learned policies may abstain: their decisions take longer.
        situation.mayAbstain = false
        defer { situation.mayAbstain = true }
        var slowest: Int64 = 0
        for _ in 0..<3 {
            let start = kernels_monotonic_nanoseconds()
            situation.prepare(forDispatch: true)
            try dispatch.prepare()
            try dispatch.begin(SolverLimits())
            try dispatch.endWithStart()
            try decidePatrol(afterDispatch: false)
            slowest = max(slowest, kernels_monotonic_nanoseconds() - start)
        }
        snapshot.unitCount = 0
        snapshot.incidentCount = 0
        return UInt64(slowest) * 3 / 2 / 1000 + 1
    }

    /// Free units at patrol locations and calls of all priorities at nodes, spread over the area by a fixed stride.
    private func fillUp() throws(PatrolError) {
        let area = engine.area
        try snapshot.overlay.reset(capacity: 0)
        snapshot.time = 0
        snapshot.dropTables()
        snapshot.unitCount = snapshot.maximumUnits
        snapshot.incidentCount = snapshot.maximumIncidents
        for i in 0..<snapshot.unitCount {
            snapshot.units[i] = PatrolUnit()
            snapshot.units[i].id = UInt64(i)
            snapshot.units[i].node = area.locationNodes[i &* 7919 % area.locationCount]
            snapshot.unitOrder[i] = Int32(i)
        }
        for j in 0..<snapshot.incidentCount {
            var call = Incident()
            call.id = UInt64(j)
            call.node = Int32(truncatingIfNeeded: j &* 104_729 % area.nodeCount)
            call.category = Int32(truncatingIfNeeded: j % area.categoryCount)
            call.priority = Int32(truncatingIfNeeded: 1 + j % 4)
            call.weight = area.categoryWeights[Int(call.category)]
            call.serviceSeconds = area.categoryServiceSeconds[Int(call.category)]
            snapshot.incidents[j] = call
        }
    }
}
