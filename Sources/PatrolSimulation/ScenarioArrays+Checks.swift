import PatrolModel

/// The limits of a scenario, and the sentences that say which of its values breaks one, named as in `patrol_lab.h`.
extension ScenarioArrays {
    /// Seconds, weights and rates.
    static var largestNumber: Double { 1e9 }

    /// - Throws: `invalidArgument`, `outOfRange`, `invalidNumber`, `invalidId`, `mismatch`.
    func check(_ area: ServiceArea) throws(PatrolError) {
        try checkNumbers()
        try checkUnits(area)
        try checkShifts()
        try checkCategories(area)
        try require(
            groupWeights.count == area.groupCount, .mismatch,
            "group_weights has \(groupWeights.count) values, the area has \(area.groupCount) groups")
        for g in 0..<groupWeights.count { try number(Double(groupWeights[g]), "group_weights[\(g)]", positive: true) }
        try require(
            storms.count <= ScenarioArrays.mostStorms, .invalidArgument,
            "storm_count is \(storms.count), expected at most \(ScenarioArrays.mostStorms)")
        for k in 0..<storms.count {
            let storm = storms[k]
            try number(storm.multiplier, "storms[\(k)].multiplier")
            try require(
                storm.start >= 0 && storm.end >= storm.start && storm.end <= 1e12, .invalidNumber,
                "storms[\(k)] lasts from \(storm.start) to \(storm.end), expected 0 to 1e12 and an end after the start")
        }
    }

    private func checkNumbers() throws(PatrolError) {
        try number(rateScale, "rate_scale")
        try require(
            queueCapacity >= 0 && queueCapacity <= ScenarioArrays.mostQueued, .invalidArgument,
            "queue_capacity is \(queueCapacity), expected 0 to \(ScenarioArrays.mostQueued)")
        try number(overflowSeconds, "overflow_seconds")
        try require(
            compliance >= 0 && compliance <= 1, .invalidNumber, "compliance is \(compliance), expected 0 to 1")
        try require(
            reassessmentSeconds >= 1 && reassessmentSeconds <= ScenarioArrays.largestNumber, .invalidNumber,
            "reassessment_seconds is \(reassessmentSeconds), expected 1 to 10^9")
        for p in 0..<Incident.priorities {
            try require(
                responseTargets[p] >= 0, .invalidNumber,
                "response_target_seconds[\(p)] is \(responseTargets[p]), expected 0 or more")
            try require(
                graceSeconds[p] >= 0, .invalidNumber, "grace_seconds[\(p)] is \(graceSeconds[p]), expected 0 or more")
        }
        try number(start, "start_seconds")
        try number(warmUp, "warm_up_seconds")
        let hours = selfInitiated.ratesPerHour.count
        try require(
            hours == 1 || hours == 24 || hours == 168, .invalidArgument,
            "work_per_hour has \(hours) values, expected 1, 24 or 168")
        for h in 0..<hours { try rate(Double(selfInitiated.ratesPerHour[h]), "work_per_hour[\(h)]") }
        try number(selfInitiated.meanSeconds, "work_mean_seconds", positive: true)
        try require(
            (0...Int32(Incident.priorities)).contains(selfInitiated.interruptiblePriority), .invalidArgument,
            "work_interruptible_priority is \(selfInitiated.interruptiblePriority), expected 0 to \(Incident.priorities)")
        try rate(outOfService.ratePerHour, "out_of_service_per_hour")
        try number(outOfService.meanSeconds, "out_of_service_mean_seconds", positive: true)
    }

    private func checkUnits(_ area: ServiceArea) throws(PatrolError) {
        try require(
            units.count >= 1 && units.count <= ScenarioArrays.mostUnits, .invalidArgument,
            "unit_count is \(units.count), expected 1 to \(ScenarioArrays.mostUnits)")
        for u in 0..<units.count {
            let unit = units[u]
            try require(
                unit.startNode >= 0 && Int(unit.startNode) < area.nodeCount, .outOfRange,
                "units[\(u)].start_node is \(unit.startNode), expected a node below \(area.nodeCount)")
            try require(
                unit.homeBeat >= -1 && Int(unit.homeBeat) < area.beatCount, .outOfRange,
                "units[\(u)].home_beat is \(unit.homeBeat), expected -1 to \(area.beatCount - 1)")
            try require(unit.id != .max, .invalidId, "units[\(u)].id is PATROL_NO_ID, expected the unit's id")
            for other in 0..<u where units[other].id == unit.id {
                throw PatrolError(.invalidId, "units[\(u)] and units[\(other)] have the same id, \(unit.id)")
            }
        }
    }

