import PatrolDecisions
import PatrolModel
import PatrolSimulation
import TestSupport
import Testing

/// A wrong value is an error that names it.
struct ScenarioChecksTests {
    private typealias Change = (inout ScenarioArrays) throws -> Void

    private static func shifts(_ shifts: Shift...) throws -> Buffer<Shift> { try Buffer(shifts, or: shifts[0]) }
    private static func storm(_ start: Double, _ end: Double, _ multiplier: Double) throws -> Buffer<Storm> {
        try Buffer(count: 1, repeating: Storm(start: start, end: end, multiplier: multiplier))
    }

    @Test func wrongValuesAreNamed() throws {
        let area = try City(side: 4, callsPerHour: 1).area()
        let cases: [(Status, String, Change)] = [
            (.invalidNumber, "rate_scale", { $0.rateScale = -.infinity }),
            (.invalidNumber, "rate_scale", { $0.rateScale = .nan }),
            (.invalidArgument, "queue_capacity", { $0.queueCapacity = -1 }),
            (.invalidArgument, "queue_capacity", { $0.queueCapacity = 5000 }),
            (.invalidNumber, "overflow_seconds", { $0.overflowSeconds = .infinity }),
            (.invalidNumber, "compliance", { $0.compliance = 1.5 }),
            (.invalidNumber, "reassessment_seconds", { $0.reassessmentSeconds = 0 }),
            (.invalidNumber, "response_target_seconds[2]", { $0.responseTargets[2] = .nan }),
            (.invalidNumber, "grace_seconds[3]", { $0.graceSeconds[3] = -1 }),
            (.invalidNumber, "start_seconds", { $0.start = -1 }),
            (.invalidNumber, "warm_up_seconds", { $0.warmUp = .nan }),
            (.outOfRange, "units[1].start_node", { $0.units[1].startNode = 16 }),
            (.outOfRange, "units[0].home_beat is 2, expected -1 to 1", { $0.units[0].homeBeat = 2 }),
            (.invalidId, "units[1]", { $0.units[1].id = $0.units[0].id }),
            (.invalidId, "units[1].id", { $0.units[1].id = .max }),
            (.invalidArgument, "unit_count", { $0.units = try Buffer(count: 0, repeating: FleetUnit()) }),
            (.outOfRange, "shifts[0].unit", { $0.shifts = try Self.shifts(Shift(unit: 2, start: 0, end: 1)) }),
            (.invalidNumber, "shifts[0]", { $0.shifts = try Self.shifts(Shift(unit: 0, start: 8, end: 8)) }),
            (
                .invalidArgument, "overlap",
                {
                    $0.shifts = try Self.shifts(Shift(unit: 0, start: 160, end: 172), Shift(unit: 0, start: 3, end: 9))
                }
            ),
            (.invalidNumber, "categories[1].weight", { $0.categories[1].weight = 0 }),
            (.invalidArgument, "categories[0].priority", { $0.categories[0].priority = 9 }),
            (.invalidArgument, "categories[0].units_required", { $0.categories[0].unitsRequired = 0 }),
            (.invalidNumber, "categories[0].service_mean_seconds", { $0.categories[0].service.mean = .nan }),
            (.invalidNumber, "service_variation", { $0.categories[0].service.variation = -1 }),
            (.outOfRange, "samples", { $0.categories[0].service = ServiceTime(.empirical, mean: 1) }),
            (
                .invalidNumber, "service_samples",
                {
                    $0.serviceSamples = try Buffer(count: 3, repeating: 0)
                    $0.categories[0].service = ServiceTime(.empirical, mean: 1)
                    $0.categories[0].service.sampleCount = 3
                }
            ),
            (
                .invalidArgument, "shift_count",
                {
                    $0.shifts = try Buffer(count: 65_537, repeating: Shift(unit: 0, start: 1, end: 2))
                }
            ),
            (
                .invalidArgument, "storm_count",
                {
                    $0.storms = try Buffer(count: 1001, repeating: Storm(start: 1, end: 2, multiplier: 1))
                }
            ),
            (.invalidNumber, "3600000", { $0.rateScale = 1e9 }),
            (
                .invalidNumber, "3600000",
                {
                    $0.storms = try Buffer(count: 300, repeating: Storm(start: 1, end: 2, multiplier: 1e9))
                }
            ),
            (.mismatch, "categories", { $0.categories = try Buffer(count: 1, repeating: CallCategory()) }),
            (.mismatch, "group_weights", { $0.groupWeights = try Buffer(count: 3, repeating: 1) }),
            (.invalidNumber, "storms[0]", { $0.storms = try Self.storm(5, 1, 1) }),
            (.invalidNumber, "storms[0].multiplier", { $0.storms = try Self.storm(0, 1, -1) }),
            (
                .invalidArgument, "work_hours is 5, expected 1, 24 or 168",
                { $0.selfInitiated.ratesPerHour = try Buffer(count: 5, repeating: 0) }
            ),
            (.invalidNumber, "out_of_service_per_hour", { $0.outOfService.ratePerHour = .infinity }),
        ]
        for (status, name, change) in cases {
            let scenario = try scenario(area, units: 2, change)
            let error = #expect(throws: PatrolError.self, "\(name)") { try Scenario(area: area, scenario: scenario) }
            #expect(error?.status == status, "\(name): \(error?.message ?? "")")
            #expect(error?.message.contains(name) == true, "\(error?.message ?? "")")
        }
    }

