import PatrolModel
import PatrolNetworks

/// A feasible alternative to the decision just taken, and the differences between the two: for learning from comparisons.
///
///     try session.decideDispatch(limits)
///     if alternatives.draw(&random) { … }      // or `drawNextBest`
///
/// A scratch object for one session; the decision it compares with is the session's last.
public final class DispatchAlternatives {
    private let planner: DispatchPlanner
    /// Program pair of each free unit, or −1.
    private let assignment: Buffer<Int32>
    private let order: Buffer<Int32>
    private let filled: Buffer<Int32>
    private var best: [Change] = []

    /// Other pairs for one or two rows.
    private struct Change {
        var objective = 0.0
        var first: (row: Int, pair: Int32)
        var second: (row: Int, pair: Int32)?
    }

    /// Attempts at a whole assignment, changes tried, and the number of best changes to draw from.
    private static let attempts = 32
    private static let changesTried = 64
    private static let bestKept = 3

    /// - Throws: `outOfMemory`.
    public init(_ session: DecisionSession) throws(PatrolError) {
        planner = session.dispatch
        assignment = try Buffer(count: planner.program.limits.rows, repeating: -1)
        order = try Buffer(count: planner.program.limits.rows, repeating: 0)
        filled = try Buffer(count: planner.program.limits.columns, repeating: 0)
        best.reserveCapacity(DispatchAlternatives.bestKept + 1)
    }

    private var program: DispatchProgram { planner.program }

    // MARK: Drawing

    /// Draws an assignment at random: in random order, each unit takes one of the open slots or none, all equally likely.
    /// - Returns: whether it found one that keeps every rule and differs from the decision.
    public func draw(_ random: inout RandomNumbers) -> Bool {
        for _ in 0..<DispatchAlternatives.attempts {
            drawAssignment(&random)
            if !isDecision, program.violation(assignment.base) == nil { return true }
        }
        return false
    }

    private func drawAssignment(_ random: inout RandomNumbers) {
        for g in 0..<program.columnCount { filled[g] = 0 }
        for f in 0..<program.rowCount {
            let slot = random.below(f + 1)
            order[f] = order[slot]
            order[slot] = Int32(f)
        }
        for k in 0..<program.rowCount {
            let f = Int(order[k])
            assignment[f] = -1
            var options = program.mandatory[f] == 0 ? 1 : 0
            for p in planner.problem.row(f) where hasRoom(p) {
                options += 1
                if random.below(options) == 0 { assignment[f] = Int32(p) }
            }
            if assignment[f] >= 0 { filled[Int(program.pairColumn[Int(assignment[f])])] += 1 }
        }
    }

    private func hasRoom(_ p: Int) -> Bool {
        let column = Int(program.pairColumn[p])
        return filled[column] < program.capacity[column]
    }

    /// Draws one of the three best assignments in which one unit changes or two trade places; if there are very many, of a
    /// random selection.
    /// - Returns: whether there is one that keeps every rule.
    public func drawNextBest(_ random: inout RandomNumbers) -> Bool {
        best.removeAll(keepingCapacity: true)
        if program.pairCount <= DispatchAlternatives.changesTried {
            for f in 0..<program.rowCount { tryDropping(f) }
            for p in 0..<program.pairCount { tryTaking(p) }
        } else {
            for _ in 0..<DispatchAlternatives.changesTried {
                if random.below(4) == 0 {
                    tryDropping(random.below(program.rowCount))
                } else {
                    tryTaking(random.below(program.pairCount))
                }
            }
        }
        guard !best.isEmpty else { return false }
        let change = best[random.below(best.count)]
        takeDecision()
        apply(change)
        return true
    }

    private func tryDropping(_ f: Int) {
        guard planner.chosen[f] >= 0 else { return }
        consider(Change(first: (f, -1)))
    }

    /// Assigns p to its unit. If the slots are full, another unit makes room: it becomes free or takes that unit's place.
    private func tryTaking(_ p: Int) {
        let row = Int(program.pairRow[p])
        let before = planner.chosen[row]
        guard Int(before) != p else { return }
        let column = Int(program.pairColumn[p])
        if program.held(column, planner.chosen.base) < Int(program.capacity[column]) {
            return consider(Change(first: (row, Int32(p))))
        }
        for f in 0..<program.rowCount where f != row && planner.chosen[f] >= 0 {
            guard Int(program.pairColumn[Int(planner.chosen[f])]) == column else { continue }
            consider(Change(first: (row, Int32(p)), second: (f, -1)))
            guard before >= 0 else { continue }
            for q in planner.problem.row(f) where program.pairColumn[q] == program.pairColumn[Int(before)] {
                consider(Change(first: (row, Int32(p)), second: (f, Int32(q))))
            }
        }
    }

