import PatrolModel
import PatrolNetworks
import TestSupport
import Testing

@testable import PatrolDecisions

/// Alternatives to decisions keep the rules, differ, and are described in the runtime's own terms.
@Suite struct DispatchAlternativesTests {
    private func fill(_ session: DecisionSession, _ random: inout RandomNumbers) {
        session.fill(&random, calls: 1...6, units: 1...6, nodes: 25)
        session.add(unit: random.below(25)) {
            $0.status = .onScene
            $0.secondsUntilFree = 500
        }
    }

    private func assignments(_ alternatives: DispatchAlternatives, ofAlternative: Bool) throws -> [[Int]] {
        var list: [[Int]] = []
        try alternatives.forEachAssignment(ofAlternative: ofAlternative) { (unit, incident) throws(PatrolError) in
            list.append([unit, incident])
        }
        return list
    }

    /// The program's objective of each of the two, less that of holding all, is Σ r + 60 w̄ (Σ s + V(φ) − V(φ₀)) of what is
    /// written about it.
    @Test(arguments: [false, true]) func whatIsWrittenIsWhatTheProgramMaximizes(rules: Bool) throws {
        let area = try City(side: 5, seed: 4, emergencyRatio: 0.7).area()
        var random = RandomNumbers(seed: rules ? 1 : 2)
        var options = EngineOptions()
        options.dispatchPolicy = .learned
        if !rules {
            options.rules.neverHoldPriority = 0
            options.rules.strictPriority = false
            options.rules.longestHold = SIMD8(repeating: .infinity)
        }
        var (compared, held) = (0, 0)
        for _ in 0..<150 {
            let policy = try randomPolicy(&random, hidden: 6, concave: false, scale: 1)
            let session = try area.session(options, policy: policy)
            let alternatives = try DispatchAlternatives(session)
            fill(session, &random)
            var limits = SolverLimits()
            limits.relativeGap = 0
            try session.decideDispatch(limits)
            let next = compared % 2 == 0
            guard next ? alternatives.drawNextBest(&random) : alternatives.draw(&random) else { continue }
            compared += 1
            let program = session.dispatch.program
            let decided = try assignments(alternatives, ofAlternative: false)
            let altered = try assignments(alternatives, ofAlternative: true)
            #expect(decided != altered)
            if altered.count < decided.count { held += 1 }
            let assigned = (0..<session.dispatch.assignmentCount).map { session.dispatch.assignments[$0] }
            #expect(decided == assigned.map { [Int($0.unit), Int($0.incident)] })
            let objectives = [false, true].map { program.evaluate(alternatives.rows(ofAlternative: $0)) }
            #expect(program.violation(alternatives.rows(ofAlternative: true)) == nil)
            #expect(objectives[1] <= objectives[0] + 1e-6 * abs(objectives[0]))

            alternatives.observe()
            let scale = 60 * Double(session.engine.meanWeight)
            var worths: [Double] = []
            for ofAlternative in [false, true] {
                let pairs = try Buffer<Float>(count: 16 * PairTable.width, repeating: 0)
                let count = alternatives.writePairs(ofAlternative: ofAlternative, maximum: 16, into: pairs.base)
                let scores = try Buffer<Float>(count: 16, repeating: 0)
                try policy.pair!.evaluate(
                    rows: count, input: pairs.base, output: scores.base,
                    scratch: try NetworkScratch(for: policy.pair!, maximumRows: 16))
                let state = try Buffer<Float>(count: StateTable.width, repeating: 0)
                alternatives.writeState(ofAlternative: ofAlternative, into: state.base)
                let separable = (0..<count).reduce(0.0) { $0 + Double(scores[$1]) }
                let worth = policy.value!.evaluate(state.base) + separable
                worths.append(alternatives.reward(ofAlternative: ofAlternative) + scale * worth)
            }
            // Pairs that both have are left out of both, so it is the difference that agrees.
            let error = (worths[1] - worths[0]) - (objectives[1] - objectives[0])
            #expect(abs(error) < 1e-3 * max(10, abs(objectives[0])), "\(error)")
        }
        #expect(compared > 80 && held > 5, "\(compared) compared, \(held) held more")
    }

    @Test func whereThereIsNoChoiceThereIsNoAlternative() throws {
        let area = try City(side: 5, seed: 4).area()
        let session = try area.session()
        let alternatives = try DispatchAlternatives(session)
        var random = RandomNumbers(seed: 1)
        // One unit, one call that must not be held.
        session.begin()
        session.add(unit: 3)
        session.add(call: 8, priority: 1)
        try session.decideDispatch(SolverLimits())
        #expect(!alternatives.draw(&random))
        #expect(!alternatives.drawNextBest(&random))
        // Another one that may be held for a while.
        session.begin()
        session.add(unit: 3)
        session.add(call: 8, priority: 3)
        try session.decideDispatch(SolverLimits())
        #expect(alternatives.draw(&random))
        #expect(try assignments(alternatives, ofAlternative: true) == [])
        #expect(alternatives.reward(ofAlternative: true) == 0)
        #expect(alternatives.drawNextBest(&random))
    }
}
