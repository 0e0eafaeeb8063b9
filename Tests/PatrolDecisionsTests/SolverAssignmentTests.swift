import PatrolDecisions
import PatrolModel
import Testing

/// A small assignment problem and its optimum by dynamic programming over the sets of slots taken.
private struct Instance {
    var rows = 0, columns = 0
    var pairs: [(row: Int, column: Int, value: Double)] = []
    var capacity: [Int] = []
    var mandatoryRow: [Bool] = [], mandatoryColumn: [Bool] = []

    var optimum: Double? {
        var used = [[Int]: Double]()
        used[[Int](repeating: 0, count: columns)] = 0
        for row in 0..<rows {
            var next = mandatoryRow[row] ? [:] : used
            for pair in pairs where pair.row == row && pair.value > -.infinity {
                for (counts, total) in used where counts[pair.column] < capacity[pair.column] {
                    var more = counts
                    more[pair.column] += 1
                    next[more] = max(next[more] ?? -.infinity, total + pair.value)
                }
            }
            used = next
        }
        return used.filter { counts, _ in
            (0..<columns).allSatisfy { !mandatoryColumn[$0] || counts[$0] == capacity[$0] }
        }.values.max()
    }

    func load(into assignment: Assignment) {
        for (index, pair) in pairs.enumerated() {
            assignment.pairRow[index] = Int32(pair.row)
            assignment.pairColumn[index] = Int32(pair.column)
            assignment.value[index] = capacity[pair.column] > 0 ? pair.value : -.infinity
        }
        for row in 0..<rows { assignment.rowMandatory[row] = mandatoryRow[row] ? 1 : 0 }
        for column in 0..<columns {
            assignment.capacity[column] = Int32(capacity[column])
            assignment.columnMandatory[column] = mandatoryColumn[column] ? 1 : 0
        }
    }
}

@Suite struct SolverAssignmentTests {
    private func random(_ random: inout RandomNumbers, scale: Double, ties: Bool, mandatory: Bool) -> Instance {
        var instance = Instance()
        instance.rows = random.below(7)
        instance.columns = random.below(5)
        let density = [0.3, 0.7, 1][random.below(3)]
        for row in 0..<instance.rows {
            instance.mandatoryRow.append(mandatory && random.chance(0.25))
            for column in 0..<instance.columns where random.chance(density) {
                let value = random.normal()
                instance.pairs.append((row, column, ties ? (2 * value).rounded() : value * scale))
            }
        }
        for _ in 0..<instance.columns {
            instance.capacity.append([1, 1, 1, 0, 2, 3][random.below(6)])
            instance.mandatoryColumn.append(mandatory && random.chance(0.25))
        }
        return instance
    }

    /// The outcome is right, the assignment feasible, and the prices prove it optimal.
    private func check(_ instance: Instance, _ assignment: Assignment, scale: Double, _ label: String) {
        let outcome = assignment.solve()
        guard let best = instance.optimum else {
            #expect(outcome == .infeasible, "\(label)")
            return
        }
        guard outcome == .solved else {
            Issue.record("\(label): \(outcome), optimum \(best)")
            return
        }
        var total = 0.0
        var held = [Int](repeating: 0, count: instance.columns)
        for row in 0..<instance.rows {
            let pair = Int(assignment.pairOfRow[row])
            guard pair >= 0 else {
                #expect(!instance.mandatoryRow[row], "\(label)")
                continue
            }
            #expect(instance.pairs[pair].row == row, "\(label)")
            total += instance.pairs[pair].value
            held[instance.pairs[pair].column] += 1
        }
        for column in 0..<instance.columns {
            #expect(held[column] <= instance.capacity[column], "\(label)")
            #expect(!instance.mandatoryColumn[column] || held[column] == instance.capacity[column], "\(label)")
            #expect(instance.mandatoryColumn[column] || assignment.columnPrice[column] >= 0, "\(label)")
        }
        let slip = 1e-12 * scale * 100
        #expect(abs(total - best) <= slip, "\(label): \(total), optimum \(best)")
        #expect(abs(assignment.dualValue - best) <= slip, "\(label): dual \(assignment.dualValue), optimum \(best)")
        for pair in instance.pairs where instance.capacity[pair.column] > 0 {
            let price = assignment.rowPrice[pair.row] + assignment.columnPrice[pair.column]
            #expect(price >= pair.value - slip, "\(label)")
        }
    }

