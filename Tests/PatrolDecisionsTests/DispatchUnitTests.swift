import PatrolModel
import PatrolNetworks
import TestSupport
import Testing

@testable import PatrolDecisions

/// Outputs of the networks for dispatch are worth minutes, or τ: the mean travel time from the nearest of as many posts as units.
@Suite struct DispatchUnitTests {
    private func session(_ unit: DispatchUnit, scale: Double, concave: Bool) throws -> DecisionSession {
        var random = RandomNumbers(seed: 5)
        let learned = try randomPolicy(&random, hidden: 4, concave: concave, scale: scale)
        let policy = TrainedPolicy(patrol: nil, pair: learned.pair, value: learned.value, dispatchUnit: unit)
        var options = EngineOptions()
        options.dispatchPolicy = .learned
        options.patrolPolicy = .stay
        options.rules.neverHoldPriority = 0
        options.rules.strictPriority = false
        let session = try City(side: 6, seed: 1).area().session(options, policy: policy)
        session.begin()
        for (node, priority) in [(3, 3), (20, 4), (9, 2)] { session.add(call: node, priority: Int32(priority)) }
        for k in 0..<4 { session.add(unit: (k * 13 + 1) % 36) }
        session.add(unit: 7) { ($0.status, $0.incident) = (.onScene, -1) }
        session.add(unit: 0) { $0.status = .offDuty }
        try session.decideDispatch(SolverLimits())
        return session
    }

    @Test(arguments: [true, false]) func outputsAreWorthTravelTimes(concave: Bool) throws {
        let minutes = try session(.minute, scale: 20, concave: concave)
        let travel = try session(.postTime, scale: 20, concave: concave)
        let posts = Double(travel.engine.postSeconds(units: 5))
        #expect(abs(posts - 60) > 10)
        let scaled = try session(.minute, scale: 20 * posts / 60, concave: concave)
        let (found, expected) = (travel.dispatch.objective, scaled.dispatch.objective)
        #expect(abs(found - expected) < 1e-4 * abs(expected))
        #expect(abs(found - minutes.dispatch.objective) > 1e-3 * abs(expected))
        #expect(travel.dispatch.assignmentCount == scaled.dispatch.assignmentCount)
        for a in 0..<travel.dispatch.assignmentCount {
            #expect(travel.dispatch.assignments[a].unit == scaled.dispatch.assignments[a].unit)
            #expect(travel.dispatch.assignments[a].incident == scaled.dispatch.assignments[a].incident)
        }
    }
}
