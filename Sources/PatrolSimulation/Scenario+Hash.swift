import PatrolModel

extension Scenario {
    /// Of everything that is simulated: the area, the scenario, and the calls of the log where there is one.
    public var contentHash: UInt64 {
        var hash = ContentHash()
        hash.combine(area.contentHash)
        scenario.combine(into: &hash)
        hash.combine(count: log?.entries.count ?? -1)
        for entry in log?.entries.elements ?? UnsafeBufferPointer(start: nil, count: 0) {
            hash.combine(entry.time.bitPattern)
            hash.combine(entry.node)
            hash.combine(entry.category)
            hash.combine(entry.priority)
            // Which NaN says that the time is to be drawn makes no difference.
            hash.combine(entry.serviceSeconds.isNaN ? Float.nan : entry.serviceSeconds)
        }
        return hash.value
    }
}

extension ContentHash {
    fileprivate mutating func combine(byPriority numbers: SIMD8<Float>) {
        for priority in 0..<Incident.priorities { combine(numbers[priority]) }
    }
}

extension ScenarioArrays {
    /// Every property in the order of declaration.
    fileprivate func combine(into hash: inout ContentHash) {
        hash.combine(count: units.count)
        for unit in units.elements {
            hash.combine(unit.id)
            hash.combine(unit.capabilities)
            hash.combine(unit.startNode)
            hash.combine(unit.homeBeat)
        }
        hash.combine(count: shifts.count)
        for shift in shifts.elements {
            hash.combine(shift.unit)
            hash.combine(shift.start)
            hash.combine(shift.end)
        }
        hash.combine(count: categories.count)
        for category in categories.elements { category.combine(into: &hash) }
        hash.combine(serviceSamples.elements)
        hash.combine(groupWeights.elements)
        hash.combine(count: storms.count)
        for storm in storms.elements {
            hash.combine(storm.start.bitPattern)
            hash.combine(storm.end.bitPattern)
            hash.combine(storm.multiplier.bitPattern)
        }
        hash.combine(rateScale.bitPattern)
        hash.combine(count: queueCapacity)
        hash.combine(overflowSeconds.bitPattern)
        hash.combine(byPriority: graceSeconds)
        hash.combine(compliance.bitPattern)
        hash.combine(selfInitiated.ratesPerHour.elements)
        hash.combine(selfInitiated.meanSeconds.bitPattern)
        hash.combine(selfInitiated.interruptiblePriority)
        hash.combine(outOfService.ratePerHour.bitPattern)
        hash.combine(outOfService.meanSeconds.bitPattern)
        hash.combine(reassessmentSeconds.bitPattern)
        hash.combine(byPriority: responseTargets)
        hash.combine(start.bitPattern)
        hash.combine(warmUp.bitPattern)
        // What came later counts only where it is used: scenarios without it keep their hashes.
        if knowsTimeLeft {
            hash.combine(0x4C45_4654 as UInt32)
            hash.combine(noticeSeconds)
        }
        if latePrices != SIMD8(repeating: 0) {
            hash.combine(0x4C41_5445 as UInt32)
            hash.combine(byPriority: latePrices)
        }
        // The time tells what is measured, too.
        if absencePrice != 0 || presenceSeconds != 3600 {
            hash.combine(0x5052_4553 as UInt32)
            hash.combine(presenceSeconds)
            hash.combine(absencePrice)
        }
    }
}

extension CallCategory {
    fileprivate func combine(into hash: inout ContentHash) {
        hash.combine(service.kind.rawValue)
        hash.combine(service.mean.bitPattern)
        hash.combine(service.variation.bitPattern)
        hash.combine(service.firstSample)
        hash.combine(service.sampleCount)
        hash.combine(weight)
        hash.combine(priority)
        hash.combine(unitsRequired)
        hash.combine(requiredCapabilities)
    }
}
