import PatrolDecisions
import PatrolModel
import Testing

@Suite struct SolverProgramTests {
    /// Two rows, two columns, all four pairs; one concave and one convex hidden neuron.
    private func smallProgram() throws -> DispatchProgram {
        let program = try DispatchProgram(
            limits: .init(
                rows: 2, columns: 2, pairs: 4, hidden: 2, prerequisites: 1, prerequisiteColumns: 2, reserves: 1,
                reserveMembers: 2))
        try program.reset(rows: 2, columns: 2, hidden: 2)
        program.constant = 0.1
        for index in 0..<4 {
            let pair = try program.addPair(row: index / 2, column: index % 2, value: Double(index) - 1)
            program.influence(of: pair)[0] = 0.5
            program.influence(of: pair)[1] = Double(index % 2) - 0.25
        }
        (program.weight[0], program.weight[1]) = (-2, 3)
        (program.bias[0], program.bias[1]) = (-0.25, -0.125)
        return program
    }

    private func text(_ program: DispatchProgram) throws -> String {
        let size = try #require(program.writeLP(into: nil, capacity: 0))
        var bytes = [UInt8](repeating: 0, count: size + 8)
        let again = bytes.withUnsafeMutableBufferPointer { program.writeLP(into: $0.baseAddress, capacity: size) }
        #expect(again == size && bytes.suffix(8).allSatisfy { $0 == 0 })
        return String(decoding: bytes.prefix(size), as: UTF8.self)
    }

    @Test func evaluatesByHand() throws {
        let program = try smallProgram()
        #expect(program.evaluate([-1, -1]) == 0.1)
        #expect(program.evaluate([1, -1]) == 0.1 + 0 - 2 * 0.25 + 3 * 0.625)
        #expect(program.evaluate([1, 2]) == 0.1 + 0 + 1 - 2 * 0.75 + 3 * 0.375)
    }

    @Test func namesTheRuleThatIsBroken() throws {
        let program = try smallProgram()
        #expect(program.violation([0, 3]) == nil)
        #expect(program.violation([2, -1]) == .row)
        #expect(program.violation([4, -1]) == .row)
        #expect(program.violation([0, 2]) == .columnCapacity)
        program.capacity[1] = 2
        program.allOrNone[1] = 7
        #expect(program.violation([0, 3]) == .allOrNone)
        #expect(program.violation([1, 3]) == nil)
        try program.addPrerequisite()
        try program.addPrerequisiteColumn(0)
        try program.require(0, of: 1)
        #expect(program.violation([1, 3]) == .strictPriority)
        program.allOrNone[1] = -1
        program.protected[0] = 1
        #expect(program.violation([-1, 3]) == .neverHold)
        #expect(program.violation([0, -1]) == nil)
        try program.addReserve(limit: 1)
        try program.addReserveMember(pair: 0)
        try program.addReserveMember(pair: 3)
        #expect(program.violation([0, 3]) == .reserve)
        program.mandatory[1] = 1
        #expect(program.violation([0, -1]) == .mandatoryRow)
    }

    @Test func writesEveryPartOfAnLPFile() throws {
        let program = try smallProgram()
        program.mandatory[0] = 1
        program.allOrNone[1] = 3
        program.protected[0] = 1
        try program.addPrerequisite()
        try program.addPrerequisiteColumn(0)
        try program.require(0, of: 3)
        try program.addReserve(limit: 1)
        try program.addReserveMember(pair: 2)
        let expected = """
            \\ Joint dispatch over a ReLU value network
            Maximize
             obj: + 0.1 one - 1.0 x_0_0 + 1.0 x_1_0 + 2.0 x_1_1 - 2.0 h_0 + 3.0 h_1
            Subject To
             constant: one = 1
             row_0: + 0.0 one + 1.0 x_0_0 + 1.0 x_0_1 = 1.0
             row_1: + 0.0 one + 1.0 x_1_0 + 1.0 x_1_1 <= 1.0
             column_0: + 0.0 one + 1.0 x_0_0 + 1.0 x_1_0 <= 1.0
             column_1: + 0.0 one + 1.0 x_0_1 + 1.0 x_1_1 <= 1.0
             all_or_none_1: + 0.0 one + 1.0 x_0_1 + 1.0 x_1_1 - 1.0 f_3 = 0.0
             filled_0_0: + 0.0 one - 1.0 x_0_0 - 1.0 x_1_0 + 1.0 q_0 <= 0.0
             priority_3: + 1.0 x_1_1 - 1.0 q_0 <= 0.0
             never_hold_0_0: + 2.0 x_0_0 + 1.0 x_0_1 + 1.0 x_1_0 >= 1.0
             never_hold_1_0: + 1.0 x_0_0 + 2.0 x_1_0 + 1.0 x_1_1 >= 1.0
             reserve_0: + 0.0 one + 1.0 x_1_0 <= 1.0
             neuron_0: + 1.0 h_0 - 0.5 x_0_0 - 0.5 x_0_1 - 0.5 x_1_0 - 0.5 x_1_1 >= -0.25
             neuron_1: + 1.0 h_1 + 0.25 x_0_0 - 0.75 x_0_1 + 0.25 x_1_0 - 0.75 x_1_1 + 0.625 a_1 <= 0.5
             state_1: + 1.0 h_1 - 1.375 a_1 <= 0.0
            Binary
             x_0_0
             x_0_1
             x_1_0
             x_1_1
             a_1
             f_3
            End

            """
        #expect(try text(program) == expected)
    }

    /// GLPK refuses an LP file without any constraint.
    @Test func aProgramWithoutRowsHasAConstraint() throws {
        let program = try smallProgram()
        try program.reset(rows: 0, columns: 0, hidden: 0)
        program.constant = 0.5
        let expected = """
            \\ Joint dispatch over a ReLU value network
            Maximize
             obj: + 0.5 one
            Subject To
             constant: one = 1
            Binary
            End

            """
        #expect(try text(program) == expected)
    }

    @Test func sizesAndOrderAreChecked() throws {
        let program = try smallProgram()
        #expect(throws: PatrolError.self) { try program.addPair(row: 1, column: 1, value: 0) }
        #expect(throws: PatrolError.self) { try program.reset(rows: 3, columns: 2, hidden: 2) }
        #expect(throws: PatrolError.self) { try program.require(0, of: 0) }
        #expect(throws: PatrolError.self) { try program.addPrerequisiteColumn(0) }
        try program.addPrerequisite()
        try program.addPrerequisiteColumn(1)
        #expect(throws: PatrolError.self) { try program.addPrerequisiteColumn(0) }
        #expect(throws: PatrolError.self) { try program.addPrerequisite() }
        #expect(throws: PatrolError.self) { try program.require(0, of: 4) }
        #expect(throws: PatrolError.self) { try program.require(0, of: 1) }
        #expect(throws: PatrolError.self) { try program.addReserveMember(pair: 0) }
        try program.addReserve(limit: 0)
        #expect(throws: PatrolError.self) { try program.addReserve(limit: 0) }
        try program.reset(rows: 2, columns: 2, hidden: 1)
        try program.addPair(row: 1, column: 0, value: 0)
        #expect(throws: PatrolError.self) { try program.addPair(row: 0, column: 1, value: 0) }
        #expect(throws: PatrolError.self) { try program.addPair(row: 1, column: 2, value: 0) }
        #expect(throws: PatrolError.self) {
            _ = try DispatchProgram(limits: .init(rows: -1, columns: 0, pairs: 0, hidden: 0))
        }
    }
}
