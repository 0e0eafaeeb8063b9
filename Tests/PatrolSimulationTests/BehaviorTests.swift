import PatrolDecisions
import PatrolModel
import PatrolSimulation
import TestSupport
import Testing

/// Small cases computed by hand, on a road of nodes 60 s apart for patrol and 30 s with lights and sirens.
struct BehaviorTests {
    private static func road(_ nodes: Int, categories: Int = 2) throws -> ServiceArea {
        var city = City(callsPerHour: 0)
        city.nodeCount = nodes
        for node in 0..<nodes - 1 { city.addStreet(node, node + 1, seconds: 60) }
        city.emergencySeconds = city.patrolSeconds.map { $0 / 2 }
        city.serviceSeconds = Array(repeating: 600, count: categories)
        city.weights = (0..<categories).map { Float(categories - $0) }
        city.demand = Array(repeating: 0, count: nodes * categories)
        return try city.area()
    }

    private static func place(_ scenario: inout ScenarioArrays, _ nodes: [Int32]) {
        for u in nodes.indices { scenario.units[u].startNode = nodes[u] }
    }

    private static func simulator(
        _ model: Scenario, _ engine: DecisionEngine
    ) throws -> (simulator: Simulator, ring: EventRing) {
        let ring = try EventRing(capacity: 4096)
        return (try Simulator(model, engine: engine, seed: 1, events: ring), ring)
    }

    private static func times(_ events: [SimulationEvent], _ kind: SimulationEvent.Kind) -> [Double] {
        events.filter { $0.kind == kind }.map(\.time)
    }

    @Test func responsesQueueAndCostAreAsComputed() throws {
        let area = try BehaviorTests.road(10)
        let scenario = try scenario(area, units: 1) {
            BehaviorTests.place(&$0, [0])
            $0.queueCapacity = 1
            $0.overflowSeconds = 1000
            $0.responseTargets[0] = 100
        }
        // Two units of weight, then one: the second waits for the first, the third is lost, the fourth is open at the end.
        let calls = try log([(100, 3, 0, 400), (150, 5, 1, 200), (160, 5, 0, 50), (2000, 9, 1, 50)])
        let simulator = try Simulator(
            try Scenario(area: area, scenario: scenario, log: calls), engine: try engine(area), seed: 1)
        try simulator.run(until: 2050)
        let metrics = try simulator.metrics()
        // Call 0: 90 s. Call 1: sent at 100 + 90 + 400 = 590, there at 650, after 500 s. Call 3: there at 2120.
        #expect(metrics.calls == 4 && metrics.served == 2 && metrics.lost == 1 && metrics.open == 1)
        #expect(metrics.response.mean == 295.0)
        #expect(metrics.meanTravel == 75.0)
        #expect(metrics.meanQueueWait == 220.0)
        #expect(metrics.response.chargedMean == 410.0)
        #expect(metrics.byPriority[0].withinTarget == 0.5)
        #expect(metrics.byPriority[0].lost == 1 && metrics.byPriority[1].waiting == 1)
        let cost = 180.0 + 500 + 2000 + 50
        #expect(abs(simulator.cumulativeCost - cost) < 1e-9)
        #expect(abs(simulator.costUnderWay - 70) < 1e-9)
        #expect(abs(metrics.costRate - cost / 2050) < 1e-12)
        #expect(metrics.units[0].enRoute == 200)
        #expect(metrics.units[0].onScene == 600)
        #expect(abs(metrics.units[0].standing - (2050 - 800)) < 1e-9)
        // The free unit at node 0 was 90 s from call 0, whose target is 100 s; it was busy at calls 1 and 2; call 3 has no target.
        #expect(metrics.coverage == 0.5)
        try simulator.run(until: 4000)
        #expect(try simulator.metrics().served == 3)
    }

    /// Units that stay are asked again after the engine's time, or that many times later.
    @Test func staysLastLongerByAFactor() throws {
        let area = try BehaviorTests.road(10)
        let scenario = try scenario(area, units: 1) { BehaviorTests.place(&$0, [4]) }
        let model = try Scenario(area: area, scenario: scenario, log: try log([(7000, 3, 0, 60)]))
        func decisions(_ factor: Double) throws -> UInt64 {
            let simulator = try Simulator(model, engine: try engine(area), seed: 1)
            simulator.stayFactor = factor
            try simulator.run(until: 3630)
            return simulator.decisionCount
        }
        #expect(try decisions(1) == 61)
        #expect(try decisions(4) == 16)
    }

