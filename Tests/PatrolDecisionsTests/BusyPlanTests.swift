import PatrolModel
import PatrolNetworks
import TestSupport
import Testing

@testable import PatrolDecisions

/// Calls that wait for a busy unit which is expected there before every free one.
@Suite struct BusyPlanTests {
    private static let heuristics = DispatchPolicyKind.allCases.filter { $0 != .learned }

    private func session(_ kind: DispatchPolicyKind, margin: Float = 1) throws -> DecisionSession {
        var options = EngineOptions()
        (options.dispatchPolicy, options.rules.planMargin) = (kind, margin)
        return try City(side: 6, seed: 1).area().session(options, policy: kind == .learned ? try eager() : nil)
    }

    /// A network that says of every pair that it is worth much.
    private func eager() throws -> TrainedPolicy {
        let weights = try Buffer<Float>(count: PairTable.width, repeating: 0)
        let bias = try Buffer<Float>(count: 1, repeating: 100)
        let pair = try DenseNetwork(layers: [
            DenseLayer(inputs: weights.count, outputs: 1, weights: weights, bias: bias)
        ])
        return TrainedPolicy(patrol: nil, pair: pair, value: nil)
    }

    /// A call in a corner, a busy unit beside it, a free one in the far corner, 600 s away.
    private func show(
        _ session: DecisionSession, left: Float, late: Float, _ change: (inout Incident) -> Void = { _ in }
    ) {
        session.begin()
        session.add(call: 0, priority: 2, change)
        session.add(unit: 35)
        session.add(unit: 1) { ($0.status, $0.secondsUntilFree, $0.lateSecondsUntilFree) = (.onScene, left, late) }
    }

    @Test(arguments: DispatchPolicyKind.allCases)
    func aSureShortTimeWinsOverAFarUnit(kind: DispatchPolicyKind) throws {
        let session = try session(kind)
        show(session, left: 60, late: 60)
        #expect(try session.dispatched() == [nil, nil])
        let dispatch = session.dispatch
        #expect(dispatch.reasons[0] == .planned && dispatch.missing[0] == 1)
        session.planBusy(most: 8, CallClock())
        #expect(dispatch.planCount == 1 && dispatch.plans[0].unit == 1 && dispatch.plans[0].incident == 0)
        #expect(dispatch.plans[0].seconds == 120 && dispatch.plans[0].lateSeconds == 120)
        #expect(try session.explainPair(unit: 0, incident: 0, SolverLimits()).reason == .planned)
        #expect(try session.explainPair(unit: 1, incident: 0, SolverLimits()).reason == .busy)
        // A dispatcher may send the free one all the same.
        #expect(try session.rankUnits(incident: 0) == 1 && dispatch.ranking[0].unit == 0)
        let pairs = try session.eligiblePairs()
        #expect(pairs.isEmpty)
    }

    @Test(arguments: DispatchPolicyKind.allCases)
    func anUnsureTimeDoesNot(kind: DispatchPolicyKind) throws {
        // Expected after 260 s, and nine times in ten before 660 s: the free unit is there after 600 s.
        for (margin, waits) in [(0, true), (0.5, true), (0.9, false), (1, false), (.infinity, false)] as [(Float, Bool)]
        {
            let session = try session(kind, margin: margin)
            show(session, left: 200, late: 600)
            #expect(try session.dispatched() == (waits ? [nil, nil] : [0, nil]), "\(margin)")
        }
        // Not known how sure: as if exponential, 2.3 times as late.
        let session = try session(kind)
        show(session, left: 230, late: 0)
        #expect(try session.dispatched() == [nil, nil])
        show(session, left: 240, late: 0)
        #expect(try session.dispatched() == [0, nil])
        // Nothing known: the mean of the category, and the call that it is on.
        show(session, left: .nan, late: 0)
        #expect(try session.dispatched() == [0, nil])
    }

