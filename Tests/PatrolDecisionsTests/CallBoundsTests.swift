import CKernels
import PatrolModel
import TestSupport
import Testing

@testable import PatrolDecisions

/// The clock and the flag bound whole calls. What is cut keeps every rule and says so. Work is counted in looks at the clock.
@Suite struct CallBoundsTests {
    private static let policies: [DispatchPolicyKind] = [
        .learned, .minimumWeightedTravel, .priorityClosest, .weightedIndex,
    ]

    private func session(
        _ dispatch: DispatchPolicyKind, _ patrol: PatrolPolicyKind = .marginalCoverage, units: Int = 16, calls: Int = 16
    ) throws -> DecisionSession {
        var random = RandomNumbers(seed: 3)
        var options = EngineOptions()
        (options.dispatchPolicy, options.patrolPolicy) = (dispatch, patrol)
        options.rules.longestHold = SIMD8(repeating: .infinity)
        let policy = try randomPolicy(&random, hidden: 8, concave: false, scale: 1)
        return try City(side: 8, seed: 2).area().session(options, policy: policy, units: units, incidents: calls)
    }

    private func fill(_ session: DecisionSession, seed: UInt64, calls: Int = 12, units: Int = 12) {
        var random = RandomNumbers(seed: seed)
        session.fill(&random, calls: calls...calls, units: units...units, nodes: 64) { call, _ in
            call.unitsRequired = 1
        } unit: { unit, _ in
            unit.secondsToNode = 0
        }
    }

    /// Calls `body` with limits under which so many looks at the clock are in time. - Returns: how many were taken after them.
    private func looks(_ count: Int, gap: Double = 1e-6, _ body: (SolverLimits) throws -> Void) rethrows -> Int {
        var left = count
        try withUnsafeMutablePointer(to: &left) {
            var limits = SolverLimits()
            limits.clock.looksLeft = $0
            limits.relativeGap = gap
            try body(limits)
        }
        return max(0, -left)
    }

    /// The units sent, with their calls, once more as a decision: throws where they break a rule.
    private func restate(_ session: DecisionSession) throws {
        let dispatch = session.dispatch
        let made = (0..<dispatch.assignmentCount).map { dispatch.assignments[$0] }
        try made.map(\.unit).withUnsafeBufferPointer { units in
            try made.map(\.incident).withUnsafeBufferPointer { calls in
                try session.restateDispatch(units: units, incidents: calls)
            }
        }
    }

    @Test(arguments: policies)
    func whereverADispatchDecisionIsCutItKeepsEveryRuleAndSaysSo(policy: DispatchPolicyKind) throws {
        let session = try session(policy)
        for seed in 0..<2 {
            fill(session, seed: UInt64(seed))
            try session.decideDispatch(SolverLimits())
            let whole = (session.dispatch.objective, session.dispatch.outcome, session.dispatch.assignmentCount)
            var (limit, cut) = (0, 0)
            while true {
                let late = try looks(limit) { try session.decideDispatch($0) }
                let dispatch = session.dispatch
                if late == 0 {
                    #expect(dispatch.objective == whole.0 && dispatch.outcome == whole.1)
                    break
                }
                cut += 1
                #expect(late <= 40, "work goes on after the last look in time")
                #expect(!policy.isProgram || [.noTime, .deadline, .optimal, .withinGap].contains(dispatch.outcome))
                #expect(policy.isProgram || dispatch.outcome == .heuristic)
                if policy.isProgram {
                    let objective = dispatch.objective
                    #expect(objective <= whole.0 + 1e-9 * abs(whole.0))
                    try restate(session)
                    #expect(session.dispatch.objective == objective)
                } else {
                    #expect((dispatch.objective, dispatch.outcome, dispatch.assignmentCount) == whole)
                }
                limit += 1 + limit / 4
            }
            #expect(cut > 10)
        }
    }

