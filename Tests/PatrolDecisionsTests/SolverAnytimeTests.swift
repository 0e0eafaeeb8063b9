import CKernels
import PatrolDecisions
import PatrolModel
import Testing

@Suite struct SolverAnytimeTests {
    /// A program that takes far more than one node.
    private func hardProgram(seed: UInt64 = 5, rows: Int = 24, columns: Int = 14) throws -> DispatchProgram {
        var random = RandomNumbers(seed: seed)
        return try randomProgram(&random, rows: rows, columns: columns, hidden: 16, rules: [.convexUnits], density: 1)
    }

    @Test func nodeLimitsGiveValidBoundsThatMeet() throws {
        let program = try hardProgram()
        let solver = try DispatchSolver(limits: program.limits)
        let exact = try solver.solve(program)
        #expect(exact.status == .optimal && exact.nodes > 3)
        for limit in [0, 1, 2, 5, 20, exact.nodes] {
            var options = DispatchSolver.Options()
            options.nodeLimit = limit
            let result = try solver.solve(program, options: options)
            #expect(result.hasAssignment && result.objective <= exact.objective && result.bound >= exact.objective)
            #expect(program.violation(solver.assignment) == nil)
            #expect(program.evaluate(solver.assignment) == result.objective)
            #expect(result.status == (limit == exact.nodes ? .optimal : .nodeLimit) || result.gap == 0)
            #expect(result.nodes <= max(1, limit))
        }
    }

    @Test func askedGapIsKept() throws {
        let program = try hardProgram()
        let solver = try DispatchSolver(limits: program.limits)
        let exact = try solver.solve(program)
        for gap in [1e-4, 1e-2, 0.1, 1] {
            var options = DispatchSolver.Options()
            options.gap = gap
            let result = try solver.solve(program, options: options)
            #expect(result.status == .withinGap || result.status == .optimal)
            #expect(result.gap <= gap)
            #expect(result.bound >= exact.objective - 1e-9 && result.objective <= exact.objective)
        }
    }

    @Test func pastDeadlineAndCancelStillAnswer() throws {
        let program = try hardProgram()
        let solver = try DispatchSolver(limits: program.limits)
        let exact = try solver.solve(program)
        var options = DispatchSolver.Options()
        options.clock.deadline = kernels_monotonic_nanoseconds() - 1
        let late = try solver.solve(program, options: options)
        #expect(late.status == .deadline && late.hasAssignment)
        #expect(late.bound >= exact.objective && late.gap > 0)
        #expect(program.violation(solver.assignment) == nil)
        var flag: Int32 = 1
        try withUnsafePointer(to: &flag) {
            options.clock = CallClock()
            options.clock.cancelFlag = $0
            let cancelled = try solver.solve(program, options: options)
            #expect(cancelled.status == .cancelled && cancelled.bound >= exact.objective)
        }
        options.clock = CallClock()
        #expect(try solver.solve(program, options: options).status == .optimal)
    }

    /// Where there is no time even to load the program, nothing of the one before it is taken for its own.
    @Test func startsOfAProgramThatIsNotLoadedAreItsOwn() throws {
        let (small, large) = (try hardProgram(rows: 9, columns: 7), try hardProgram())
        let solver = try DispatchSolver(limits: large.limits)
        _ = try solver.solve(large)
        let best = (0..<large.rowCount).map { solver.assignment[$0] }
        for before in [small, large] {
            _ = try solver.solve(before)
            var options = DispatchSolver.Options()
            options.clock.deadline = kernels_monotonic_nanoseconds() - 1
            let late = try solver.solve(large, options: options, starts: best, startCount: 1)
            #expect(late.hasAssignment && late.objective == large.evaluate(best))
            #expect((0..<large.rowCount).map { solver.assignment[$0] } == best)
        }
    }