    @Test(arguments: DispatchPolicyKind.allCases)
    func onlyCallsThatMayBeHeldWait(kind: DispatchPolicyKind) throws {
        let session = try session(kind)
        let changes: [(inout Incident) -> Void] = [
            { $0.priority = 1 }, { $0.secondsWaited = 600 }, { $0.requiredCapabilities = 1 },
            { ($0.unitsRequired, $0.unitsMissing) = (2, 2) }, { $0.allOrNone = true },
        ]
        for (k, change) in changes.enumerated() {
            show(session, left: 60, late: 60, change)
            session.snapshot.units[0].capabilities = 1
            #expect(try session.dispatched() == [0, nil], "\(k)")
        }
        show(session, left: 60, late: 60)
        session.snapshot.units[1].secondsUntilShiftEnd = 50
        #expect(try session.dispatched() == [0, nil])
        show(session, left: 60, late: 60)
        session.snapshot.units[1].priorities = 0b1101
        #expect(try session.dispatched() == [0, nil])
        // Without time, no call waits for a busy unit.
        show(session, left: 60, late: 60)
        try session.decideDispatchWithoutTime()
        #expect(session.dispatch.assignmentCount == 1 && session.dispatch.reasons[0] != .planned)
    }

    /// Two calls want the same busy unit, of which one has it; a call that no free unit may serve has it before a less urgent one.
    @Test(arguments: DispatchPolicyKind.allCases)
    func aBusyUnitIsForOneCallTheMostUrgent(kind: DispatchPolicyKind) throws {
        let session = try session(kind)
        show(session, left: 60, late: 60)
        session.add(call: 0, priority: 3)
        #expect(try session.dispatched() == [1, nil] && session.dispatch.reasons[0] == .planned)
        show(session, left: 60, late: 60) { $0.priority = 3 }
        session.add(call: 6, priority: 2) { $0.requiredCapabilities = 2 }
        session.snapshot.units[1].capabilities = 2
        #expect(try session.dispatched() == [0, nil] && session.dispatch.reasons[1] == .noEligibleUnit)
    }

    private func fill(_ session: DecisionSession, _ random: inout RandomNumbers) {
        session.fill(&random, calls: 0...9, units: 0...10, nodes: 36) { call, random in
            call.unitsRequired = random.below(3) == 0 ? 2 : 1
            call.allOrNone = random.below(6) == 0
            call.requiredCapabilities = random.below(4) == 0 ? 1 : 0
        } unit: { unit, random in
            unit.capabilities = UInt64(random.below(4))
            unit.homeBeat = Int32(random.below(3)) - 1
            unit.status = random.below(2) == 0 ? .patrolling : .onScene
            unit.secondsUntilFree = Float(random.below(80))
            unit.lateSecondsUntilFree = unit.secondsUntilFree + Float(random.below(120))
        }
    }

    private func rules(_ random: inout RandomNumbers) -> DispatchRules {
        var rules = DispatchRules()
        rules.neverHoldPriority = Int32(random.below(3))
        rules.strictPriority = random.below(2) == 0
        if random.below(3) == 0 { rules.ownBeatPenalty = random.below(2) == 0 ? 100 : .infinity }
        if random.below(3) == 0 { rules.maximumTravelSeconds = 300 }
        rules.reservePerBeat = random.below(2)
        return rules
    }

    /// What a decision says, to every bit.
    private func said(_ session: DecisionSession) -> [UInt64] {
        let dispatch = session.dispatch
        var said = [dispatch.objective.bitPattern, dispatch.bound.bitPattern, UInt64(dispatch.assignmentCount)]
        for a in 0..<dispatch.assignmentCount {
            said += [UInt64(dispatch.assignments[a].unit), UInt64(dispatch.assignments[a].incident)]
        }
        return said
    }

