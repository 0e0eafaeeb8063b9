import PatrolDecisions
import PatrolModel
import PatrolSimulation
import TestSupport
import Testing

/// Equal seeds give equal bytes, calls do not depend on decisions, and decisions do not depend on what nobody knows yet.
struct RepeatabilityTests {
    private static let policies: [(PatrolPolicyKind, DispatchPolicyKind)] = [
        (.stay, .closestFirstCome), (.randomWalk, .weightedIndex), (.marginalCoverage, .minimumWeightedTravel),
        (.dmexclp, .ownBeatFirst),
        (.backupCoverage, .weightedIndex),
    ]

    private static func model(_ change: (inout ScenarioArrays) throws -> Void = { _ in }) throws -> Scenario {
        let area = try City(side: 6, callsPerHour: 8).area()
        let scenario = try scenario(area, units: 4) {
            $0.queueCapacity = 6
            $0.outOfService.ratePerHour = 0.05
            $0.selfInitiated.ratesPerHour[0] = 0.3
            $0.categories[0].service = ServiceTime(.logNormal, mean: 1500, variation: 1)
            try change(&$0)
        }
        return try Scenario(area: area, scenario: scenario)
    }

    @Test func equalSeedsGiveEqualBytes() throws {
        let model = try RepeatabilityTests.model()
        for (patrol, dispatch) in RepeatabilityTests.policies {
            let engine = try engine(model.area, patrol, dispatch)
            let first = try trace(model, engine, seed: 7, until: 12 * 3600).map { Bits($0) }
            #expect(try trace(model, engine, seed: 7, until: 12 * 3600).map { Bits($0) } == first)
            #expect(try trace(model, engine, seed: 8, until: 12 * 3600).map { Bits($0) } != first)
        }
    }

    /// What a policy chooses at random is another choice in each replication, also where nothing else is: a log with known times.
    @Test func choicesAtRandomVaryWithTheReplication() throws {
        let area = try City(side: 6, callsPerHour: 8).area()
        let calls = try log([
            (time: 900, node: 8, category: 0, service: 600), (time: 5000, node: 30, category: 1, service: 700),
        ])
        let model = try Scenario(area: area, scenario: try scenario(area, units: 2), log: calls)
        for (patrol, varies) in [(PatrolPolicyKind.randomWalk, true), (.demandWalk, true), (.backupCoverage, false)] {
            let engine = try engine(area, patrol, .closestFirstCome)
            let runs = try (1...3).map { try trace(model, engine, seed: $0, until: 7200).map { Bits($0) } }
            #expect((runs[0] != runs[1] && runs[1] != runs[2]) == varies, "\(patrol)")
            #expect(try trace(model, engine, seed: 1, until: 7200).map { Bits($0) } == runs[0])
        }
    }

    /// A replication that begins later meets the demand of its hours.
    @Test func aReplicationMayBeginLater() throws {
        var city = City(side: 4, callsPerHour: 0)
        city.periodHours = 168
        let cells = city.nodeCount * 2
        city.demand = (0..<cells * 168).map { $0 % 168 >= 120 ? 0.2 : 0 }
        let area = try city.area()
        let model = try Scenario(area: area, scenario: try scenario(area, units: 3) { $0.start = 7200 })
        let engine = try engine(area)
        let simulator = try Simulator(model, engine: engine, seed: 1)
        try simulator.run(until: 48 * 3600)
        #expect(simulator.start == 7200 && simulator.eventCount > 0)
        #expect(try simulator.metrics().calls == 0)
        simulator.restart(seed: 1, delay: 119 * 3600)
        #expect(simulator.start == 121 * 3600 && simulator.now == simulator.start)
        try simulator.run(until: simulator.start + 24 * 3600)
        #expect(try simulator.metrics().calls > 24)
        simulator.restart(seed: 1)
        #expect(simulator.start == 7200)
    }

