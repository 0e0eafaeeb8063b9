import PatrolModel

/// Prerequisites: the columns that must be filled before a unit may take a slot.
extension DispatchProblem {
    /// Sets each pair's prerequisite. - Returns: false if the program has no room for all of them, or no time is left.
    func addPrerequisites(_ clock: CallClock) throws(PatrolError) -> Bool {
        guard ordersSlots else { return true }
        let (program, prerequisites) = (program, prerequisites)
        var clock = clock
        prerequisites.clear()
        for f in 0..<program.rowCount {
            if clock.expired(after: row(f).count) { return false }
            if isLikeRowBefore(f) {
                let (here, before) = (row(f), row(f - 1))
                (program.prerequisite.base + here.lowerBound).update(
                    from: program.prerequisite.base + before.lowerBound, count: here.count)
                continue
            }
            prerequisites.startRow()
            for p in row(f) where !continues(p) {
                let kind = kind(of: p)
                if kind >= 0, let known = prerequisites.ofRow(kind) {
                    program.prerequisite[p] = Int32(known)
                    continue
                }
                guard let index = try prerequisite(of: p) else { return false }
                if index >= 0 { try program.require(index, of: p) }
                if kind >= 0 { prerequisites.keep(index, ofRow: kind) }
            }
        }
        return true
    }

    /// Whether a unit may take the columns that the unit before it may take: the same must then come first.
    @_optimize(speed)
    private func isLikeRowBefore(_ f: Int) -> Bool {
        // Units that are on their way may go on, and limits on holding look at each pair.
        guard f > 0, situation.engine.holdRows == 0, program.mandatory[f] == 0, program.mandatory[f - 1] == 0 else {
            return false
        }
        let (here, before, columns) = (row(f), row(f - 1), program.pairColumn.base)
        guard here.count == before.count else { return false }
        for k in 0..<here.count where columns[here.lowerBound + k] != columns[before.lowerBound + k] { return false }
        return true
    }

    /// Calls of one column alike in rank and protection have the same prerequisite for one unit. - Returns: −1 for others.
    @inline(__always)
    private func kind(of p: Int) -> Int {
        let column = Int(program.pairColumn[p])
        let w = Int(columnCall[column])
        return columnStart[w + 1] - columnStart[w] > 1
            ? -1 : 2 * (Int(columnPriority[column]) - 1) + Int(program.protected[column])
    }

    /// - Returns: the pair's prerequisite, −1 for none, nil if there is no room for it.
    private func prerequisite(of p: Int) throws(PatrolError) -> Int? {
        let limits = program.limits
        guard program.prerequisiteCount < limits.prerequisites else { return nil }
        let index = try program.addPrerequisite()
        for q in row(of: p) where mustComeFirst(q, before: p) {
            guard Int(program.prerequisiteStart[index + 1]) < limits.prerequisiteColumns else { return nil }
            try program.addPrerequisiteColumn(Int(program.pairColumn[q]))
        }
        return prerequisites.share()
    }

    /// Whether a column that must be filled before the unit of p may take p is not, those of `call` not asked about.
    func isBarred(_ p: Int, filled: Buffer<Int32>, ignoring call: Int32 = -1) -> Bool {
        func isOpen(_ column: Int) -> Bool { columnCall[column] != call && filled[column] < program.capacity[column] }
        guard isComplete else {
            for q in row(of: p) where mustComeFirst(q, before: p) && isOpen(Int(program.pairColumn[q])) { return true }
            return false
        }
        guard program.prerequisite[p] >= 0 else { return false }
        for column in program.columns(ofPrerequisite: Int(program.prerequisite[p])) where isOpen(Int(column)) {
            return true
        }
        return false
    }

    /// Whether the column of q must be filled before the unit of both, which could serve it, may take p instead: a more
    /// demanding one of the same call, or one that strict priority wants first.
    @_optimize(speed)
    private func mustComeFirst(_ q: Int, before p: Int) -> Bool {
        guard ordersSlots else { return false }
        let (other, column) = (Int(program.pairColumn[q]), Int(program.pairColumn[p]))
        if columnCall[other] == columnCall[column] {
            return columnNeed[other] != columnNeed[column]
                && columnNeed[other] & columnNeed[column] == columnNeed[column]
                && !continues(q)
        }
        return rules.strictPriority && columnRank[other] < columnPriority[column]
            && (program.protected[column] == 0 || program.protected[other] != 0) && !continues(q)
            && unitsNeeded(q) <= unitsToSpare
    }
}

/// Finds equal prerequisites so that each is stored once: units that could serve the same calls share them,
/// and the solver decides for all of them at once.
final class PrerequisiteIndex {
    private static let buckets = 1024
    private let program: DispatchProgram
    /// Chains of prerequisites by hash; −1 ends one.
    private let first: Buffer<Int32>
    private let next: Buffer<Int32>
    /// For the current row, by kind of call: the prerequisite, −1 for none, −2 if not known yet.
    private let known: Buffer<Int32>

    init(program: DispatchProgram, _ memory: inout WorkingMemory) {
        self.program = program
        first = memory.buffer(count: PrerequisiteIndex.buckets, repeating: -1)
        next = memory.buffer(unwritten: program.limits.prerequisites)
        known = memory.buffer(count: 2 * Incident.priorities, repeating: -2)
    }

    func clear() { first.base.update(repeating: -1, count: first.count) }

    func startRow() { known.base.update(repeating: -2, count: known.count) }

    func ofRow(_ kind: Int) -> Int? { known[kind] == -2 ? nil : Int(known[kind]) }

    func keep(_ index: Int, ofRow kind: Int) { known[kind] = Int32(index) }

    /// Drops the last prerequisite if it is empty or a duplicate. - Returns: the one to use, or −1 for none.
    func share() -> Int {
        let index = program.prerequisiteCount - 1
        let columns = program.columns(ofPrerequisite: index)
        guard columns.count > 0 else {
            program.dropPrerequisite()
            return -1
        }
        var hash = ContentHash()
        for column in columns { hash.combine(UInt32(column)) }
        let bucket = Int(truncatingIfNeeded: hash.value) & (PrerequisiteIndex.buckets - 1)
        var other = first[bucket]
        while other >= 0 {
            let same = program.columns(ofPrerequisite: Int(other))
            if same.elementsEqual(columns) {
                program.dropPrerequisite()
                return Int(other)
            }
            other = next[Int(other)]
        }
        next[index] = first[bucket]
        first[bucket] = Int32(index)
        return index
    }
}
