import PatrolModel
import PatrolNetworks
import TestSupport
import Testing

@testable import PatrolDecisions

/// What an hour's factors do to decisions.
@Suite struct TravelFactorDecisionTests {
    private static let hour = 43_200.0

    /// A city, the same with factors at noon, and one whose roads are as slow as those factors make them: powers of two, so that
    /// the last two must agree in every bit.
    private func cities(_ seed: UInt64) -> (usual: City, factored: City, slow: City) {
        var random = RandomNumbers(seed: seed)
        var usual = City(random: &random)
        usual.patrolSeconds = usual.patrolSeconds.map { $0.rounded() + 0.25 }
        usual.emergencySeconds = usual.patrolSeconds.map { 0.5 * $0 }
        usual.locations = (0..<UInt32(usual.nodeCount)).filter { $0 % 3 != 1 }
        var (factored, slow) = (usual, usual)
        factored.setFactors(12..<13, patrol: 4, emergency: 2)
        slow.patrolSeconds = usual.patrolSeconds.map { 4 * $0 }
        slow.emergencySeconds = usual.emergencySeconds?.map { 2 * $0 }
        return (usual, factored, slow)
    }

    private func options(_ patrol: PatrolPolicyKind, _ dispatch: DispatchPolicyKind) -> EngineOptions {
        var options = EngineOptions()
        (options.patrolPolicy, options.dispatchPolicy) = (patrol, dispatch)
        options.homeBeatPatrol = patrol == .dmexclp
        options.rules.preemption = .max
        options.rules.maximumTravelSeconds = 900
        // No time but travel and what τ makes of it: then all scores scale alike.
        options.staySeconds = 64
        return options
    }

    private func fill(_ session: DecisionSession, _ seed: UInt64, nodes: Int, time: Double) {
        var random = RandomNumbers(seed: seed)
        session.fill(
            &random, calls: 1...5, units: 2...9, nodes: nodes,
            unit: { unit, random in
                unit.homeBeat = Int32(random.below(2))
                if random.below(3) == 0 { (unit.status, unit.incident) = (.enRoute, 0) }
                if random.below(3) == 0 { unit.target = Int32(random.below(nodes)) }
            })
        session.snapshot.time = time
    }

    private func decided(_ session: DecisionSession) throws -> [UInt32] {
        var bits: [UInt32] = []
        for pair in try session.eligiblePairs() {
            bits += [UInt32(pair.unit), UInt32(pair.incident), pair.seconds.bitPattern, pair.value.bitPattern]
        }
        let features = try Buffer<Float>(count: session.maximumCandidates * CandidateTable.width, repeating: 0)
        for u in 0..<session.snapshot.unitCount where session.snapshot.units[u].status == .patrolling {
            let found = try session.candidates(ofUnit: u, features: features.base)
            for k in 0..<found.count { bits += [UInt32(found[k].node), found[k].seconds.bitPattern] }
            for k in 0..<found.count * CandidateTable.width { bits.append(features[k].bitPattern) }
        }
        try session.decideDispatch(SolverLimits())
        try session.decidePatrol(afterDispatch: true)
        for a in 0..<session.dispatch.assignmentCount {
            let sent = session.dispatch.assignments[a]
            bits += [UInt32(sent.unit), UInt32(sent.incident), sent.seconds.bitPattern]
        }
        for u in 0..<session.snapshot.unitCount {
            let move = session.moves[u]
            bits += [UInt32(bitPattern: move.target), UInt32(bitPattern: move.nextNode), move.travelSeconds.bitPattern]
        }
        return bits
    }

    private static let policies: [(PatrolPolicyKind, DispatchPolicyKind)] = [
        (.marginalCoverage, .minimumWeightedTravel), (.backupCoverage, .closestFirstCome),
        (.fixedPosts, .priorityClosest), (.complianceTable, .ownBeatFirst), (.dmexclp, .weightedIndex),
        (.demandWalk, .minimumWeightedTravel), (.learned, .learned),
    ]

    @Test(arguments: policies)
    func anHourWithFactorsIsLikeSlowRoads(_ patrol: PatrolPolicyKind, _ dispatch: DispatchPolicyKind) throws {
        var random = RandomNumbers(seed: 5)
        let policy = try randomPolicy(&random, hidden: 6, concave: true, scale: 0.5)
        for seed in 0..<12 as Range<UInt64> {
            let (usual, factored, slow) = cities(seed)
            let options = options(patrol, dispatch)
            let sessions = try [usual, factored, slow].map { try $0.area().session(options, policy: policy) }
            for round in 0..<4 as Range<UInt64> {
                for session in sessions { fill(session, 7 * seed + round, nodes: usual.nodeCount, time: Self.hour) }
                let answers = try sessions.map(decided)
                #expect(answers[1] == answers[2], "seed \(seed)")
                // The same session again at another hour, as if there were no factors.
                for session in sessions { fill(session, 7 * seed + round, nodes: usual.nodeCount, time: Self.hour - 1) }
                let before = try sessions.map(decided)
                #expect(before[0] == before[1])
                #expect(before[1] != answers[1])
            }
        }
    }

    /// A host's own travel times are of now: they stay as they are.
    @Test func theHostsTimesAreNotMultiplied() throws {
        let (_, factored, _) = cities(1)
        let session = try factored.area().session()
        session.begin(time: Self.hour)
        session.add(unit: 0)
        session.add(call: 3)
        let own = try Buffer<Float>(count: 1, repeating: 123)
        session.snapshot.hostTravelSeconds = UnsafePointer(own.base)
        #expect(try session.eligiblePairs()[0].seconds == 123)
        session.snapshot.hostTravelSeconds = nil
        #expect(try session.eligiblePairs()[0].seconds != 123)
    }

    /// A limit on travel is one on what travel takes at that hour.
    @Test func limitsCompareWithTheHoursTimes() throws {
        var city = City(nodeCount: 2)
        city.addStreet(0, 1, seconds: 100)
        city.setFactors(12..<13, patrol: 1, emergency: 1.5)
        var options = EngineOptions()
        options.rules.maximumTravelSeconds = 149
        let session = try city.area().session(options)
        for (time, sent) in [(Self.hour - 1, 0), (Self.hour, nil), (Self.hour + 3600, 0)] as [(Double, Int?)] {
            session.begin(time: time)
            session.add(unit: 0)
            session.add(call: 1, priority: 1)
            #expect(try session.dispatched() == [sent])
        }
    }

    /// What is left of a patrolling unit's edge is driven with lights and sirens: at noon in 10 · 0.5 · 3 / 2 s.
    @Test func theRestOfAnEdgeGoesByTheHoursRatio() throws {
        var city = City(nodeCount: 2)
        city.addStreet(0, 1, seconds: 100)
        city.emergencySeconds = [50, 50]
        city.setFactors(12..<13, patrol: 2, emergency: 3)
        let session = try city.area().session()
        session.begin(time: Self.hour)
        session.add(unit: 0) { $0.secondsToNode = 10 }
        session.add(unit: 0) { ($0.secondsToNode, $0.status, $0.incident) = (10, .enRoute, -1) }
        session.add(call: 1)
        #expect(try session.eligiblePairs().map(\.seconds) == [7.5 + 150])
    }
}