    /// Another replication in the same memory is the same as one in new memory, however far the first had come.
    @Test func restartingForgetsEverything() throws {
        let model = try RepeatabilityTests.model()
        let engine = try engine(model.area, .marginalCoverage, .minimumWeightedTravel)
        let ring = try EventRing(capacity: 1 << 16)
        let simulator = try Simulator(model, engine: engine, seed: 1, events: ring)
        try simulator.run(until: 5000)
        _ = try simulator.stepToDecision(until: 1e6)
        simulator.restart(seed: 7)
        try simulator.run(until: 6 * 3600)
        var events: [Bits] = []
        while let event = ring.next() { events.append(Bits(event)) }
        let fresh = try trace(model, engine, seed: 7, until: 6 * 3600).map { Bits($0) }
        // The units' first events precede the run.
        #expect(events == fresh)
    }

    /// Policies decide the same whether they are shown all units and calls or only those that they look at.
    @Test(arguments: [false, true]) func aLookAtTheSnapshotChangesNothing(diverts: Bool) throws {
        let area = try City(side: 7, callsPerHour: 60).area(points: 12, spacing: 30)
        let model = try Scenario(
            area: area,
            scenario: try scenario(area, units: 24) {
                $0.queueCapacity = 6
                $0.compliance = 0.8
                $0.outOfService.ratePerHour = 0.05
                $0.selfInitiated.ratesPerHour[0] = 0.3
                $0.categories[1].unitsRequired = 2
                for u in 0..<24 { $0.units[u].id = UInt64(100 - u) }
            })
        let dispatches = DispatchPolicyKind.allCases.filter { $0 != .learned }
        for (k, patrol) in PatrolPolicyKind.allCases.filter({ $0 != .learned }).enumerated() {
            let dispatch = dispatches[k % dispatches.count]
            let engine = try engine(area, patrol, dispatch) {
                $0.homeBeatPatrol = k % 3 == 0
                if diverts { $0.rules.preemption = 1 << 8 }
            }
            let unseen = try trace(model, engine, seed: 5, until: 4 * 3600).map { Bits($0) }
            let ring = try EventRing(capacity: 1 << 16)
            let simulator = try Simulator(model, engine: engine, seed: 5, events: ring)
            while try simulator.stepToDecision(until: 4 * 3600) != .none {
                #expect(simulator.session.snapshot.time == simulator.now)
                try simulator.decide()
            }
            var seen: [Bits] = []
            while let event = ring.next() { seen.append(Bits(event)) }
            #expect(seen == unseen && seen.count > 1000, "\(patrol), \(dispatch)")
        }
    }

    @Test func callsAreTheSameUnderEveryPolicy() throws {
        let model = try RepeatabilityTests.model()
        var stream = CallStream(model, seed: 3)
        var expected: [Bits] = []
        while true {
            let call = stream.next()
            guard call.time <= 24 * 3600 else { break }
            var event = SimulationEvent()
            (event.time, event.call, event.node) = (call.time, call.number, call.node)
            expected.append(Bits(event))
        }
        #expect(expected.count > 100)
        for (patrol, dispatch) in RepeatabilityTests.policies {
            let events = try trace(model, try engine(model.area, patrol, dispatch), seed: 3, until: 24 * 3600)
            #expect(events.filter { $0.kind == .callCame }.map { Bits($0) } == expected)
        }
    }

