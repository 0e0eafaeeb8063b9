import PatrolDecisions
import PatrolModel
import PatrolSimulation
import TestSupport
import Testing

/// Hosts that decide in the policies' place, for some decisions or all.
struct HostTests {
    private static func model(_ seed: Int, _ change: (inout ScenarioArrays) throws -> Void = { _ in }) throws
        -> Scenario
    {
        var random = RandomNumbers(seed: UInt64(seed))
        let area = try City(random: &random).area()
        return try Scenario(
            area: area,
            scenario: try scenario(area, units: 5) {
                $0.queueCapacity = 6
                $0.compliance = 0.8
                $0.outOfService.ratePerHour = 0.05
                $0.selfInitiated.ratesPerHour[0] = 0.3
                try change(&$0)
            })
    }

    /// Runs to an end, a host deciding, and gives the events.
    private func events(
        _ model: Scenario, _ engine: DecisionEngine, until end: Double,
        _ decide: (Simulator, DecisionDue) throws -> Void
    ) throws -> [Bits] {
        let ring = try EventRing(capacity: 1 << 16)
        let simulator = try Simulator(model, engine: engine, seed: 7, events: ring)
        while true {
            let due = try simulator.stepToDecision(until: end)
            if due == .none { break }
            try decide(simulator, due)
        }
        var events: [Bits] = []
        while let event = ring.next() { events.append(Bits(event)) }
        return events
    }

    /// Unit by unit, by the policy or by the best of its candidates, comes to what the policy does at once.
    @Test(arguments: [
        PatrolPolicyKind.stay, .randomWalk, .demandWalk, .fixedPosts, .complianceTable, .marginalCoverage, .dmexclp,
    ])
    func unitsDecideOneByOne(patrol: PatrolPolicyKind) throws {
        for seed in 0..<3 {
            let model = try HostTests.model(seed)
            let engine = try engine(model.area, patrol, .minimumWeightedTravel) { $0.homeBeatPatrol = seed == 2 }
            let expected = try trace(model, engine, seed: 7, until: 6 * 3600).map { Bits($0) }
            #expect(expected.count > 500)
            let oneByOne = try events(model, engine, until: 6 * 3600) { simulator, due in
                while simulator.firstDueUnit >= 0 { try simulator.decide(unit: simulator.firstDueUnit) }
                try simulator.decide()
            }
            #expect(oneByOne == expected)
            let best = try events(model, engine, until: 6 * 3600) { simulator, due in
                while simulator.firstDueUnit >= 0 {
                    let unit = simulator.firstDueUnit
                    let moves = try simulator.candidates(ofUnit: unit, features: nil)
                    var best = 0
                    for k in 1..<max(1, moves.count) where moves[k].value > moves[best].value { best = k }
                    try simulator.move(unit: unit, to: Int(moves[best].node))
                }
                try simulator.decide()
            }
            #expect(best == expected)
        }
    }

    /// A host that looks at everything changes nothing.
    @Test func lookingChangesNothing() throws {
        for seed in 0..<4 {
            let model = try HostTests.model(seed)
            let engine = try engine(model.area, .marginalCoverage, .minimumWeightedTravel) {
                if seed > 1 { $0.rules.preemption = 1 << 8 | 1 << 16 | 1 << 17 }
            }
            let seen = try events(model, engine, until: 6 * 3600) { simulator, due in
                if due == .dispatch {
                    let pairs = try simulator.eligiblePairs().count
                    #expect(try simulator.eligiblePairs().count == pairs)
                } else {
                    _ = try simulator.candidates(ofUnit: simulator.firstDueUnit, features: nil)
                }
                _ = simulator.idleTimes()
                try simulator.decide()
            }
            let expected: [Bits] = try trace(model, engine, seed: 7, until: 6 * 3600).map { Bits($0) }
            #expect(seen == expected)
        }
    }

