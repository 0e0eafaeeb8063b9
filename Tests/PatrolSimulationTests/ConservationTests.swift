import PatrolDecisions
import PatrolModel
import PatrolSimulation
import TestSupport
import Testing

/// What holds in every city, under every policy, whatever happens: checked on all events of random runs.
struct ConservationTests {
    private struct Run {
        let model: Scenario
        let engine: DecisionEngine
        let events: [SimulationEvent]
        let metrics: Metrics
    }

    /// A random city with everything that a scenario can have.
    private static func run(_ seed: UInt64, hours: Double) throws -> Run {
        var random = RandomNumbers(seed: seed)
        var city = City(random: &random)
        if seed % 2 == 1 {
            var numbers = RandomNumbers(seed: seed, stream: 1)
            for hour in 0..<168 {
                let (patrol, emergency) = (0.5 + 2 * numbers.uniform(), 0.5 + numbers.uniform())
                city.setFactors(hour..<hour + 1, patrol: Float(patrol), emergency: Float(emergency))
            }
        }
        let area = try city.area()
        let units = 1 + random.below(6)
        let scenario = try scenario(area, units: units) {
            $0.rateScale = 0.5 + 3 * random.uniform() * Double(units)
            $0.queueCapacity = random.below(8)
            $0.warmUp = 3600 * Double(random.below(3))
            $0.start = 3600 * Double(random.below(168)) + 1234
            $0.compliance = random.below(2) == 0 ? 1 : 0.7
            $0.categories[0].unitsRequired = Int32(1 + random.below(3))
            $0.categories[1].service = ServiceTime(.logNormal, mean: 1500, variation: 1.2)
            $0.categories[2].service = ServiceTime(.gamma, mean: 700, variation: 0.6)
            $0.outOfService.ratePerHour = random.below(2) == 0 ? 0 : 0.1
            $0.selfInitiated.ratesPerHour = try Buffer([Float(random.below(3)) / 2], or: 0)
            $0.selfInitiated.interruptiblePriority = Int32(random.below(3))
            $0.storms = try Buffer(
                [Storm(start: $0.start + 7200, end: $0.start + 14_400, multiplier: 3)],
                or: Storm(start: 0, end: 0, multiplier: 1))
            if random.below(2) == 0 {
                let shifts = (0..<units).map { u in
                    let start = Float(8 * (u % 21)) + 0.25
                    return Shift(unit: Int32(u), start: start, end: start + 100)
                }
                $0.shifts = try Buffer(shifts, or: Shift(unit: 0, start: 0, end: 1))
            }
        }
        let patrol: [PatrolPolicyKind] = [
            .stay, .randomWalk, .demandWalk, .fixedPosts, .complianceTable, .marginalCoverage, .dmexclp,
            .backupCoverage,
        ]
        let dispatch: [DispatchPolicyKind] = [
            .closestFirstCome, .priorityClosest, .ownBeatFirst, .minimumWeightedTravel, .weightedIndex,
        ]
        let engine = try engine(area, patrol[random.below(patrol.count)], dispatch[random.below(dispatch.count)]) {
            $0.seed = seed
            $0.homeBeatPatrol = random.below(2) == 0
            // Any unit on its way may be diverted to a more urgent call.
            if random.below(2) == 0 {
                for p in 2...8 { $0.rules.preemption |= ((1 << UInt64(p - 1)) - 1) << UInt64(8 * (p - 1)) }
            }
        }
        let model = try Scenario(area: area, scenario: scenario)
        let ring = try EventRing(capacity: 1 << 14)
        let simulator = try Simulator(model, engine: engine, seed: seed, events: ring)
        var events: [SimulationEvent] = []
        for quarter in 1...Int(4 * hours) {
            try simulator.run(until: scenario.start + 900 * Double(quarter))
            #expect(simulator.queuedCallCount <= scenario.queueCapacity)
            #expect(simulator.now == scenario.start + 900 * Double(quarter))
            while let event = ring.next() { events.append(event) }
        }
        #expect(ring.overwritten == 0)
        return Run(model: model, engine: engine, events: events, metrics: try simulator.metrics())
    }

    @Test(arguments: 0..<40)
    func everyCallEndsOnceAndUnitsDoNotJump(seed: Int) throws {
        let run = try ConservationTests.run(UInt64(seed), hours: 16)
        try checkTimes(run)
        checkCalls(run)
        try checkUnits(run)
        checkMetrics(run)
    }

    /// The runs above are no empty claim: among them everything happens that can.
    @Test func everythingHappens() throws {
        var seen: Set<Int32> = []
        for seed in 0..<40 where seen.count < SimulationEvent.Kind.allCases.count {
            for event in try ConservationTests.run(UInt64(seed), hours: 16).events { seen.insert(event.kind.rawValue) }
        }
        #expect(SimulationEvent.Kind.allCases.filter { !seen.contains($0.rawValue) }.isEmpty)
    }

