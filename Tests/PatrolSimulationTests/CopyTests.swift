import PatrolDecisions
import PatrolModel
import PatrolSimulation
import TestSupport
import Testing

/// Copies of simulations under way go on like the original, and like each other.
struct CopyTests {
    /// Everything that can be under way: shifts, times out of service, work, diversions, several units a call, odd distributions.
    private static func model(_ change: (inout ScenarioArrays) throws -> Void = { _ in }) throws -> Scenario {
        let area = try City(side: 6, callsPerHour: 10).area()
        let scenario = try scenario(area, units: 5) {
            $0.queueCapacity = 6
            $0.outOfService.ratePerHour = 0.2
            $0.selfInitiated.ratesPerHour[0] = 1
            $0.selfInitiated.interruptiblePriority = 1
            $0.compliance = 0.8
            $0.categories[0].unitsRequired = 2
            $0.categories[1].service = ServiceTime(.logNormal, mean: 900, variation: 1)
            $0.shifts = try Buffer([Shift(unit: 0, start: 2, end: 9)], or: Shift(unit: 0, start: 0, end: 0))
            $0.warmUp = 3600
            ($0.responseTargets[0], $0.latePrices[0]) = (300, 500)
            ($0.presenceSeconds, $0.absencePrice) = (900, 0.5)
            try change(&$0)
        }
        return try Scenario(area: area, scenario: scenario)
    }

    private static func divertingEngine(_ model: Scenario) throws -> DecisionEngine {
        try engine(model.area, .marginalCoverage, .minimumWeightedTravel) { $0.rules.preemption = 1 << 8 }
    }

    /// Events until `end`, and what was measured.
    private static func goOn(_ simulator: Simulator, until end: Double) throws -> [Bits] {
        try simulator.run(until: end)
        var events: [Bits] = []
        while let event = simulator.events?.next() { events.append(Bits(event)) }
        #expect(simulator.events?.overwritten == 0)
        return events
    }

    private static func simulator(_ model: Scenario, _ engine: DecisionEngine, seed: UInt64) throws -> Simulator {
        try Simulator(model, engine: engine, seed: seed, events: try EventRing(capacity: 1 << 15))
    }

    @Test(arguments: 0..<6)
    func aCopyGoesOnLikeTheOriginal(seed: Int) throws {
        let model = try CopyTests.model()
        let engine = try CopyTests.divertingEngine(model)
        let original = try CopyTests.simulator(model, engine, seed: UInt64(seed))
        let copy = try CopyTests.simulator(model, engine, seed: 1000)
        // The copy has a past of its own to forget.
        _ = try CopyTests.goOn(copy, until: 5000)
        let forked = 6000 * Double(seed) + 100
        _ = try CopyTests.goOn(original, until: forked)
        // In one half of the cases a decision is due.
        if seed % 2 == 0 { _ = try original.stepToDecision(until: .infinity) }
        while original.events?.next() != nil {}
        try copy.copy(original)
        let end = forked + 4 * 3600
        #expect(try CopyTests.goOn(copy, until: end) == CopyTests.goOn(original, until: end))
        let (a, b) = (try original.metrics(), try copy.metrics())
        #expect(a.costRate == b.costRate && a.response.calls == b.response.calls && a.response.p90 == b.response.p90)
        #expect(a.events == b.events && a.utilization == b.utilization && a.seconds == b.seconds)
        #expect(a.presence == b.presence && a.presence < 1)
        #expect(original.cumulativeCost == copy.cumulativeCost)
    }

    @Test func aCopyThatMeasuresNothingHasTheSameEvents() throws {
        let model = try CopyTests.model()
        let engine = try CopyTests.divertingEngine(model)
        for forked in [1000.0, 20_000] {
            let original = try CopyTests.simulator(model, engine, seed: 3)
            let copy = try CopyTests.simulator(model, engine, seed: 4)
            _ = try CopyTests.goOn(original, until: forked)
            while copy.events?.next() != nil {}
            try copy.copy(original, measuring: false)
            let expected = try CopyTests.goOn(original, until: 40_000).filter {
                $0.kind != SimulationEvent.Kind.measuringBegan.rawValue
            }
            #expect(try CopyTests.goOn(copy, until: 40_000) == expected)
            #expect(copy.cumulativeCost == original.cumulativeCost)
            #expect(try copy.metrics().seconds == 0)
        }
    }

