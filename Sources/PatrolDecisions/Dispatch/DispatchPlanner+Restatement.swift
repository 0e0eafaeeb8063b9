import PatrolModel

/// Taking a decision that was made before.
extension DispatchPlanner {
    /// Makes given assignments the decision: finds the slots they fill, checks every rule, and reckons the objective.
    func restate(units: UnsafeBufferPointer<Int32>, incidents: UnsafeBufferPointer<Int32>) throws(PatrolError) {
        try prepare()
        guard try build() else { throw PatrolError(.mismatch, "the decision is too large for a programme") }
        let slots = try Assignment(rows: programme.rowCount, columns: programme.columnCount, pairs: programme.pairCount)
        let original = try Buffer<Int32>(count: programme.pairCount, repeating: -1)
        var count = 0
        for p in 0..<programme.pairCount where isStated(p, units, incidents) {
            slots.pairRow[count] = programme.pairRow[p]
            slots.pairColumn[count] = programme.pairColumn[p]
            // All find a slot if they can; then the more demanding slots are filled first, as the programme wants it.
            let demands = problem.columnNeed[Int(programme.pairColumn[p])].nonzeroBitCount
            slots.value[count] = 1 + Double(demands) / 8192
            original[count] = Int32(p)
            count += 1
        }
        for column in 0..<programme.columnCount { slots.capacity[column] = programme.capacity[column] }
        slots.indexPairs(rows: programme.rowCount, columns: programme.columnCount, pairs: count)
        slots.clearPrices()
        guard slots.solve() == .solved else { throw PatrolError(.internalError, "an assignment without mandatory rows failed") }
        var stated = 0
        for f in 0..<programme.rowCount {
            chosen[f] = slots.pairOfRow[f] >= 0 ? original[Int(slots.pairOfRow[f])] : -1
            if chosen[f] >= 0, !problem.continues(Int(chosen[f])) { stated += 1 }
        }
        guard stated == units.count else {
            throw PatrolError(.mismatch, "only \(stated) of the \(units.count) recorded assignments are eligible and find room")
        }
        if let rule = programme.violation(chosen.base) {
            throw PatrolError(.mismatch, "the recorded assignments break rule \(rule.rawValue) of the dispatch programme")
        }
        objective = programme.evaluate(chosen.base) - chosenExcess()
        collect()
    }

    /// Whether a pair is one of the assignments, or leaves a unit that none of them names on its call.
    private func isStated(_ p: Int, _ units: UnsafeBufferPointer<Int32>, _ incidents: UnsafeBufferPointer<Int32>) -> Bool {
        let pair = pairs.pairs[Int(problem.source[p])]
        var named = false
        for k in 0..<units.count where units[k] == pair.unit {
            if incidents[k] == pair.incident { return true }
            named = true
        }
        return !named && problem.continues(p)
    }
}
