import PatrolModel

/// Checks of an engine's options, named as in `patrol.h`.
extension EngineOptions {
    static let mostComplianceRows = 512
    package static let mostHoldRows = 64

    /// - Throws: `invalidNumber`, `invalidArgument`.
    func validate() throws(PatrolError) {
        try checkPositive(staySeconds, "stay_seconds")
        try checkNonNegative(keepTargetGain, "keep_target_gain")
        try checkLimit(stalePositionSeconds, "stale_position_seconds")
        try checkNumber(maximumSnapMetres, in: 0...(.infinity), "maximum_snap_metres")
        try rules.validate()
        try checkNonNegative(discountRate, "discount_rate")
        try checkCount(complianceRows, in: 1...EngineOptions.mostComplianceRows, "compliance_rows")
    }

    /// - Parameter limits: shape [rows, categories].
    /// - Throws: `invalidNumber`, `invalidArgument`.
    static func validate(
        holdTravelSeconds limits: UnsafeBufferPointer<Float>, categories: Int
    ) throws(PatrolError) {
        let rows = limits.count / categories
        try check(
            rows * categories == limits.count, .invalidArgument,
            "hold_travel_seconds has \(limits.count) values, expected rows of \(categories), one for each category")
        try checkCount(rows, in: 0...mostHoldRows, "hold_rows")
        for k in 0..<limits.count {
            try checkLimit(limits[k], "hold_travel_seconds[\(k)]")
            try check(
                k < categories || limits[k] >= limits[k - categories], .invalidNumber,
                "hold_travel_seconds[\(k)] is \(limits[k]), expected no less than in the row before, \(limits[k - categories])"
            )
        }
    }
}

extension DispatchRules {
    func validate() throws(PatrolError) {
        try checkCount(Int(neverHoldPriority), in: 0...Incident.priorities, "never_hold_priority")
        for p in 0..<Incident.priorities { try checkLimit(longestHold[p], "longest_hold_seconds[\(p)]") }
        try checkLimit(maximumTravelSeconds, "maximum_travel_seconds")
        try checkNonNegative(shiftEndMargin, "shift_end_margin_seconds")
        try checkLimit(ownBeatPenalty, "own_beat_penalty_seconds")
        try checkCount(reservePerBeat, in: 0...Snapshot.mostUnits, "reserve_per_beat")
        try checkLimit(reservePrice, "reserve_price")
        try checkLimit(planMargin, "plan_margin")
    }
}
