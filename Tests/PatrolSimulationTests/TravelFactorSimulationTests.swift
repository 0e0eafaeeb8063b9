import PatrolDecisions
import PatrolModel
import PatrolSimulation
import TestSupport
import Testing

/// Trips by the hour of departure, on a road of nodes 1000 s apart on patrol and 500 s with lights and sirens.
@Suite struct TravelFactorSimulationTests {
    private func road(_ nodes: Int, locations: [UInt32] = []) -> City {
        var city = City(nodeCount: nodes)
        for node in 0..<nodes - 1 { city.addStreet(node, node + 1, seconds: 1000) }
        city.emergencySeconds = city.patrolSeconds.map { $0 / 2 }
        city.serviceSeconds = [600]
        city.demand = Array(repeating: 0, count: nodes)
        city.locations = locations
        return city
    }

    private func simulator(
        _ city: City, starts: [Int32], calls: [(time: Double, node: Int32, category: Int32, service: Float)],
        _ change: (inout ScenarioArrays) -> Void = { _ in }
    ) throws -> (simulator: Simulator, ring: EventRing) {
        let area = try city.area()
        let scenario = try scenario(area, units: starts.count) {
            for (u, node) in starts.enumerated() { $0.units[u].startNode = node }
            change(&$0)
        }
        let ring = try EventRing(capacity: 4096)
        let model = try Scenario(area: area, scenario: scenario, log: try log(calls))
        return (try Simulator(model, engine: try engine(area), seed: 1, events: ring), ring)
    }

    private func times(_ ring: EventRing) -> [(kind: SimulationEvent.Kind, unit: Int32, time: Double)] {
        var found: [(SimulationEvent.Kind, Int32, Double)] = []
        while let event = ring.next() { found.append((event.kind, event.unit, event.time)) }
        return found
    }

    private func first(
        _ kind: SimulationEvent.Kind, unit: Int32, in events: [(kind: SimulationEvent.Kind, unit: Int32, time: Double)]
    ) -> Double? {
        events.first { $0.kind == kind && $0.unit == unit }?.time
    }

    /// Has unit `u` go to a node at its first patrol decision, and runs on.
    private func send(_ simulator: Simulator, _ u: Int, to node: Int, until end: Double) throws {
        #expect(try simulator.stepToDecision(until: end) == .patrol)
        try simulator.move(unit: u, to: node)
        while try simulator.stepToDecision(until: end) != .none { try simulator.decide() }
    }

    @Test func aTripKeepsTheFactorOfItsDeparture() throws {
        var city = road(4, locations: [0, 3])
        city.setFactors(0..<1, patrol: 2, emergency: 1)
        city.setFactors(1..<3, patrol: 10, emergency: 10)
        let (simulator, ring) = try simulator(city, starts: [0], calls: [])
        try send(simulator, 0, to: 3, until: 7000)
        #expect(first(.moveEnded, unit: 0, in: times(ring)) == 6000)
    }

    @Test func aCallIsReachedByTheFactorOfTheHourOfTheCall() throws {
        var city = road(3)
        city.setFactors(1..<2, patrol: 1, emergency: 4)
        for (called, reached) in [(3000.0, 4000.0), (3599, 4599), (3600, 7600), (7200, 8200)] {
            let (simulator, ring) = try simulator(city, starts: [0], calls: [(called, 2, 0, 100)])
            try simulator.run(until: 9000)
            #expect(first(.unitOnScene, unit: 0, in: times(ring)) == reached)
        }
    }

    /// A unit that is sent at another hour than it drove off finishes its edge by the hour of its trip, and goes on by that of
    /// the call: at 3000 to node 1 (there at 5000, by 2 · 1000), called at 4000, with 1000 s left, 1000 · 0.25 with lights.
    @Test func theRestOfAnEdgeKeepsItsHour() throws {
        var city = road(3)
        city.setFactors(0..<1, patrol: 2, emergency: 1)
        city.setFactors(1..<2, patrol: 0.5, emergency: 3)
        for (node, reached) in [(1 as Int32, 4000 + 250.0), (2, 4000 + 250 + 1500)] {
            let (simulator, ring) = try simulator(city, starts: [0], calls: [(4000, node, 0, 100)]) { $0.start = 3000 }
            #expect(try simulator.stepToDecision(until: 9000) == .patrol)
            try simulator.move(unit: 0, to: 1)
            #expect(try simulator.stepToDecision(until: 9000) == .dispatch)
            // What a decision sees: seconds that the ratio of this hour, 3, makes 250.
            #expect(abs(simulator.session.snapshot.units[0].secondsToNode - 250 / 3) < 1e-4)
            try simulator.decide()
            try simulator.run(until: 9000)
            let time = try #require(first(.unitOnScene, unit: 0, in: times(ring)))
            #expect(abs(time - reached) < 1e-3)
        }
    }

