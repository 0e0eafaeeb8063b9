import PatrolModel

/// What follows from a domain by the rules, repeated until nothing more follows.
extension Domain {
    /// - Returns: false where nothing is left that could be feasible.
    func propagate() -> Bool {
        repeat {
            count()
            guard rowsAreUsable else { return false }
            var changed = false
            for column in 0..<problem.columns {
                guard let narrowed = narrow(column: column) else { return false }
                changed = narrowed || changed
            }
            if problem.hasRules { changed = applyRules() || changed }
            if problem.neurons > problem.hidden {
                guard let narrowed = applyReserves() else { return false }
                changed = narrowed || changed
            }
            if !changed { return true }
        } while true
    }

    @_optimize(speed)
    private func count() {
        let graph = problem.assignment
        columnAlive.update(repeating: 0, count: problem.columns)
        forced.update(repeating: 0, count: problem.columns)
        let (alive, columnAlive, pairColumn) = (alive, columnAlive, graph.pairColumn)
        for row in 0..<problem.rows {
            var (count, last) = (Int32(0), rowPair[row])
            for pair in graph.rowStart[row]..<graph.rowStart[row + 1] {
                // Without a branch, which nothing would foretell.
                let isAlive: Int32 = alive[Int(pair)] != 0 ? 1 : 0
                count += isAlive
                columnAlive[Int(pairColumn[Int(pair)])] += isAlive
                last = isAlive != 0 ? pair : last
            }
            (rowAlive[row], rowPair[row]) = (count, last)
        }
        for row in 0..<problem.rows where rowMust[row] != 0 && rowAlive[row] == 1 {
            forced[Int(graph.pairColumn[Int(rowPair[row])])] += 1
        }
    }

    private var rowsAreUsable: Bool {
        for row in 0..<problem.rows where rowMust[row] != 0 && rowAlive[row] == 0 { return false }
        return true
    }

    /// Whether every assignment of the domain uses the pair.
    @inline(__always)
    func isForced(_ pair: Int) -> Bool {
        let row = Int(problem.assignment.pairRow[pair])
        return alive[pair] != 0 && rowMust[row] != 0 && rowAlive[row] == 1
    }

    @inline(__always)
    private func isFilled(_ column: Int) -> Bool {
        columnMust[column] != 0 || forced[column] == problem.program.capacity[column]
    }

    @inline(__always)
    private func cannotBeFilled(_ column: Int) -> Bool {
        let full = problem.program.capacity[column]
        return capacity[column] < full || columnAlive[column] < full
    }

    /// Closes a column that is full, and gives a column that needs all its pairs those pairs.
    ///
    /// - Returns: whether anything changed, or nil where the column contradicts itself.
    private func narrow(column: Int) -> Bool? {
        let graph = problem.assignment
        let slots = capacity[column]
        guard forced[column] <= slots else { return nil }
        if columnMust[column] != 0, cannotBeFilled(column) { return nil }
        var changed = false
        let pairs = Int(graph.columnStart[column])..<Int(graph.columnStart[column + 1])
        if forced[column] == slots, columnAlive[column] > slots {
            for index in pairs {
                let pair = Int(graph.columnPair[index])
                if alive[pair] != 0, !isForced(pair) { alive[pair] = 0 }
            }
            changed = true
        } else if columnMust[column] != 0, columnAlive[column] == slots, forced[column] < slots {
            for index in pairs where alive[Int(graph.columnPair[index])] != 0 { force(Int(graph.columnPair[index])) }
            changed = true
        }
        return changed
    }

    /// Makes a pair the only one of its row, which must be used.
    func force(_ pair: Int) {
        let row = Int(problem.assignment.pairRow[pair])
        rowMust[row] = 1
        for other in Int(problem.assignment.rowStart[row])..<Int(problem.assignment.rowStart[row + 1])
        where other != pair {
            alive[other] = 0
        }
    }

    @inline(__always)
    private func set(_ flag: UnsafeMutablePointer<UInt8>, to value: UInt8, _ changed: inout Bool) {
        if flag.pointee != value {
            flag.pointee = value
            changed = true
        }
    }

