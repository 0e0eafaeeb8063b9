import PatrolModel

/// One joint dispatch decision as a mixed-integer program over a one-hidden-layer ReLU value network, after
/// Delarue, Anderson & Tjandraatmadja 2020 (arXiv 2010.12001), with the features already eliminated:
///
///     maximize  constant + Σ_p c_p x_p + Σ_k σ_k · ReLU(b_k + Σ_p A_pk x_p),    x ∈ {0, 1}^pairs
///
/// A *row* is a unit, a *column* a group of like slots of one incident, a *pair* an eligible (row, column). Subject to
///
/// 1. each row is used at most once, exactly once where it is mandatory (a preemptable unit continues or is diverted);
/// 2. column g holds at most `capacity` g rows; it is *filled* when it holds that many;
/// 3. all or none: the columns of one group are all filled or all empty;
/// 4. strict priority: a pair with a *prerequisite*, a set of columns, is allowed only if all of them are filled;
/// 5. never hold: if a protected column is not filled, every row eligible for it is used;
/// 6. reserve: among a reserve's pairs, at most `limit` are used.
///
/// A plain description that is filled again for every decision and never allocates after `init`.
public final class DispatchProgram {
    /// Sizes that a program can hold.
    public struct Limits: Sendable {
        public var rows, columns, pairs, hidden: Int
        /// Prerequisites, columns summed over all of them, reserves, and pairs summed over all reserves.
        public var prerequisites, prerequisiteColumns, reserves, reserveMembers: Int
        /// Whether influences are worked out from factors; otherwise each stands in a table.
        var isFactored: Bool

        public init(
            rows: Int, columns: Int, pairs: Int, hidden: Int, prerequisites: Int = 0, prerequisiteColumns: Int = 0,
            reserves: Int = 0, reserveMembers: Int = 0
        ) {
            self.init(
                rows: rows, columns: columns, pairs: pairs, hidden: hidden, prerequisites: prerequisites,
                prerequisiteColumns: prerequisiteColumns, reserves: reserves, reserveMembers: reserveMembers,
                isFactored: false)
        }

        init(
            rows: Int, columns: Int, pairs: Int, hidden: Int, prerequisites: Int, prerequisiteColumns: Int,
            reserves: Int, reserveMembers: Int, isFactored: Bool
        ) {
            self.rows = rows
            self.columns = columns
            self.pairs = pairs
            self.hidden = hidden
            self.prerequisites = prerequisites
            self.prerequisiteColumns = prerequisiteColumns
            self.reserves = reserves
            self.reserveMembers = reserveMembers
            self.isFactored = isFactored
        }
    }

    public let limits: Limits
    public internal(set) var rowCount = 0, columnCount = 0, pairCount = 0, hiddenCount = 0
    public internal(set) var prerequisiteCount = 0, reserveCount = 0
    public var constant = 0.0

    /// Shape [rows]; not zero: the row must be used.
    public let mandatory: Buffer<UInt8>
    /// Shape [columns]: slots, ≥ 0.
    public let capacity: Buffer<Int32>
    /// Shape [columns]: the column's all-or-none group, any number ≥ 0, or −1.
    public let allOrNone: Buffer<Int32>
    /// Shape [columns]; not zero: never hold (5).
    public let protected: Buffer<UInt8>
    /// Shape [pairs], sorted by row, then column.
    public let pairRow, pairColumn: Buffer<Int32>
    /// Shape [pairs]: c.
    public let value: Buffer<Double>
    /// Shape [pairs, hidden]: A, where it is a table.
    let table: Buffer<Double>
    /// A of the first hidden neurons where it is factored: see `InfluenceFactors`. Shape [pairs]: the share, and one further
    /// neuron whose activation the pair raises by 1, or −1.
    var factors: InfluenceFactors?
    let share: Buffer<Float>
    let counter: Buffer<Int32>
    /// Shape [hidden]: b and σ.
    public let bias, weight: Buffer<Double>
    /// Shape [pairs]: the pair's prerequisite, or −1.
    public let prerequisite: Buffer<Int32>
    /// Where the columns of each prerequisite start (shape [prerequisites + 1]) in a list that ascends within each.
    public let prerequisiteStart: Buffer<Int32>
    public let prerequisiteColumn: Buffer<UInt16>
    /// Shape [reserves]: the limit, and where its members start in `reserveMember` (shape [reserves + 1]).
    public let reserveLimit, reserveStart: Buffer<Int32>
    public let reserveMember: Buffer<Int32>
    /// Scratch, shape [columns]: rows that an assignment puts on each.
    let heldRows: Buffer<Int32>

    /// - Throws: `outOfMemory`, also where the sizes cannot be addressed, columns with 16 bits.
    public convenience init(limits: Limits) throws(PatrolError) {
        var memory = WorkingMemory()
        self.init(limits: limits, &memory)
        try memory.check()
    }