    /// The policies decide on what a host has left: its units are gone, its calls miss one fewer.
    @Test func policiesSeeWhatAHostAssigned() throws {
        let area = try City(side: 4, callsPerHour: 1).area()
        let calls = try log([(10, 0, 0, 1000), (11, 15, 0, 1000), (20, 1, 0, 100), (21, 14, 0, 100)])
        let model = try Scenario(area: area, scenario: try scenario(area, units: 2), log: calls)
        let engine = try engine(area, .stay, .minimumWeightedTravel)
        let ring = try EventRing(capacity: 64)
        let simulator = try Simulator(model, engine: engine, seed: 1, events: ring)
        // Both units are sent to the first two calls and come back while two others wait.
        try simulator.run(until: 100)
        while try simulator.stepToDecision(until: 1e5) != .dispatch || simulator.queuedCallCount < 2 {
            try simulator.decide()
        }
        let pairs = try simulator.eligiblePairs()
        let unit = Int(pairs[0].unit)
        let incident = Int(pairs[0].incident)
        try simulator.assign(unit: unit, toIncident: incident)
        for pair in try simulator.eligiblePairs() {
            #expect(Int(pair.unit) != unit)
            #expect(Int(pair.incident) != incident)
        }
        let sent = simulator.unitsOnScene(incident: incident)
        while ring.next() != nil {}
        try simulator.decide()
        while let event = ring.next() {
            #expect(event.unit != Int32(unit))
            #expect(event.kind != .unitDiverted)
        }
        #expect(sent == 0)
        try simulator.run(until: 1e5)
        #expect(try simulator.metrics().served == 4)
    }

    /// The stream of single decisions is that of an ordinary simulation, episode after episode.
    @Test func episodesAreSimulations() throws {
        let model = try HostTests.model(1) { $0.start = 3600 }
        let engine = try engine(model.area, .marginalCoverage, .closestFirstCome)
        let length = 2 * 3600.0
        var expected: [[UInt64]] = []
        var costs: [Double] = []
        for seed: UInt64 in [5, 8, 11] {
            let simulator = try Simulator(model, engine: engine, seed: seed)
            while true {
                let due = try simulator.stepToDecision(until: 3600 + length)
                if due == .none { break }
                while simulator.firstDueUnit >= 0 {
                    expected.append([
                        simulator.now.bitPattern, UInt64(simulator.firstDueUnit), simulator.cumulativeCost.bitPattern,
                    ])
                    try simulator.decide(unit: simulator.firstDueUnit)
                }
                try simulator.decide()
            }
            costs.append(simulator.cumulativeCost)
        }
        let episodes = try PatrolEpisodeStream(model, engine: engine, seed: 5, seedStep: 3, seconds: length)
        let features = try Buffer<Float>(count: 28 * episodes.simulator.session.maximumCandidates, repeating: 0)
        var seen: [[UInt64]] = []
        var ends: [Double] = []
        var last = [Int: Bool]()
        while ends.count < 3 {
            try episodes.advance()
            if episodes.hasEnded {
                ends.append(episodes.endedCost)
                last = [:]
            }
            if ends.count == 3 { break }
            let now = episodes.simulator.now.bitPattern
            seen.append([now, UInt64(episodes.unit), episodes.simulator.cumulativeCost.bitPattern])
            if last[episodes.unit] == nil { #expect(episodes.isInterrupted) }
            last[episodes.unit] = true
            _ = try episodes.moves(features: features.base)
            #expect(features[20] == 1)
            try episodes.take(nil)
        }
        #expect(seen == expected)
        #expect(ends == costs)
    }

    /// A unit that was sent to a call between two decisions is said to have been interrupted, and no other.
    @Test func interruptionsAreTold() throws {
        let area = try City(side: 4, callsPerHour: 0).area()
        let model = try Scenario(
            area: area, scenario: try scenario(area, units: 2), log: try log([(500, 0, 0, 60)]))
        let episodes = try PatrolEpisodeStream(
            model, engine: try engine(area), seed: 1, seedStep: 1, seconds: 3600)
        var interrupted: [[Int]] = []
        repeat {
            try episodes.advance()
            if episodes.isInterrupted { interrupted.append([episodes.unit, episodes.simulator.now > 0 ? 1 : 0]) }
            try episodes.take(nil)
        } while episodes.simulator.now < 3000
        #expect(interrupted == [[0, 0], [1, 0], [0, 1]])
        #expect(throws: PatrolError.self) {
            try episodes.advance()
            try episodes.take(0)
        }
    }

    @Test func episodesWithoutDecisionsAreRefused() throws {
        let area = try City(side: 4, callsPerHour: 1).area()
        let model = try Scenario(
            area: area,
            scenario: try scenario(area, units: 1) {
                $0.shifts = try Buffer(count: 1, repeating: Shift(unit: 0, start: 8, end: 16))
            })
        let episodes = try PatrolEpisodeStream(model, engine: try engine(area), seed: 1, seedStep: 1, seconds: 3600)
        for _ in 0..<2 {
            let error = #expect(throws: PatrolError.self) { try episodes.advance() }
            #expect(error?.status == .mismatch)
            try episodes.take(nil)
        }
    }
}
