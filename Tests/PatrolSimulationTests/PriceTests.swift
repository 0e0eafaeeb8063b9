import PatrolDecisions
import PatrolModel
import PatrolSimulation
import TestSupport
import Testing

/// Prices of late calls and of absence, computed by hand on a road of ten nodes, all of them patrol locations, 60 s apart for patrol and
/// 30 s with lights and sirens.
struct PriceTests {
    private static func road(demand: (Int) -> Float = { _ in 0 }) throws -> ServiceArea {
        var city = City(callsPerHour: 0)
        city.nodeCount = 10
        for node in 0..<9 { city.addStreet(node, node + 1, seconds: 60) }
        city.emergencySeconds = city.patrolSeconds.map { $0 / 2 }
        city.serviceSeconds = [600, 600]
        city.weights = [2, 1]
        city.demand = (0..<20).map { demand($0 / 2) }
        city.locations = (0..<10).map { $0 }
        return try city.area()
    }

    private static func simulator(
        _ area: ServiceArea, at nodes: [Int32], _ calls: [(Double, Int32, Int32, Float)],
        _ change: (inout ScenarioArrays) -> Void
    ) throws -> Simulator {
        let arrays = try scenario(area, units: nodes.count) {
            for u in nodes.indices { $0.units[u].startNode = nodes[u] }
            change(&$0)
        }
        let model = try Scenario(area: area, scenario: arrays, log: try log(calls))
        return try Simulator(model, engine: try engine(area), seed: 1)
    }

    private static func isNear(_ a: Double, _ b: Double) -> Bool { abs(a - b) < 1e-9 }

    /// The drive takes 90 s: too long for a target of 80 s, and just short enough for one of 90 s.
    @Test func aLateCallIsChargedOnceWhenItPassesItsTarget() throws {
        let area = try PriceTests.road()
        func run(_ target: Float) throws -> Simulator {
            try PriceTests.simulator(area, at: [0], [(100, 3, 0, 400)]) {
                $0.responseTargets[0] = target
                $0.latePrices[0] = 1000
            }
        }
        let late = try run(80)
        try late.run(until: 180)
        #expect(PriceTests.isNear(late.cumulativeCost, 160))
        // Ten seconds of weight 2 until the unit is there, and then the call will have been late.
        #expect(PriceTests.isNear(late.costUnderWay, 20 + 1000))
        try late.run(until: 181)
        #expect(PriceTests.isNear(late.cumulativeCost, 162 + 1000))
        #expect(PriceTests.isNear(late.costUnderWay, 18))
        try late.run(until: 2000)
        #expect(PriceTests.isNear(late.cumulativeCost, 180 + 1000))
        #expect(try late.metrics().byPriority[0].withinTarget == 0)
        #expect(PriceTests.isNear(try late.metrics().costRate, 1180 / 2000))

        let inTime = try run(90)
        try inTime.run(until: 150)
        #expect(PriceTests.isNear(inTime.costUnderWay, 80))
        try inTime.run(until: 2000)
        #expect(PriceTests.isNear(inTime.cumulativeCost, 180))
        #expect(try inTime.metrics().byPriority[0].withinTarget == 1)
    }

    /// With two units on their way, the first to arrive decides, whichever was sent first.
    @Test(arguments: [[Int32(0), 9], [9, 0], [1, 0]]) func theFirstUnitDecidesWhetherACallIsLate(at: [Int32]) throws {
        let simulator = try PriceTests.simulator(try PriceTests.road(), at: at, [(100, 4, 0, 400)]) {
            $0.categories[0].unitsRequired = 2
            $0.responseTargets[0] = 100
            $0.latePrices[0] = 1000
        }
        try simulator.run(until: 110)
        // From node 0 the drive takes 120 s, from node 9 it takes 150 s, from node 1 only 90 s.
        let (first, second) = at.contains(1) ? (90.0, 120.0) : (120, 150)
        let rest = (first - 10) + (second - 10)
        #expect(PriceTests.isNear(simulator.costUnderWay, rest + (first > 100 ? 1000 : 0)))
        try simulator.run(until: 2000)
        #expect(PriceTests.isNear(simulator.cumulativeCost, first + second + (first > 100 ? 1000 : 0)))
    }

    /// A call that is lost before its target costs the price with the rest; one that was late before is not charged again.
    @Test func lostCallsAreLate() throws {
        let simulator = try PriceTests.simulator(
            try PriceTests.road(), at: [0], [(100, 0, 0, 4000), (200, 3, 1, 50), (900, 3, 1, 50)]
        ) {
            $0.queueCapacity = 1
            $0.overflowSeconds = 300
            $0.responseTargets[1] = 600
            $0.latePrices[1] = 1000
        }
        try simulator.run(until: 800)
        #expect(PriceTests.isNear(simulator.cumulativeCost, 600))
        try simulator.run(until: 890)
        #expect(PriceTests.isNear(simulator.cumulativeCost, 690 + 1000))
        // The third finds the queue full.
        try simulator.run(until: 1000)
        #expect(PriceTests.isNear(simulator.cumulativeCost, 800 + 1000 + 300 + 1000))
    }

    /// Everything counts as visited at the start. The unit stands at node 4, leaves it at 1000, is at node 7 from 1090 to 1190, and at
    /// node 7 as a free unit from then on.
    @Test func absenceIsWhatNoUnitWasNear() throws {
        let area = try PriceTests.road()
        let simulator = try PriceTests.simulator(area, at: [4], [(1000, 7, 1, 100)]) {
            $0.presenceSeconds = 600
            $0.absencePrice = 2
        }
        try simulator.run(until: 600)
        #expect(simulator.cumulativeCost == 0)
        #expect(try simulator.metrics().presence == 1)
        try simulator.run(until: 1000)
        // Nine places of ten, for 400 s.
        #expect(PriceTests.isNear(simulator.cumulativeCost, 2 * 0.9 * 400))
        try simulator.run(until: 3000)
        // Eight places for 2400 s, node 4 from 1600 on, node 7 until 1090; and 90 s of waiting of weight 1.
        let absence: Double = 1920 + 140 + 49
        #expect(PriceTests.isNear(simulator.cumulativeCost, 2 * absence + 90))
        #expect(PriceTests.isNear(try simulator.metrics().presence, 1 - absence / 3000))
    }

    /// Places count by the calls that are expected there, and time by what is measured.
    @Test func presenceIsMeasuredByDemandSinceTheWarmUp() throws {
        // Node 4 has three quarters of the calls, node 0 the rest; none comes, since there is a log without any.
        let area = try PriceTests.road { $0 == 4 ? 3 : $0 == 0 ? 1 : 0 }
        let simulator = try PriceTests.simulator(area, at: [4], [(90_000, 4, 1, 100)]) {
            $0.presenceSeconds = 600
            $0.warmUp = 500
        }
        try simulator.run(until: 900)
        #expect(PriceTests.isNear(try simulator.metrics().presence, 1 - 0.25 * 300 / 400))
        #expect(simulator.cumulativeCost == 0)
    }

    @Test func badPricesAreRefused() throws {
        let area = try PriceTests.road()
        for change: (inout ScenarioArrays) -> Void in [
            { $0.latePrices[3] = -1 }, { $0.latePrices[0] = .nan }, { $0.latePrices[0] = .infinity },
            { $0.presenceSeconds = 0 }, { $0.presenceSeconds = .infinity }, { $0.absencePrice = -1 },
            { $0.absencePrice = .nan },
        ] {
            #expect(throws: PatrolError.self) { try PriceTests.simulator(area, at: [4], [], change) }
        }
    }
}