    /// Whatever the policy, the decision is the one without the calls that wait for a busy unit, and these wait with reason.
    @Test(arguments: heuristics) func theRestIsDecidedWithoutThem(kind: DispatchPolicyKind) throws {
        let area = try City(side: 6, seed: 3).area()
        var random = RandomNumbers(seed: 8)
        var planned = 0
        for _ in 0..<60 {
            var options = EngineOptions()
            (options.dispatchPolicy, options.rules) = (kind, rules(&random))
            let off = try area.session(options)
            options.rules.planMargin = 1
            let on = try area.session(options)
            for _ in 0..<8 {
                let before = random
                fill(on, &random)
                random = before
                fill(off, &random)
                let pairs = try Array(off.eligiblePairs())
                try on.decideDispatch(SolverLimits())
                #expect(on.dispatch.problem.program.violation(on.dispatch.chosen.base) == nil)
                #expect(on.dispatch.bound >= on.dispatch.objective)
                let sent = Set((0..<on.dispatch.assignmentCount).map { on.dispatch.assignments[$0].unit })
                var taken: Set<Int32> = []
                for j in 0..<on.snapshot.incidentCount where on.dispatch.reasons[j] == .planned {
                    planned += 1
                    let (call, plan) = (on.snapshot.incidents[j], on.dispatch.pairs.plans.plan(j))
                    let unit = on.snapshot.units[Int(plan.unit)]
                    #expect(taken.insert(plan.unit).inserted && !sent.contains(plan.unit) && unit.status == .onScene)
                    #expect(call.unitsRequired == 1 && !call.allOrNone && !options.rules.forbidsHolding(call))
                    #expect(call.takes(unit.capabilities) && plan.seconds <= plan.lateSeconds)
                    let rivals = pairs.filter { $0.incident == Int32(j) }
                    #expect(!rivals.isEmpty)
                    for rival in rivals where options.rules.ownBeatPenalty != 100 {
                        #expect(plan.lateSeconds < rival.seconds)
                    }
                    off.snapshot.incidents[j].isForLater = true
                }
                try off.decideDispatch(SolverLimits())
                #expect(said(on) == said(off))
            }
        }
        #expect(planned > 40)
    }

    /// Off, nothing that is said of busy units makes a difference to a heuristic, or how sure they are to any policy.
    @Test(arguments: DispatchPolicyKind.allCases) func offNothingChanges(kind: DispatchPolicyKind) throws {
        let session = try session(kind, margin: .infinity)
        var random = RandomNumbers(seed: 12)
        for _ in 0..<60 {
            fill(session, &random)
            try session.decideDispatch(SolverLimits())
            let expected = said(session)
            for i in 0..<session.snapshot.unitCount {
                session.snapshot.units[i].lateSecondsUntilFree = Float(random.below(3000))
                if kind != .learned { session.snapshot.units[i].secondsUntilFree = Float(random.below(3000)) }
            }
            try session.decideDispatch(SolverLimits())
            #expect(said(session) == expected)
            for j in 0..<session.snapshot.incidentCount { #expect(session.dispatch.reasons[j] != .planned) }
        }
    }

    /// Wherever the clock ends a decision, it keeps the rules, and no call both waits for a unit and has one.
    @Test(arguments: [DispatchPolicyKind.learned, .minimumWeightedTravel, .priorityClosest])
    func decisionsThatAreCutKeepTheRules(kind: DispatchPolicyKind) throws {
        let session = try session(kind)
        var (random, planned) = (RandomNumbers(seed: 21), 0)
        for k in 0..<160 {
            fill(session, &random)
            var left = k % 40
            try withUnsafeMutablePointer(to: &left) { left in
                var limits = SolverLimits()
                limits.clock.looksLeft = left
                try session.decideDispatch(limits)
            }
            let dispatch = session.dispatch
            #expect(dispatch.problem.program.violation(dispatch.chosen.base) == nil)
            for a in 0..<dispatch.assignmentCount {
                #expect(dispatch.reasons[Int(dispatch.assignments[a].incident)] != .planned)
            }
            for j in 0..<session.snapshot.incidentCount where dispatch.reasons[j] == .planned { planned += 1 }
        }
        #expect(planned > 5)
    }
}