    /// Copies with one seed share their future whatever the original's would have been; another seed gives another one.
    @Test(arguments: 0..<4)
    func oneSeedIsOneFuture(seed: Int) throws {
        let model = try CopyTests.model()
        let engine = try CopyTests.divertingEngine(model)
        let original = try CopyTests.simulator(model, engine, seed: UInt64(seed))
        _ = try CopyTests.goOn(original, until: 5000 * Double(seed))
        _ = try original.stepToDecision(until: .infinity)
        func future(_ seed: UInt64) throws -> [Bits] {
            let copy = try CopyTests.simulator(model, engine, seed: 77)
            while copy.events?.next() != nil {}
            try copy.copy(original, measuring: false)
            copy.renewFuture(seed: seed)
            return try CopyTests.goOn(copy, until: original.now + 6 * 3600)
        }
        let first = try future(1)
        #expect(try future(1) == first)
        #expect(try future(2) != first)
        #expect(first.count > 100)
    }

    /// After different decisions the same calls come, with the same numbers.
    @Test func callsDoNotDependOnDecisions() throws {
        let model = try CopyTests.model()
        let original = try CopyTests.simulator(model, try CopyTests.divertingEngine(model), seed: 5)
        _ = try CopyTests.goOn(original, until: 20_000)
        func calls(_ engine: DecisionEngine) throws -> [Bits] {
            let copy = try CopyTests.simulator(model, engine, seed: 77)
            while copy.events?.next() != nil {}
            try copy.copy(original)
            copy.renewFuture(seed: 9)
            return try CopyTests.goOn(copy, until: 50_000).filter { $0.kind == SimulationEvent.Kind.callCame.rawValue }
        }
        let first = try calls(try CopyTests.divertingEngine(model))
        #expect(first.count > 50)
        #expect(try calls(try engine(model.area, .stay, .closestFirstCome)) == first)
    }

    /// The rest of a time on scene is drawn given what has passed of it: many futures of one state have the right mean.
    @Test(arguments: [ServiceTime.Kind.exponential, .gamma])
    func restsOfServiceTimesHaveTheRightMean(kind: ServiceTime.Kind) throws {
        let area = try City(callsPerHour: 0).area()
        let scenario = try scenario(area, units: 1) {
            // Erlang with two stages of 300 s each: given that x has passed, 300 (600 + x) / (300 + x) are left.
            $0.categories[0].service = ServiceTime(kind, mean: 600, variation: 0.5.squareRoot())
        }
        let calls = try log([(time: 10, node: 0, category: 0, service: 900)])
        let model = try Scenario(area: area, scenario: scenario, log: calls)
        let engine = try engine(area)
        let original = try Simulator(model, engine: engine, seed: 1)
        try original.run(until: 310)
        let copy = try Simulator(model, engine: engine, seed: 2)
        var sum = 0.0
        for seed in 0..<4000 {
            try copy.copy(original)
            copy.renewFuture(seed: UInt64(seed))
            // The next decision is due when the unit is free.
            _ = try copy.stepToDecision(until: .infinity)
            sum += copy.now - 310
        }
        let expected = kind == .exponential ? 600.0 : 450
        #expect(abs(sum / 4000 - expected) < 4 * expected / 4000.0.squareRoot())
    }

    @Test func anotherModelIsRefused() throws {
        let (a, b) = (try CopyTests.model(), try CopyTests.model())
        let first = try Simulator(a, engine: try engine(a.area), seed: 1)
        let second = try Simulator(b, engine: try engine(b.area), seed: 1)
        #expect(throws: PatrolError.self) { try second.copy(first) }
    }
}