    @Test func logsAreChecked() throws {
        let area = try City(side: 4, callsPerHour: 1).area()
        let scenario = try scenario(area, units: 2)
        let cases: [(Status, String, [(time: Double, node: Int32, category: Int32, service: Float)])] = [
            (.invalidNumber, "calls[1].time_seconds", [(5, 0, 0, 1), (4, 0, 0, 1)]),
            (.invalidNumber, "calls[0].time_seconds", [(.nan, 0, 0, 1)]),
            (.outOfRange, "calls[0].node", [(5, 16, 0, 1)]), (.outOfRange, "calls[0].category", [(5, 0, 2, 1)]),
            (.invalidNumber, "calls[0].service_seconds", [(5, 0, 0, -1)]),
        ]
        for (status, name, calls) in cases {
            let log = try log(calls)
            let error = #expect(throws: PatrolError.self) { try Scenario(area: area, scenario: scenario, log: log) }
            #expect(error?.status == status && error?.message.contains(name) == true, "\(error?.message ?? "")")
        }
    }

    @Test func ordersThatCannotBeCarriedOutAreRefused() throws {
        let area = try City(side: 4, callsPerHour: 1).area()
        let other = try City(side: 3, callsPerHour: 1).area()
        let model = try Scenario(
            area: area, scenario: try scenario(area, units: 2), log: try log([(10, 5, 0, 100), (20, 6, 0, 100)]))
        #expect(throws: PatrolError.self) { try Simulator(model, engine: try engine(other), seed: 1) }
        let simulator = try Simulator(model, engine: try engine(area), seed: 1)
        #expect(throws: PatrolError.self) { try simulator.assign(unit: 0, toIncident: 0) }
        #expect(try simulator.stepToDecision(until: 100) == .patrol)
        #expect(throws: PatrolError.self) { try simulator.move(unit: 2, to: 0) }
        #expect(throws: PatrolError.self) { try simulator.move(unit: 0, to: 16) }
        try simulator.move(unit: 0, to: 15)
        #expect(throws: PatrolError.self) { try simulator.move(unit: 0, to: 15) }
        #expect(try simulator.stepToDecision(until: 100) == .dispatch)
        #expect(throws: PatrolError.self) { try simulator.assign(unit: 0, toIncident: 1) }
        #expect(throws: PatrolError.self) { try simulator.assign(unit: -1, toIncident: 0) }
        try simulator.assign(unit: 1, toIncident: 0)
        #expect(throws: PatrolError.self) { try simulator.assign(unit: 1, toIncident: 0) }
        #expect(throws: PatrolError.self) { try simulator.assign(unit: 0, toIncident: 0) }
        try simulator.run(until: 2000)
        #expect(try simulator.metrics().served == 2)
    }
}
