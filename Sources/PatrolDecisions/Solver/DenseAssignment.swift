import CKernels
import PatrolModel

/// The complete assignment of highest value for a dense matrix of `rows` ≤ `columns`, with prices that prove it:
/// u_i + v_j ≥ c_ij for every pair, equal where j is assigned to i, and v_j = 0 where a column stays open.
///
/// Jonker & Volgenant (1987): column reduction where the matrix is square, augmenting row reduction, then a shortest
/// augmenting path for each row that is left. Rows are scanned whole, which suits dense matrices as the lists of
/// `Assignment` suit sparse ones.
package final class DenseAssignment {
    package let rows, columns: Int
    let values: UnsafePointer<Double>
    /// No value counts as less.
    let least: Double

    /// The column of each row, and the row of each column or −1.
    package let columnOfRow, rowOfColumn: UnsafeMutablePointer<Int32>
    /// v, padded to a multiple of 8.
    package let columnPrice: UnsafeMutablePointer<Double>

    let taken: UnsafeMutablePointer<Double>
    private let distance, searchPrice, closedDistance: UnsafeMutablePointer<Double>
    let from: UnsafeMutablePointer<Int64>
    private let closed, waiting: UnsafeMutablePointer<Int32>
    /// Bits of columns, `words` each: those still open; of a search along ties, those that it has reached, and those among them whose
    /// rows it has seen.
    let words: Int
    let open, reached, seen: UnsafeMutablePointer<UInt64>
    /// Shape [rows, words]: the columns that are as good to each row as any; and whether they are known, shape [rows].
    let ties: UnsafeMutablePointer<UInt64>
    let hasTies: UnsafeMutablePointer<UInt8>
    private let memory: Buffer<UInt64>

    /// - Parameters:
    ///   - values: shape [rows, columns], of finite values and −∞; they must stay where they are while this object is used.
    ///   - least: what every lower value counts as; −∞ forbids a pair whose value is −∞.
    /// - Throws: `outOfMemory`.
    package init(_ values: UnsafePointer<Double>, rows: Int, columns: Int, least: Double) throws(PatrolError) {
        (self.values, self.rows, self.columns, self.least) = (values, rows, columns, least)
        let padded = (columns + 7) & ~7
        words = (columns + 63) / 64
        memory = try Buffer(unwritten: 7 * padded + 2 * rows + (3 + rows) * words)
        let places = UnsafeMutableRawPointer(memory.base)
        columnPrice = places.bindMemory(to: Double.self, capacity: 5 * padded)
        taken = columnPrice + padded
        distance = taken + padded
        searchPrice = distance + padded
        closedDistance = searchPrice + padded
        from = (places + 40 * padded).bindMemory(to: Int64.self, capacity: padded)
        columnOfRow = (places + 48 * padded).bindMemory(to: Int32.self, capacity: 2 * padded + 2 * rows)
        waiting = columnOfRow + rows
        rowOfColumn = waiting + rows
        closed = rowOfColumn + padded
        hasTies = (places + 56 * padded + 8 * rows).bindMemory(to: UInt8.self, capacity: 8 * rows)
        open = memory.base + 7 * padded + 2 * rows
        reached = open + words
        seen = reached + words
        ties = seen + words
        columnPrice.update(repeating: 0, count: 2 * padded)
        for column in columns..<padded { columnPrice[column] = .infinity }
        distance.update(repeating: .infinity, count: 2 * padded)
        columnOfRow.update(repeating: -1, count: 2 * rows + padded)
    }

    /// u: what a row gains beyond its column's price.
    package func rowPrice(_ row: Int) -> Double {
        let column = Int(columnOfRow[row])
        return value(row, column) - columnPrice[column]
    }

    package func value(_ row: Int, _ column: Int) -> Double { max(least, values[row * columns + column]) }

    /// - Returns: false where no complete assignment avoids the forbidden pairs.
    /// - Throws: `invalidNumber`: the values of a square matrix, which is read from the first to the last, are checked on the way.
    package func solve() throws(PatrolError) -> Bool {
        if rows == columns { try reduceColumns() }
        var count = 0
        for row in 0..<rows where columnOfRow[row] < 0 {
            waiting[count] = Int32(row)
            count += 1
        }
        var reduced = 0, tied = 0
        for _ in 0..<2 {
            guard let left = reduceRows(count, &reduced, &tied) else { return false }
            count = left
        }
        // As long as ties lead to open columns.
        var hits = 0, misses = 2 * tied > reduced ? 0 : 1
        if count > 0, misses == 0 { prepareTies() }
        for index in 0..<count {
            let row = Int(waiting[index])
            if misses <= hits {
                if augmentAlongTies(from: row) {
                    hits += 1
                    continue
                }
                misses += 1
            }
            guard augment(from: row) else { return false }
            if misses <= hits { prepareTies() }
        }
        return true
    }

    /// Prices each column at its highest value, and gives it to the row that has it unless that row has another.
    private func reduceColumns() throws(PatrolError) {
        columnPrice.update(repeating: -.infinity, count: columns)
        for row in 0..<rows {
            try checkDense(UnsafeBufferPointer(start: values + row * columns, count: columns), row: row, columns)
            kernels_raise_columns(columnPrice, from, values + row * columns, least, Int64(row), columns)
        }
        for column in stride(from: columns - 1, through: 0, by: -1) {
            if columnPrice[column] == -.infinity {
                columnPrice[column] = 0  // no row may have it
            } else if columnOfRow[Int(from[column])] < 0 {
                take(column, row: Int(from[column]))
            }
        }
    }

    /// Gives each of the first `count` waiting rows its best column at the price at which its second best is as good;
    /// the row that held it waits instead.
    ///
    /// - Parameters:
    ///   - reduced: is raised by the number of rows that were given a column.
    ///   - tied: by the number of those that had two equally good ones.
    /// - Returns: how many rows still wait; nil where a row has no column.
    private func reduceRows(_ count: Int, _ reduced: inout Int, _ tied: inout Int) -> Int? {
        var left = 0, next = 0
        /// Prices that rise by little at a time are better found by searches.
        var patience = 8 * rows
        var found = kernels_two_least()
        while next < count {
            let row = Int(waiting[next])
            next += 1
            kernels_two_least(&found, values + row * columns, least, columnPrice, taken, columns)
            guard found.at >= 0 else { return nil }
            let rises = found.instead < 0
            let column = Int(rises ? found.at : found.instead)
            reduced += 1
            if !rises {
                tied += 1
            } else if found.second < .infinity {
                columnPrice[column] += found.second - found.first
            }
            let last = rowOfColumn[column]
            take(column, row: row)
            guard last >= 0 else { continue }
            columnOfRow[Int(last)] = -1
            if rises, patience > 0 {
                patience -= 1
                next -= 1
                waiting[next] = last
            } else {
                waiting[left] = last
                left += 1
            }
        }
        return left
    }

    /// Finds the shortest augmenting path from a row to an open column, and moves the rows along it.
    ///
    /// - Returns: false where there is none.
    private func augment(from root: Int) -> Bool {
        distance.update(repeating: .infinity, count: columns)
        searchPrice.update(from: columnPrice, count: columns)
        var row = root, count = 0
        var shift = 0.0
        var found = kernels_reached()
        while true {
            kernels_reach_columns(
                &found, distance, from, values + row * columns, least, searchPrice, taken, shift, Int64(row), columns)
            guard found.at >= 0 else { return false }
            if found.open <= found.nearest { break }
            let column = Int(found.at)
            closed[count] = Int32(column)
            closedDistance[count] = found.nearest
            count += 1
            // Out of the search: never near again, and never reached.
            distance[column] = .infinity
            searchPrice[column] = .infinity
            row = Int(rowOfColumn[column])
            shift = found.nearest - (columnPrice[column] - value(row, column))
        }
        for index in 0..<count { columnPrice[Int(closed[index])] += found.open - closedDistance[index] }
        var column = 0
        while taken[column] != 0 || distance[column] != found.open { column += 1 }
        moveRows(to: column, root: root)
        return true
    }

    /// Moves the rows along the path that leads to an open column, back to the root.
    func moveRows(to column: Int, root: Int) {
        var column = column
        while true {
            let row = Int(from[column]), last = Int(columnOfRow[row])
            take(column, row: row)
            if row == root { return }
            column = last
        }
    }

    private func take(_ column: Int, row: Int) {
        columnOfRow[row] = Int32(column)
        rowOfColumn[column] = Int32(row)
        taken[column] = .infinity
    }
}