    private func consider(_ change: Change) {
        takeDecision()
        apply(change)
        guard !isDecision, program.violation(assignment.base) == nil else { return }
        var change = change
        change.objective = program.evaluate(assignment.base)
        var slot = best.count
        while slot > 0 && best[slot - 1].objective < change.objective { slot -= 1 }
        best.insert(change, at: slot)
        if best.count > DispatchAlternatives.bestKept { best.removeLast() }
    }

    private func takeDecision() {
        for f in 0..<program.rowCount { assignment[f] = planner.chosen[f] }
    }

    private func apply(_ change: Change) {
        assignment[change.first.row] = change.first.pair
        if let second = change.second { assignment[second.row] = second.pair }
    }

    /// Whether every unit goes to the same call as in the decision, in whatever slot.
    private var isDecision: Bool {
        for f in 0..<program.rowCount where call(assignment[f]) != call(planner.chosen[f]) { return false }
        return true
    }

    private func call(_ p: Int32) -> Int32 {
        p < 0 ? -1 : planner.pairs.pairs[Int(planner.problem.source[Int(p)])].incident
    }

    // MARK: Reading

    /// Program pair of each free unit, or −1.
    func rows(ofAlternative: Bool) -> UnsafePointer<Int32> {
        UnsafePointer(ofAlternative ? assignment.base : planner.chosen.base)
    }

    /// Applies `body` to each unit that the decision, or the alternative, sends to a call: both as indices in the snapshot.
    public func forEachAssignment(
        ofAlternative: Bool, _ body: (_ unit: Int, _ incident: Int) throws(PatrolError) -> Void
    ) throws(PatrolError) {
        let rows = ofAlternative ? assignment : planner.chosen
        for f in 0..<program.rowCount where rows[f] >= 0 && !planner.problem.continues(Int(rows[f])) {
            let pair = planner.pairs.pairs[Int(planner.problem.source[Int(rows[f])])]
            try body(Int(pair.unit), Int(pair.incident))
        }
    }

    /// Prepares the features of the snapshot for the functions below.
    public func observe() {
        planner.values.pairObservation.prepare()
        planner.values.stateObservation.prepare()
    }

    /// Σ r of the decision, or the alternative: weighted seconds, without the penalty for units of other beats.
    public func reward(ofAlternative: Bool) -> Double {
        var sum = 0.0
        forEachPair(ofAlternative) { pair, _ in sum += planner.reward(ofPair: pair) }
        return sum
    }

    /// Weighted seconds for an output of 1 of networks in a unit, at the decision.
    public func outputScale(_ unit: DispatchUnit) -> Double { planner.values.outputScale(unit) }

    /// Features `state/1` of the state after the decision, or the alternative; shape [64].
    public func writeState(ofAlternative: Bool, into row: UnsafeMutablePointer<Float>) {
        let observation = planner.values.stateObservation
        row.update(from: observation.held.base, count: StateTable.width)
        forEachPair(ofAlternative) { pair, _ in observation.addDelta(planner.pairs.pairs[pair], to: row) }
    }

    /// Features `pair/1` of the pairs that only one of the two has; shape [their number, 24].
    /// - Returns: their number, or −1 if there are more than `maximum`; nothing is written then.
    public func writePairs(ofAlternative: Bool, maximum: Int, into rows: UnsafeMutablePointer<Float>) -> Int {
        let observation = planner.values.pairObservation
        var count = 0
        forEachPair(ofAlternative) { _, isShared in count += isShared ? 0 : 1 }
        guard count <= maximum else { return -1 }
        var next = rows
        forEachPair(ofAlternative) { pair, isShared in
            guard !isShared else { return }
            observation.write(pair..<pair + 1, into: next)
            next += PairTable.width
        }
        return count
    }

    /// Eligible pairs of one of the two by ascending unit, and whether the other has the pair too.
    private func forEachPair(_ ofAlternative: Bool, _ body: (_ pair: Int, _ isShared: Bool) -> Void) {
        let (rows, others) = ofAlternative ? (assignment, planner.chosen) : (planner.chosen, assignment)
        for f in 0..<program.rowCount where rows[f] >= 0 {
            body(Int(planner.problem.source[Int(rows[f])]), call(rows[f]) == call(others[f]))
        }
    }
}
