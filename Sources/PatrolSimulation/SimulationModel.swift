import PatrolModel

/// A checked scenario in its area, with the tables that a simulation needs. Immutable, shared by any number of threads.
public final class SimulationModel: Sendable {
    public let area: ServiceArea
    public let scenario: Scenario
    /// Replayed where there is one; else calls are drawn from the area's demand.
    public let log: CallLog?
    let rates: CallRates
    let shiftPlan: ShiftPlan
    /// Expected seconds on scene, shape [categories].
    let expectedService: Buffer<Float>
    /// Unit indices in ascending id.
    let unitOrder: Buffer<Int32>

    /// - Throws: `invalidArgument`, `outOfRange`, `invalidNumber`, `invalidId`, `mismatch` with the value that is wrong;
    ///   `outOfMemory`.
    public init(area: ServiceArea, scenario: Scenario, log: CallLog? = nil) throws(PatrolError) {
        try scenario.check(area)
        try log?.check(area)
        self.area = area
        self.scenario = scenario
        self.log = log
        rates = try CallRates(area: area, scenario: scenario)
        shiftPlan = try ShiftPlan(scenario.shifts, units: scenario.units.count)
        expectedService = try Buffer(count: area.categoryCount, repeating: 0)
        for c in 0..<area.categoryCount {
            expectedService[c] = Float(scenario.categories[c].service.expectation(scenario.serviceSamples))
        }
        unitOrder = try Buffer(count: scenario.units.count, repeating: 0)
        for u in 0..<unitOrder.count {
            var slot = u
            while slot > 0 && scenario.units[Int(unitOrder[slot - 1])].id > scenario.units[u].id {
                unitOrder[slot] = unitOrder[slot - 1]
                slot -= 1
            }
            unitOrder[slot] = Int32(u)
        }
    }

    /// Calls that can be open at once: those that wait, one that arrives, and one for each unit.
    public var maximumIncidents: Int { scenario.queueCapacity + 1 + scenario.units.count }

    func drawService(category: Int, _ random: inout RandomNumbers) -> Double {
        scenario.categories[category].service.draw(&random, samples: scenario.serviceSamples)
    }
}
