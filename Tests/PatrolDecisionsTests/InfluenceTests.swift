import PatrolModel
import Testing

@testable import PatrolDecisions

/// Influences by factors are the same as a table of them, and so is what the solver makes of them, but for the rounding of bounds.
@Suite struct InfluenceTests {
    /// A program in both forms, with the arrays that the factors stand in.
    private struct Twins {
        let factored, table: DispatchProgram
        let row, column, later: Buffer<Double>
        let partOfColumn: Buffer<Int32>
    }

    /// - Parameter counted: further neurons, in each of which some pairs count.
    private func twins(
        _ random: inout RandomNumbers, rows: Int, columns: Int, factors: Int, counted: Int, reserves: Int
    ) throws -> Twins {
        let (parts, width) = ((columns + 1) / 2, ReducedProgram.padded(factors + 1))
        func filled(_ count: Int) throws -> Buffer<Double> {
            let buffer = try Buffer<Double>(count: count * width, repeating: 0)
            for index in 0..<count * width where index % width <= factors { buffer[index] = random.normal() }
            return buffer
        }
        let (row, column, later) = (try filled(rows), try filled(parts), try filled(parts))
        let partOfColumn = try Buffer<Int32>(count: columns, repeating: 0)
        for index in 0..<columns { partOfColumn[index] = Int32(index / 2) }
        func program(isFactored: Bool) throws -> DispatchProgram {
            let program = try DispatchProgram(
                limits: .init(
                    rows: rows, columns: columns, pairs: rows * columns, hidden: factors + counted, prerequisites: 0,
                    prerequisiteColumns: 0, reserves: reserves, reserveMembers: reserves * rows * columns,
                    isFactored: isFactored))
            try program.reset(rows: rows, columns: columns, hidden: factors + counted)
            return program
        }
        let programs = (try program(isFactored: true), try program(isFactored: false))
        programs.0.factors = InfluenceFactors(
            count: factors, row: row.base, column: column.base, later: later.base, width: width,
            partOfColumn: partOfColumn.base)
        for neuron in 0..<factors + counted {
            let (bias, weight) = (random.normal(), random.normal())
            for program in [programs.0, programs.1] { (program.bias[neuron], program.weight[neuron]) = (bias, weight) }
        }
        for r in 0..<rows {
            for c in 0..<columns where random.chance(0.8) {
                let (value, share, neuron) = (
                    random.normal() + 1, Float(random.uniform()), factors + random.below(2 * counted + 1)
                )
                for program in [programs.0, programs.1] { try program.addPair(row: r, column: c, value: value) }
                let pair = programs.0.pairCount - 1
                programs.0.share[pair] = share
                if neuron < factors + counted { programs.0.counter[pair] = Int32(neuron) }
                for k in 0..<factors + counted { programs.1.influence(of: pair)[k] = programs.0.influence(pair, k) }
            }
        }
        for _ in 0..<reserves {
            let limit = random.below(rows)
            for program in [programs.0, programs.1] { try program.addReserve(limit: limit) }
            for pair in 0..<programs.0.pairCount where random.chance(0.4) {
                for program in [programs.0, programs.1] { try program.addReserveMember(pair: pair) }
            }
        }
        return Twins(
            factored: programs.0, table: programs.1, row: row, column: column, later: later, partOfColumn: partOfColumn)
    }

    private func text(_ program: DispatchProgram) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: try #require(program.writeLP(into: nil, capacity: 0)))
        bytes.withUnsafeMutableBufferPointer { _ = program.writeLP(into: $0.baseAddress, capacity: $0.count) }
        return bytes
    }

    @Test(arguments: [
        (5, 3, 4, 0, 0), (7, 6, 9, 2, 0), (6, 8, 7, 0, 2), (9, 7, 12, 3, 2), (4, 4, 0, 3, 1), (30, 12, 16, 0, 0),
    ])
    func factorsAreAsGoodAsATable(_ size: (rows: Int, columns: Int, factors: Int, counted: Int, reserves: Int)) throws {
        var random = RandomNumbers(seed: 7, stream: UInt64(size.rows))
        for _ in 0..<20 {
            let twins = try twins(
                &random, rows: size.rows, columns: size.columns, factors: size.factors, counted: size.counted,
                reserves: size.reserves)
            #expect(try text(twins.factored) == text(twins.table))
            let answers = try [twins.table, twins.factored].map { program in
                let solver = try DispatchSolver(limits: program.limits, nodeBytes: 1 << 16)
                let result = try solver.solve(program)
                return (result, (0..<program.rowCount).map { solver.assignment[$0] })
            }
            #expect(answers[0].1 == answers[1].1)
            let (table, factored) = (answers[0].0, answers[1].0)
            #expect(table.status == factored.status && table.objective == factored.objective)
            #expect(abs(table.bound - factored.bound) <= 1e-9 * (1 + abs(table.bound)))
        }
    }
}
