import PatrolModel

/// What was measured since the warm-up.
extension Simulator {
    /// - Throws: `outOfMemory`; `invalidArgument` where the simulation does not measure.
    public func metrics() throws(PatrolError) -> Metrics {
        var metrics = try measuring().report(at: now, cost: cumulativeCost - costBefore, open: try openMeasured()) {
            u in
            (units[u].phase, now - units[u].phaseStart)
        }
        metrics.events = eventCount
        metrics.decisions = decisionCount
        if metrics.seconds > 0 {
            metrics.presence = 1 - (cumulativeAbsence - absenceBefore) / metrics.seconds
        }
        return metrics
    }

    /// Response times of the calls of each class of a kind.
    /// - Throws: `outOfMemory`; `invalidArgument` where the simulation does not measure.
    public func responses(_ kind: CallClass) throws(PatrolError) -> Buffer<ResponseSummary> {
        try measuring().responses(kind, at: now, open: try openMeasured())
    }

    private func measuring() throws(PatrolError) -> MetricsRecorder {
        guard let recorder else { throw PatrolError(.invalidArgument, "this simulation does not measure") }
        return recorder
    }

    /// The measured calls that have not ended.
    private func openMeasured() throws(PatrolError) -> Buffer<SimulatedCall> {
        var count = 0
        for k in 0..<openCount where calls[Int(openCalls[k])].isMeasured { count += 1 }
        let measured = try Buffer(count: count, repeating: SimulatedCall())
        count = 0
        for k in 0..<openCount where calls[Int(openCalls[k])].isMeasured {
            measured[count] = calls[Int(openCalls[k])]
            count += 1
        }
        return measured
    }
}