    @Test func theFirstUnitsArrivalStartsTheWorkOfAll() throws {
        let area = try BehaviorTests.road(10)
        let scenario = try scenario(area, units: 3) {
            BehaviorTests.place(&$0, [0, 4, 9])
            $0.categories[0].unitsRequired = 2
            $0.categories[1].unitsRequired = 3
        }
        // Node 3: unit 1 after 30 s, unit 0 after 90 s. The second call needs three; unit 2, 90 s away, begins alone and ends
        // it after 60 s, before any other is free.
        let calls = try log([(100, 3, 0, 400), (110, 6, 1, 60)])
        let model = try Scenario(area: area, scenario: scenario, log: calls)
        let (simulator, ring) = try BehaviorTests.simulator(model, try engine(area))
        try simulator.run(until: 130)
        // Until unit 1 arrives at 130 the first call, of weight 2, misses both; the second, of weight 1, all of three since 110.
        #expect(abs(simulator.cumulativeCost - 80) < 1e-9)
        // To come: half of the first call until unit 0 is there at 190, a third of the second until unit 2 is, at 200.
        #expect(abs(simulator.costUnderWay - (60 + 70.0 / 3)) < 1e-9)
        try simulator.run(until: 2000)
        var events: [SimulationEvent] = []
        while let event = ring.next() { events.append(event) }
        #expect(BehaviorTests.times(events, .unitOnScene) == [130, 190, 200])
        #expect(BehaviorTests.times(events, .callComplete) == [190])
        #expect(BehaviorTests.times(events, .callEnded) == [260, 530])
        let metrics = try simulator.metrics()
        #expect(metrics.response.mean == 60.0)
        #expect(metrics.meanUntilComplete == 90)
        // First call: 30 s of all, 60 s of half. Second: 90 s of all, 60 s of two thirds.
        #expect(abs(simulator.cumulativeCost - 250) < 1e-9)
    }

    /// Waiting costs from the end of the grace on, whatever was missing before.
    @Test func graceMakesTheCostLateness() throws {
        let area = try BehaviorTests.road(10)
        let scenario = try scenario(area, units: 3) {
            BehaviorTests.place(&$0, [0, 4, 9])
            $0.categories[0].unitsRequired = 2
            $0.categories[1].unitsRequired = 3
            $0.graceSeconds[0] = 50
            $0.graceSeconds[1] = 100
        }
        let calls = try log([(100, 3, 0, 400), (110, 6, 1, 60)])
        let model = try Scenario(area: area, scenario: scenario, log: calls)
        let (simulator, _) = try BehaviorTests.simulator(model, try engine(area))
        try simulator.run(until: 149)
        #expect(simulator.cumulativeCost == 0)
        try simulator.run(until: 170)
        #expect(abs(simulator.cumulativeCost - 20) < 1e-9)
        try simulator.run(until: 2000)
        // The first call, of weight 2, misses half from 150 to 190; the second two thirds from 210 to its end at 260.
        #expect(abs(simulator.cumulativeCost - (40 + 100.0 / 3)) < 1e-9)
    }

    /// A call that ends calls off the units still on their way: they drive on to the next node and are free.
    @Test func unitsOnTheirWayAreCalledOff() throws {
        let area = try BehaviorTests.road(10)
        let scenario = try scenario(area, units: 2) {
            BehaviorTests.place(&$0, [3, 9])
            $0.categories[0].unitsRequired = 2
        }
        let model = try Scenario(area: area, scenario: scenario, log: try log([(100, 3, 0, 50)]))
        let (simulator, ring) = try BehaviorTests.simulator(model, try engine(area))
        try simulator.run(until: 400)
        var events: [SimulationEvent] = []
        while let event = ring.next() { events.append(event) }
        // At 150 unit 1 has left node 8 at 130 and would reach node 7 at 160; on patrol the rest takes twice as long.
        let freed = events.filter { $0.kind == .unitFreed && $0.unit == 1 }
        #expect(freed.map(\.time) == [150] && freed.map(\.node) == [7])
        let arrived = events.filter { $0.kind == .moveEnded && $0.unit == 1 }
        #expect(arrived.map(\.time) == [170] && arrived.map(\.node) == [7])
    }

