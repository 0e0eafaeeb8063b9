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
    private let values: UnsafePointer<Double>
    /// No value counts as less.
    private let least: Double

    /// The column of each row, and the row of each column or −1.
    package let columnOfRow, rowOfColumn: UnsafeMutablePointer<Int32>
    /// v, padded to a multiple of 8.
    package let columnPrice: UnsafeMutablePointer<Double>

    private let taken, distance, searchPrice, closedDistance: UnsafeMutablePointer<Double>
    private let from: UnsafeMutablePointer<Int64>
    private let closed, waiting: UnsafeMutablePointer<Int32>
    private let memory = SolverMemory()

    /// - Parameters:
    ///   - values: shape [rows, columns], of finite values and −∞; they must stay where they are while this object is used.
    ///   - least: what every lower value counts as; −∞ forbids a pair whose value is −∞.
    /// - Throws: `outOfMemory`.
    package init(_ values: UnsafePointer<Double>, rows: Int, columns: Int, least: Double) throws(PatrolError) {
        (self.values, self.rows, self.columns, self.least) = (values, rows, columns, least)
        let padded = (columns + 7) & ~7
        columnPrice = memory.array(5 * padded, repeating: 0)
        taken = columnPrice + padded
        distance = taken + padded
        searchPrice = distance + padded
        closedDistance = searchPrice + padded
        from = memory.array(padded, repeating: 0)
        columnOfRow = memory.array(2 * rows + 2 * padded, repeating: -1)
        waiting = columnOfRow + rows
        rowOfColumn = waiting + rows
        closed = rowOfColumn + padded
        try memory.check()
        for column in columns..<padded { columnPrice[column] = .infinity }
        distance.update(repeating: .infinity, count: 2 * padded)
    }

    /// u: what a row gains beyond its column's price.
    package func rowPrice(_ row: Int) -> Double {
        let column = Int(columnOfRow[row])
        return value(row, column) - columnPrice[column]
    }

    package func value(_ row: Int, _ column: Int) -> Double { max(least, values[row * columns + column]) }

    /// - Returns: false where no complete assignment avoids the forbidden pairs.
    package func solve() -> Bool {
        if rows == columns { reduceColumns() }
        var count = 0
        for row in 0..<rows where columnOfRow[row] < 0 {
            waiting[count] = Int32(row)
            count += 1
        }
        for _ in 0..<2 {
            guard let left = reduceRows(count) else { return false }
            count = left
        }
        for index in 0..<count {
            guard augment(from: Int(waiting[index])) else { return false }
        }
        return true
    }

    /// Prices each column at its highest value, and gives it to the row that has it unless that row has another.
    private func reduceColumns() {
        for column in 0..<columns { columnPrice[column] = -.infinity }
        for row in 0..<rows {
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
    /// - Returns: how many rows still wait; nil where a row has no column.
    private func reduceRows(_ count: Int) -> Int? {
        var left = 0, next = 0
        /// Prices that rise by little at a time are better found by searches.
        var patience = 8 * rows
        var found = kernels_two_least()
        while next < count {
            let row = Int(waiting[next])
            next += 1
            kernels_two_least(&found, values + row * columns, least, columnPrice, taken, columns)
            guard found.at >= 0 else { return nil }
            var column = Int(found.at)
            let raised = columnPrice[column] + (found.second - found.first)
            let rises = raised > columnPrice[column]
            if rises {
                if found.next >= 0 { columnPrice[column] = raised }
            } else if found.open_at >= 0, found.open <= found.first {
                column = Int(found.open_at)
            } else if found.next >= 0 {
                column = Int(found.next)
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
        while true {
            let row = Int(from[column]), last = Int(columnOfRow[row])
            take(column, row: row)
            if row == root { return true }
            column = last
        }
    }

    private func take(_ column: Int, row: Int) {
        columnOfRow[row] = Int32(column)
        rowOfColumn[column] = Int32(row)
        taken[column] = .infinity
    }
}

/// The assignment of highest value for a dense matrix, shape [rows, columns]; −∞ forbids a pair.
///
/// - Parameter complete: every row (every column, where rows are more) is assigned; else only what has positive value.
/// - Throws: `invalidNumber`, `mismatch` where no complete assignment exists, `outOfMemory`.
public func denseAssignment(
    _ values: UnsafeBufferPointer<Double>, rows: Int, columns: Int, complete: Bool
) throws(PatrolError) -> (columnOfRow: Buffer<Int32>, objective: Double) {
    // Sums of such values, and of prices, stay finite.
    let limit = 1e100
    let beyond = kernels_first_beyond(values.baseAddress, limit, values.count)
    guard beyond == values.count else {
        throw PatrolError(
            .invalidNumber,
            "values[\(beyond / columns)][\(beyond % columns)] is \(values[beyond]), expected at most 1e100 either way, or -infinity"
        )
    }
    let columnOfRow = try Buffer<Int32>(count: rows, repeating: -1)
    guard let base = values.baseAddress, rows > 0, columns > 0 else { return (columnOfRow, 0) }
    let upright = rows <= columns
    let turned = try upright ? nil : transposed(base, rows: rows, columns: columns)
    // Without a duty to assign, a pair of no value stands for none.
    let assignment = try DenseAssignment(
        UnsafePointer(turned?.base) ?? base, rows: min(rows, columns), columns: max(rows, columns),
        least: complete ? -.infinity : 0)
    guard assignment.solve() else {
        throw PatrolError(
            .mismatch, "no complete assignment of \(rows) rows to \(columns) columns avoids the forbidden pairs")
    }
    var objective = 0.0
    for row in 0..<rows {
        let column = Int(upright ? assignment.columnOfRow[row] : assignment.rowOfColumn[row])
        guard column >= 0, complete || base[row * columns + column] > 0 else { continue }
        columnOfRow[row] = Int32(column)
        objective += base[row * columns + column]
    }
    return (columnOfRow, objective)
}

private func transposed(_ values: UnsafePointer<Double>, rows: Int, columns: Int) throws(PatrolError) -> Buffer<Double>
{
    let turned = try Buffer<Double>(count: rows * columns, repeating: 0)
    let tile = 16
    for firstRow in stride(from: 0, to: rows, by: tile) {
        for firstColumn in stride(from: 0, to: columns, by: tile) {
            for column in firstColumn..<min(firstColumn + tile, columns) {
                for row in firstRow..<min(firstRow + tile, rows) {
                    turned[column * rows + row] = values[row * columns + column]
                }
            }
        }
    }
    return turned
}