    @Test(arguments: [1, 1e-300, 1e-9, 1e9, 1e300]) func agreesWithDynamicProgramming(scale: Double) throws {
        var generator = RandomNumbers(seed: 3, stream: scale.bitPattern)
        let assignment = try Assignment(rows: 7, columns: 5, pairs: 35)
        for trial in 0..<400 {
            let ties = scale == 1 && trial % 2 == 0
            let instance = random(&generator, scale: scale, ties: ties, mandatory: trial % 4 > 1)
            instance.load(into: assignment)
            assignment.indexPairs(rows: instance.rows, columns: instance.columns, pairs: instance.pairs.count)
            check(instance, assignment, scale: scale, "scale \(scale) trial \(trial)")
        }
    }

    /// Values and flags change a little between solves, which start from the last prices.
    @Test func resolvesAfterChanges() throws {
        var generator = RandomNumbers(seed: 4)
        let assignment = try Assignment(rows: 7, columns: 5, pairs: 35)
        for trial in 0..<100 {
            var instance = random(&generator, scale: 1, ties: trial % 2 == 0, mandatory: false)
            instance.load(into: assignment)
            assignment.indexPairs(rows: instance.rows, columns: instance.columns, pairs: instance.pairs.count)
            for change in 0..<12 {
                for index in instance.pairs.indices where generator.chance(0.2) {
                    instance.pairs[index].value = generator.chance(0.2) ? -.infinity : generator.normal()
                }
                for row in 0..<instance.rows { instance.mandatoryRow[row] = generator.chance(0.1) }
                for column in 0..<instance.columns { instance.mandatoryColumn[column] = generator.chance(0.1) }
                instance.load(into: assignment)
                check(instance, assignment, scale: 1, "trial \(trial) change \(change)")
            }
        }
    }

    @Test func mixedMagnitudesStayExact() throws {
        let assignment = try Assignment(rows: 3, columns: 3, pairs: 9)
        let values = [1e300, 1e-300, -1e300, 1e300, 2e-300, 5, 1e300, 3e-300, 7]
        for index in 0..<9 {
            assignment.pairRow[index] = Int32(index / 3)
            assignment.pairColumn[index] = Int32(index % 3)
            assignment.value[index] = values[index]
        }
        assignment.indexPairs(rows: 3, columns: 3, pairs: 9)
        #expect(assignment.solve() == .solved)
        let total = (0..<3).reduce(0.0) {
            $0 + (assignment.pairOfRow[$1] < 0 ? 0 : values[Int(assignment.pairOfRow[$1])])
        }
        #expect(total == 1e300)
    }

    @Test func tiesGoToTheLowestIndex() throws {
        let assignment = try Assignment(rows: 3, columns: 2, pairs: 6)
        for index in 0..<6 {
            assignment.pairRow[index] = Int32(index / 2)
            assignment.pairColumn[index] = Int32(index % 2)
            assignment.value[index] = 1
        }
        assignment.indexPairs(rows: 3, columns: 2, pairs: 6)
        #expect(assignment.solve() == .solved)
        #expect((0..<3).map { assignment.pairOfRow[$0] } == [0, 3, -1])
    }

    /// A price for each row and column that no pair's value exceeds, and that every pair used meets, leaves no better
    /// assignment: the sums of both are the same.
    @Test func pricesProveDenseAssignments() throws {
        var random = RandomNumbers(seed: 17)
        for (rows, columns) in [(1, 1), (1, 9), (7, 7), (20, 33), (40, 40), (64, 200), (150, 150)] {
            for kind in 0..<5 {
                let values: [Double] = (0..<rows * columns).map { _ in
                    switch kind {
                    case 0: random.normal()
                    case 1: Double(random.below(4))
                    // Some rows find an open column along ties, and some do not.
                    case 4: Double(random.below(60))
                    case 2: random.chance(0.2) && columns > 1 ? -.infinity : 1e9 * random.normal()
                    default: -600 * random.uniform()
                    }
                }
                let least = kind == 3 ? 0 : -Double.infinity
                let dense = try DenseAssignment(values, rows: rows, columns: columns, least: least)
                guard try dense.solve() else {
                    #expect(kind == 2)
                    continue
                }
                var taken = Set<Int32>(), gap = 0.0
                for row in 0..<rows {
                    let column = Int(dense.columnOfRow[row])
                    #expect(taken.insert(Int32(column)).inserted && dense.rowOfColumn[column] == Int32(row))
                    #expect(dense.value(row, column) > -.infinity)
                    for other in 0..<columns {
                        gap = max(gap, dense.value(row, other) - dense.rowPrice(row) - dense.columnPrice[other])
                    }
                }
                #expect(gap <= 1e-12 * (kind == 2 ? 1e10 : 1e3), "\(rows) x \(columns), \(kind): \(gap)")
                for column in 0..<columns where !taken.contains(Int32(column)) {
                    #expect(dense.columnPrice[column] == 0)
                }
            }
        }
    }
}
