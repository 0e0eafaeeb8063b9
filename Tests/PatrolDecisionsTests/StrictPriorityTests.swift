import PatrolModel
import TestSupport
import Testing

@testable import PatrolDecisions

/// Strict priority where many calls wait for many units: what could make a tree of every urgent call.
@Suite struct StrictPriorityTests {
    private func fill(_ session: DecisionSession, units: Int, calls: Int, _ random: inout RandomNumbers) {
        session.begin()
        for _ in 0..<units { session.add(unit: random.below(100)) }
        for _ in 0..<calls {
            session.add(call: random.below(100), priority: Int32(1 + random.below(4))) {
                $0.weight = $0.priority == 1 ? 3 : 1
            }
        }
    }

    /// Where each unit could serve each call, the most urgent ones are all served, and the program is the assignment
    /// problem in which no number of calls of one priority outweighs one of the priority before.
    @Test(arguments: [20, 60]) func theTreeIsOfPrioritiesNotOfCalls(units: Int) throws {
        var options = EngineOptions()
        options.dispatchPolicy = .minimumWeightedTravel
        let session = try City(side: 10, seed: 3).area().session(options, units: units, incidents: 200)
        var random = RandomNumbers(seed: 11)
        for _ in 0..<6 {
            fill(session, units: units, calls: 200, &random)
            try session.decideDispatch(SolverLimits())
            let dispatch = session.dispatch, program = dispatch.program
            #expect(dispatch.outcome == .optimal && dispatch.nodes <= 9, "\(dispatch.nodes) nodes")
            #expect(program.prerequisiteCount == 3)

            var values = [Double](repeating: -.infinity, count: units * 200)
            for p in 0..<dispatch.pairs.count {
                let pair = dispatch.pairs.pairs[p]
                let rank = Int(session.snapshot.incidents[Int(pair.incident)].priority)
                values[Int(pair.unit) * 200 + Int(pair.incident)] =
                    [1e13, 1e10, 1e7, 1e4][rank - 1] + dispatch.pairs.weightedTravel(p)
            }
            let columnOfRow = try Buffer<Int32>(count: units, repeating: -1)
            _ = try values.withUnsafeBufferPointer { (values) throws(PatrolError) in
                try denseAssignment(values, rows: units, columns: 200, complete: true, into: columnOfRow.base)
            }
            var travel = 0.0
            for i in 0..<units {
                let p = (0..<dispatch.pairs.count).first {
                    dispatch.pairs.pairs[$0].unit == i && dispatch.pairs.pairs[$0].incident == columnOfRow[i]
                }
                travel += dispatch.pairs.weightedTravel(p!)
            }
            #expect(abs(dispatch.objective - travel) < 1e-3, "\(dispatch.objective), \(travel)")
        }
    }

    /// Units that may serve different calls do not share what must come first: the tree is one of calls again, but ends.
    @Test func unitsThatMayServeDifferentCalls() throws {
        var options = EngineOptions()
        options.dispatchPolicy = .minimumWeightedTravel
        options.rules.maximumTravelSeconds = 500
        let session = try City(side: 10, seed: 4).area().session(options, units: 40, incidents: 120)
        var random = RandomNumbers(seed: 12)
        for _ in 0..<6 {
            fill(session, units: 40, calls: 120, &random)
            try session.decideDispatch(SolverLimits())
            #expect(session.dispatch.program.prerequisiteCount > 40)
            #expect(
                session.dispatch.outcome == .optimal && session.dispatch.nodes < 500, "\(session.dispatch.nodes) nodes")
        }
    }

    /// Equal prerequisites are there once, whichever unit brought them.
    @Test func capabilitiesMakeTwoKindsOfPrerequisites() throws {
        var options = EngineOptions()
        options.dispatchPolicy = .priorityClosest
        let session = try City(side: 10, seed: 5).area().session(options, units: 20, incidents: 40)
        session.begin()
        for i in 0..<20 { session.add(unit: i) { $0.capabilities = i % 2 == 0 ? 1 : 0 } }
        for j in 0..<40 {
            session.add(call: j, priority: Int32(1 + j % 3)) { $0.requiredCapabilities = j % 4 == 0 ? 1 : 0 }
        }
        try session.decideDispatch(SolverLimits())
        // Priorities 2 and 3, each for units with and without the capability.
        #expect(session.dispatch.program.prerequisiteCount == 4)
        #expect(session.dispatch.program.violation(session.dispatch.chosen.base) == nil)
    }
}
