@testable import PatrolDecisions
import PatrolModel
import Testing

@Suite struct SolverTests {
    /// Solves, by listing (0), by bounds and listing (1) or by bounds alone (2), and compares with every assignment.
    func check(_ programme: DispatchProgramme, effort: Int, _ label: String) throws {
        let solver = try DispatchSolver(limits: programme.limits, nodeBytes: 1 << 16)
        if effort > 0 { solver.listing = effort == 1 ? (0, 300, 50) : (0, 0, 0) }
        let result = try solver.solve(programme)
        guard let best = exhaustiveOptimum(programme) else {
            #expect(result.status == .infeasible && !result.hasAssignment, "\(label): \(result)")
            return
        }
        let slip = 1e-8 * max(1, best.magnitude)
        #expect(result.status == .optimal && result.hasAssignment, "\(label): \(result), optimum \(best)")
        #expect(abs(result.objective - best) <= slip, "\(label): \(result), optimum \(best)")
        #expect(result.bound >= best, "\(label): bound \(result.bound) below \(best)")
        #expect(programme.rowCount == 0 || programme.violation(solver.assignment) == nil, "\(label)")
        #expect(programme.rowCount == 0 || programme.evaluate(solver.assignment) == result.objective, "\(label)")
    }

    static let ruleSets: [RuleSet] = [
        [], .convexUnits, .mandatory, .capacities, [.allOrNone, .capacities], .strictPriority, .neverHold, .reserve,
        [.neverHold, .strictPriority, .convexUnits], [.reserve, .capacities, .convexUnits], .all,
    ]

    @Test(arguments: ruleSets) func agreesWithEveryAssignment(rules: RuleSet) throws {
        var random = RandomNumbers(seed: 7, stream: UInt64(rules.rawValue))
        for trial in 0..<300 {
            let rows = random.below(5), columns = random.below(5)
            let programme = try randomProgramme(
                &random, rows: rows, columns: columns, hidden: random.below(7), rules: rules,
                density: [0.3, 0.8, 1][random.below(3)], ties: trial % 4 == 0)
            try check(programme, effort: trial % 3, "rules \(rules.rawValue) trial \(trial)")
        }
    }
}
