import PatrolModel

/// What must be filled before a unit may take a slot, as the programme's prerequisites.
extension DispatchProblem {
    /// Gives each pair its prerequisite: the columns that must be filled before its unit may take its own.
    /// - Returns: false where the programme does not hold them all.
    func addPrerequisites() throws(PatrolError) -> Bool {
        guard ordersSlots else { return true }
        prerequisites.clear()
        for f in 0..<programme.rowCount {
            prerequisites.startRow()
            for p in row(f) where !continues(p) {
                guard let index = try prerequisite(of: p) else { return false }
                if index >= 0 { try programme.require(index, of: p) }
            }
        }
        return true
    }

    /// - Returns: the pair's prerequisite, −1 where it has none, nil where there is no room for it.
    private func prerequisite(of p: Int) throws(PatrolError) -> Int? {
        let column = Int(programme.pairColumn[p])
        let w = Int(columnCall[column])
        // Calls of one column alike in rank and protection have the same prerequisite for one unit.
        let kind = columnStart[w + 1] - columnStart[w] > 1
            ? -1 : 2 * (Int(columnPriority[column]) - 1) + Int(programme.protected[column])
        if kind >= 0, let known = prerequisites.ofRow(kind) { return known }
        let limits = programme.limits
        guard programme.prerequisiteCount < limits.prerequisites else { return nil }
        let index = try programme.addPrerequisite()
        for q in row(of: p) where mustComeFirst(q, before: p) {
            guard Int(programme.prerequisiteStart[index + 1]) < limits.prerequisiteColumns else { return nil }
            try programme.addPrerequisiteColumn(Int(programme.pairColumn[q]))
        }
        let found = prerequisites.share()
        if kind >= 0 { prerequisites.keep(found, ofRow: kind) }
        return found
    }

    /// Whether a column that must be filled before the unit of p may take p is not, those of `call` not asked about.
    func isBarred(_ p: Int, filled: Buffer<Int32>, ignoring call: Int32 = -1) -> Bool {
        func isOpen(_ column: Int) -> Bool { columnCall[column] != call && filled[column] < programme.capacity[column] }
        guard isComplete else {
            for q in row(of: p) where mustComeFirst(q, before: p) && isOpen(Int(programme.pairColumn[q])) { return true }
            return false
        }
        guard programme.prerequisite[p] >= 0 else { return false }
        for column in programme.columns(ofPrerequisite: Int(programme.prerequisite[p])) where isOpen(Int(column)) {
            return true
        }
        return false
    }

    /// Whether the column of q must be filled before the unit of both, which could serve it, may take p instead: a more
    /// demanding one of the same call, or one that strict priority wants first.
    @_optimize(speed)
    private func mustComeFirst(_ q: Int, before p: Int) -> Bool {
        guard ordersSlots else { return false }
        let (other, column) = (Int(programme.pairColumn[q]), Int(programme.pairColumn[p]))
        if columnCall[other] == columnCall[column] {
            return columnNeed[other] != columnNeed[column] && columnNeed[other] & columnNeed[column] == columnNeed[column]
                && !continues(q)
        }
        return rules.strictPriority && columnRank[other] < columnPriority[column]
            && (programme.protected[column] == 0 || programme.protected[other] != 0) && !continues(q)
            && unitsNeeded(q) <= unitsToSpare
    }
}

/// Finds equal prerequisites of a programme, so that each is there once: units that could serve the same calls share them,
/// and the solver decides for all of these at once.
final class PrerequisiteIndex {
    private static let buckets = 1024
    private let programme: DispatchProgramme
    /// Chains of prerequisites by hash; −1 ends one.
    private let first: Buffer<Int32>
    private let next: Buffer<Int32>
    /// Of the present row, by kind of call: the prerequisite, −1 for none, −2 where it is not known yet.
    private let known: Buffer<Int32>

    init(programme: DispatchProgramme) throws(PatrolError) {
        self.programme = programme
        first = try Buffer(count: PrerequisiteIndex.buckets, repeating: -1)
        next = try Buffer(count: programme.limits.prerequisites, repeating: -1)
        known = try Buffer(count: 2 * Incident.priorities, repeating: -2)
    }

    func clear() { first.base.update(repeating: -1, count: first.count) }

    func startRow() { known.base.update(repeating: -2, count: known.count) }

    func ofRow(_ kind: Int) -> Int? { known[kind] == -2 ? nil : Int(known[kind]) }

    func keep(_ index: Int, ofRow kind: Int) { known[kind] = Int32(index) }

    /// Drops the prerequisite that was opened last if it is empty or there already.
    /// - Returns: the one that stands for it, or −1 where it is empty.
    func share() -> Int {
        let index = programme.prerequisiteCount - 1
        let columns = programme.columns(ofPrerequisite: index)
        guard columns.count > 0 else {
            programme.dropPrerequisite()
            return -1
        }
        var hash = ContentHash()
        hash.combine(columns)
        let bucket = Int(truncatingIfNeeded: hash.value) & (PrerequisiteIndex.buckets - 1)
        var other = first[bucket]
        while other >= 0 {
            let same = programme.columns(ofPrerequisite: Int(other))
            if same.elementsEqual(columns) {
                programme.dropPrerequisite()
                return Int(other)
            }
            other = next[Int(other)]
        }
        next[index] = first[bucket]
        first[bucket] = Int32(index)
        return index
    }
}