    @Test(arguments: [false, true])
    func preemptionDivertsFromWhereTheUnitIs(isAllowed: Bool) throws {
        let area = try BehaviorTests.road(12)
        let scenario = try scenario(area, units: 1) { BehaviorTests.place(&$0, [0]) }
        // To node 11 the unit needs 330 s. At 145, between nodes 1 (reached at 130) and 2 (160), the urgent call comes at node 1.
        let calls = try log([(100, 11, 1, 100), (145, 1, 0, 100)])
        let engine = try engine(area, .stay, .minimumWeightedTravel) {
            if isAllowed { $0.rules.preemption = 1 << 8 }
        }
        let (simulator, ring) = try BehaviorTests.simulator(
            try Scenario(area: area, scenario: scenario, log: calls), engine)
        try simulator.run(until: 3000)
        var events: [SimulationEvent] = []
        while let event = ring.next() { events.append(event) }
        let arrivals = events.filter { $0.kind == .unitOnScene }
        if isAllowed {
            // On to node 2 at 160, back to node 1 at 190; free at 290; node 11 at 590.
            #expect(arrivals.map(\.call) == [1, 0])
            #expect(arrivals.map(\.time) == [190, 590])
            #expect(BehaviorTests.times(events, .unitDiverted) == [145])
        } else {
            #expect(arrivals.map(\.call) == [0, 1])
            #expect(arrivals.map(\.time) == [430, 830])
        }
        let metrics = try simulator.metrics()
        #expect(metrics.served == 2 && metrics.diversions == (isAllowed ? 1 : 0))
        #expect(metrics.dispatches == (isAllowed ? 3 : 2))
    }

    /// A unit that patrols between nodes finishes its edge, with lights and sirens, before it turns.
    @Test func patrolMovesAreFinishedToTheNextNode() throws {
        let area = try BehaviorTests.road(3)
        let scenario = try scenario(area, units: 1) { BehaviorTests.place(&$0, [1]) }
        let model = try Scenario(area: area, scenario: scenario, log: try log([(20, 0, 0, 100)]))
        let (simulator, ring) = try BehaviorTests.simulator(model, try engine(area))
        #expect(try simulator.stepToDecision(until: 10) == .patrol)
        #expect(simulator.isDue(0))
        try simulator.move(unit: 0, to: 2)
        try simulator.run(until: 200)
        var events: [SimulationEvent] = []
        while let event = ring.next() { events.append(event) }
        // At 20 there are 40 s of patrol, 20 s of emergency driving left to node 2; then 60 s back to node 0.
        #expect(BehaviorTests.times(events, .unitOnScene) == [100])
    }

    @Test func shiftsEndAfterTheCallAndReliefTakesOver() throws {
        let area = try BehaviorTests.road(10)
        let scenario = try scenario(area, units: 2) {
            BehaviorTests.place(&$0, [0, 9])
            // Unit 0: 0 to 2 and 4 to 8 o'clock on Mondays, relieved at 6. Unit 1 from Sunday 23:00 into Monday 1:00.
            let shifts = [
                Shift(unit: 0, start: 4, end: 6), Shift(unit: 0, start: 0, end: 2), Shift(unit: 0, start: 6, end: 8),
                Shift(unit: 1, start: 167, end: 169),
            ]
            $0.shifts = try Buffer(shifts, or: shifts[0])
        }
        let hour = 3600.0
        // The call of 1:55 lasts until after 2; that of 3 waits for the start of the shift at 4; that of 5:59 keeps its unit past 6.
        let calls = try log([(1.9 * hour, 0, 0, 1000), (3 * hour, 1, 0, 60), (5.99 * hour, 2, 0, 600)])
        let model = try Scenario(area: area, scenario: scenario, log: calls)
        let (simulator, ring) = try BehaviorTests.simulator(model, try engine(area))
        try simulator.run(until: 5 * hour)
        // The crew's own shift ends at 6.
        #expect(try simulator.stepToDecision(until: 6 * hour) == .patrol)
        #expect(simulator.session.snapshot.units[0].secondsUntilShiftEnd == Float(6 * hour - simulator.now))
        try simulator.run(until: 169.5 * hour)
        var events: [SimulationEvent] = []
        while let event = ring.next() { events.append(event) }
        let first = events.filter { $0.unit == 0 }
        #expect(BehaviorTests.times(first, .shiftBegan) == [0, 4 * hour, 168 * hour])
        let ends = BehaviorTests.times(first, .shiftEnded)
        #expect(ends == [1.9 * hour + 1000, 8 * hour])
        #expect(BehaviorTests.times(first, .unitSent)[1] == 4 * hour)
        let second = events.filter { $0.unit == 1 }
        #expect(BehaviorTests.times(second, .shiftBegan) == [0, 167 * hour])
        #expect(BehaviorTests.times(second, .shiftEnded) == [hour, 169 * hour])
        let metrics = try simulator.metrics()
        #expect(metrics.served == 3)
        #expect(abs(metrics.units[1].offDuty - 166.5 * hour) < 1e-3)
    }

