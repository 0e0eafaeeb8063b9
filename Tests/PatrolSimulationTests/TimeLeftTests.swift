import PatrolDecisions
import PatrolModel
import TestSupport
import Testing

@testable import PatrolSimulation

/// When busy units will be free, as a scenario may have it known, and what follows.
@Suite struct TimeLeftTests {
    private func timeLeft(_ service: ServiceTime, samples: [Float] = []) throws -> TimeLeft {
        let area = try City(side: 4, callsPerHour: 1).area()
        return try TimeLeft(
            try scenario(area, units: 1) {
                $0.serviceSamples = try Buffer(samples, or: 0)
                $0.categories[1].service = service
                $0.categories[1].service.sampleCount = Int32(samples.count)
            })
    }

    /// Against times that are drawn: those that last longer than so many seconds, and how much longer.
    @Test(arguments: [
        ServiceTime(.exponential, mean: 600), ServiceTime(.logNormal, mean: 1500, variation: 0.7),
        ServiceTime(.logNormal, mean: 900, variation: 2), ServiceTime(.gamma, mean: 1200, variation: 0.3),
        ServiceTime(.gamma, mean: 1200, variation: 1), ServiceTime(.gamma, mean: 800, variation: 2.5),
    ])
    func whatIsExpectedIsWhatComes(service: ServiceTime) throws {
        let left = try timeLeft(service)
        var random = RandomNumbers(seed: 3)
        let none = try Buffer<Float>(count: 0, repeating: 0)
        let drawn = (0..<200_000).map { _ in service.draw(&random, samples: none) }.sorted()
        #expect(left.left(ofCategory: 1, after: 0).expected == service.mean)
        for share in [0.05, 0.4, 0.7, 0.95] {
            let elapsed = drawn[Int(share * Double(drawn.count))]
            let rest = drawn.filter { $0 > elapsed }.map { $0 - elapsed }
            let found = left.left(ofCategory: 1, after: elapsed)
            let mean = rest.reduce(0, +) / Double(rest.count)
            #expect(abs(found.expected / mean - 1) < 0.06, "\(share): \(found.expected), \(mean)")
            #expect(abs(found.late / rest[rest.count * 9 / 10] - 1) < 0.06, "\(share)")
        }
    }

    @Test func samplesAndFixedTimesAreExact() throws {
        let samples = try timeLeft(ServiceTime(.empirical, mean: 1), samples: [400, 100, 300, 200])
        let expected: [SIMD3<Double>] = [
            SIMD3(0, 250, 400), SIMD3(100, 200, 300), SIMD3(200, 150, 200), SIMD3(300, 100, 100), SIMD3(350, 50, 50),
        ]
        for row in expected {
            let found = samples.left(ofCategory: 1, after: row.x)
            #expect(found.expected == row.y && found.late == row.z, "\(row.x)")
        }
        // Longer than any: nothing is known of it.
        #expect(samples.left(ofCategory: 1, after: 401).expected == 250)
        let fixed = try timeLeft(ServiceTime(.logNormal, mean: 500, variation: 0))
        #expect(fixed.left(ofCategory: 1, after: 120).expected == 380)
        #expect(fixed.left(ofCategory: 1, after: 120).late == 380)
    }

    /// A road of 20 nodes 60 s apart, 30 s with lights and sirens, a unit at each end. A call beside the first one takes it for
    /// 400 s; 30 s before it is free comes another one beside it.
    private func road(_ change: (inout ScenarioArrays) -> Void) throws -> (model: Scenario, area: ServiceArea) {
        var city = City(callsPerHour: 0)
        city.nodeCount = 20
        for node in 0..<19 { city.addStreet(node, node + 1, seconds: 60) }
        city.emergencySeconds = city.patrolSeconds.map { $0 / 2 }
        (city.serviceSeconds, city.weights) = ([600, 400], [2, 1])
        city.demand = Array(repeating: 0, count: 40)
        let area = try city.area()
        let scenario = try scenario(area, units: 2) {
            ($0.units[0].startNode, $0.units[1].startNode) = (0, 19)
            $0.categories[1].service = ServiceTime(.logNormal, mean: 400, variation: 0)
            change(&$0)
        }
        let calls = try log([(100, 1, 1, 400), (500, 2, 1, 60)])
        return (try Scenario(area: area, scenario: scenario, log: calls), area)
    }