    /// Two units are sent to a call for two, one of them from an edge; the call is over at once, and the other is called off
    /// where it is: it is at the next node when it would have been, less what its second with lights and sirens gained.
    @Test(arguments: [1.0, 2, 10], [0.1, 1, 5])
    func aUnitThatIsCalledOffHasNeitherGainedNorLost(_ patrol: Double, _ emergency: Double) throws {
        var city = road(6)
        city.setFactors(0..<1, patrol: 2, emergency: 1)
        city.setFactors(1..<2, patrol: Float(patrol), emergency: Float(emergency))
        let (simulator, ring) = try simulator(city, starts: [0, 5], calls: [(4000, 5, 0, 1)]) {
            $0.start = 3000
            $0.categories[0].unitsRequired = 2
        }
        #expect(try simulator.stepToDecision(until: 9000) == .patrol)
        try simulator.move(unit: 0, to: 1)
        try simulator.run(until: 9000)
        let events = times(ring)
        #expect(first(.unitFreed, unit: 0, in: events) == 4001)
        // On this edge a second with lights is four on patrol.
        let time = try #require(first(.moveEnded, unit: 0, in: events))
        #expect(abs(time - (5000 - 3)) < 1e-6)
    }

    /// Factors that are the same at all hours are slower roads, event by event and bit by bit for powers of two.
    @Test(arguments: 0..<12)
    func constantFactorsAreSlowRoads(_ seed: UInt64) throws {
        var random = RandomNumbers(seed: seed)
        var city = City(random: &random)
        city.patrolSeconds = city.patrolSeconds.map { $0.rounded() + 0.25 }
        city.emergencySeconds = city.patrolSeconds.map { 0.5 * $0 }
        city.locations = (0..<UInt32(city.nodeCount)).filter { $0 % 4 != 1 }
        var slow = city
        city.setFactors(patrol: 4, emergency: 2)
        slow.patrolSeconds = slow.patrolSeconds.map { 4 * $0 }
        slow.emergencySeconds = slow.emergencySeconds?.map { 2 * $0 }
        let policies: [(PatrolPolicyKind, DispatchPolicyKind)] = [
            (.marginalCoverage, .minimumWeightedTravel), (.randomWalk, .closestFirstCome), (.dmexclp, .priorityClosest),
        ]
        let (patrol, dispatch) = policies[Int(seed) % policies.count]
        let traces = try [city, slow].map { city in
            let area = try city.area()
            let scenario = try scenario(area, units: 4) {
                $0.rateScale = 3
                $0.compliance = 0.8
                $0.categories[0].unitsRequired = 2
                $0.selfInitiated.ratesPerHour = try Buffer([0.5], or: 0)
                $0.selfInitiated.interruptiblePriority = 1
            }
            let engine = try engine(area, patrol, dispatch) { $0.rules.preemption = .max }
            return try trace(try Scenario(area: area, scenario: scenario), engine, seed: seed, until: 40 * 3600)
                .map(Bits.init)
        }
        #expect(traces[0].count > 500)
        #expect(traces[0] == traces[1])
    }

    @Test func factorsOfOneChangeNothing() throws {
        var city = City(side: 5, seed: 2)
        func run() throws -> [Bits] {
            let area = try city.area()
            let model = try Scenario(area: area, scenario: try scenario(area, units: 3) { $0.rateScale = 0.5 })
            let engine = try engine(area, .marginalCoverage, .minimumWeightedTravel)
            return try trace(model, engine, seed: 4, until: 60 * 3600).map(Bits.init)
        }
        let before = try run()
        city.setFactors(patrol: 1, emergency: 1)
        #expect(try run() == before)
        city.setFactors(10..<40, patrol: 1, emergency: 1.25)
        #expect(try run() != before)
    }

    /// Runs of learning and validation begin at all hours that differ.
    @Test func travelByHourMakesAWeekThePeriod() throws {
        var city = City(callsPerHour: 1)
        let plain = try city.area()
        #expect(try Scenario(area: plain, scenario: try scenario(plain, units: 1)).periodHours == 1)
        city.setFactors(patrol: 2, emergency: 2)
        let constant = try city.area()
        #expect(try Scenario(area: constant, scenario: try scenario(constant, units: 1)).periodHours == 1)
        city.setFactors(7..<9, patrol: 3, emergency: 2)
        let varying = try city.area()
        #expect(try Scenario(area: varying, scenario: try scenario(varying, units: 1)).periodHours == 168)
    }
}