    private func checkTimes(_ run: Run) throws {
        #expect(run.events.count > 20)
        for k in 1..<run.events.count { #expect(run.events[k - 1].time <= run.events[k].time) }
    }

    private func checkCalls(_ run: Run) {
        var open: [UInt64: (assigned: Int, onScene: Int)] = [:]
        var next: UInt64 = 0
        for event in run.events where event.call != SimulationEvent.noCall {
            let call = event.call
            switch event.kind {
            case .callCame:
                #expect(call == next)
                next += 1
                open[call] = (0, 0)
            case .callLost:
                #expect(open[call]?.assigned == 0)
                open[call] = nil
            case .callEnded:
                #expect((open[call]?.onScene ?? 0) > 0)
                open[call] = nil
            case .unitSent: open[call]?.assigned += 1
            case .unitDiverted: open[call]?.assigned -= 1
            case .unitOnScene: open[call]?.onScene += 1
            case .callReached: #expect(open[call]?.onScene == 1)
            default: break
            }
            if let state = open[call] {
                #expect(state.onScene <= state.assigned && state.assigned >= 0)
            } else {
                #expect([.callLost, .callEnded, .unitFreed].contains(event.kind), "\(event) of a call that is over")
            }
        }
    }

    /// Every unit does one thing at a time, and is nowhere sooner than it can drive there with lights and sirens.
    private func checkUnits(_ run: Run) throws {
        let search = try ShortestPaths(run.model.area.roads)
        let least = run.model.area.travelFactors.elements.reduce(1) { min($0, $1.patrol, $1.emergency) }
        /// *Free*: standing, or driving on to the next node.
        enum State { case off, out, free, driving, enRoute, onScene, working }
        for u in 0..<run.model.scenario.units.count {
            var state = State.off
            var call = SimulationEvent.noCall
            var place: (node: Int32, time: Double)?
            for event in run.events where event.unit == Int32(u) {
                switch event.kind {
                case .shiftBegan:
                    #expect(state == .off)
                    state = .free
                    place = nil
                case .shiftEnded:
                    // After a call it follows at once.
                    #expect(state != .off && state != .enRoute)
                    state = .off
                case .moveBegan:
                    #expect(state == .free)
                    state = .driving
                case .moveEnded:
                    #expect(state == .driving || state == .free)
                    state = .free
                case .stayEnded: #expect(state == .free)
                case .unitDiverted:
                    #expect(state == .enRoute && call == event.call)
                    state = .free
                case .unitSent:
                    #expect(state == .free || state == .driving || state == .working)
                    (state, call) = (.enRoute, event.call)
                case .unitOnScene:
                    #expect(state == .enRoute && call == event.call)
                    state = .onScene
                case .unitFreed:
                    #expect((state == .enRoute || state == .onScene) && call == event.call)
                    state = .free
                case .outOfServiceBegan:
                    #expect(state != .off && state != .out && state != .enRoute && state != .onScene)
                    state = .out
                case .outOfServiceEnded:
                    #expect(state == .out)
                    state = .free
                case .selfInitiatedBegan:
                    #expect(state == .free || state == .driving)
                    state = .working
                case .selfInitiatedEnded:
                    #expect(state == .working)
                    state = .free
                case .selfInitiatedLeft: #expect(state == .working)
                default: break
                }
                guard [.moveEnded, .stayEnded, .unitOnScene].contains(event.kind) else { continue }
                if let place {
                    search.run(from: Int(place.node), .forward, mode: .emergency)
                    let seconds = Double(search.seconds(Int(event.node)) * least)
                    #expect(event.time - place.time >= seconds - 0.01, "unit \(u) jumped to \(event)")
                }
                place = (event.node, event.time)
            }
        }
    }

    private func checkMetrics(_ run: Run) {
        let metrics = run.metrics
        #expect(metrics.calls == metrics.served + metrics.lost + metrics.open)
        let response = metrics.response
        #expect(response.calls == metrics.calls && response.lost == metrics.lost)
        #expect(response.calls == response.reached + response.lost + response.waiting)
        for classes in [metrics.byPriority, metrics.byGroup, metrics.byCategory] {
            #expect(classes.elements.map(\.calls).reduce(0, +) == metrics.calls)
            #expect(classes.elements.map(\.reached).reduce(0, +) == response.reached)
        }
        for unit in metrics.units.elements {
            #expect(abs(unit.offDuty + unit.outOfService + unit.available - metrics.seconds) < 1e-6 * metrics.seconds)
        }
    }
}