    private func checkShifts() throws(PatrolError) {
        try require(
            shifts.count <= ScenarioArrays.mostShifts, .invalidArgument,
            "shift_count is \(shifts.count), expected at most \(ScenarioArrays.mostShifts)")
        for k in 0..<shifts.count {
            let shift = shifts[k]
            try require(
                shift.unit >= 0 && Int(shift.unit) < units.count, .outOfRange,
                "shifts[\(k)].unit is \(shift.unit), expected a unit below \(units.count)")
            try require(
                shift.start >= 0 && shift.start < 168 && shift.end > shift.start && shift.end <= shift.start + 168,
                .invalidNumber,
                "shifts[\(k)] lasts from \(shift.start) to \(shift.end), expected hours in 0 to 168 and an end within a week")
        }
        let plan = try ShiftPlan(shifts, units: units.count)
        for u in 0..<units.count {
            guard let (a, b) = plan.overlap(ofUnit: u) else { continue }
            throw PatrolError(.invalidArgument, "shifts[\(b)] and shifts[\(a)] of unit \(u) overlap")
        }
    }

    private func checkCategories(_ area: ServiceArea) throws(PatrolError) {
        try require(
            categories.count == area.categoryCount, .mismatch,
            "the scenario has \(categories.count) categories, the area has \(area.categoryCount)")
        for c in 0..<categories.count {
            let category = categories[c]
            try number(Double(category.weight), "categories[\(c)].weight", positive: true)
            try require(
                category.priority >= 1 && category.priority <= Incident.priorities, .invalidArgument,
                "categories[\(c)].priority is \(category.priority), expected 1 to \(Incident.priorities)")
            try require(
                category.unitsRequired >= 1 && category.unitsRequired <= 64, .invalidArgument,
                "categories[\(c)].units_required is \(category.unitsRequired), expected 1 to 64")
        }
        for k in 0..<serviceSamples.count { try number(Double(serviceSamples[k]), "service_samples[\(k)]") }
        for c in 0..<categories.count { try checkService(categories[c].service, c) }
    }

    private func checkService(_ service: ServiceTime, _ c: Int) throws(PatrolError) {
        guard service.kind == .empirical else {
            try number(service.mean, "categories[\(c)].service_mean_seconds", positive: true)
            try require(
                service.variation >= 0 && service.variation <= 100, .invalidNumber,
                "categories[\(c)].service_variation is \(service.variation), expected 0 to 100")
            return
        }
        let (first, count) = (Int(service.firstSample), Int(service.sampleCount))
        try require(
            first >= 0 && count >= 1 && first + count <= serviceSamples.count, .outOfRange,
            "categories[\(c)] takes \(count) service_samples from number \(first), expected at least 1 of the \(serviceSamples.count)")
        try require(
            service.expectation(serviceSamples) > 0, .invalidNumber,
            "the service_samples of categories[\(c)] are all 0, expected a mean above 0")
    }

    private func number(
        _ value: Double, _ name: @autoclosure () -> ByteText, positive: Bool = false
    ) throws(PatrolError) {
        guard value >= 0, value > 0 || !positive, value <= ScenarioArrays.largestNumber else {
            throw PatrolError(.invalidNumber, name() + " is \(value), expected \(least(positive)), at most 10^9")
        }
    }

    private func least(_ positive: Bool) -> StaticString { positive ? "above 0" : "0 or more" }

    /// More than one a second of something that lasts minutes would be a mistake, and slow.
    private func rate(_ value: Double, _ name: @autoclosure () -> ByteText) throws(PatrolError) {
        try require(value >= 0 && value <= 3600, .invalidNumber, name() + " is \(value), expected 0 to 3600")
    }

    private func require(
        _ condition: Bool, _ status: Status, _ message: @autoclosure () -> ByteText
    ) throws(PatrolError) {
        guard condition else { throw PatrolError(status, message()) }
    }
}
