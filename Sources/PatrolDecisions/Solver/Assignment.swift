import PatrolModel

/// The rectangular assignment problem over eligible pairs, exactly, with prices:
///
///     maximize Σ_p c_p x_p    each row at most once, column g at most capacity g times.
///
/// Mandatory rows are used exactly once and mandatory columns are filled. A pair of value −∞ is not eligible, and
/// the pairs of a column of capacity 0 must not be.
/// Shortest augmenting paths (Jonker & Volgenant 1987; Crouse 2016) that start from any column prices, so that a
/// solve after a small change costs little. The prices prove the answer: u_i + v_g ≥ c_p for every pair, with
/// u_i ≥ 0 and v_g ≥ 0 where row or column are optional, and Σ u_i + Σ capacity_g v_g = Σ c_p x_p.
///
/// Ties go to the lowest index. All memory is declared at creation; `solve` is O(n · pairs) at worst.
public final class Assignment {
    public enum Outcome: Sendable { case solved, infeasible, interrupted }

    public private(set) var rows = 0, columns = 0, pairs = 0

    /// The graph: pairs sorted by row, then column (shape [pairs]), where each row and column starts, and the pairs
    /// of each column in ascending order.
    public let pairRow, pairColumn: UnsafeMutablePointer<Int32>
    let rowStart, columnStart, columnPair: UnsafeMutablePointer<Int32>
    /// Shape [pairs]: finite, or −∞.
    public let value: UnsafeMutablePointer<Double>
    public let rowMandatory, columnMandatory: UnsafeMutablePointer<UInt8>
    public let capacity: UnsafeMutablePointer<Int32>

    /// The answer: shape [rows], the pair of each row or −1, and the prices of rows and columns.
    public let pairOfRow: UnsafeMutablePointer<Int32>
    public let rowPrice, columnPrice: UnsafeMutablePointer<Double>

    /// Rows held by each column: `fill` of them from `columnStart`, and where each row stands.
    let fill, holder, slotOfRow: UnsafeMutablePointer<Int32>
    /// The search: distances, how each node was reached, and the nodes in the order they were reached.
    let columnDistance, rowDistance: UnsafeMutablePointer<Double>
    let columnFrom, rowFrom, openColumns, closedColumns, reachedRows: UnsafeMutablePointer<Int32>
    private let memory: SolverMemory

    /// - Throws: `outOfMemory`.
    public convenience init(rows: Int, columns: Int, pairs: Int) throws(PatrolError) {
        let memory = SolverMemory()
        self.init(rows: rows, columns: columns, pairs: pairs, memory)
        try memory.check()
    }

    init(rows: Int, columns: Int, pairs: Int, _ memory: SolverMemory) {
        self.memory = memory
        rowStart = memory.array(rows &+ 1, repeating: 0)
        pairRow = memory.unwritten(pairs, of: Int32.self)
        pairColumn = memory.unwritten(pairs, of: Int32.self)
        columnStart = memory.array(columns &+ 1, repeating: 0)
        columnPair = memory.unwritten(pairs, of: Int32.self)
        value = memory.unwritten(pairs, of: Double.self)
        rowMandatory = memory.array(rows, repeating: 0)
        columnMandatory = memory.array(columns, repeating: 0)
        capacity = memory.array(columns, repeating: 1)
        pairOfRow = memory.array(rows, repeating: -1)
        rowPrice = memory.array(rows, repeating: 0)
        columnPrice = memory.array(columns, repeating: 0)
        fill = memory.array(columns, repeating: 0)
        holder = memory.unwritten(pairs, of: Int32.self)
        slotOfRow = memory.array(rows, repeating: 0)
        columnDistance = memory.array(columns, repeating: 0)
        rowDistance = memory.array(rows, repeating: 0)
        columnFrom = memory.array(columns, repeating: 0)
        rowFrom = memory.array(rows, repeating: 0)
        openColumns = memory.array(columns, repeating: 0)
        closedColumns = memory.array(columns, repeating: 0)
        reachedRows = memory.array(rows, repeating: 0)
    }

