import PatrolModel
import TestSupport
import Testing

@testable import PatrolDecisions

/// The solver works in the memory of the travel times, where that is large enough, and finds nothing there that it needs.
@Suite struct LentMemoryTests {
    private func fill(_ session: DecisionSession, seed: UInt64) {
        var random = RandomNumbers(seed: seed)
        session.fill(&random, calls: 6...14, units: 6...15, nodes: 36) { call, random in
            call.weight = Float(1 + random.below(5))
            if random.below(4) == 0 { (call.needs.0.capabilities, call.needs.0.missing) = (2, 1) }
        } unit: { unit, random in
            unit.capabilities = UInt64(random.below(4))
            unit.homeBeat = Int32(random.below(2))
        }
    }

    /// What a session says of a snapshot: the decision, why a unit was not sent, and the decision again.
    private func answers(_ session: DecisionSession, seed: UInt64) throws -> [Double] {
        fill(session, seed: seed)
        var told: [Double] = []
        for _ in 0..<2 {
            try session.decideDispatch(SolverLimits())
            let dispatch = session.dispatch
            told += [dispatch.objective, dispatch.bound, Double(dispatch.nodes)]
            for f in 0..<dispatch.assignmentCount {
                let sent = dispatch.assignments[f]
                told += [Double(sent.unit), Double(sent.incident), Double(sent.seconds)]
            }
            for unit in 0..<2 {
                let pair = try session.explainPair(unit: unit, incident: unit, SolverLimits())
                told.append(Double(pair.reason.rawValue))
                for value in [pair.objectiveLoss, Double(pair.seconds)] { told.append(value.isNaN ? -1 : value) }
            }
            try session.explain(SolverLimits())
            for k in 0..<dispatch.explanationCount { told.append(dispatch.explanations[k].objectiveLoss) }
        }
        return told
    }

    private func isLent(_ solver: DispatchSolver, _ memory: UnsafeMutableRawBufferPointer) -> Bool {
        let distance = UnsafeRawPointer(memory.baseAddress!).distance(to: UnsafeRawPointer(solver.pairShare))
        return distance >= 0 && distance < memory.count
    }

    @Test func decisionsInLentMemoryAreThoseInMemoryOfTheirOwn() throws {
        let area = try City(side: 6, seed: 1).area()
        var random = RandomNumbers(seed: 3)
        var nodes: UInt64 = 0
        for round in 0..<4 {
            var options = EngineOptions()
            options.dispatchPolicy = .learned
            options.rules.neverHoldPriority = Int32(round)
            options.rules.strictPriority = round % 2 == 0
            options.rules.preemption = .max
            options.rules.reservePerBeat = round / 2
            let policy = try randomPolicy(&random, hidden: 16, concave: false, scale: 3)
            let own = try area.session(options, policy: policy)
            let lent = try area.session(options, policy: policy, units: 4096, incidents: 4096)
            let memory = lent.dispatch.pairs.travelMemory
            #expect(isLent(try #require(lent.dispatch.solver), memory))
            #expect(!isLent(try #require(own.dispatch.solver), own.dispatch.pairs.travelMemory))
            for seed in 0..<8 {
                memory.initializeMemory(as: UInt8.self, repeating: seed % 2 == 0 ? 0xFF : 0x7F)
                #expect(try answers(lent, seed: UInt64(seed)) == answers(own, seed: UInt64(seed)))
                nodes += lent.dispatch.nodes
            }
        }
        #expect(nodes > 100, "the solver has something to do")
    }

    @Test func memoryThatIsRefusedIsAnError() throws {
        let memory = SolverMemory()
        _ = memory.array(-1, repeating: 0.0)
        #expect(throws: PatrolError.self) { try memory.check() }
        #expect(throws: PatrolError.self) { _ = try Assignment(rows: 1, columns: 1, pairs: -1) }
    }
}
