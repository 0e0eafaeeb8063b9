@testable import PatrolDecisions
import PatrolModel
import Testing

@Suite struct SolverTests {
    /// Solves, as shipped (0), with short lists (1) or by bounds alone (2), and compares with every assignment.
    func check(_ program: DispatchProgram, effort: Int, _ label: String) throws {
        let solver = try DispatchSolver(limits: program.limits, nodeBytes: 1 << 16)
        if effort > 0 {
            (solver.effort.tinyProgram, solver.effort.smallProgram) = (0, 0)
            (solver.effort.rootVisits, solver.effort.nodeVisits) = effort == 1 ? (300, 50) : (0, 0)
        }
        let result = try solver.solve(program)
        guard let best = exhaustiveOptimum(program) else {
            #expect(result.status == .infeasible && !result.hasAssignment, "\(label): \(result)")
            return
        }
        let slip = 1e-8 * max(1, best.magnitude)
        #expect(result.status == .optimal && result.hasAssignment, "\(label): \(result), optimum \(best)")
        #expect(abs(result.objective - best) <= slip, "\(label): \(result), optimum \(best)")
        #expect(result.bound >= best, "\(label): bound \(result.bound) below \(best)")
        #expect(program.rowCount == 0 || program.violation(solver.assignment) == nil, "\(label)")
        #expect(program.rowCount == 0 || program.evaluate(solver.assignment) == result.objective, "\(label)")
    }

    static let ruleSets: [RuleSet] = [
        [], .convexUnits, .mandatory, .capacities, [.allOrNone, .capacities], .strictPriority, .neverHold, .reserve,
        [.neverHold, .strictPriority, .convexUnits], [.reserve, .capacities, .convexUnits], .all,
    ]

    @Test(arguments: ruleSets) func agreesWithEveryAssignment(rules: RuleSet) throws {
        var random = RandomNumbers(seed: 7, stream: UInt64(rules.rawValue))
        for trial in 0..<300 {
            let rows = random.below(5), columns = random.below(5)
            let program = try randomProgram(
                &random, rows: rows, columns: columns, hidden: random.below(7), rules: rules,
                density: [0.3, 0.8, 1][random.below(3)], ties: trial % 4 == 0)
            try check(program, effort: trial % 3, "rules \(rules.rawValue) trial \(trial)")
        }
    }

    /// Rows that are alike are ordered and branched on as one.
    @Test(arguments: ruleSets) func rowsThatAreAlike(rules: RuleSet) throws {
        var random = RandomNumbers(seed: 19, stream: UInt64(rules.rawValue))
        for trial in 0..<150 {
            let one = try randomProgram(
                &random, rows: 1 + random.below(3), columns: 1 + random.below(4), hidden: random.below(7), rules: rules,
                density: [0.5, 1][random.below(2)], ties: trial % 4 == 0)
            var copies = [Int](repeating: 1, count: one.rowCount)
            while copies.reduce(0, +) < 5 { copies[random.below(copies.count)] += 1 }
            let program = try repeatRows(of: one, copies)
            try check(program, effort: trial % 3, "rules \(rules.rawValue) trial \(trial)")
        }
    }

    /// As the rules of most departments have it: some calls come first, and may not be held.
    func urgentFirst(
        _ random: inout RandomNumbers, rows: Int, columns: Int, urgent: Int, hidden: Int, rules: RuleSet = [],
        density: Double = 1
    ) throws -> DispatchProgram {
        let program = try randomProgram(
            &random, rows: rows, columns: columns, hidden: hidden, rules: rules, density: density)
        let prerequisite = try program.addPrerequisite()
        for column in 0..<urgent { try program.addPrerequisiteColumn(column) }
        for column in 0..<columns { program.protected[column] = column < urgent || random.chance(0.3) ? 1 : 0 }
        for pair in 0..<program.pairCount where Int(program.pairColumn[pair]) >= urgent {
            try program.require(prerequisite, of: pair)
        }
        return program
    }

    /// A solver whose domain is all that the program allows, before anything follows.
    func solverAtRoot(of program: DispatchProgram) throws -> DispatchSolver {
        let solver = try DispatchSolver(limits: program.limits)
        #expect(solver.problem.load(program, CallClock()))
        solver.domain.reset()
        return solver
    }

    @Test func urgentCallsThatMayNotBeHeld() throws {
        var random = RandomNumbers(seed: 23)
        for trial in 0..<3000 {
            let rows = 1 + random.below(5), columns = 2 + random.below(3)
            let program = try urgentFirst(
                &random, rows: rows, columns: columns, urgent: 1 + random.below(columns - 1), hidden: random.below(7),
                rules: [[.convexUnits], [.convexUnits, .capacities]][random.below(2)],
                density: [0.6, 1][random.below(2)])
            try check(program, effort: trial % 3, "trial \(trial)")
        }
    }

