import PatrolModel
import TestSupport
import Testing

@testable import PatrolDecisions

/// Limits on travel while few units are free, by cases small enough to see the answer. Streets are 60 s long.
@Suite struct HoldTravelTests {
    /// Limits for one category are given; the city has two.
    private func session(
        _ policy: DispatchPolicyKind, _ limits: [Float], _ change: (inout DispatchRules) -> Void = { _ in }
    ) throws -> DecisionSession {
        var options = EngineOptions()
        options.dispatchPolicy = policy
        change(&options.rules)
        return try City(side: 6, seed: 1).area().session(
            options, holdTravelSeconds: limits.flatMap { [$0, .infinity] })
    }

    @Test(arguments: DispatchRuleTests.policies) func aCallIsServedWithinTheLimitForTheUnitsFree(
        _ policy: DispatchPolicyKind
    ) throws {
        for (units, node, expected) in [
            (1, 1, false), (2, 1, true), (2, 2, true), (2, 3, false), (3, 3, true), (5, 5, true),
        ] {
            let session = try session(policy, [0, 120, .infinity])
            session.begin()
            for _ in 0..<units { session.add(unit: 0) }
            session.add(call: node)
            #expect(try session.dispatched().contains(0) == expected, "\(units) units, \(node) streets")
            if !expected { #expect(session.dispatch.reasons[0] == .held) }
            session.begin()
            session.add(unit: 0)
            session.add(call: node) { $0.category = 1 }
            #expect(try session.dispatched() == [0], "the other category has no limit")
        }
    }

    @Test(arguments: DispatchRuleTests.policies) func anExcludedUnitAtTheCallIsNoException(_ policy: DispatchPolicyKind)
        throws
    {
        let session = try session(policy, [0])
        session.begin()
        session.add(unit: 7)
        session.add(call: 7)
        #expect(try session.dispatched() == [nil])
    }

    /// Cutoff 2: a call is served only while more than two units are free.
    @Test(arguments: DispatchRuleTests.policies) func unitsCountAsTheyAreSent(_ policy: DispatchPolicyKind) throws {
        let session = try session(policy, [0, 0, .infinity])
        for (units, served) in [(1, 0), (2, 0), (3, 1), (4, 2), (5, 3), (8, 4)] {
            session.begin()
            for node in 0..<units { session.add(unit: node) }
            for node in 10..<14 { session.add(call: node) }
            #expect(try session.dispatched().compactMap { $0 }.count == served, "\(units) units")
            for j in 0..<4 where session.dispatch.missing[j] > 0 { #expect(session.dispatch.reasons[j] == .held) }
        }
    }

    @Test(arguments: DispatchRuleTests.policies) func callsThatMayNotBeHeldComeFirst(_ policy: DispatchPolicyKind)
        throws
    {
        let session = try session(policy, [0, .infinity])
        session.begin()
        for node in [0, 1, 2] { session.add(unit: node) }
        session.add(call: 8) { $0.secondsWaited = 30 }
        session.add(call: 20, priority: 1) {
            $0.unitsRequired = 2; $0.unitsMissing = 2
        }
        let calls = try session.dispatched()
        #expect(calls.filter { $0 == 1 }.count == 2 && !calls.contains(0), "the third unit is left")
        #expect(session.dispatch.reasons[0] == .held)
        // One that no unit may serve takes none.
        session.begin()
        for node in [0, 1] { session.add(unit: node) }
        session.add(call: 8)
        session.add(call: 20, priority: 1) { $0.requiredCapabilities = 1 }
        #expect(try session.dispatched().contains(0))
        // Long waits end holding.
        session.begin()
        session.add(unit: 0)
        session.add(call: 8) { $0.secondsWaited = 600 }
        #expect(try session.dispatched() == [0])
        // Nor is a call held that takes its units all at once.
        session.begin()
        session.add(unit: 0)
        session.add(call: 8, priority: 1) { $0.allOrNone = true }
        #expect(try session.dispatched() == [0])
    }

    @Test(arguments: DispatchRuleTests.policies) func aHeldCallBarsNoLessUrgentOne(_ policy: DispatchPolicyKind) throws
    {
        let session = try session(policy, [60])
        session.begin()
        session.add(unit: 0)
        session.add(call: 35, priority: 2)
        session.add(call: 1, priority: 3)
        #expect(try session.dispatched() == [1])
        #expect(session.dispatch.reasons[0] == .unitsTaken)
    }

    @Test func theProgramCountsInTheOrderThatAllowsMost() throws {
        // Two units; the first call in line is near enough with one unit free, the second only with two.
        for (policy, expected) in [(DispatchPolicyKind.closestFirstCome, [0, nil]), (.minimumWeightedTravel, [0, 1])]
            as [(_, [Int?])]
        {
            let session = try session(policy, [60, .infinity])
            session.begin()
            session.add(unit: 0)
            session.add(unit: 35)
            session.add(call: 1) { $0.secondsWaited = 100 }
            session.add(call: 24) { $0.secondsWaited = 10 }
            #expect(try session.dispatched() == expected, "\(policy)")
        }
    }

    @Test func unitsThatMayBeDivertedContinueAndAreNoReserve() throws {
        // 1 → 1, 3 → 1
        let session = try session(.minimumWeightedTravel, [0, .infinity]) { $0.preemption = 1 | 1 << 16 }
        session.begin()
        session.add(unit: 0) {
            $0.status = .enRoute; $0.incident = 0
        }
        session.add(call: 35, priority: 3) { $0.unitsMissing = 0 }
        #expect(try session.dispatched() == [nil])
        #expect(session.dispatch.missing[0] == 0, "it continues")
        session.begin()
        session.add(unit: 0) {
            $0.status = .enRoute; $0.incident = 0
        }
        session.add(unit: 6)
        session.add(call: 35, priority: 3) { $0.unitsMissing = 0 }
        session.add(call: 7, priority: 3)
        #expect(try session.dispatched() == [nil, nil])
        #expect(session.dispatch.reasons[1] == .held, "one unit is free")
        // A unit on its way to a call that may not be held is not what that call takes of the free ones.
        session.begin()
        session.add(unit: 0) {
            $0.status = .enRoute; $0.incident = 0
        }
        for node in [6, 12] { session.add(unit: node) }
        session.add(call: 35, priority: 1) { $0.unitsMissing = 0 }
        session.add(call: 7, priority: 3)
        #expect(try session.dispatched() == [nil, 1, nil])
    }

    @Test func whoeverOverridesSeesTheUnitsThatAreHeld() throws {
        let session = try session(.priorityClosest, [0, 0])
        session.begin()
        for node in [3, 1] { session.add(unit: node) }
        session.add(call: 0)
        #expect(try session.rankUnits(incident: 0) == 2)
        #expect(session.dispatch.ranking[0].unit == 1)
        #expect(try session.eligiblePairs().count == 2)
    }
}
