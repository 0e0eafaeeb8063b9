import PatrolModel
import PatrolNetworks
import TestSupport
import Testing

@testable import PatrolDecisions

/// While a larger share of the units is free than its file allows, a learned policy decides what a heuristic decides, in everything.
@Suite struct AbstentionTests {
    private func policy(_ most: Float, inputs: Int = 28) throws -> TrainedPolicy {
        var random = RandomNumbers(seed: 5)
        let learned = try randomPolicy(&random, hidden: 4, concave: false, scale: 20)
        return TrainedPolicy(
            patrol: inputs == 28 ? learned.patrol : try wide(), pair: learned.pair, value: learned.value,
            mostFreeShareForPatrol: most, mostFreeShareForDispatch: most)
    }

    /// A network of `candidate/2` that likes staying least.
    private func wide() throws -> DenseNetwork {
        let weights = try Buffer<Float>(count: CandidateTable.widthWithBackup, repeating: 0)
        weights[20] = -1
        return try DenseNetwork(layers: [
            DenseLayer(inputs: weights.count, outputs: 1, weights: weights, bias: try Buffer(count: 1, repeating: 0))
        ])
    }

    private func session(
        _ patrol: PatrolPolicyKind, _ dispatch: DispatchPolicyKind, _ policy: TrainedPolicy?, preemption: UInt64 = 0
    ) throws -> DecisionSession {
        var options = EngineOptions()
        (options.patrolPolicy, options.dispatchPolicy) = (patrol, dispatch)
        options.rules.neverHoldPriority = 0
        options.rules.strictPriority = false
        options.rules.preemption = preemption
        return try City(side: 6, seed: 1).area().session(options, policy: policy)
    }

    /// So many free units, two at other work, one off duty, and three calls.
    private func show(_ session: DecisionSession, free: Int) {
        session.begin()
        for (node, priority) in [(3, 3), (20, 4), (9, 2)] { session.add(call: node, priority: Int32(priority)) }
        for k in 0..<free { session.add(unit: (k * 13 + 1) % 36) }
        for node in [7, 8] { session.add(unit: node) { ($0.status, $0.incident) = (.onScene, -1) } }
        session.add(unit: 0) { $0.status = .offDuty }
    }

    private struct Decision: Equatable {
        var sent: [SIMD2<Int32>] = []
        var objective = 0.0
        var targets: [Int32] = []
        var values: [Float] = []
        var losses: [Double] = []
        var worths: [Double] = []
        var candidates: [Float] = []
    }

    /// All that a session says about what it is shown.
    private func decide(_ session: DecisionSession) throws -> Decision {
        var all = Decision()
        let dispatch = session.dispatch
        for k in 0..<(try session.rankUnits(incident: 1)) { all.worths.append(dispatch.ranking[k].worth) }
        all.candidates = try session.candidates(ofUnit: 0, features: nil).map(\.value)
        try session.explain(SolverLimits())
        all.losses = (0..<dispatch.explanationCount).map { dispatch.explanations[$0].objectiveLoss }
        try session.decideDispatch(SolverLimits())
        try session.decidePatrol(afterDispatch: true)
        for a in 0..<dispatch.assignmentCount {
            all.sent.append(SIMD2(dispatch.assignments[a].unit, dispatch.assignments[a].incident))
        }
        all.objective = dispatch.objective
        for i in 0..<session.snapshot.unitCount {
            all.targets.append(session.moves[i].target)
            all.values.append(session.moves[i].value)
        }
        return all
    }