    /// Where all calls may be served, the urgent ones are; where units are too few, all of them are used.
    @Test func whatUnitsCannotAvoid() throws {
        var random = RandomNumbers(seed: 29)
        for (rows, urgent) in [(40, 15), (20, 8), (20, 30)] {
            let program = try urgentFirst(&random, rows: rows, columns: 36, urgent: urgent, hidden: 6)
            let solver = try solverAtRoot(of: program)
            #expect(solver.domain.propagate())
            if rows > urgent {
                #expect((0..<urgent).allSatisfy { solver.domain.columnMust[$0] != 0 }, "\(rows) rows")
            } else {
                #expect((0..<rows).allSatisfy { solver.domain.rowMust[$0] != 0 }, "\(rows) rows")
            }
        }
    }

    /// Two units can serve any two of three urgent calls, so none of these is unavoidable.
    @Test func whatUnitsCanAvoid() throws {
        var random = RandomNumbers(seed: 31)
        let program = try urgentFirst(&random, rows: 2, columns: 4, urgent: 3, hidden: 2)
        let solver = try solverAtRoot(of: program)
        solver.domain.capacity[0] = 0
        #expect(solver.domain.propagate())
        #expect((0..<4).allSatisfy { solver.domain.columnMust[$0] == 0 } && solver.domain.rowMust[0] != 0)
    }

    /// The first assignments keep the rules.
    @Test func urgentCallsAreServedWellAtTheFirstNode() throws {
        var random = RandomNumbers(seed: 29)
        for (rows, urgent) in [(40, 15), (20, 8), (20, 30)] {
            let program = try urgentFirst(&random, rows: rows, columns: 36, urgent: urgent, hidden: 6)
            let solver = try DispatchSolver(limits: program.limits)
            var options = DispatchSolver.Options()
            options.nodeLimit = 1
            let first = try solver.solve(program, options: options)
            let all = try solver.solve(program)
            #expect(all.status == .optimal, "\(rows) rows, \(urgent) urgent columns: \(all)")
            #expect(all.objective - first.objective <= 1e-3 * abs(all.objective), "\(rows) rows: \(first), \(all)")
        }
    }

    /// Two solves of different effort must not contradict each other, whatever the size, rules and magnitudes.
    @Test func tenThousandProgramsWithoutContradiction() throws {
        var random = RandomNumbers(seed: 17)
        let limits = DispatchProgram.Limits(
            rows: 12, columns: 12, pairs: 144, hidden: 8, prerequisites: 4, prerequisiteColumns: 48, reserves: 2,
            reserveMembers: 288)
        let solver = try DispatchSolver(limits: limits, nodeBytes: 1 << 18)
        for trial in 0..<10_000 {
            let rules = RuleSet(rawValue: trial % 3 == 0 ? random.below(128) : 1 << random.below(7))
            let scale = trial % 2 == 0 ? 1 : [1e-308, 1e-300, 1e-30, 1e-6, 1e6, 1e30, 1e140][random.below(7)]
            let program = try randomProgram(
                &random, rows: random.below(13), columns: random.below(13), hidden: random.below(9), rules: rules,
                density: [0, 0.05, 0.3, 1][random.below(4)], scale: scale, ties: trial % 6 == 0)
            var options = DispatchSolver.Options()
            options.nodeLimit = 1 + random.below(20)
            options.gap = [0, 1e-4, 0.05][random.below(3)]
            let quick = try solver.solve(program, options: options)
            options.nodeLimit = 200
            options.gap = 0
            let thorough = try solver.solve(program, options: options)
            for result in [quick, thorough] {
                #expect(result.objective <= result.bound, "trial \(trial): \(result)")
                #expect(result.hasAssignment == (result.objective > -.infinity), "trial \(trial): \(result)")
                #expect(!result.hasAssignment || result.status != .infeasible, "trial \(trial): \(result)")
            }
            #expect(quick.objective <= thorough.bound, "trial \(trial): \(quick), \(thorough)")
            #expect(thorough.objective <= quick.bound, "trial \(trial): \(quick), \(thorough)")
            #expect(quick.status != .infeasible || thorough.status == .infeasible, "trial \(trial)")
            if thorough.hasAssignment {
                #expect(program.violation(solver.assignment) == nil, "trial \(trial)")
                #expect(program.evaluate(solver.assignment) == thorough.objective, "trial \(trial)")
            }
        }
    }
}
