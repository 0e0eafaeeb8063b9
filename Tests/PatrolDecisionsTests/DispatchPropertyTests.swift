import PatrolModel
import PatrolNetworks
import TestSupport
import Testing

@testable import PatrolDecisions

/// Random snapshots, rules and networks: what must hold for every one of them.
@Suite struct DispatchPropertyTests {
    /// Some rules on, some off.
    private func randomRules(_ random: inout RandomNumbers) -> DispatchRules {
        var rules = DispatchRules()
        rules.neverHoldPriority = Int32(random.below(4))
        rules.strictPriority = random.below(2) == 0
        rules.longestHold = SIMD8(repeating: random.below(2) == 0 ? .infinity : 400)
        if random.below(3) == 0 { rules.maximumTravelSeconds = 300 }
        if random.below(3) == 0 { rules.ownBeatPenalty = random.below(2) == 0 ? 200 : .infinity }
        rules.reservePerBeat = random.below(3)
        if random.below(2) == 0 { rules.reservePrice = 500 }
        if random.below(2) == 0 { rules.preemption = random.next() }
        return rules
    }

    /// Limits on holding for the city's two categories, in half of all cases.
    private func randomHoldLimits(_ random: inout RandomNumbers) -> [Float] {
        var limits: [Float] = []
        for _ in 0..<random.below(6) {
            for category in 0..<2 {
                let least = limits.count < 2 ? 0 : limits[limits.count - 2]
                let more = [0, 50, 200, .infinity][random.below(4)] as Float
                limits.append(category == 0 ? least + more : max(least, more))
            }
        }
        return random.below(2) == 0 ? [] : limits
    }

    private func fill(_ session: DecisionSession, _ random: inout RandomNumbers) {
        session.fill(&random, calls: 0...9, units: 0...8, nodes: 25) { call, random in
            call.unitsRequired = Int32(1 + random.below(3))
            call.allOrNone = random.below(5) == 0
            call.requiredCapabilities = random.below(5) == 0 ? 1 : 0
            if random.below(4) == 0 { (call.needs.0.capabilities, call.needs.0.missing) = (2, 1) }
        } unit: { unit, random in
            unit.capabilities = UInt64(random.below(4))
            unit.homeBeat = Int32(random.below(3)) - 1
            unit.status = random.below(2) == 0 ? .patrolling : UnitStatus(rawValue: Int32(random.below(4)))!
        }
        let snapshot = session.snapshot
        for i in 0..<snapshot.unitCount
        where snapshot.units[i].status == .enRoute || snapshot.units[i].status == .onScene {
            guard snapshot.incidentCount > 0 else { continue }
            let call = random.below(snapshot.incidentCount)
            guard snapshot.incidents[call].unitsMissing > 1 else { continue }
            snapshot.incidents[call].unitsMissing -= 1
            snapshot.units[i].incident = Int32(call)
        }
    }