    private func sent(
        margin: Float, _ dispatch: DispatchPolicyKind = .minimumWeightedTravel, _ change: (inout ScenarioArrays) -> Void
    ) throws -> [Int32] {
        let (model, area) = try road(change)
        let engine = try engine(area, .stay, dispatch) { $0.rules.planMargin = margin }
        return try trace(model, engine, seed: 1, until: 3000).filter { $0.kind == .unitSent }.map(\.unit)
    }

    @Test(arguments: [DispatchPolicyKind.closestFirstCome, .minimumWeightedTravel, .weightedIndex])
    func aCallWaitsForTheUnitThatIsAboutToBeFree(dispatch: DispatchPolicyKind) throws {
        #expect(try sent(margin: 1, dispatch) { $0.knowsTimeLeft = true } == [0, 0])
        #expect(try sent(margin: .infinity, dispatch) { $0.knowsTimeLeft = true } == [0, 1])
        // By the mean alone it takes 400 s again, and nine times in ten 921 s.
        #expect(try sent(margin: 1, dispatch) { _ in } == [0, 1])
        #expect(try sent(margin: 0, dispatch) { _ in } == [0, 0])
        // Who may take 400 s on average, but any time: only a notice tells.
        func unsure(_ arrays: inout ScenarioArrays) {
            (arrays.knowsTimeLeft, arrays.categories[1].service) = (true, ServiceTime(mean: 400))
        }
        #expect(try sent(margin: 1, dispatch) { unsure(&$0) } == [0, 1])
        #expect(
            try sent(margin: 1, dispatch) {
                unsure(&$0)
                $0.noticeSeconds = 60
            } == [0, 0])
    }

    private func city(_ change: (inout ScenarioArrays) throws -> Void) throws -> Scenario {
        let area = try City(side: 7, callsPerHour: 30).area()
        return try Scenario(
            area: area,
            scenario: try scenario(area, units: 14) {
                for c in 0..<2 { $0.categories[c].service = ServiceTime(.gamma, mean: 1200, variation: 0.2) }
                $0.categories[0].unitsRequired = 2
                try change(&$0)
            })
    }

    /// The time that is left is no matter to heuristics that no call waits for; where calls wait, it is.
    @Test func offEveryEventIsTheSame() throws {
        let (plain, same) = (try city { _ in }, try city { $0.noticeSeconds = 0 })
        let told = try city { ($0.knowsTimeLeft, $0.noticeSeconds) = (true, 300) }
        #expect(plain.contentHash == same.contentHash && plain.contentHash != told.contentHash)
        func events(_ model: Scenario, _ margin: Float) throws -> [Bits] {
            let engine = try engine(model.area, .marginalCoverage, .minimumWeightedTravel) {
                $0.rules.planMargin = margin
            }
            return try trace(model, engine, seed: 2, until: 12 * 3600).map { Bits($0) }
        }
        let expected = try events(plain, .infinity)
        #expect(try events(told, .infinity) == expected)
        let (waiting, again) = (try events(told, 1), try events(told, 1))
        #expect(waiting != expected && waiting == again)
    }

    /// How long calls really take changes nothing before they end.
    @Test func decisionsDoNotKnowTheTimeThatWasDrawn() throws {
        let area = try City(side: 7, callsPerHour: 1).area()
        func events(_ last: Float) throws -> [Bits] {
            var drawn: [(time: Double, node: Int32, category: Int32, service: Float)] = []
            for k in 0..<30 { drawn.append((Double(60 * k), Int32(k * 17 % 49), 1, k < 5 ? 700 : last)) }
            let calls = try log(drawn)
            let model = try Scenario(
                area: area,
                scenario: try scenario(area, units: 9) {
                    $0.knowsTimeLeft = true
                    $0.categories[1].service = ServiceTime(.gamma, mean: 1200, variation: 0.2)
                }, log: calls)
            let engine = try engine(area, .marginalCoverage, .minimumWeightedTravel) { $0.rules.planMargin = 0.5 }
            return try trace(model, engine, seed: 2, until: 5000).filter { $0.time < 1700 }.map { Bits($0) }
        }
        let events = (try events(1500), try events(3000))
        #expect(events.0 == events.1 && events.0.count > 100)
    }
}
