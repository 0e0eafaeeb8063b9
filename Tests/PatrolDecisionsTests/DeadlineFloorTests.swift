import CKernels
import PatrolModel
import TestSupport
import Testing

@testable import PatrolDecisions

/// However little work a learned decision may take, it is no worse than what comes before the search.
@Suite struct DeadlineFloorTests {
    private func fill(_ session: DecisionSession, seed: UInt64) {
        var random = RandomNumbers(seed: seed)
        session.fill(&random, calls: 8...15, units: 6...15, nodes: 36) { call, random in
            call.weight = Float(1 + random.below(5))
        } unit: { unit, random in
            unit.homeBeat = Int32(random.below(2))
        }
    }

    /// Sessions of a learned policy and of the exact heuristic, of one city and one set of rules.
    private func sessions(_ random: inout RandomNumbers) throws -> (
        learned: DecisionSession, heuristic: DecisionSession
    ) {
        let area = try City(side: 6, seed: 1).area()
        var options = EngineOptions()
        options.rules.neverHoldPriority = 0
        options.rules.strictPriority = random.below(2) == 0
        options.rules.longestHold = SIMD8(repeating: .infinity)
        if random.below(2) == 0 { (options.rules.reservePerBeat, options.rules.reservePrice) = (2, 300) }
        let policy = try randomPolicy(&random, hidden: 16, concave: false, scale: 3)
        options.dispatchPolicy = .minimumWeightedTravel
        let heuristic = try area.session(options, policy: policy)
        options.dispatchPolicy = .learned
        return (try area.session(options, policy: policy), heuristic)
    }

    @Test func aDecisionIsNeverBelowTheExactHeuristic() throws {
        var random = RandomNumbers(seed: 5)
        var improvements = 0
        for round in 0..<40 {
            let (learned, heuristic) = try sessions(&random)
            for seed in 0..<5 {
                fill(learned, seed: UInt64(100 * round + seed))
                fill(heuristic, seed: UInt64(100 * round + seed))
                try heuristic.decideDispatch(SolverLimits())
                try #require(heuristic.dispatch.outcome == .optimal)
                var limits = SolverLimits()
                limits.nodeLimit = 1
                try learned.decideDispatch(limits)
                let program = learned.dispatch.program
                let floor = program.evaluate(heuristic.dispatch.chosen.base)
                #expect(learned.dispatch.objective >= floor - 1e-9 * abs(floor))
                if learned.dispatch.objective > floor + 1 { improvements += 1 }
            }
        }
        #expect(improvements > 50, "the networks have no say")
    }

    @Test func withoutTimeThereIsStillAFloorAndTheOutcomeSaysWhich() throws {
        var random = RandomNumbers(seed: 6)
        for round in 0..<40 {
            let (learned, heuristic) = try sessions(&random)
            fill(learned, seed: UInt64(round))
            fill(heuristic, seed: UInt64(round))
            try heuristic.decideDispatch(SolverLimits())
            var limits = SolverLimits()
            limits.clock.deadline = kernels_monotonic_nanoseconds() - 1
            try learned.decideDispatch(limits)
            var memory = WorkingMemory()
            let greedy = GreedyDispatch(problem: learned.dispatch.problem, &memory)
            try memory.check()
            greedy.decide(.priorityClosest)
            let exact = learned.dispatch.outcome == .noTime ? greedy.assignment.base : heuristic.dispatch.chosen.base
            for floor in [
                learned.dispatch.program.evaluate(greedy.assignment.base), learned.dispatch.program.evaluate(exact),
            ] {
                #expect(learned.dispatch.objective >= floor - 1e-9 * abs(floor))
            }
        }
    }

    @Test func theLeastDeadlineLeavesTheSessionAsItWas() throws {
        var random = RandomNumbers(seed: 7)
        let (learned, _) = try sessions(&random)
        fill(learned, seed: 1)
        let before = try learned.dispatched()
        #expect(try learned.measureLeastDeadline() > 0)
        fill(learned, seed: 1)
        #expect(try learned.dispatched() == before)
    }
}