    @Test(arguments: [false, true]) func decisionsKeepEveryRuleAndBeatTheHeuristic(concave: Bool) throws {
        let area = try City(side: 5, seed: 9).area()
        var random = RandomNumbers(seed: concave ? 1 : 2)
        var held = 0
        for _ in 0..<60 {
            var options = EngineOptions()
            options.dispatchPolicy = .learned
            options.rules = randomRules(&random)
            let policy = try randomPolicy(&random, hidden: random.below(12), concave: concave, scale: 2)
            let session = try area.session(options, policy: policy, holdTravelSeconds: randomHoldLimits(&random))
            for _ in 0..<5 {
                fill(session, &random)
                let missing = (0..<session.snapshot.incidentCount).map { session.snapshot.incidents[$0].unitsMissing }
                var limits = SolverLimits()
                limits.relativeGap = 0
                try session.decideDispatch(limits)
                let dispatch = session.dispatch
                #expect(dispatch.outcome == .optimal)
                #expect(dispatch.problem.program.violation(dispatch.chosen.base) == nil)
                #expect(dispatch.bound >= dispatch.objective)
                expectNoneBeyondItsLimit(dispatch, dispatch.chosen)
                var memory = WorkingMemory()
                let greedy = GreedyDispatch(problem: dispatch.problem, &memory)
                try memory.check()
                for kind in DispatchPolicyKind.allCases where kind != .learned && kind != .minimumWeightedTravel {
                    greedy.decide(kind)
                    #expect(dispatch.problem.program.violation(greedy.assignment.base) == nil, "\(kind)")
                    expectNoneBeyondItsLimit(dispatch, greedy.assignment)
                    #expect(
                        dispatch.problem.program.evaluate(greedy.assignment.base) <= dispatch.objective + 1e-6
                            * abs(dispatch.objective))
                }
                for j in 0..<session.snapshot.incidentCount {
                    #expect(dispatch.missing[j] >= 0 && dispatch.missing[j] <= missing[j] + 8)
                    if dispatch.missing[j] > 0 && dispatch.reasons[j] == .held { held += 1 }
                }
            }
        }
        #expect(held > 20, "instances in which holding pays are among them")
    }

    /// The assignments that need most units come first, each then takes one: that order allows most.
    private func expectNoneBeyondItsLimit(_ dispatch: DispatchPlanner, _ chosen: Buffer<Int32>) {
        let problem = dispatch.problem
        var needs: [Int32] = []
        for f in 0..<problem.program.rowCount where chosen[f] >= 0 { needs.append(problem.unitsNeeded(Int(chosen[f]))) }
        for (taken, need) in needs.filter({ $0 > 0 }).sorted(by: >).enumerated() {
            #expect(need <= max(1, problem.unitsToSpare - Int32(taken)))
        }
    }

    /// The best objective where a unit may not serve a call, by a search that knows nothing of the decision.
    private func optimum(_ dispatch: DispatchPlanner, without assignment: DispatchAssignment) throws -> Double {
        let pair = (0..<dispatch.pairs.count).first {
            let pair = dispatch.pairs.pairs[$0]
            return pair.unit == assignment.unit && pair.incident == assignment.incident
        }
        let forbidden = Int32(try #require(pair))
        #expect(try dispatch.layProgram(without: forbidden, CallClock()) == .fits)
        #expect(try dispatch.fillProgram(without: forbidden, CallClock()))
        let result = try DispatchSolver(limits: dispatch.program.limits).solve(dispatch.program)
        #expect(result.status == .optimal)
        return result.objective
    }

    @Test func explanationsAreTheCostOfForbidding() throws {
        let area = try City(side: 5, seed: 10).area()
        var random = RandomNumbers(seed: 3)
        var options = EngineOptions()
        options.dispatchPolicy = .learned
        // Rules can force an assignment that costs more than it brings: without them, forbidding never pays.
        options.rules.neverHoldPriority = 0
        options.rules.strictPriority = false
        options.rules.longestHold = SIMD8(repeating: .infinity)
        var explained = 0
        for _ in 0..<60 {
            let policy = try randomPolicy(&random, hidden: 4, concave: true, scale: 1)
            let session = try area.session(options, policy: policy)
            fill(session, &random)
            let units = (0..<session.snapshot.unitCount).map { session.snapshot.units[$0] }
            let incidents = (0..<session.snapshot.incidentCount).map { session.snapshot.incidents[$0] }
            func restore() {
                for i in units.indices { session.snapshot.units[i] = units[i] }
                for j in incidents.indices { session.snapshot.incidents[j] = incidents[j] }
            }
            var limits = SolverLimits()
            limits.relativeGap = 0
            try session.explain(limits)
            let explanations = (0..<session.dispatch.explanationCount).map { session.dispatch.explanations[$0] }
            let optima = try explanations.map { try optimum(session.dispatch, without: $0.assignment) }
            restore()
            try session.decideDispatch(SolverLimits())
            #expect(explanations.count == session.dispatch.assignmentCount)
            for (explanation, optimum) in zip(explanations, optima) {
                explained += 1
                let loss = session.dispatch.objective - optimum
                #expect(abs(explanation.objectiveLoss - loss) < 1e-5 * max(1, abs(session.dispatch.objective)))
                #expect(explanation.objectiveLoss > -1e-5 * max(1, abs(session.dispatch.objective)))
                #expect(explanation.runnerUp != explanation.assignment.unit)
            }
            for j in 0..<incidents.count where incidents[j].unitsMissing > 0 {
                restore()
                let count = try session.rankUnits(incident: j)
                let ranking = (0..<count).map { session.dispatch.ranking[$0] }
                #expect(Set(ranking.map(\.unit)).count == count)
                for k in 1..<max(count, 1) { #expect(ranking[k - 1].worth >= ranking[k].worth) }
            }
        }
        #expect(explained > 30)
    }
}
