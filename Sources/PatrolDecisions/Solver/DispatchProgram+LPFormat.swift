import PatrolModel

/// Text that is counted in full and kept as far as there is room; once the clock has ended it, no more comes of it.
private struct Text {
    let base: UnsafeMutablePointer<UInt8>?
    let capacity: Int
    var clock: CallClock
    var isOver = false
    var count = 0
    var lineStart = 0

    /// Takes note of work of so many steps. - Returns: whether there is time for more.
    mutating func isInTime(after work: Int) -> Bool {
        if !isOver, clock.expired(after: work) { isOver = true }
        return !isOver
    }

    mutating func add(_ text: ByteText) {
        for byte in text.bytes {
            if let base, count < capacity { base[count] = byte }
            count += 1
        }
    }

    /// Adds ` ± factor name`, on a new line where the line is long (readers limit lines to 560 bytes).
    mutating func term(_ factor: Double, _ name: ByteText) {
        guard isInTime(after: 64) else { return }
        if count - lineStart > 200 { endLine() }
        add(factor < 0 ? " - " : " + ")
        add("\(factor.magnitude)")
        add(" ")
        add(name)
    }

    mutating func endLine() {
        add("\n")
        lineStart = count
    }
}

/// The program as text, so that anyone can check an answer with a solver of their own.
extension DispatchProgram {
    /// Writes the program in the LP format that CPLEX, Gurobi, HiGHS, SCIP and others read.
    ///
    /// Variables: `x_r_c` uses row r for column c, `h_k` is the ReLU of hidden neuron k, `a_k` its state (neurons of
    /// positive weight alone need that binary; Anderson et al. 2020), `f_g` whether all-or-none group g is filled,
    /// `q_s` whether the columns of prerequisite s are, and `one` is 1. Numbers are written in their shortest form that reads back to the same bits.
    ///
    /// - Returns: the length of the whole text in bytes; no more than `capacity` bytes of it were written. nil where the clock ended it.
    public func writeLP(
        into base: UnsafeMutablePointer<UInt8>?, capacity: Int, _ clock: CallClock = CallClock()
    ) -> Int? {
        var text = Text(base: base, capacity: capacity, clock: clock)
        text.add("\\ Joint dispatch over a ReLU value network\nMaximize\n obj:")
        text.term(constant, "one")
        for pair in 0..<pairCount where value[pair] != 0 { text.term(value[pair], name(pair)) }
        for neuron in 0..<hiddenCount where weight[neuron] != 0 { text.term(weight[neuron], "h_\(neuron)") }
        text.endLine()
        text.add("Subject To\n constant: one = 1\n")  // GLPK refuses a file without any row
        writeRowsAndColumns(&text)
        writeRules(&text)
        for neuron in 0..<hiddenCount where weight[neuron] != 0 && text.isInTime(after: pairCount) {
            writeNeuron(neuron, &text)
        }
        text.add("Binary\n")
        for pair in 0..<pairCount where text.isInTime(after: 64) { text.add(" \(name(pair))\n") }
        for neuron in 0..<hiddenCount where hasState(neuron) { text.add(" a_\(neuron)\n") }
        for column in 0..<columnCount where leadsGroup(column) { text.add(" f_\(allOrNone[column])\n") }
        text.add("End\n")
        return text.isOver ? nil : text.count
    }

    private func name(_ pair: Int) -> ByteText { "x_\(pairRow[pair])_\(pairColumn[pair])" }

    private func writeRowsAndColumns(_ text: inout Text) {
        for row in 0..<rowCount where text.isInTime(after: pairCount) {
            text.add(" row_\(row):")
            sumRow(row, factor: 1, &text)
            close(mandatory[row] != 0 ? "=" : "<=", 1, &text)
        }
        for column in 0..<columnCount where text.isInTime(after: pairCount) {
            text.add(" column_\(column):")
            sumColumn(column, factor: 1, &text)
            close("<=", Double(capacity[column]), &text)
        }
    }

