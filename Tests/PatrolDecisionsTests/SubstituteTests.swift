import PatrolModel
import TestSupport
import Testing

@testable import PatrolDecisions

/// What calls go by, their rows or substitutes, by cases small enough to see the answer. The reference in Python looks at random ones.
@Suite struct SubstituteTests {
    static let policies = DispatchPolicyKind.allCases.filter { $0 != .learned }
    private static let two: UInt64 = 1, canine: UInt64 = 2

    /// A call for one car with two officers, or else two cars of any kind.
    private func addCall(_ session: DecisionSession, priority: Int32 = 2, allOrNone: Bool = false) {
        let call = session.add(call: 0, priority: priority) {
            $0.requiredCapabilities = SubstituteTests.two
            $0.allOrNone = allOrNone
        }
        var cars = Requirement()
        (cars.units, cars.number) = (2, Int32(7 + call))
        session.snapshot.add(cars, to: call)
    }

    private func begin(_ session: DecisionSession, _ crew: [UInt64]) {
        session.begin()
        for (place, capabilities) in crew.enumerated() {
            session.add(unit: 5 * place) { $0.capabilities = capabilities }
        }
    }

    private func substitutes(_ session: DecisionSession) -> [Int32] {
        (0..<session.dispatch.assignmentCount).map { session.dispatch.assignments[$0].substitute }
    }

    @Test(arguments: policies) func aCallGoesByItsRowWhileThatCanBeFilled(_ policy: DispatchPolicyKind) throws {
        let session = try session(policy)
        begin(session, [0, 0, Self.two])
        addCall(session)
        #expect(try session.dispatched() == [nil, nil, 0])
        #expect(substitutes(session) == [0])
        session.snapshot.units[2].status = .offDuty
        #expect(try session.dispatched() == [0, 0, nil])
        #expect(substitutes(session) == [7, 7] && session.dispatch.missing[0] == 0)
    }

    @Test(arguments: policies) func theMostUrgentCallChoosesFirst(_ policy: DispatchPolicyKind) throws {
        let session = try session(policy)
        begin(session, [0, Self.two, 0])
        addCall(session, priority: 3)
        addCall(session, priority: 2)
        #expect(try session.dispatched() == [0, 1, 0])
        #expect(substitutes(session) == [7, 0, 7])
    }

    @Test(arguments: policies) func unitsTradePlacesSoThatARowCanBeFilled(_ policy: DispatchPolicyKind) throws {
        let session = try session(policy)
        begin(session, [Self.two | Self.canine, Self.two])
        // The first unit that fits the urgent call is the only one that fits the other.
        session.add(call: 0, priority: 1) { $0.requiredCapabilities = Self.two }
        session.add(call: 1, priority: 2) { $0.requiredCapabilities = Self.canine }
        session.snapshot.add(Requirement(), to: 1)
        _ = try session.dispatched()
        #expect(session.dispatch.substitutes[0] == 0 && session.dispatch.substitutes[1] == 0)
        session.snapshot.units[1].status = .offDuty
        _ = try session.dispatched()
        #expect(session.dispatch.substitutes[1] == 0 && session.dispatch.missing[1] == 1)
    }

    @Test(arguments: policies) func whatCannotBeFilledIsTheFirstThatAUnitCanGoFor(_ policy: DispatchPolicyKind) throws {
        let session = try session(policy)
        begin(session, [0])
        addCall(session)
        #expect(try session.dispatched() == [0])
        #expect(substitutes(session) == [7] && session.dispatch.missing[0] == 1)
        begin(session, [0])
        addCall(session, allOrNone: true)
        #expect(try session.dispatched() == [nil])
        #expect(session.dispatch.missing[0] == 1 && session.dispatch.reasons[0] == .noEligibleUnit)
    }

    @Test(arguments: policies) func unitsThatAreSentGetNoMove(_ policy: DispatchPolicyKind) throws {
        let session = try session(policy)
        begin(session, [0, 0, 0])
        addCall(session)
        #expect(try session.dispatched() == [0, 0, nil])
        try session.decidePatrol(afterDispatch: true)
        #expect((0..<3).map { session.moves[$0].reason == .notFree } == [true, true, false])
        #expect(session.situation.snapshot.incidents[0].unitsMissing == 0)
        #expect(session.situation.snapshot.incidents[0].unitsRequired == 2)
    }

    @Test(arguments: policies) func aUnitThatFitsOnlyWhatTheCallDoesNotGoByIsToldSo(_ policy: DispatchPolicyKind) throws
    {
        let session = try session(policy)
        begin(session, [0, Self.two])
        addCall(session)
        #expect(try session.explainPair(unit: 0, incident: 0, SolverLimits()).reason == .substitute)
        #expect(try session.explainPair(unit: 1, incident: 0, SolverLimits()).reason == .assigned)
        session.snapshot.incidents[0].substitutes = 0
        #expect(try session.explainPair(unit: 0, incident: 0, SolverLimits()).reason == .capabilities)
    }

    /// Which call goes by what must not depend on calls that were dropped for want of time, nor on the choice before.
    @Test(arguments: policies) func aDecisionWithoutTimeChoosesAnew(_ policy: DispatchPolicyKind) throws {
        let session = try session(policy)
        begin(session, [0, 0, Self.two])
        addCall(session)
        _ = try session.dispatched()
        session.snapshot.units[2].status = .offDuty
        try session.decideDispatchWithoutTime()
        #expect(substitutes(session) == [7, 7])
        session.snapshot.units[2].status = .patrolling
        try session.decideDispatchWithoutTime()
        #expect(substitutes(session) == [0])
    }
}