    init(limits: Limits, _ memory: inout WorkingMemory) {
        self.limits = limits
        let (influences, overflow) =
            limits.isFactored ? (0, false) : limits.pairs.multipliedReportingOverflow(by: limits.hidden)
        mandatory = memory.buffer(count: limits.rows, repeating: 0)
        capacity = memory.buffer(count: limits.columns, repeating: 0)
        allOrNone = memory.buffer(count: limits.columns, repeating: -1)
        protected = memory.buffer(count: limits.columns, repeating: 0)
        pairRow = memory.buffer(unwritten: limits.pairs)
        pairColumn = memory.buffer(unwritten: limits.pairs)
        value = memory.buffer(unwritten: limits.pairs)
        table = memory.buffer(unwritten: overflow ? -1 : influences)
        share = memory.buffer(unwritten: limits.isFactored ? limits.pairs : 0)
        counter = memory.buffer(unwritten: limits.isFactored ? limits.pairs : 0)
        bias = memory.buffer(count: limits.hidden, repeating: 0)
        weight = memory.buffer(count: limits.hidden, repeating: 0)
        prerequisite = memory.buffer(unwritten: limits.pairs)
        prerequisiteStart = memory.buffer(unwritten: limits.prerequisites &+ 1)
        prerequisiteColumn = memory.buffer(unwritten: limits.columns > 1 << 16 ? -1 : limits.prerequisiteColumns)
        reserveLimit = memory.buffer(count: limits.reserves, repeating: 0)
        reserveStart = memory.buffer(count: limits.reserves &+ 1, repeating: 0)
        reserveMember = memory.buffer(unwritten: limits.reserveMembers)
        heldRows = memory.buffer(count: limits.columns, repeating: 0)
    }

    /// Starts a new program: no pairs and no rules, rows optional, columns of one slot, b = σ = 0.
    ///
    /// - Throws: `capacity` where a size exceeds its limit.
    public func reset(rows: Int, columns: Int, hidden: Int) throws(PatrolError) {
        guard rows >= 0, rows <= limits.rows, columns >= 0, columns <= limits.columns,
            hidden >= 0, hidden <= limits.hidden
        else {
            throw PatrolError(
                .capacity,
                "\(rows) rows, \(columns) columns, \(hidden) hidden neurons; at most \(limits.rows), "
                    + "\(limits.columns), \(limits.hidden) fit")
        }
        (rowCount, columnCount, hiddenCount) = (rows, columns, hidden)
        (pairCount, prerequisiteCount, reserveCount) = (0, 0, 0)
        constant = 0
        factors = nil
        mandatory.base.update(repeating: 0, count: rows)
        capacity.base.update(repeating: 1, count: columns)
        allOrNone.base.update(repeating: -1, count: columns)
        protected.base.update(repeating: 0, count: columns)
        bias.base.update(repeating: 0, count: hidden)
        weight.base.update(repeating: 0, count: hidden)
        (prerequisiteStart[0], reserveStart[0]) = (0, 0)
    }

    /// Adds the next pair, with influence 0; pairs come sorted by row, then column.
    ///
    /// - Returns: its index.
    /// - Throws: `capacity`; `outOfRange` where row or column do not exist or the order is broken.
    @discardableResult
    public func addPair(row: Int, column: Int, value: Double) throws(PatrolError) -> Int {
        guard pairCount < limits.pairs else { throw PatrolError(.capacity, "more than \(limits.pairs) pairs") }
        guard row >= 0, row < rowCount, column >= 0, column < columnCount else {
            throw PatrolError(.outOfRange, "pair (\(row), \(column)) of \(rowCount) rows, \(columnCount) columns")
        }
        if pairCount > 0 {
            let last = (Int(pairRow[pairCount - 1]), Int(pairColumn[pairCount - 1]))
            guard last < (row, column) else {
                throw PatrolError(.outOfRange, "pair (\(row), \(column)) after (\(last.0), \(last.1))")
            }
        }
        return append(row: row, column: column, value: value)
    }

    /// `addPair` where there is room, rows and columns exist and the order is kept.
    @inline(__always)
    func append(row: Int, column: Int, value: Double) -> Int {
        let pair = pairCount
        pairRow[pair] = Int32(row)
        pairColumn[pair] = Int32(column)
        prerequisite[pair] = -1
        self.value[pair] = value
        if limits.isFactored {
            counter[pair] = -1
        } else {
            influence(of: pair).update(repeating: 0, count: hiddenCount)
        }
        pairCount += 1
        return pair
    }

    /// Makes room for hidden neurons where there are none yet: bias and weight are 0, the influences are the caller's to write.
    ///
    /// - Throws: `capacity`.
    func openHidden(_ count: Int) throws(PatrolError) {
        guard hiddenCount == 0 else { return }
        guard count >= 0, count <= limits.hidden else {
            throw PatrolError(.capacity, "\(count) hidden neurons; at most \(limits.hidden) fit")
        }
        hiddenCount = count
        bias.base.update(repeating: 0, count: count)
        weight.base.update(repeating: 0, count: count)
    }

    /// Row `pair` of a table A: `hiddenCount` numbers to be written.
    public func influence(of pair: Int) -> UnsafeMutablePointer<Double> { table.base + pair * hiddenCount }