    private func writeRules(_ text: inout Text) {
        for column in 0..<columnCount where allOrNone[column] >= 0 && text.isInTime(after: pairCount) {
            text.add(" all_or_none_\(column):")
            sumColumn(column, factor: 1, &text)
            text.term(-Double(capacity[column]), "f_\(allOrNone[column])")
            close("=", 0, &text)
        }
        for index in 0..<prerequisiteCount {
            for column in columns(ofPrerequisite: index) where text.isInTime(after: pairCount) {
                text.add(" filled_\(index)_\(Int(column)):")
                sumColumn(Int(column), factor: -1, &text)
                text.term(Double(capacity[Int(column)]), "q_\(index)")
                close("<=", 0, &text)
            }
        }
        for pair in 0..<pairCount where prerequisite[pair] >= 0 {
            text.add(" priority_\(pair):")
            text.term(1, name(pair))
            text.term(-1, "q_\(prerequisite[pair])")
            close("<=", 0, &text)
        }
        for pair in 0..<pairCount where protected[Int(pairColumn[pair])] != 0 && text.isInTime(after: pairCount) {
            let (row, column) = (Int(pairRow[pair]), Int(pairColumn[pair]))
            text.add(" never_hold_\(row)_\(column):")
            let slots = Double(capacity[column])
            for other in 0..<pairCount {
                let inRow = Int(pairRow[other]) == row, inColumn = Int(pairColumn[other]) == column
                if inRow || inColumn { text.term((inRow ? slots : 0) + (inColumn ? 1 : 0), name(other)) }
            }
            close(">=", slots, &text)
        }
        for reserve in 0..<reserveCount {
            text.add(" reserve_\(reserve):")
            text.term(0, "one")
            for index in Int(reserveStart[reserve])..<Int(reserveStart[reserve + 1]) {
                text.term(1, name(Int(reserveMember[index])))
            }
            close("<=", Double(reserveLimit[reserve]), &text)
        }
    }

    /// h ≥ z for a negative weight; h ≤ z − low (1 − a) and h ≤ high a for a positive one; h ≥ 0 always.
    private func writeNeuron(_ neuron: Int, _ text: inout Text) {
        let (low, high) = activationRange(neuron)
        if weight[neuron] > 0, high <= 0 {
            text.add(" neuron_\(neuron):")
            text.term(1, "h_\(neuron)")
            return close("=", 0, &text)
        }
        text.add(" neuron_\(neuron):")
        text.term(1, "h_\(neuron)")
        for pair in 0..<pairCount where influence(pair, neuron) != 0 { text.term(-influence(pair, neuron), name(pair)) }
        guard hasState(neuron) else { return close(weight[neuron] < 0 ? ">=" : "=", bias[neuron], &text) }
        text.term(-low, "a_\(neuron)")
        close("<=", bias[neuron] - low, &text)
        text.add(" state_\(neuron):")
        text.term(1, "h_\(neuron)")
        text.term(-high, "a_\(neuron)")
        close("<=", 0, &text)
    }

    private func hasState(_ neuron: Int) -> Bool {
        guard weight[neuron] > 0 else { return false }
        let (low, high) = activationRange(neuron)
        return low < 0 && high > 0
    }

    /// What the activation can be when each row takes its least or its greatest influence, or none.
    private func activationRange(_ neuron: Int) -> (low: Double, high: Double) {
        var low = bias[neuron], high = bias[neuron], rowLow = 0.0, rowHigh = 0.0
        for pair in 0..<pairCount {
            if pair > 0, pairRow[pair] != pairRow[pair - 1] {
                (low, high) = (low + rowLow, high + rowHigh)
                (rowLow, rowHigh) = (0, 0)
            }
            rowLow = min(rowLow, influence(pair, neuron))
            rowHigh = max(rowHigh, influence(pair, neuron))
        }
        return (low + rowLow, high + rowHigh)
    }

    private func leadsGroup(_ column: Int) -> Bool {
        guard allOrNone[column] >= 0 else { return false }
        for earlier in 0..<column where allOrNone[earlier] == allOrNone[column] { return false }
        return true
    }

    private func sumRow(_ row: Int, factor: Double, _ text: inout Text) {
        text.term(0, "one")
        for pair in 0..<pairCount where Int(pairRow[pair]) == row { text.term(factor, name(pair)) }
    }

    private func sumColumn(_ column: Int, factor: Double, _ text: inout Text) {
        text.term(0, "one")
        for pair in 0..<pairCount where Int(pairColumn[pair]) == column { text.term(factor, name(pair)) }
    }

    private func close(_ relation: StaticString, _ right: Double, _ text: inout Text) {
        text.add(" \(relation) \(right)")
        text.endLine()
    }
}