    /// Of ten units dispatch sees eight free; patrol, once it has sent three, five.
    @Test(arguments: [28, 33], [Float(0), 0.4, 0.5, 0.7])
    func whereMoreUnitsAreFreeHeuristicsDecide(_ inputs: Int, _ most: Float) throws {
        let heuristic = try session(.backupCoverage, .minimumWeightedTravel, nil)
        let learnedPatrol = try session(.learned, .minimumWeightedTravel, try policy(1, inputs: inputs))
        let learned = try session(.learned, .learned, try policy(1, inputs: inputs))
        let limited = try session(.learned, .learned, try policy(most, inputs: inputs))
        for session in [heuristic, learnedPatrol, learned, limited] { show(session, free: 8) }
        let (decision, expected) = (try decide(limited), try decide(heuristic))
        #expect(decision.sent == expected.sent && decision.objective == expected.objective)
        #expect(decision.sent.count == 3)
        #expect(decision.losses == expected.losses && decision.worths == expected.worths)
        #expect(decision.candidates == expected.candidates)
        #expect(limited.abstainedFromDispatch && limited.abstainedFromPatrol == (most < 0.5))
        #expect(decision.targets == (most < 0.5 ? expected : try decide(learnedPatrol)).targets)
        if most < 0.5 { #expect(decision == expected) }
        #expect(try decide(learned) != expected)
        #expect(!learned.abstainedFromDispatch && !learned.abstainedFromPatrol)
    }

    @Test func theLimitItselfIsLearnedFor() throws {
        let learned = try session(.learned, .learned, try policy(1))
        for most in [Float(0.8), 0.9, 1] {
            let limited = try session(.learned, .learned, try policy(most))
            for session in [learned, limited] { show(session, free: 8) }
            #expect(try decide(limited) == decide(learned))
            #expect(!limited.abstainedFromDispatch && !limited.abstainedFromPatrol)
        }
    }

    @Test func oneSessionAbstainsAndDecidesInTurn() throws {
        let limited = try session(.learned, .learned, try policy(0.7))
        let learned = try session(.learned, .learned, try policy(1))
        let heuristic = try session(.backupCoverage, .minimumWeightedTravel, nil)
        for free in [10, 3, 9, 4, 3, 10] {
            let judge = free > 5 ? heuristic : learned
            for session in [limited, judge] {
                show(session, free: free)
                try session.decideDispatch(SolverLimits())
            }
            #expect(limited.abstainedFromDispatch == (free > 5))
            #expect(limited.dispatch.objective == judge.dispatch.objective)
            #expect(limited.dispatch.bound == judge.dispatch.bound)
        }
    }

    /// Units that may be diverted are free to a dispatch decision, and busy to a patrol decision.
    @Test func unitsThatMayBeDivertedCountAsFree() throws {
        for (preemption, abstains) in [(UInt64(0), false), (.max, true)] {
            let session = try session(.learned, .learned, try policy(0.7), preemption: preemption)
            show(session, free: 8)
            session.snapshot.incidents[0].unitsRequired = 2
            (session.snapshot.units[2].status, session.snapshot.units[2].incident) = (.enRoute, 0)
            try session.decideDispatch(SolverLimits())
            #expect(session.abstainedFromDispatch == abstains)
            try session.decidePatrol(afterDispatch: false)
            #expect(!session.abstainedFromPatrol)
        }
    }

    /// The shortest useful deadline is for decisions of the networks, although all units of its snapshot are free.
    @Test func measuringTheDeadlineLeavesTheSessionAsItWas() throws {
        let session = try session(.learned, .learned, try policy(0.5))
        _ = try session.measureLeastDeadline()
        #expect(!session.abstainedFromDispatch && !session.abstainedFromPatrol)
        show(session, free: 8)
        try session.decideDispatch(SolverLimits())
        #expect(session.abstainedFromDispatch)
    }

    /// A session whose memory is for a policy that never abstains is not for one that may.
    @Test func aSessionMovesToAnEngineThatAbstainsOnlyWithRoomForIt() throws {
        let (never, may) = (try policy(1), try policy(0.5))
        let session = try session(.learned, .learned, never)
        let other = try DecisionEngine(
            session.engine, policy: may, patrolPolicy: .learned, dispatchPolicy: .learned)
        #expect(throws: PatrolError.self) { try session.move(to: other) }
        let roomy = try DecisionSession(engine: other, maximumUnits: 16, maximumIncidents: 16)
        try roomy.move(
            to: try DecisionEngine(
                session.engine, policy: try policy(0.5), patrolPolicy: .learned, dispatchPolicy: .learned))
        show(roomy, free: 3)
        try roomy.decideDispatch(SolverLimits())
        #expect(roomy.abstainedFromDispatch)
    }
}
