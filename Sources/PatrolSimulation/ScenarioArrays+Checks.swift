import PatrolModel

/// Checks of a scenario's values, named as in `patrol_lab.h`.
extension ScenarioArrays {
    /// Of work and of times out of service, per hour of one unit: more than one a second of what lasts minutes would be a
    /// mistake, and slow.
    static var mostRate: Double { 3600 }

    /// Checks sizes, which must be valid before arrays of these sizes are read.
    /// - Throws: `invalidArgument`.
    package static func validateSizes(units: Int, shifts: Int, storms: Int) throws(PatrolError) {
        try checkCount(units, in: 1...mostUnits, "unit_count")
        try checkCount(shifts, in: 0...mostShifts, "shift_count")
        try checkCount(storms, in: 0...mostStorms, "storm_count")
    }

    /// - Throws: `invalidArgument`, `outOfRange`, `invalidNumber`, `invalidId`, `mismatch`.
    func validate(in area: ServiceArea) throws(PatrolError) {
        try ScenarioArrays.validateSizes(units: units.count, shifts: shifts.count, storms: storms.count)
        try checkNumbers()
        try checkUnits(area)
        try checkShifts()
        try checkCategories(area)
        try check(
            groupWeights.count == area.groupCount, .mismatch,
            "group_weights has \(groupWeights.count) values, the area has \(area.groupCount) groups")
        for g in 0..<groupWeights.count { try checkPositive(groupWeights[g], "group_weights[\(g)]") }
        for k in 0..<storms.count {
            let storm = storms[k]
            try checkNonNegative(storm.multiplier, "storms[\(k)].multiplier")
            try check(
                storm.start >= 0 && storm.end >= storm.start && storm.end <= latestTime, .invalidNumber,
                "storms[\(k)] lasts from \(storm.start) to \(storm.end), expected 0 to 1e12 and an end after the start")
        }
    }

    private func checkNumbers() throws(PatrolError) {
        try checkNonNegative(rateScale, "rate_scale")
        try checkCount(queueCapacity, in: 0...ScenarioArrays.mostQueued, "queue_capacity")
        try checkNonNegative(overflowSeconds, "overflow_seconds")
        try checkNumber(compliance, in: 0...1, "compliance")
        try checkNumber(reassessmentSeconds, in: 1...largestNumber, "reassessment_seconds")
        for p in 0..<Incident.priorities {
            try checkNumber(responseTargets[p], in: 0...(.infinity), "response_target_seconds[\(p)]")
            try checkNumber(graceSeconds[p], in: 0...(.infinity), "grace_seconds[\(p)]")
            try checkNonNegative(latePrices[p], "late_price_seconds[\(p)]")
        }
        try checkPositive(presenceSeconds, "presence_seconds")
        try checkNonNegative(absencePrice, "absence_price")
        try checkNonNegative(start, "start_seconds")
        try checkNonNegative(warmUp, "warm_up_seconds")
        try checkNonNegative(noticeSeconds, "notice_seconds")
        try check(
            knowsTimeLeft || noticeSeconds == 0, .invalidArgument,
            "notice_seconds is \(noticeSeconds), expected 0 unless knows_time_left is 1")
        let hours = selfInitiated.ratesPerHour.count
        try checkPeriod(hours, "work_hours")
        for h in 0..<hours {
            try checkNumber(selfInitiated.ratesPerHour[h], in: 0...ScenarioArrays.mostRate, "work_per_hour[\(h)]")
        }
        try checkPositive(selfInitiated.meanSeconds, "work_mean_seconds")
        try checkCount(
            Int(selfInitiated.interruptiblePriority), in: 0...Incident.priorities, "work_interruptible_priority")
        try checkNumber(outOfService.ratePerHour, in: 0...ScenarioArrays.mostRate, "out_of_service_per_hour")
        try checkPositive(outOfService.meanSeconds, "out_of_service_mean_seconds")
    }

    private func checkUnits(_ area: ServiceArea) throws(PatrolError) {
        for u in 0..<units.count {
            let unit = units[u]
            try checkIndex(Int(unit.startNode), below: area.nodeCount, "units[\(u)].start_node")
            try checkIndex(Int(unit.homeBeat), from: -1, below: area.beatCount, "units[\(u)].home_beat")
            try check(unit.id != .max, .invalidId, "units[\(u)].id is PATROL_NO_ID, expected the unit's id")
            for other in 0..<u where units[other].id == unit.id {
                throw PatrolError(.invalidId, "units[\(u)] and units[\(other)] have the same id, \(unit.id)")
            }
        }
    }

    private func checkShifts() throws(PatrolError) {
        for k in 0..<shifts.count {
            let shift = shifts[k]
            try checkIndex(Int(shift.unit), below: units.count, "shifts[\(k)].unit")
            try check(
                shift.start >= 0 && shift.start < 168 && shift.end > shift.start && shift.end <= shift.start + 168,
                .invalidNumber,
                "shifts[\(k)] lasts from \(shift.start) to \(shift.end), expected hours in 0 to 168 and an end within a week"
            )
        }
        let plan = try ShiftPlan(shifts, units: units.count)
        for u in 0..<units.count {
            guard let (a, b) = plan.overlap(ofUnit: u) else { continue }
            throw PatrolError(.invalidArgument, "shifts[\(b)] and shifts[\(a)] of unit \(u) overlap")
        }
    }

    private func checkCategories(_ area: ServiceArea) throws(PatrolError) {
        try check(
            categories.count == area.categoryCount, .mismatch,
            "the scenario has \(categories.count) categories, the area has \(area.categoryCount)")
        for c in 0..<categories.count {
            let category = categories[c]
            try checkPositive(category.weight, "categories[\(c)].weight")
            try checkCount(Int(category.priority), in: 1...Incident.priorities, "categories[\(c)].priority")
            try checkCount(Int(category.unitsRequired), in: 1...Incident.mostUnits, "categories[\(c)].units_required")
        }
        for k in 0..<serviceSamples.count { try checkNonNegative(serviceSamples[k], "service_samples[\(k)]") }
        for c in 0..<categories.count { try checkService(categories[c].service, c) }
    }

    private func checkService(_ service: ServiceTime, _ c: Int) throws(PatrolError) {
        guard service.kind == .empirical else {
            try checkPositive(service.mean, "categories[\(c)].service_mean_seconds")
            try checkNumber(service.variation, in: 0...100, "categories[\(c)].service_variation")
            return
        }
        try checkSamples(Int(service.firstSample), Int(service.sampleCount), ofCategory: c)
        try check(
            service.expectation(serviceSamples) > 0, .invalidNumber,
            "the service_samples of categories[\(c)] are all 0, expected a mean above 0")
    }

    package func checkSamples(_ first: Int, _ count: Int, ofCategory c: Int) throws(PatrolError) {
        try check(
            first >= 0 && count >= 1 && first + count <= serviceSamples.count, .outOfRange,
            "categories[\(c)] takes \(count) service_samples from number \(first), expected at least 1 of the \(serviceSamples.count)"
        )
    }
}
