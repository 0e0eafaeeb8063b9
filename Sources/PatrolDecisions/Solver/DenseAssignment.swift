import PatrolModel

/// The assignment of highest value for a dense matrix, shape [rows, columns]; −∞ forbids a pair.
///
/// - Parameter complete: every row (every column, where rows are more) is assigned; else only what has positive value.
/// - Throws: `invalidNumber`, `mismatch` where no complete assignment exists, `outOfMemory`.
public func denseAssignment(
    _ values: UnsafeBufferPointer<Double>, rows: Int, columns: Int, complete: Bool
) throws(PatrolError) -> (columnOfRow: Buffer<Int32>, objective: Double) {
    var pairs = 0
    for k in 0..<values.count {
        // Sums of such values, and of prices, stay finite.
        guard values[k].magnitude <= 1e100 || values[k] == -.infinity else {
            throw PatrolError(
                .invalidNumber,
                "values[\(k / columns)][\(k % columns)] is \(values[k]), expected at most 1e100 either way, or -infinity")
        }
        if values[k].isFinite { pairs += 1 }
    }
    guard pairs <= Int(Int32.max) else { throw PatrolError(.outOfMemory, "no memory for \(pairs) pairs") }
    let assignment = try Assignment(rows: rows, columns: columns, pairs: pairs)
    var pair = 0
    for row in 0..<rows {
        if complete && rows <= columns { assignment.rowMandatory[row] = 1 }
        for column in 0..<columns where values[row * columns + column].isFinite {
            assignment.pairRow[pair] = Int32(row)
            assignment.pairColumn[pair] = Int32(column)
            assignment.value[pair] = values[row * columns + column]
            pair += 1
        }
    }
    if complete && rows > columns { for column in 0..<columns { assignment.columnMandatory[column] = 1 } }
    assignment.indexPairs(rows: rows, columns: columns, pairs: pairs)
    assignment.clearPrices()
    guard assignment.solve() == .solved else {
        throw PatrolError(.mismatch, "no complete assignment of \(rows) rows to \(columns) columns avoids the forbidden pairs")
    }
    let columnOfRow = try Buffer<Int32>(count: rows, repeating: -1)
    var objective = 0.0
    for row in 0..<rows where assignment.pairOfRow[row] >= 0 {
        columnOfRow[row] = assignment.pairColumn[Int(assignment.pairOfRow[row])]
        objective += assignment.value[Int(assignment.pairOfRow[row])]
    }
    return (columnOfRow, objective)
}