    @Test(arguments: [Int32(0), 1])
    func urgentCallsInterruptSelfInitiatedWork(priority: Int32) throws {
        let area = try BehaviorTests.road(10)
        let scenario = try scenario(area, units: 1) {
            BehaviorTests.place(&$0, [0])
            $0.selfInitiated.ratesPerHour[0] = 3600
            $0.selfInitiated.meanSeconds = 5000
            $0.selfInitiated.interruptiblePriority = priority
        }
        let calls = try log([(100, 2, 1, 100), (200, 3, 0, 100)])
        let model = try Scenario(area: area, scenario: scenario, log: calls)
        let (simulator, ring) = try BehaviorTests.simulator(model, try engine(area))
        try simulator.run(until: 100_000)
        var events: [SimulationEvent] = []
        while let event = ring.next() { events.append(event) }
        #expect(BehaviorTests.times(events, .selfInitiatedBegan)[0] < 60)
        let sent = events.filter { $0.kind == .unitSent }
        if priority == 1 {
            #expect(sent.map(\.call) == [1, 0] && sent[0].time == 200)
            #expect(BehaviorTests.times(events, .selfInitiatedLeft) == [200])
        } else {
            #expect(BehaviorTests.times(events, .selfInitiatedLeft).isEmpty)
            #expect(sent[0].time == BehaviorTests.times(events, .selfInitiatedEnded)[0])
        }
    }

    /// Without calls a unit is out of service for the share that rate and mean duration give, and at work likewise.
    @Test func backgroundTakesItsShareOfTime() throws {
        let area = try BehaviorTests.road(3)
        let scenario = try scenario(area, units: 20) {
            $0.outOfService.ratePerHour = 0.5
            $0.outOfService.meanSeconds = 1800
            $0.selfInitiated.ratesPerHour = try Buffer((0..<24).map { $0 < 12 ? 2 : 0 }, or: 0)
            $0.selfInitiated.meanSeconds = 900
        }
        let simulator = try Simulator(
            try Scenario(area: area, scenario: scenario), engine: try engine(area) { $0.staySeconds = 1e6 }, seed: 5)
        try simulator.run(until: 10 * 86_400)
        let metrics = try simulator.metrics()
        let out = metrics.units.elements.map(\.outOfService).reduce(0, +) / 20 / metrics.seconds
        // Alternating renewal: mean duration / (mean gap + mean duration).
        #expect(abs(out - 1800.0 / (7200 + 1800)) < 0.01)
        let work = metrics.units.elements.map(\.selfInitiated).reduce(0, +) / 20 / metrics.seconds
        // Half of the day at 2 an hour of a free unit; work also ends when the unit goes out of service.
        #expect(work > 0.08 && work < 0.5 * 900 / (1800 + 900))
    }

    @Test func unitsThatDoNotFollowWander() throws {
        let area = try BehaviorTests.road(10)
        for (compliance, expected) in [(1.0, 0.0), (0.5, 0.38), (0, 0.67)] {
            let scenario = try scenario(area, units: 5) { $0.compliance = compliance }
            let simulator = try Simulator(
                try Scenario(area: area, scenario: scenario), engine: try engine(area), seed: 5)
            try simulator.run(until: 5 * 86_400)
            let metrics = try simulator.metrics()
            let driving = metrics.units.elements.map(\.driving).reduce(0, +) / 5 / metrics.seconds
            #expect(abs(driving - expected) < 0.08, "\(driving)")
        }
    }
}