    /// Takes up the `pairRow` and `pairColumn` that the caller has written, for sizes within those of creation, and
    /// forgets the last assignment. Values, flags, capacities and column prices are set separately.
    public func indexPairs(rows: Int, columns: Int, pairs: Int) {
        (self.rows, self.columns, self.pairs) = (rows, columns, pairs)
        rowStart.update(repeating: 0, count: rows + 1)
        columnStart.update(repeating: 0, count: columns + 1)
        for pair in 0..<pairs {
            rowStart[Int(pairRow[pair]) + 1] += 1
            columnStart[Int(pairColumn[pair]) + 1] += 1
        }
        for row in 0..<rows { rowStart[row + 1] += rowStart[row] }
        for column in 0..<columns { columnStart[column + 1] += columnStart[column] }
        fill.update(repeating: 0, count: columns)
        for pair in 0..<pairs {
            let column = Int(pairColumn[pair])
            columnPair[Int(columnStart[column] + fill[column])] = Int32(pair)
            fill[column] += 1
        }
        fill.update(repeating: 0, count: columns)
        pairOfRow.update(repeating: -1, count: rows)
    }

    /// Starts without any knowledge of prices.
    func clearPrices() { columnPrice.update(repeating: 0, count: columns) }

    /// Sets the column prices that suit given row prices, times `scale`, or row prices of 0: a start for values that
    /// changed much. Where slots are few, each then costs one search at most.
    func priceColumns(rowPrices: UnsafePointer<Double>? = nil, scale: Double = 1) {
        clearPrices()
        for row in 0..<rows {
            let price = rowPrices.map { scale * $0[row] } ?? 0
            for pair in Int(rowStart[row])..<Int(rowStart[row + 1]) {
                let gain = value[pair] - price, column = Int(pairColumn[pair])
                if gain > columnPrice[column] { columnPrice[column] = gain }
            }
        }
    }

    /// Solves for the present values, capacities and flags, from the present column prices and assignment.
    public func solve() -> Outcome { solve(clock: CallClock()) }

    func solve(clock: CallClock) -> Outcome {
        guard priceRows() else { return .infeasible }
        var searches = 0
        for row in 0..<rows where pairOfRow[row] < 0 && (rowMandatory[row] != 0 || rowPrice[row] > 0) {
            guard placeRow(row) else { return .infeasible }
            searches += 1
            if searches & 7 == 0, clock.expired { return .interrupted }
        }
        for column in 0..<columns {
            while fill[column] < capacity[column], columnMandatory[column] != 0 || columnPrice[column] > 0 {
                switch fillSlot(of: column) {
                case .filled: break
                case .leftOpen:
                    columnPrice[column] = 0
                    continue
                case .impossible:
                    if columnMandatory[column] != 0 { return .infeasible }
                }
                searches += 1
                if searches & 7 == 0, clock.expired { return .interrupted }
            }
        }
        return .solved
    }

    /// Σ u_i + Σ capacity_g v_g: an upper bound whatever the assignment, and the optimum's value once solved.
    public var dualValue: Double {
        var total = 0.0
        for row in 0..<rows { total += rowPrice[row] }
        for column in 0..<columns where columnPrice[column] != 0 {
            total += columnPrice[column] * Double(capacity[column])
        }
        return total
    }

    /// Sets each row's price to the least that its pairs allow, and keeps what assignment is still tight.
    ///
    /// - Returns: false where a mandatory row has no eligible pair.
    @_optimize(speed)
    private func priceRows() -> Bool {
        for column in 0..<columns {
            if columnMandatory[column] == 0 { columnPrice[column] = max(0, columnPrice[column]) }
            fill[column] = 0
        }
        for row in 0..<rows {
            let mandatory = rowMandatory[row] != 0
            var price = mandatory ? -Double.infinity : 0
            for pair in Int(rowStart[row])..<Int(rowStart[row + 1]) {
                let gain = value[pair] - columnPrice[Int(pairColumn[pair])]
                if gain > price { price = gain }
            }
            if price == -.infinity { return false }
            rowPrice[row] = price
            let pair = Int(pairOfRow[row])
            guard pair >= 0 else { continue }
            pairOfRow[row] = -1
            let column = Int(pairColumn[pair])
            if fill[column] < capacity[column], value[pair] - columnPrice[column] >= price {
                take(pair, row: row, column: column, slot: fill[column])
                fill[column] += 1
            }
        }
        return true
    }

    /// Puts a row into a slot of a column.
    @inline(__always)
    func take(_ pair: Int, row: Int, column: Int, slot: Int32) {
        pairOfRow[row] = Int32(pair)
        holder[Int(columnStart[column] + slot)] = Int32(row)
        slotOfRow[row] = slot
    }

    /// Row price + column price − value of a pair: how far it is from being used; never below 0, +∞ if not eligible.
    @inline(__always)
    func slack(_ pair: Int, row: Int, column: Int) -> Double {
        max(0, rowPrice[row] + columnPrice[column] - value[pair])
    }
}
