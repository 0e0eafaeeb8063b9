import PatrolModel
import TestSupport
import Testing

@testable import PatrolDecisions

/// A decision reads its snapshot and leaves it as it was: deciding again is the same decision.
@Suite struct RepeatedDecisionTests {
    /// Units to divert, to send and to move, in a session that decides everything.
    private func session(_ patrol: PatrolPolicyKind, _ dispatch: DispatchPolicyKind) throws -> DecisionSession {
        var options = EngineOptions()
        (options.patrolPolicy, options.dispatchPolicy) = (patrol, dispatch)
        options.rules.preemption = .max
        let session = try City(side: 6, seed: 1).area().session(options)
        session.begin()
        session.add(call: 3, priority: 3) { ($0.unitsRequired, $0.unitsMissing) = (2, 1) }
        session.add(call: 20, priority: 1) { ($0.unitsRequired, $0.unitsMissing) = (2, 2) }
        session.add(call: 9, priority: 2)
        session.add(unit: 14) { ($0.status, $0.incident) = (.enRoute, 0) }
        session.add(unit: 35) { ($0.status, $0.incident) = (.onScene, -1) }
        for node in [0, 5, 17, 30, 33] { session.add(unit: node) }
        return session
    }

    private func bytes<Element: BitwiseCopyable>(_ buffer: Buffer<Element>, _ count: Int) -> [UInt8] {
        [UInt8](UnsafeRawBufferPointer(start: buffer.base, count: count * MemoryLayout<Element>.stride))
    }

    private func shown(_ session: DecisionSession) -> [UInt8] {
        bytes(session.snapshot.units, session.snapshot.unitCount)
            + bytes(session.snapshot.incidents, session.snapshot.incidentCount)
    }

    private func decide(_ session: DecisionSession) throws -> [UInt8] {
        try session.decideDispatch(SolverLimits())
        try session.decidePatrol(afterDispatch: true)
        let dispatch = session.dispatch
        let sent = (0..<dispatch.assignmentCount).map { dispatch.assignments[$0] }
        return sent.flatMap { [UInt8(truncatingIfNeeded: $0.unit), UInt8(truncatingIfNeeded: $0.incident)] }
            + bytes(dispatch.missing, session.snapshot.incidentCount) + bytes(session.moves, session.snapshot.unitCount)
    }

    @Test(arguments: [
        (PatrolPolicyKind.marginalCoverage, DispatchPolicyKind.minimumWeightedTravel),
        (.backupCoverage, .priorityClosest), (.dmexclp, .weightedIndex),
    ])
    func aDecisionLeavesItsSnapshotAsItWas(_ patrol: PatrolPolicyKind, _ dispatch: DispatchPolicyKind) throws {
        let session = try session(patrol, dispatch)
        let before = shown(session)
        let first = try decide(session)
        #expect(session.dispatch.assignmentCount >= 3)
        #expect(shown(session) == before)
        #expect(try decide(session) == first)
        _ = try session.eligiblePairs()
        _ = try session.rankUnits(incident: 1)
        try session.explain(SolverLimits())
        _ = try session.move(ofUnit: 2)
        #expect(shown(session) == before)
        #expect(try decide(session) == first)
    }

    @Test func patrolAloneLeavesItsSnapshotAsItWas() throws {
        let session = try session(.marginalCoverage, .closestFirstCome)
        let before = shown(session)
        try session.decidePatrol(afterDispatch: false)
        let first = bytes(session.moves, session.snapshot.unitCount)
        #expect(shown(session) == before)
        try session.decidePatrol(afterDispatch: false)
        #expect(bytes(session.moves, session.snapshot.unitCount) == first)
    }
}