    /// The same answer again, whatever the solver did in between and whoever solves.
    @Test func answersAreRepeatable() throws {
        let solver = try DispatchSolver(limits: hardProgram().limits)
        var options = DispatchSolver.Options()
        options.nodeLimit = 12
        for seed in 0..<4 {
            let program = try hardProgram(seed: UInt64(seed), rows: 12 + seed, columns: 9)
            let first = try solver.solve(program, options: options)
            let assignment = (0..<program.rowCount).map { solver.assignment[$0] }
            _ = try solver.solve(hardProgram(seed: 99, rows: 9, columns: 7))
            let second = try solver.solve(program, options: options)
            let other = try DispatchSolver(limits: hardProgram().limits)
            let third = try other.solve(program, options: options)
            for (again, holder) in [(second, solver), (third, other)] {
                #expect(again.objective == first.objective && again.bound == first.bound && again.nodes == first.nodes)
                #expect(again.evaluations == first.evaluations && again.status == first.status)
                if holder === other { #expect((0..<program.rowCount).map { holder.assignment[$0] } == assignment) }
            }
        }
    }

    /// A full pool drops nodes but keeps their bounds.
    @Test func smallPoolsKeepBoundsValid() throws {
        var random = RandomNumbers(seed: 21)
        for _ in 0..<10 {
            let program = try randomProgram(
                &random, rows: 14, columns: 9, hidden: 12, rules: [.convexUnits, .allOrNone, .capacities], density: 1)
            let exact = try DispatchSolver(limits: program.limits).solve(program)
            let small = try DispatchSolver(limits: program.limits, nodeBytes: 0).solve(program)
            #expect(small.objective <= exact.objective && small.bound >= exact.objective)
            #expect(small.status == .optimal || small.status == .nodeLimit)
        }
    }

    @Test func startsAreKeptOrPassedOver() throws {
        let program = try hardProgram()
        let solver = try DispatchSolver(limits: program.limits)
        let exact = try solver.solve(program)
        let best = (0..<program.rowCount).map { solver.assignment[$0] }
        var options = DispatchSolver.Options()
        options.nodeLimit = 0
        let invalid = [Int32](repeating: Int32(program.pairCount), count: program.rowCount)
        let result = try solver.solve(program, options: options, starts: invalid + best, startCount: 2)
        #expect(result.objective == exact.objective)
    }

    @Test func emptyPrograms() throws {
        for (rows, columns, hidden) in [(0, 0, 0), (3, 0, 2), (0, 3, 2), (3, 3, 0), (2, 2, 3)] {
            let program = try DispatchProgram(
                limits: .init(rows: rows, columns: columns, pairs: 4, hidden: hidden))
            try program.reset(rows: rows, columns: columns, hidden: hidden)
            program.constant = 2.5
            for unit in 0..<hidden { (program.bias[unit], program.weight[unit]) = (1, -0.5) }
            let result = try DispatchSolver(limits: program.limits).solve(program)
            #expect(result.status == .optimal && result.objective == 2.5 - 0.5 * Double(hidden))
            if rows > 0 {
                program.mandatory[0] = 1
                #expect(try DispatchSolver(limits: program.limits).solve(program).status == .infeasible)
            }
        }
    }

    @Test func wrongNumbersAndSizesAreErrors() throws {
        let solver = try DispatchSolver(limits: .init(rows: 2, columns: 2, pairs: 4, hidden: 1))
        for value in [Double.nan, .infinity, -.infinity, 1e306] {
            let program = try DispatchProgram(limits: solver.limits)
            try program.reset(rows: 2, columns: 2, hidden: 1)
            try program.addPair(row: 0, column: 1, value: 1)
            program.influence(of: 0)[0] = value
            program.weight[0] = 1
            #expect(throws: PatrolError.self) { _ = try solver.solve(program) }
        }
        let large = try hardProgram()
        #expect(throws: PatrolError.self) { _ = try solver.solve(large) }
        #expect(throws: PatrolError.self) { try large.addPair(row: 0, column: 0, value: 1) }
        #expect(throws: PatrolError.self) {
            _ = try DispatchSolver(limits: .init(rows: 1 << 40, columns: 1 << 40, pairs: 1 << 60, hidden: 1 << 20))
        }
    }
}