    /// A_pk.
    func influence(_ pair: Int, _ neuron: Int) -> Double {
        guard limits.isFactored else { return table[pair * hiddenCount + neuron] }
        if let factors, neuron < factors.count {
            return factors.influence(Int(pairRow[pair]), Int(pairColumn[pair]), share[pair], neuron)
        }
        return Int(counter[pair]) == neuron ? 1 : 0
    }

    /// Rule 4: opens a prerequisite, to which the columns added next belong; pairs are given it by `require`.
    ///
    /// - Returns: its index. Pairs of the same prerequisite are decided on together: add equal ones once.
    @discardableResult
    public func addPrerequisite() throws(PatrolError) -> Int {
        guard prerequisiteCount < limits.prerequisites else {
            throw PatrolError(.capacity, "more than \(limits.prerequisites) prerequisites")
        }
        prerequisiteStart[prerequisiteCount + 1] = prerequisiteStart[prerequisiteCount]
        prerequisiteCount += 1
        return prerequisiteCount - 1
    }

    /// Adds a column to the prerequisite that was opened last; columns come in ascending order.
    public func addPrerequisiteColumn(_ column: Int) throws(PatrolError) {
        guard prerequisiteCount > 0, column >= 0, column < columnCount else {
            throw PatrolError(.outOfRange, "column \(column) in prerequisite \(prerequisiteCount - 1)")
        }
        let (start, end) = (prerequisiteStart[prerequisiteCount - 1], Int(prerequisiteStart[prerequisiteCount]))
        guard end < limits.prerequisiteColumns else {
            throw PatrolError(.capacity, "more than \(limits.prerequisiteColumns) columns in prerequisites")
        }
        guard end == Int(start) || Int(prerequisiteColumn[end - 1]) < column else {
            throw PatrolError(
                .outOfRange, "column \(column) of a prerequisite after \(Int(prerequisiteColumn[end - 1]))")
        }
        prerequisiteColumn[end] = UInt16(column)
        prerequisiteStart[prerequisiteCount] += 1
    }

    /// Takes back the prerequisite that was opened last, which no pair has.
    func dropPrerequisite() { prerequisiteCount -= 1 }

    /// Allows `pair` only where the columns of a prerequisite, of which its own is none, are filled.
    public func require(_ prerequisite: Int, of pair: Int) throws(PatrolError) {
        guard pair >= 0, pair < pairCount, prerequisite >= 0, prerequisite < prerequisiteCount else {
            throw PatrolError(.outOfRange, "prerequisite \(prerequisite) of pair \(pair)")
        }
        let columns = columns(ofPrerequisite: prerequisite), own = pairColumn[pair]
        var (low, high) = (0, columns.count)
        while low < high {
            let middle = (low + high) / 2
            if columns[middle] < own { low = middle + 1 } else { high = middle }
        }
        guard low == columns.count || columns[low] != own else {
            throw PatrolError(.outOfRange, "column \(own) is a prerequisite of pair \(pair), which fills it")
        }
        self.prerequisite[pair] = Int32(prerequisite)
    }

    /// Whether a prerequisite has all columns of another.
    func contains(_ prerequisite: Int, _ other: Int) -> Bool {
        let columns = columns(ofPrerequisite: prerequisite)
        var next = 0
        for wanted in self.columns(ofPrerequisite: other) {
            while next < columns.count, columns[next] < wanted { next += 1 }
            guard next < columns.count, columns[next] == wanted else { return false }
        }
        return true
    }

    @inline(__always)
    func columns(ofPrerequisite index: Int) -> UnsafeBufferPointer<UInt16> {
        let start = Int(prerequisiteStart[index]), end = Int(prerequisiteStart[index + 1])
        return UnsafeBufferPointer(start: prerequisiteColumn.base + start, count: end - start)
    }

    /// Rule 6: opens a reserve; the pairs added next count against `limit` ≥ 0.
    public func addReserve(limit: Int) throws(PatrolError) {
        guard reserveCount < limits.reserves else {
            throw PatrolError(.capacity, "more than \(limits.reserves) reserves")
        }
        guard limit >= 0, limit <= Int(Int32.max) else { throw PatrolError(.outOfRange, "reserve limit \(limit)") }
        reserveLimit[reserveCount] = Int32(limit)
        reserveStart[reserveCount + 1] = reserveStart[reserveCount]
        reserveCount += 1
    }

    /// Lets `pair` count against the reserve that was opened last. A pair counts once: add it once.
    public func addReserveMember(pair: Int) throws(PatrolError) {
        guard reserveCount > 0, pair >= 0, pair < pairCount else {
            throw PatrolError(.outOfRange, "pair \(pair) in reserve \(reserveCount - 1)")
        }
        let end = Int(reserveStart[reserveCount])
        guard end < limits.reserveMembers else {
            throw PatrolError(.capacity, "more than \(limits.reserveMembers) pairs in reserves")
        }
        reserveMember[end] = Int32(pair)
        reserveStart[reserveCount] += 1
    }
}