/// Checks values of a dense matrix from row `row` on: sums of them, and of prices, stay finite.
/// - Throws: `invalidNumber`.
private func checkDense(_ values: UnsafeBufferPointer<Double>, row: Int = 0, _ columns: Int) throws(PatrolError) {
    let beyond = kernels_first_beyond(values.baseAddress, 1e100, values.count)
    guard beyond == values.count else {
        throw PatrolError(
            .invalidNumber,
            "values[\(row + beyond / columns)][\(beyond % columns)] is \(values[beyond]), expected at most 1e100 either way, or -infinity"
        )
    }
}

/// The assignment of highest value for a dense matrix, shape [rows, columns]; −∞ forbids a pair.
///
/// - Parameters:
///   - complete: every row (every column, where rows are more) is assigned; else only what has positive value.
///   - columnOfRow: the column of each row, or −1; nothing is written where it throws.
/// - Returns: the total value.
/// - Throws: `invalidNumber`, `mismatch` where no complete assignment exists, `outOfMemory`.
public func denseAssignment(
    _ values: UnsafeBufferPointer<Double>, rows: Int, columns: Int, complete: Bool,
    into columnOfRow: UnsafeMutablePointer<Int32>
) throws(PatrolError) -> Double {
    guard let base = values.baseAddress, rows > 0, columns > 0 else {
        columnOfRow.update(repeating: -1, count: rows)
        return 0
    }
    if rows != columns { try checkDense(values, columns) }
    let upright = rows <= columns
    let turned = try upright ? nil : Buffer<Double>(unwritten: rows * columns)
    if let turned { kernels_transpose(turned.base, base, rows, columns) }
    // Without a duty to assign, a pair of no value stands for none.
    let assignment = try DenseAssignment(
        UnsafePointer(turned?.base) ?? base, rows: min(rows, columns), columns: max(rows, columns),
        least: complete ? -.infinity : 0)
    guard try assignment.solve() else {
        throw PatrolError(
            .mismatch, "no complete assignment of \(rows) rows to \(columns) columns avoids the forbidden pairs")
    }
    let found = upright ? assignment.columnOfRow : assignment.rowOfColumn
    var objective = 0.0
    for row in 0..<rows {
        columnOfRow[row] = -1
        let column = Int(found[row])
        guard column >= 0, complete || base[row * columns + column] > 0 else { continue }
        columnOfRow[row] = Int32(column)
        objective += base[row * columns + column]
    }
    return objective
}
