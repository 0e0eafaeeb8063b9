import PatrolModel

/// A checked scenario in its area, with the tables that a simulation needs. Immutable, shared by any number of threads.
public final class Scenario: Sendable {
    public let area: ServiceArea
    public let scenario: ScenarioArrays
    /// Replayed where there is one; else calls are drawn from the area's demand.
    public let log: CallLog?
    let rates: CallRates
    let shiftPlan: ShiftPlan
    /// Expected seconds on scene, shape [categories].
    let expectedService: Buffer<Float>
    /// Where decisions are told when busy units will be free.
    let timeLeft: TimeLeft?
    /// Of the calls expected over the period, the share that is nearest to each patrol location; shape [locations], sum 1.
    let locationShares: Buffer<Double>
    /// Unit indices in ascending id, and whether they ascend themselves.
    let unitOrder: Buffer<Int32>
    let idsAscend: Bool
    /// The hour of departure makes a difference to travel.
    let travelVaries: Bool
    /// Hours of the day at which shifts begin, ascending; empty without shifts, and where there are more than 24 such times.
    /// Results by shift have a row from each of them to the next, the last to the first of the next day.
    public let shiftStarts: [Double]

    /// - Throws: `invalidArgument`, `outOfRange`, `invalidNumber`, `invalidId`, `mismatch` with the value that is wrong;
    ///   `outOfMemory`.
    public init(area: ServiceArea, scenario: ScenarioArrays, log: CallLog? = nil) throws(PatrolError) {
        try scenario.validate(in: area)
        try log?.validate(in: area)
        self.area = area
        self.scenario = scenario
        self.log = log
        rates = try CallRates(area: area, scenario: scenario)
        shiftPlan = try ShiftPlan(scenario.shifts, units: scenario.units.count)
        expectedService = try Buffer(count: area.categoryCount, repeating: 0)
        for c in 0..<area.categoryCount {
            expectedService[c] = Float(scenario.categories[c].service.expectation(scenario.serviceSamples))
        }
        timeLeft = scenario.knowsTimeLeft ? try TimeLeft(scenario) : nil
        shiftStarts = ShiftPlan.starts(scenario.shifts)
        locationShares = try Scenario.locationShares(area)
        unitOrder = try Buffer(count: scenario.units.count, repeating: 0)
        for u in 0..<unitOrder.count {
            var slot = u
            while slot > 0 && scenario.units[Int(unitOrder[slot - 1])].id > scenario.units[u].id {
                unitOrder[slot] = unitOrder[slot - 1]
                slot -= 1
            }
            unitOrder[slot] = Int32(u)
        }
        var idsAscend = true
        for u in 0..<unitOrder.count where unitOrder[u] != Int32(u) { idsAscend = false }
        self.idsAscend = idsAscend
        travelVaries = area.travelVaries
    }

    /// The shares of demand; equal ones where there is none.
    private static func locationShares(_ area: ServiceArea) throws(PatrolError) -> Buffer<Double> {
        let shares = try Buffer<Double>(count: area.locationCount, repeating: 0)
        var sum = 0.0
        let row = area.categoryCount * area.periodHours
        for k in 0..<area.groupCount * area.pointCount {
            let location = Int(area.locationOf[Int(area.pointNodes[k % area.pointCount])])
            for entry in k * row..<(k + 1) * row where location >= 0 {
                shares[location] += Double(area.pointRates[entry])
                sum += Double(area.pointRates[entry])
            }
        }
        for location in 0..<shares.count {
            shares[location] = sum > 0 ? shares[location] / sum : 1 / Double(shares.count)
        }
        return shares
    }

    /// Calls that can be open at once: those that wait, one that arrives, and one for each unit.
    public var maximumIncidents: Int { scenario.queueCapacity + 1 + scenario.units.count }

    /// Hours after which demand, shifts, self-initiated work and travel times repeat: 1, 24 or 168; 0 where calls come at times of
    /// their own, from a log or in storms.
    public var periodHours: Int {
        if log != nil || scenario.storms.count > 0 { return 0 }
        if scenario.shifts.count > 0 || travelVaries { return 168 }
        return max(1, area.periodHours, scenario.selfInitiated.ratesPerHour.count)
    }

    /// Whether a call may have a priority.
    public func hasCalls(ofPriority priority: Int) -> Bool {
        for entry in log?.entries.elements ?? UnsafeBufferPointer(start: nil, count: 0) {
            if entry.priority == priority { return true }
        }
        for category in scenario.categories.elements where category.priority == priority { return true }
        return false
    }

    /// Classes of a kind that calls may fall into.
    func classCount(_ kind: CallClass) -> Int {
        switch kind {
        case .priority: Incident.priorities
        case .beat: area.beatCount
        case .group: area.groupCount
        case .category: area.categoryCount
        case .hour: 24
        case .shift: shiftStarts.count
        }
    }

    /// The row of `shiftStarts` that a time belongs to; −1 without shifts.
    func shift(at time: Double) -> Int32 {
        guard !shiftStarts.isEmpty else { return -1 }
        let hour = (time / 3600).truncatingRemainder(dividingBy: 24)
        var row = shiftStarts.count - 1
        for (k, start) in shiftStarts.enumerated() where hour >= start { row = k }
        return Int32(row)
    }

    func drawService(category: Int, _ random: inout RandomNumbers) -> Double {
        scenario.categories[category].service.draw(&random, samples: scenario.serviceSamples)
    }
}
