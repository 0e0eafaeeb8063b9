import PatrolDecisions
import PatrolModel

/// Which rules a random programme has.
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

/// A random programme; `scale` multiplies all values, `ties` rounds them to small integers.
func randomProgramme(
    _ random: inout RandomNumbers, rows: Int, columns: Int, hidden: Int, rules: RuleSet, density: Double = 0.8,
    scale: Double = 1, ties: Bool = false
) throws -> DispatchProgramme {
    let cells = rows * columns
    let programme = try DispatchProgramme(limits: .init(
        rows: rows, columns: columns, pairs: cells, hidden: hidden, prerequisites: 4, prerequisiteColumns: 4 * columns,
        reserves: 2, reserveMembers: 2 * cells))
    try programme.reset(rows: rows, columns: columns, hidden: hidden)
    func number(_ random: inout RandomNumbers) -> Double {
        let x = random.normal()
        return ties ? x.rounded() : x * scale
    }
    programme.constant = number(&random)
    for row in 0..<rows where rules.contains(.mandatory) && random.chance(0.15) { programme.mandatory[row] = 1 }
    for column in 0..<columns {
        if rules.contains(.capacities) { programme.capacity[column] = Int32(random.below(4)) }
        if rules.contains(.allOrNone), random.chance(0.5) { programme.allOrNone[column] = Int32(random.below(3)) }
        if rules.contains(.neverHold), random.chance(0.3) { programme.protected[column] = 1 }
    }
    for unit in 0..<hidden {
        programme.bias[unit] = number(&random)
        let weight = number(&random) / (ties ? 1 : scale)
        programme.weight[unit] = rules.contains(.convexUnits) ? weight : -weight.magnitude
    }
    let unitEffect = (0..<rows * hidden).map { _ in number(&random) }
    let callEffect = (0..<columns * hidden).map { _ in number(&random) }
    for row in 0..<rows {
        for column in 0..<columns where random.chance(density) {
            let pair = try programme.addPair(row: row, column: column, value: number(&random) + (ties ? 1 : scale))
            for unit in 0..<hidden {
                programme.influence(of: pair)[unit] =
                    unitEffect[row * hidden + unit] + callEffect[column * hidden + unit] + 0.3 * number(&random)
            }
        }
    }
    if rules.contains(.strictPriority), columns > 1 {
        for _ in 0..<4 {
            let prerequisite = try programme.addPrerequisite(), share = [0.2, 0.6][random.below(2)]
            let wanted = (0..<columns).filter { _ in random.chance(share) }
            for column in wanted { try programme.addPrerequisiteColumn(column) }
            for pair in 0..<programme.pairCount where random.chance(0.2) {
                if !wanted.contains(Int(programme.pairColumn[pair])) { try programme.require(prerequisite, of: pair) }
            }
        }
    }
    if rules.contains(.reserve) {
        for _ in 0..<2 {
            try programme.addReserve(limit: random.below(max(1, rows)))
            for pair in 0..<programme.pairCount where random.chance(0.5) { try programme.addReserveMember(pair: pair) }
        }
    }
    return programme
}

/// The programme with each row `copies[row]` times, under the same rules; a reserve's limit stays.
func repeatRows(of source: DispatchProgramme, _ copies: [Int]) throws -> DispatchProgramme {
    let limits = source.limits, most = copies.max() ?? 1
    let programme = try DispatchProgramme(limits: .init(
        rows: limits.rows * most, columns: limits.columns, pairs: limits.pairs * most, hidden: limits.hidden,
        prerequisites: limits.prerequisites, prerequisiteColumns: limits.prerequisiteColumns, reserves: limits.reserves,
        reserveMembers: limits.reserveMembers * most))
    try programme.reset(rows: copies.reduce(0, +), columns: source.columnCount, hidden: source.hiddenCount)
    programme.constant = source.constant
    for column in 0..<source.columnCount {
        programme.capacity[column] = source.capacity[column]
        programme.allOrNone[column] = source.allOrNone[column]
        programme.protected[column] = source.protected[column]
    }
    for unit in 0..<source.hiddenCount {
        (programme.bias[unit], programme.weight[unit]) = (source.bias[unit], source.weight[unit])
    }
    var row = 0
    var copiesOfPair = [[Int]](repeating: [], count: source.pairCount)
    for original in 0..<source.rowCount {
        for _ in 0..<copies[original] {
            programme.mandatory[row] = source.mandatory[original]
            for pair in 0..<source.pairCount where Int(source.pairRow[pair]) == original {
                let copy = try programme.addPair(
                    row: row, column: Int(source.pairColumn[pair]), value: source.value[pair])
                programme.influence(of: copy).update(from: source.influence(of: pair), count: source.hiddenCount)
                copiesOfPair[pair].append(copy)
            }
            row += 1
        }
    }
    for index in 0..<source.prerequisiteCount {
        try programme.addPrerequisite()
        for place in Int(source.prerequisiteStart[index])..<Int(source.prerequisiteStart[index + 1]) {
            try programme.addPrerequisiteColumn(Int(source.prerequisiteColumn[place]))
        }
    }
    for pair in 0..<source.pairCount where source.prerequisite[pair] >= 0 {
        for copy in copiesOfPair[pair] { try programme.require(Int(source.prerequisite[pair]), of: copy) }
    }
    for reserve in 0..<source.reserveCount {
        try programme.addReserve(limit: Int(source.reserveLimit[reserve]))
        for index in Int(source.reserveStart[reserve])..<Int(source.reserveStart[reserve + 1]) {
            for copy in copiesOfPair[Int(source.reserveMember[index])] { try programme.addReserveMember(pair: copy) }
        }
    }
    return programme
}

/// The best objective over all feasible assignments, by trying every one of them; nil where there is none.
func exhaustiveOptimum(_ programme: DispatchProgramme) -> Double? {
    var assignment = [Int32](repeating: -1, count: programme.rowCount)
    var free = (0..<programme.columnCount).map { Int(programme.capacity[$0]) }
    var pairs = [[Int]](repeating: [], count: programme.rowCount)
    for pair in 0..<programme.pairCount { pairs[Int(programme.pairRow[pair])].append(pair) }
    var best: Double?
    func visit(_ row: Int) {
        if row == programme.rowCount {
            let value = assignment.withUnsafeBufferPointer { array -> Double? in
                let base = array.baseAddress ?? UnsafePointer(programme.pairRow.base)
                return programme.violation(base) == nil ? programme.evaluate(base) : nil
            }
            if let value, value > best ?? -.infinity { best = value }
            return
        }
        visit(row + 1)
        for pair in pairs[row] where free[Int(programme.pairColumn[pair])] > 0 {
            free[Int(programme.pairColumn[pair])] -= 1
            assignment[row] = Int32(pair)
            visit(row + 1)
            assignment[row] = -1
            free[Int(programme.pairColumn[pair])] += 1
        }
    }
    visit(0)
    return best
}
