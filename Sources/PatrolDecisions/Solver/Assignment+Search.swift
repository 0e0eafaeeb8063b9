import PatrolModel

/// Shortest alternating paths from a row or from a column (Dijkstra on slacks, the open columns in a plain list).
///
/// A row that is worth something must find a slot, push another row out of use, or see its price fall to zero;
/// a slot with a price must find a row, take one from a slot without price, or see its price fall to zero.
extension Assignment {
    enum SlotOutcome { case filled, leftOpen, impossible }

    /// - Returns: false where a mandatory row cannot be placed.
    @_optimize(speed)
    func placeRow(_ root: Int) -> Bool {
        columnDistance.update(repeating: .infinity, count: columns)
        var open = 0, closed = 0, scanned = 0, next = 0
        var best = Double.infinity
        var endColumn = -1, endRow = -1
        reachedRows[0] = Int32(root)
        rowDistance[root] = 0
        scanned = 1
        while true {
            while next < scanned {
                let row = Int(reachedRows[next])
                next += 1
                let distance = rowDistance[row], price = rowPrice[row]
                if rowMandatory[row] == 0, distance + price < best {
                    (best, endRow, endColumn) = (distance + price, row, -1)
                }
                for pair in Int(rowStart[row])..<Int(rowStart[row + 1]) {
                    let column = Int(pairColumn[pair])
                    let reach = distance + max(0, price + columnPrice[column] - value[pair])
                    guard reach < best, reach < columnDistance[column], capacity[column] > 0 else { continue }
                    columnFrom[column] = Int32(pair)
                    if fill[column] < capacity[column] {
                        columnDistance[column] = reach
                        (best, endRow, endColumn) = (reach, -1, column)
                    } else {
                        if columnDistance[column] == .infinity {
                            openColumns[open] = Int32(column)
                            open += 1
                        }
                        columnDistance[column] = reach
                    }
                }
            }
            guard let column = closeNearest(&open, below: best) else { break }
            closedColumns[closed] = Int32(column)
            closed += 1
            for slot in 0..<Int(fill[column]) {
                let row = holder[Int(columnStart[column]) + slot]
                rowDistance[Int(row)] = columnDistance[column]
                reachedRows[scanned] = row
                scanned += 1
            }
        }
        guard best < .infinity else { return false }
        for index in 0..<scanned { rowPrice[Int(reachedRows[index])] -= best - rowDistance[Int(reachedRows[index])] }
        for index in 0..<closed {
            let column = Int(closedColumns[index])
            columnPrice[column] += best - columnDistance[column]
        }
        shiftRows(to: endColumn, or: endRow, from: root)
        return true
    }

    /// Moves the rows along the path, from its end back to the root.
    private func shiftRows(to endColumn: Int, or endRow: Int, from root: Int) {
        var column = endColumn
        var slot: Int32 = 0
        if column >= 0 {
            slot = fill[column]
            fill[column] += 1
        } else if endRow == root {
            return rowPrice[root] = 0
        } else {
            column = Int(pairColumn[Int(pairOfRow[endRow])])
            slot = slotOfRow[endRow]
            pairOfRow[endRow] = -1
            rowPrice[endRow] = 0
        }
        while true {
            let pair = Int(columnFrom[column]), row = Int(pairRow[pair])
            let (last, lastSlot) = (pairOfRow[row], slotOfRow[row])
            take(pair, row: row, column: column, slot: slot)
            if row == root { return }
            (column, slot) = (Int(pairColumn[Int(last)]), lastSlot)
        }
    }

    /// Fills one open slot of a column, or finds that it is best left open.
    @_optimize(speed)
    func fillSlot(of root: Int) -> SlotOutcome {
        columnDistance.update(repeating: .infinity, count: columns)
        rowDistance.update(repeating: .infinity, count: rows)
        var open = 1, closed = 0, reached = 0
        var best = columnMandatory[root] == 0 ? columnPrice[root] : Double.infinity
        var endColumn = root, endRow = -1
        columnDistance[root] = 0
        openColumns[0] = Int32(root)
        while let column = closeNearest(&open, below: best) {
            closedColumns[closed] = Int32(column)
            closed += 1
            let distance = columnDistance[column], price = columnPrice[column]
            for index in Int(columnStart[column])..<Int(columnStart[column + 1]) {
                let pair = Int(columnPair[index]), row = Int(pairRow[pair])
                let reach = distance + max(0, rowPrice[row] + price - value[pair])
                guard reach < best, reach < rowDistance[row] else { continue }
                if rowDistance[row] == .infinity {
                    reachedRows[reached] = Int32(row)
                    reached += 1
                }
                rowDistance[row] = reach
                rowFrom[row] = Int32(pair)
                guard pairOfRow[row] >= 0 else {
                    (best, endRow, endColumn) = (reach, row, -1)
                    continue
                }
                let other = Int(pairColumn[Int(pairOfRow[row])])
                guard reach < columnDistance[other] else { continue }
                if columnDistance[other] == .infinity {
                    openColumns[open] = Int32(other)
                    open += 1
                }
                columnDistance[other] = reach
                columnFrom[other] = Int32(row)
                if columnMandatory[other] == 0, reach + columnPrice[other] < best {
                    (best, endRow, endColumn) = (reach + columnPrice[other], -1, other)
                }
            }
        }
        guard best < .infinity else { return .impossible }
        for index in 0..<closed {
            let column = Int(closedColumns[index])
            columnPrice[column] -= best - columnDistance[column]
        }
        for index in 0..<reached {
            let row = Int(reachedRows[index])
            if rowDistance[row] < best { rowPrice[row] += best - rowDistance[row] }
        }
        if endColumn == root { return .leftOpen }
        pullRows(to: root, from: endColumn, or: endRow)
        return .filled
    }

    /// Moves the rows along the path, from its end to the root column.
    private func pullRows(to root: Int, from endColumn: Int, or endRow: Int) {
        var row = endRow
        if endColumn >= 0 {
            columnPrice[endColumn] = 0
            row = Int(columnFrom[endColumn])
            fill[endColumn] -= 1
            let last = holder[Int(columnStart[endColumn] + fill[endColumn])]
            holder[Int(columnStart[endColumn] + slotOfRow[row])] = last
            slotOfRow[Int(last)] = slotOfRow[row]
        }
        while true {
            let pair = Int(rowFrom[row]), column = Int(pairColumn[pair])
            if column == root {
                take(pair, row: row, column: root, slot: fill[root])
                fill[root] += 1
                return
            }
            let leaving = Int(columnFrom[column])
            take(pair, row: row, column: column, slot: slotOfRow[leaving])
            row = leaving
        }
    }

    /// Takes the nearest open column, the lowest index among equals, if it is nearer than `limit`.
    @_optimize(speed)
    @inline(__always)
    private func closeNearest(_ open: inout Int, below limit: Double) -> Int? {
        var nearest = -1
        var distance = limit
        for index in 0..<open {
            let column = Int(openColumns[index])
            let candidate = columnDistance[column]
            if candidate < distance || candidate == distance && nearest >= 0 && column < Int(openColumns[nearest]) {
                (nearest, distance) = (index, candidate)
            }
        }
        guard nearest >= 0 else { return nil }
        let column = Int(openColumns[nearest])
        open -= 1
        openColumns[nearest] = openColumns[open]
        return column
    }
}