    /// Rules 3 to 5.
    private func applyRules() -> Bool {
        let (program, graph) = (problem.program, problem.assignment)
        var changed = false
        for column in 0..<problem.columns where program.allOrNone[column] >= 0 && program.capacity[column] > 0 {
            let all = isFilled(column) || forced[column] > 0
            guard all || cannotBeFilled(column) else { continue }
            for other in 0..<problem.columns where program.allOrNone[other] == program.allOrNone[column] {
                if all {
                    set(columnMust + other, to: 1, &changed)
                } else {
                    for index in Int(graph.columnStart[other])..<Int(graph.columnStart[other + 1]) {
                        set(alive + Int(graph.columnPair[index]), to: 0, &changed)
                    }
                }
            }
        }
        for row in 0..<problem.rows where rowMust[row] != 0 && rowAlive[row] == 1 {
            let pair = Int(rowPair[row])
            guard alive[pair] != 0, problem.prerequisite(of: pair) >= 0 else { continue }
            for column in program.columns(ofPrerequisite: problem.prerequisite(of: pair)) {
                set(columnMust + Int(column), to: 1, &changed)
            }
        }
        var rows = 0
        for row in 0..<problem.rows where rowAlive[row] > 0 { rows += 1 }
        for index in 0..<program.prerequisiteCount where !canBeMet(index, rows: rows) {
            for dependent in Int(problem.dependentStart[index])..<Int(problem.dependentStart[index + 1]) {
                set(alive + Int(problem.dependentPair[dependent]), to: 0, &changed)
            }
        }
        fillWhatRowsCannotAvoid(&changed)
        // Slots that must all be filled before a row may be left unused.
        let slots = pairsOfLine
        slots.update(repeating: 0, count: problem.rows)
        for column in 0..<problem.columns {
            let never = cannotBeFilled(column)
            for index in Int(problem.protectedStart[column])..<Int(problem.protectedStart[column + 1]) {
                let row = Int(problem.protectedRow[index])
                slots[row] += program.capacity[column]
                if never || rowAlive[row] > 0 && Int(slots[row]) >= rows {
                    set(rowMust + row, to: 1, &changed)
                } else if rowAlive[row] == 0 {
                    set(columnMust + column, to: 1, &changed)
                }
            }
        }
        return changed
    }

    /// Requires protected columns without which the rows that could serve them have nowhere to go: all of them must then be
    /// used, and not where a prerequisite has the column. More than a few prerequisites are not looked at.
    private func fillWhatRowsCannotAvoid(_ changed: inout Bool) {
        let (program, graph, open) = (problem.program, problem.assignment, problem.held)
        let count = program.prerequisiteCount
        guard count <= 8, (0..<count).contains(where: { isUnsettled($0) }) else { return }
        // A bit for each prerequisite: whether a pair of the column does without it.
        open.update(repeating: 0, count: problem.columns)
        for pair in 0..<problem.pairs where alive[pair] != 0 {
            let prerequisite = problem.prerequisite(of: pair)
            open[Int(graph.pairColumn[pair])] |= prerequisite < 0 ? -1 : ~(1 << Int32(prerequisite))
        }
        for index in 0..<count where isUnsettled(index) {
            let first = program.columns(ofPrerequisite: index)
            for column in first { open[Int(column)] = -1 }
            var slots: Int32 = 0
            for column in 0..<problem.columns where open[column] & 1 << Int32(index) != 0 {
                slots += program.capacity[column]
            }
            for column in first {
                let rows = problem.protectedStart[Int(column) + 1] - problem.protectedStart[Int(column)]
                if rows >= max(slots, 1) { set(columnMust + Int(column), to: 1, &changed) }
            }
        }
    }

    /// Whether a column of a prerequisite that may not be held is not required yet.
    private func isUnsettled(_ index: Int) -> Bool {
        problem.program.columns(ofPrerequisite: index).contains {
            problem.program.protected[Int($0)] != 0 && !isFilled(Int($0))
        }
    }

    /// Whether a pair may find its prerequisite filled, by the other rows that are left.
    private func canBeMet(_ index: Int, rows: Int) -> Bool {
        guard Int(problem.slotsToFill[index]) < rows else { return false }
        for column in problem.program.columns(ofPrerequisite: index) where cannotBeFilled(Int(column)) { return false }
        return true
    }

    /// Whether every assignment of the domain uses a pair in the list of all reserves' members.
    private func isForced(member: Int) -> Bool {
        let pair = Int(problem.reduced[Int(problem.program.reserveMember[member])])
        return pair >= 0 && isForced(pair)
    }

    /// Rule 6: a reserve that is used up takes no more pairs.
    ///
    /// - Returns: whether anything changed, or nil where more pairs are forced than the reserve allows.
    private func applyReserves() -> Bool? {
        var changed = false
        let program = problem.program
        for reserve in 0..<program.reserveCount {
            let members = Int(program.reserveStart[reserve])..<Int(program.reserveStart[reserve + 1])
            var free = program.reserveLimit[reserve]
            for index in members where isForced(member: index) { free -= 1 }
            if free < 0 { return nil }
            if free > 0 { continue }
            for index in members where !isForced(member: index) {
                let pair = Int(problem.reduced[Int(program.reserveMember[index])])
                if pair >= 0 { set(alive + pair, to: 0, &changed) }
            }
        }
        return changed
    }
}
