import PatrolDecisions
import PatrolModel
import Testing

@Suite struct SolverProgrammeTests {
    /// Two rows, two columns, all four pairs; one concave and one convex hidden unit.
    private func smallProgramme() throws -> DispatchProgramme {
        let programme = try DispatchProgramme(
            limits: .init(
                rows: 2, columns: 2, pairs: 4, hidden: 2, prerequisites: 1, prerequisiteColumns: 2, reserves: 1,
                reserveMembers: 2))
        try programme.reset(rows: 2, columns: 2, hidden: 2)
        programme.constant = 0.1
        for index in 0..<4 {
            let pair = try programme.addPair(row: index / 2, column: index % 2, value: Double(index) - 1)
            programme.influence(of: pair)[0] = 0.5
            programme.influence(of: pair)[1] = Double(index % 2) - 0.25
        }
        (programme.weight[0], programme.weight[1]) = (-2, 3)
        (programme.bias[0], programme.bias[1]) = (-0.25, -0.125)
        return programme
    }

    private func text(_ programme: DispatchProgramme) -> String {
        let size = programme.writeLP(into: nil, capacity: 0)
        var bytes = [UInt8](repeating: 0, count: size + 8)
        let again = bytes.withUnsafeMutableBufferPointer { programme.writeLP(into: $0.baseAddress, capacity: size) }
        #expect(again == size && bytes.suffix(8).allSatisfy { $0 == 0 })
        return String(decoding: bytes.prefix(size), as: UTF8.self)
    }

    @Test func evaluatesByHand() throws {
        let programme = try smallProgramme()
        #expect(programme.evaluate([-1, -1]) == 0.1)
        #expect(programme.evaluate([1, -1]) == 0.1 + 0 - 2 * 0.25 + 3 * 0.625)
        #expect(programme.evaluate([1, 2]) == 0.1 + 0 + 1 - 2 * 0.75 + 3 * 0.375)
    }

    @Test func namesTheRuleThatIsBroken() throws {
        let programme = try smallProgramme()
        #expect(programme.violation([0, 3]) == nil)
        #expect(programme.violation([2, -1]) == .row)
        #expect(programme.violation([4, -1]) == .row)
        #expect(programme.violation([0, 2]) == .columnCapacity)
        programme.capacity[1] = 2
        programme.allOrNone[1] = 7
        #expect(programme.violation([0, 3]) == .allOrNone)
        #expect(programme.violation([1, 3]) == nil)
        try programme.addPrerequisite()
        try programme.addPrerequisiteColumn(0)
        try programme.require(0, of: 1)
        #expect(programme.violation([1, 3]) == .strictPriority)
        programme.allOrNone[1] = -1
        programme.protected[0] = 1
        #expect(programme.violation([-1, 3]) == .neverHold)
        #expect(programme.violation([0, -1]) == nil)
        try programme.addReserve(limit: 1)
        try programme.addReserveMember(pair: 0)
        try programme.addReserveMember(pair: 3)
        #expect(programme.violation([0, 3]) == .reserve)
        programme.mandatory[1] = 1
        #expect(programme.violation([0, -1]) == .mandatoryRow)
    }

    @Test func writesEveryPartOfAnLPFile() throws {
        let programme = try smallProgramme()
        programme.mandatory[0] = 1
        programme.allOrNone[1] = 3
        programme.protected[0] = 1
        try programme.addPrerequisite()
        try programme.addPrerequisiteColumn(0)
        try programme.require(0, of: 3)
        try programme.addReserve(limit: 1)
        try programme.addReserveMember(pair: 2)
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
             unit_0: + 1.0 h_0 - 0.5 x_0_0 - 0.5 x_0_1 - 0.5 x_1_0 - 0.5 x_1_1 >= -0.25
             unit_1: + 1.0 h_1 + 0.25 x_0_0 - 0.75 x_0_1 + 0.25 x_1_0 - 0.75 x_1_1 + 0.625 a_1 <= 0.5
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
        #expect(text(programme) == expected)
    }

    /// GLPK refuses an LP file without any constraint.
    @Test func aProgrammeWithoutRowsHasAConstraint() throws {
        let programme = try smallProgramme()
        try programme.reset(rows: 0, columns: 0, hidden: 0)
        programme.constant = 0.5
        let expected = """
            \\ Joint dispatch over a ReLU value network
            Maximize
             obj: + 0.5 one
            Subject To
             constant: one = 1
            Binary
            End

            """
        #expect(text(programme) == expected)
    }

    @Test func sizesAndOrderAreChecked() throws {
        let programme = try smallProgramme()
        #expect(throws: PatrolError.self) { try programme.addPair(row: 1, column: 1, value: 0) }
        #expect(throws: PatrolError.self) { try programme.reset(rows: 3, columns: 2, hidden: 2) }
        #expect(throws: PatrolError.self) { try programme.require(0, of: 0) }
        #expect(throws: PatrolError.self) { try programme.addPrerequisiteColumn(0) }
        try programme.addPrerequisite()
        try programme.addPrerequisiteColumn(1)
        #expect(throws: PatrolError.self) { try programme.addPrerequisiteColumn(0) }
        #expect(throws: PatrolError.self) { try programme.addPrerequisite() }
        #expect(throws: PatrolError.self) { try programme.require(0, of: 4) }
        #expect(throws: PatrolError.self) { try programme.require(0, of: 1) }
        #expect(throws: PatrolError.self) { try programme.addReserveMember(pair: 0) }
        try programme.addReserve(limit: 0)
        #expect(throws: PatrolError.self) { try programme.addReserve(limit: 0) }
        try programme.reset(rows: 2, columns: 2, hidden: 1)
        try programme.addPair(row: 1, column: 0, value: 0)
        #expect(throws: PatrolError.self) { try programme.addPair(row: 0, column: 1, value: 0) }
        #expect(throws: PatrolError.self) { try programme.addPair(row: 1, column: 2, value: 0) }
        #expect(throws: PatrolError.self) { _ = try DispatchProgramme(limits: .init(rows: -1, columns: 0, pairs: 0, hidden: 0)) }
    }
}