    /// Units' own work comes at the same times too, unless a unit is busy then.
    @Test func timesOutOfServiceDoNotDependOnDecisions() throws {
        let model = try RepeatabilityTests.model { $0.rateScale = 0 }
        let traces = try RepeatabilityTests.policies.map { patrol, dispatch in
            try trace(model, try engine(model.area, patrol, dispatch), seed: 5, until: 48 * 3600)
                .filter { $0.kind == .outOfServiceBegan }.map { [$0.time.bitPattern, UInt64($0.unit)] }
        }
        #expect(traces[0].count > 5)
        for other in traces { #expect(other == traces[0]) }
    }

    /// Everything a decision sees, in bits.
    private struct Sight: Equatable {
        let time: Double
        var bits: [UInt64] = []

        init(_ simulator: Simulator, _ due: DecisionDue) {
            let snapshot = simulator.session.snapshot
            time = snapshot.time
            bits.append(due == .dispatch ? 1 : 2)
            for unit in UnsafeBufferPointer(start: snapshot.units.base, count: snapshot.unitCount) {
                let seconds = [
                    unit.secondsToNode, unit.positionAge, unit.secondsUntilFree, unit.secondsUntilShiftEnd,
                    unit.secondsUntilDue,
                ]
                bits += seconds.map { UInt64($0.bitPattern) }
                bits += [unit.status.rawValue, unit.node, unit.target, unit.incident].map {
                    UInt64(bitPattern: Int64($0))
                }
            }
            for call in UnsafeBufferPointer(start: snapshot.incidents.base, count: snapshot.incidentCount) {
                bits += [call.secondsWaited, call.weight, call.serviceSeconds].map { UInt64($0.bitPattern) }
                bits += [call.node, call.category, call.priority, call.unitsRequired, call.unitsMissing].map {
                    UInt64($0)
                }
                bits.append(call.id)
            }
        }
    }

    /// A service time shows only when it ends, a call only when it comes: until then every decision sees the same.
    @Test(arguments: 0..<12)
    func nothingUnknownIsSeen(seed: Int) throws {
        var random = RandomNumbers(seed: UInt64(seed))
        let area = try City(side: 5, callsPerHour: 0).area()
        let scenario = try scenario(area, units: 3) { $0.queueCapacity = 5 }
        let (patrol, dispatch) = RepeatabilityTests.policies[seed % 4]
        let engine = try engine(area, patrol, dispatch) { if seed % 2 == 1 { $0.rules.preemption = 1 << 8 } }
        var time = 0.0
        var calls: [(time: Double, node: Int32, category: Int32, service: Float)] = []
        for _ in 0..<60 {
            time += 1200 * random.uniform()
            calls.append((time, Int32(random.below(25)), Int32(random.below(2)), Float(2400 * random.uniform())))
        }
        let changed = 5 + random.below(30)
        var longer = calls
        longer[changed].service += 500
        let end = time + 7200
        /// What is seen, and when the changed call ends.
        func run(
            _ calls: [(time: Double, node: Int32, category: Int32, service: Float)]
        ) throws -> (sights: [Sight], ended: Double) {
            let ring = try EventRing(capacity: 1 << 14)
            let model = try Scenario(area: area, scenario: scenario, log: try log(calls))
            let simulator = try Simulator(model, engine: engine, seed: 0, events: ring)
            simulator.showsIdleTimes = true
            var sights: [Sight] = []
            while true {
                let due = try simulator.stepToDecision(until: end)
                if due == .none { break }
                sights.append(Sight(simulator, due))
                try simulator.decide()
            }
            var ended = Double.infinity
            while let event = ring.next() {
                if event.kind == .callEnded && event.call == UInt64(changed) { ended = event.time }
            }
            return (sights, ended)
        }
        let base = try run(calls)
        let other = try run(longer)
        #expect(base.sights.count > 200)
        #expect(base.sights.filter { $0.time < base.ended } == other.sights.filter { $0.time < base.ended })
        if base.ended < .infinity { #expect(base.sights != other.sights) }
        let fewer = try run(Array(calls[..<changed]))
        let until = calls[changed].time
        #expect(base.sights.filter { $0.time < until } == fewer.sights.filter { $0.time < until })
    }

    /// The host's own loop is the policies' loop.
    @Test func steppingIsRunning() throws {
        let model = try RepeatabilityTests.model()
        let engine = try engine(model.area, .marginalCoverage, .closestFirstCome)
        let ring = try EventRing(capacity: 1 << 16)
        let simulator = try Simulator(model, engine: engine, seed: 7, events: ring)
        while true {
            let due = try simulator.stepToDecision(until: 6 * 3600)
            if due == .none { break }
            if due == .patrol {
                try simulator.session.decidePatrol(afterDispatch: false)
                let moves = (0..<4).map { simulator.session.moves[$0] }
                for u in 0..<4 where simulator.isDue(u) { try simulator.move(unit: u, to: Int(moves[u].target)) }
            } else {
                try simulator.session.decideDispatch(SolverLimits())
                let dispatch = simulator.session.dispatch
                for a in 0..<dispatch.assignmentCount {
                    let assignment = dispatch.assignments[a]
                    try simulator.assign(unit: Int(assignment.unit), toIncident: Int(assignment.incident))
                }
            }
        }
        var events: [Bits] = []
        while let event = ring.next() { events.append(Bits(event)) }
        #expect(events == (try trace(model, engine, seed: 7, until: 6 * 3600).map { Bits($0) }))
    }
}