    @Test func aFlagThatIsSetEndsADecisionAsADeadlineDoes() throws {
        let session = try session(.learned)
        fill(session, seed: 1)
        var flag: Int32 = 1
        try withUnsafePointer(to: &flag) {
            var limits = SolverLimits()
            limits.clock.cancelFlag = $0
            try session.decideDispatch(limits)
            try session.decidePatrol(afterDispatch: true, limits.clock)
        }
        #expect(session.dispatch.outcome == .cancelled && session.dispatch.assignmentCount > 0)
        for i in 0..<session.snapshot.unitCount { #expect([.noTime, .notFree].contains(session.moves[i].reason)) }
    }

    /// More pairs than are looked at without time: the calls that may not be held are, and the most urgent of the others.
    @Test func withoutTimeTheMostUrgentCallsAreLookedAt() throws {
        let session = try session(.learned, units: 300, calls: 400)
        fill(session, seed: 4, calls: 400, units: 300)
        let most = MostUrgentCalls.pairs / 300
        #expect(try looks(0) { try session.decideDispatch($0) } <= 40)
        let (dispatch, snapshot) = (session.dispatch, session.snapshot)
        #expect(dispatch.outcome == .noTime && dispatch.assignmentCount == most)
        #expect(dispatch.pairs.count <= MostUrgentCalls.pairs)
        var lookedAt = 0
        var (leastUrgent, mostUrgent) = (-Float.infinity, Float.infinity)
        for j in 0..<snapshot.incidentCount {
            let call = snapshot.incidents[j]
            let rank = 1e4 * Float(call.priority) - call.secondsWaited
            let isPassedOver = dispatch.missing[j] > 0 && dispatch.reasons[j] == .noTime
            #expect(!isPassedOver || call.priority > 1, "a call that may not be held is passed over")
            if isPassedOver {
                mostUrgent = min(mostUrgent, rank)
            } else {
                leastUrgent = max(leastUrgent, rank)
                lookedAt += 1
            }
        }
        #expect(lookedAt == most && leastUrgent <= mostUrgent)
        let objective = dispatch.objective
        try session.decideDispatchWithoutTime()
        #expect(session.dispatch.objective == objective)
    }

    @Test(arguments: [PatrolPolicyKind.learned, .marginalCoverage, .dmexclp, .fixedPosts, .demandWalk, .stay])
    func patrolMovesAreMadeInTurnUntilTheClockEndsThem(policy: PatrolPolicyKind) throws {
        let session = try session(.priorityClosest, policy)
        fill(session, seed: 2)
        try session.decidePatrol(afterDispatch: false)
        let count = session.snapshot.unitCount
        let whole = (0..<count).map { session.moves[$0].target }
        var (limit, seen) = (0, Set<Int>())
        while true {
            let late = try looks(limit) { try session.decidePatrol(afterDispatch: false, $0.clock) }
            let decided = (0..<count).filter { session.moves[$0].reason != .noTime }
            #expect(decided == Array(0..<decided.count))
            #expect(decided.map { session.moves[$0].target } == Array(whole[..<decided.count]))
            for i in decided.count..<count { #expect(session.moves[i].target == -1 && session.moves[i].nextNode == -1) }
            #expect(late <= count + 2)
            seen.insert(decided.count)
            if late == 0 { break }
            let moves = (0..<count).map { session.moves[$0].target }
            try session.decidePatrol(afterDispatch: false, most: decided.count)
            #expect((0..<count).map { session.moves[$0].target } == moves)
            limit += 1
        }
        #expect(seen == Set(0...count))
    }

    @Test(arguments: policies)
    func explanationsThatAreCutHoldTheLoss(policy: DispatchPolicyKind) throws {
        let session = try session(policy)
        fill(session, seed: 5, calls: 6, units: 6)
        var proven = SolverLimits()
        proven.relativeGap = 0
        try session.explain(proven)
        let count = session.dispatch.explanationCount
        let whole = (0..<count).map { session.dispatch.explanations[$0] }
        for explanation in whole { #expect(explanation.leastLoss == explanation.objectiveLoss) }
        var (limit, cut) = (0, 0)
        while true {
            let late = try looks(limit, gap: 0) { try session.explain($0) }
            let dispatch = session.dispatch
            for k in 0..<dispatch.explanationCount {
                let found = dispatch.explanations[k]
                #expect(found.leastLoss <= found.objectiveLoss || found.objectiveLoss.isNaN)
                guard let same = whole.first(where: { $0.assignment.unit == found.assignment.unit }),
                    same.assignment.incident == found.assignment.incident
                else { continue }
                if found.objectiveLoss == .infinity { cut += 1 }
                if found.valueChange.isFinite { #expect(abs(found.valueChange - same.valueChange) < 1e-6) }
            }
            if late == 0 {
                #expect((0..<count).map { dispatch.explanations[$0].objectiveLoss } == whole.map(\.objectiveLoss))
                break
            }
            #expect(late <= 40 + 3 * count)
            limit += 1 + limit / 3
        }
        #expect(cut > 10)
    }

    @Test func explainingOneCallSaysWhatExplainingAllSaysAboutIt() throws {
        let session = try session(.learned)
        fill(session, seed: 6, calls: 8, units: 8)
        try session.explain(SolverLimits())
        let whole = (0..<session.dispatch.explanationCount).map { session.dispatch.explanations[$0] }
        #expect(whole.count > 3)
        for explanation in whole {
            try session.explain(SolverLimits(), incident: Int(explanation.assignment.incident))
            #expect(session.dispatch.explanationCount == 1)
            let found = session.dispatch.explanations[0]
            #expect(found.assignment.unit == explanation.assignment.unit && found.runnerUp == explanation.runnerUp)
            #expect(found.objectiveLoss == explanation.objectiveLoss && found.valueChange == explanation.valueChange)
        }
    }

    /// Ranking looks at the pairs of one call, and finds the worths that the program of all has.
    @Test(arguments: [DispatchPolicyKind.learned, .minimumWeightedTravel])
    func rankingLooksAtOneCall(policy: DispatchPolicyKind) throws {
        let session = try session(policy)
        fill(session, seed: 7)
        let program = try session.dispatchProgram()
        let holding = program.evaluate([Int32](repeating: -1, count: program.rowCount))
        let problem = session.dispatch.problem
        var worths: [Int32: Double] = [:]
        for p in 0..<program.pairCount where problem.pairs.pairs[Int(problem.source[p])].incident == 2 {
            var one = [Int32](repeating: -1, count: program.rowCount)
            one[Int(program.pairRow[p])] = Int32(p)
            let excess = policy == .minimumWeightedTravel ? session.dispatch.values.excess(p) : 0
            worths[problem.pairs.pairs[Int(problem.source[p])].unit] = program.evaluate(one) - holding - excess
        }
        let count = try session.rankUnits(incident: 2)
        #expect(session.dispatch.pairs.count == count && count == worths.count)
        for k in 0..<count {
            let ranked = session.dispatch.ranking[k]
            let worth = try #require(worths[ranked.unit])
            #expect(abs(ranked.worth - worth) <= 1e-6 * max(1, abs(worth)))
        }
    }

    /// A call that has all its units is ranked as if it missed one.
    @Test func unitsAreRankedForACallThatHasItsUnits() throws {
        let session = try session(.minimumWeightedTravel)
        fill(session, seed: 8)
        let missing = try session.rankUnits(incident: 0)
        let order = (0..<missing).map { session.dispatch.ranking[$0].unit }
        session.snapshot.incidents[0].unitsMissing = 0
        #expect(try session.rankUnits(incident: 0) == missing)
        #expect((0..<missing).map { session.dispatch.ranking[$0].unit } == order)
        #expect(session.snapshot.incidents[0].unitsMissing == 0)
    }

    /// A ranking that is cut has no answer, or the nearest units first and no worth, or is whole; the later it is cut, the more.
    @Test(arguments: [DispatchPolicyKind.learned, .minimumWeightedTravel])
    func whereverARankingIsCutItSaysSo(policy: DispatchPolicyKind) throws {
        let session = try session(policy)
        fill(session, seed: 9)
        let whole = (0..<(try session.rankUnits(incident: 2))).map { session.dispatch.ranking[$0] }
        let nearest = whole.sorted { ($0.seconds, $0.unit) < ($1.seconds, $1.unit) }
        var stages: [Int] = []
        for count in 0..<200 {
            var stage = 0
            _ = try looks(count) { limits in
                do {
                    let number = try session.rankUnits(incident: 2, limits.clock)
                    let found = (0..<number).map { session.dispatch.ranking[$0] }
                    stage = found.allSatisfy { $0.worth.isNaN } ? 1 : 2
                    #expect(found.map(\.unit) == (stage == 1 ? nearest : whole).map(\.unit))
                    if stage == 2 { #expect(found.map(\.worth) == whole.map(\.worth)) }
                } catch let error as PatrolError {
                    #expect(error.status == .noTime)
                }
            }
            stages.append(stage)
        }
        // Values of least weighted travel take no look at the clock.
        #expect(Set(stages) == (policy == .learned ? [0, 1, 2] : [0, 2]) && stages == stages.sorted())
    }

    /// The other questions have an answer or none.
    @Test(arguments: [PatrolPolicyKind.learned, .fixedPosts])
    func whereverAQuestionIsCutItSaysSo(patrol: PatrolPolicyKind) throws {
        let session = try session(.learned, patrol)
        fill(session, seed: 9)
        let unit = try #require((0..<12).first { session.snapshot.units[$0].status == .patrolling })
        let features = try Buffer<Float>(count: session.maximumCandidates * 28, repeating: 0)
        let questions: [(CallClock) throws -> [Double]] = [
            { try session.candidates(ofUnit: unit, features: features.base, $0).map { Double($0.value) } },
            { try session.eligiblePairs($0).map { Double($0.value) + session.dispatch.pairs.reward($0) } },
            { [Double(try session.dispatchProgram($0).writeLP(into: nil, capacity: 0, $0) ?? -1)] },
        ]
        for question in questions {
            let whole = try question(CallClock())
            var (cut, complete) = (0, 0)
            for count in [0, 1, 2, 4, 8, 16, 64, 256, 1_000_000] {
                _ = try looks(count) { limits in
                    do {
                        let found = try question(limits.clock)
                        (cut, complete) = found == [-1] ? (cut + 1, complete) : (cut, complete + 1)
                        #expect(found == whole || found == [-1])
                    } catch let error as PatrolError {
                        #expect(error.status == .noTime)
                        cut += 1
                    }
                }
            }
            #expect(cut > 0 && complete > 0)
            #expect(try question(CallClock()) == whole)
        }
    }
}
