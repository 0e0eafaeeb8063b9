import PatrolModel
import TestSupport
import Testing

@testable import PatrolDecisions

/// A decision that is stated again finds slots under every rule, whichever slots it had.
@Suite struct RestatementTests {
    /// Calls whose needs are not nested, so that a unit may fill one slot or another, and rules that look at slots.
    private func fill(_ session: DecisionSession, _ random: inout RandomNumbers) {
        session.fill(&random, calls: 2...7, units: 2...9, nodes: 25) { call, random in
            call.unitsRequired = Int32(2 + random.below(2))
            call.needs.0.capabilities = 1
            call.needs.0.missing = Int32(random.below(2))
            call.needs.1.capabilities = 2
            call.needs.1.missing = 1
        } unit: { unit, random in
            unit.capabilities = UInt64(random.below(4))
        }
    }

    @Test(arguments: [DispatchPolicyKind.minimumWeightedTravel, .learned])
    func everyDecisionCanBeStatedAgain(policy: DispatchPolicyKind) throws {
        let area = try City(side: 5, seed: 4).area()
        var random = RandomNumbers(seed: 8)
        var stated = 0
        for _ in 0..<60 {
            var options = EngineOptions()
            options.dispatchPolicy = policy
            options.rules.neverHoldPriority = Int32(random.below(3))
            options.rules.strictPriority = random.below(4) > 0
            let session = try area.session(
                options, policy: try randomPolicy(&random, hidden: 4, concave: false, scale: 1))
            for _ in 0..<5 {
                fill(session, &random)
                let incidents = (0..<session.snapshot.incidentCount).map { session.snapshot.incidents[$0] }
                try session.decideDispatch(SolverLimits())
                let (objective, count) = (session.dispatch.objective, session.dispatch.assignmentCount)
                let made = (0..<count).map { session.dispatch.assignments[$0] }
                for j in incidents.indices { session.snapshot.incidents[j] = incidents[j] }
                try made.map(\.unit).withUnsafeBufferPointer { units in
                    try made.map(\.incident).withUnsafeBufferPointer { calls in
                        try session.restateDispatch(units: units, incidents: calls)
                    }
                }
                #expect(abs(session.dispatch.objective - objective) <= 1e-9 * max(1, abs(objective)))
                #expect(session.dispatch.assignmentCount == count)
                stated += count
            }
        }
        #expect(stated > 500)
    }

    @Test func whatBreaksARuleIsRefused() throws {
        let session = try City(side: 5, seed: 4).area().session()
        session.begin()
        session.add(unit: 0)
        session.add(call: 24, priority: 1)
        session.add(call: 1, priority: 3)
        let (units, calls): ([Int32], [Int32]) = ([0], [1])
        #expect(throws: PatrolError.self, "the more urgent call is passed over") {
            try units.withUnsafeBufferPointer { units in
                try calls.withUnsafeBufferPointer { calls in try session.restateDispatch(units: units, incidents: calls)
                }
            }
        }
    }
}
