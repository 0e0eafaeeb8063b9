import PatrolDecisions
import PatrolModel

/// Which rules a random program has.
struct RuleSet: OptionSet {
    let rawValue: Int
    static let mandatory = RuleSet(rawValue: 1)
    static let capacities = RuleSet(rawValue: 2)
    static let allOrNone = RuleSet(rawValue: 4)
    static let strictPriority = RuleSet(rawValue: 8)
    static let neverHold = RuleSet(rawValue: 16)
    static let reserve = RuleSet(rawValue: 32)
    static let convexUnits = RuleSet(rawValue: 64)
    static let all = RuleSet(rawValue: 127)
}

extension RandomNumbers {
    mutating func normal() -> Double {
        var sum = -6.0
        for _ in 0..<12 { sum += uniform() }
        return sum
    }

    mutating func chance(_ probability: Double) -> Bool { uniform() < probability }
}

/// A random program; `scale` multiplies all values, `ties` rounds them to small integers.
func randomProgram(
    _ random: inout RandomNumbers, rows: Int, columns: Int, hidden: Int, rules: RuleSet, density: Double = 0.8,
    scale: Double = 1, ties: Bool = false
) throws -> DispatchProgram {
    let cells = rows * columns
    let program = try DispatchProgram(
        limits: .init(
            rows: rows, columns: columns, pairs: cells, hidden: hidden, prerequisites: 4,
            prerequisiteColumns: 4 * columns,
            reserves: 2, reserveMembers: 2 * cells))
    try program.reset(rows: rows, columns: columns, hidden: hidden)
    func number(_ random: inout RandomNumbers) -> Double {
        let x = random.normal()
        return ties ? x.rounded() : x * scale
    }
    program.constant = number(&random)
    for row in 0..<rows where rules.contains(.mandatory) && random.chance(0.15) { program.mandatory[row] = 1 }
    for column in 0..<columns {
        if rules.contains(.capacities) { program.capacity[column] = Int32(random.below(4)) }
        if rules.contains(.allOrNone), random.chance(0.5) { program.allOrNone[column] = Int32(random.below(3)) }
        if rules.contains(.neverHold), random.chance(0.3) { program.protected[column] = 1 }
    }
    for unit in 0..<hidden {
        program.bias[unit] = number(&random)
        let weight = number(&random) / (ties ? 1 : scale)
        program.weight[unit] = rules.contains(.convexUnits) ? weight : -weight.magnitude
    }
    let unitEffect = (0..<rows * hidden).map { _ in number(&random) }
    let callEffect = (0..<columns * hidden).map { _ in number(&random) }
    for row in 0..<rows {
        for column in 0..<columns where random.chance(density) {
            let pair = try program.addPair(row: row, column: column, value: number(&random) + (ties ? 1 : scale))
            for unit in 0..<hidden {
                program.influence(of: pair)[unit] =
                    unitEffect[row * hidden + unit] + callEffect[column * hidden + unit] + 0.3 * number(&random)
            }
        }
    }
    if rules.contains(.strictPriority), columns > 1 {
        for _ in 0..<4 {
            let prerequisite = try program.addPrerequisite(), share = [0.2, 0.6][random.below(2)]
            let wanted = (0..<columns).filter { _ in random.chance(share) }
            for column in wanted { try program.addPrerequisiteColumn(column) }
            for pair in 0..<program.pairCount where random.chance(0.2) {
                if !wanted.contains(Int(program.pairColumn[pair])) { try program.require(prerequisite, of: pair) }
            }
        }
    }
    if rules.contains(.reserve) {
        for _ in 0..<2 {
            try program.addReserve(limit: random.below(max(1, rows)))
            for pair in 0..<program.pairCount where random.chance(0.5) { try program.addReserveMember(pair: pair) }
        }
    }
    return program
}

/// The program with each row `copies[row]` times, under the same rules; a reserve's limit stays.
func repeatRows(of source: DispatchProgram, _ copies: [Int]) throws -> DispatchProgram {
    let limits = source.limits, most = copies.max() ?? 1
    let program = try DispatchProgram(
        limits: .init(
            rows: limits.rows * most, columns: limits.columns, pairs: limits.pairs * most, hidden: limits.hidden,
            prerequisites: limits.prerequisites, prerequisiteColumns: limits.prerequisiteColumns,
            reserves: limits.reserves,
            reserveMembers: limits.reserveMembers * most))
    try program.reset(rows: copies.reduce(0, +), columns: source.columnCount, hidden: source.hiddenCount)
    program.constant = source.constant
    for column in 0..<source.columnCount {
        program.capacity[column] = source.capacity[column]
        program.allOrNone[column] = source.allOrNone[column]
        program.protected[column] = source.protected[column]
    }
    for unit in 0..<source.hiddenCount {
        (program.bias[unit], program.weight[unit]) = (source.bias[unit], source.weight[unit])
    }
    var row = 0
    var copiesOfPair = [[Int]](repeating: [], count: source.pairCount)
    for original in 0..<source.rowCount {
        for _ in 0..<copies[original] {
            program.mandatory[row] = source.mandatory[original]
            for pair in 0..<source.pairCount where Int(source.pairRow[pair]) == original {
                let copy = try program.addPair(
                    row: row, column: Int(source.pairColumn[pair]), value: source.value[pair])
                program.influence(of: copy).update(from: source.influence(of: pair), count: source.hiddenCount)
                copiesOfPair[pair].append(copy)
            }
            row += 1
        }
    }
    for index in 0..<source.prerequisiteCount {
        try program.addPrerequisite()
        for place in Int(source.prerequisiteStart[index])..<Int(source.prerequisiteStart[index + 1]) {
            try program.addPrerequisiteColumn(Int(source.prerequisiteColumn[place]))
        }
    }
    for pair in 0..<source.pairCount where source.prerequisite[pair] >= 0 {
        for copy in copiesOfPair[pair] { try program.require(Int(source.prerequisite[pair]), of: copy) }
    }
    for reserve in 0..<source.reserveCount {
        try program.addReserve(limit: Int(source.reserveLimit[reserve]))
        for index in Int(source.reserveStart[reserve])..<Int(source.reserveStart[reserve + 1]) {
            for copy in copiesOfPair[Int(source.reserveMember[index])] { try program.addReserveMember(pair: copy) }
        }
    }
    return program
}

/// The best objective over all feasible assignments, by trying every one of them; nil where there is none.
func exhaustiveOptimum(_ program: DispatchProgram) -> Double? {
    var assignment = [Int32](repeating: -1, count: program.rowCount)
    var free = (0..<program.columnCount).map { Int(program.capacity[$0]) }
    var pairs = [[Int]](repeating: [], count: program.rowCount)
    for pair in 0..<program.pairCount { pairs[Int(program.pairRow[pair])].append(pair) }
    var best: Double?
    func visit(_ row: Int) {
        if row == program.rowCount {
            let value = assignment.withUnsafeBufferPointer { array -> Double? in
                let base = array.baseAddress ?? UnsafePointer(program.pairRow.base)
                return program.violation(base) == nil ? program.evaluate(base) : nil
            }
            if let value, value > best ?? -.infinity { best = value }
            return
        }
        visit(row + 1)
        for pair in pairs[row] where free[Int(program.pairColumn[pair])] > 0 {
            free[Int(program.pairColumn[pair])] -= 1
            assignment[row] = Int32(pair)
            visit(row + 1)
            assignment[row] = -1
            free[Int(program.pairColumn[pair])] += 1
        }
    }
    visit(0)
    return best
}
