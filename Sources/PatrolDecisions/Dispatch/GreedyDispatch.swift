import PatrolModel

/// The dispatch heuristics that take one call after another, under the same rules as the program.
///
/// They serve every call that the rules and the travel limits for holding allow. A unit that may be diverted continues
/// unless a call ahead of its own in the heuristic's order takes it; its own call is then served anew.
final class GreedyDispatch {
    let problem: DispatchProblem
    /// Program pair of each free unit, or −1.
    let assignment: Buffer<Int32>
    /// Units in each column, with and without those that continue.
    private let filled: Buffer<Int32>
    private let settled: Buffer<Int32>
    private let order: Buffer<Int32>
    private let used: Buffer<Int32>
    /// Of each program pair, where calls are taken by it.
    private let indices: Buffer<Double>
    /// Of each prerequisite: how many of its columns, from the first on, are known to be filled.
    private let met: Buffer<Int32>
    /// Units taken so far to which the travel limits for holding apply.
    private var spent: Int32 = 0
    private var policy = DispatchPolicyKind.priorityClosest
    /// Units that continue although they may be diverted. As long as one may leave its slot, the slot counts as open under the
    /// rules on what must be filled first.
    private var continuing: Int32 = 0
    private var mayStillDivert = false

    init(problem: DispatchProblem, _ memory: inout WorkingMemory) {
        self.problem = problem
        assignment = memory.buffer(count: problem.program.limits.rows, repeating: -1)
        filled = memory.buffer(count: problem.program.limits.columns, repeating: 0)
        settled = memory.buffer(count: problem.program.limits.columns, repeating: 0)
        order = memory.buffer(count: problem.situation.snapshot.maximumIncidents, repeating: 0)
        used = memory.buffer(count: problem.program.limits.reserves, repeating: 0)
        indices = memory.buffer(unwritten: problem.program.limits.pairs)
        met = memory.buffer(unwritten: problem.program.limits.prerequisites)
    }

    private var program: DispatchProgram { problem.program }

    /// - Returns: whether it came to an end in time: if not, there is no decision.
    @discardableResult
    func decide(_ policy: DispatchPolicyKind, _ clock: CallClock = CallClock()) -> Bool {
        self.policy = policy
        for f in 0..<program.rowCount { assignment[f] = -1 }
        for g in 0..<program.columnCount { (filled[g], settled[g]) = (0, 0) }
        for r in 0..<program.reserveCount { used[r] = 0 }
        (spent, continuing) = (0, 0)
        for f in 0..<program.rowCount where program.mandatory[f] != 0 { continueOn(f) }
        orderCalls()
        mayStillDivert = continuing > 0
        if mayStillDivert { guard takeAll(clock) else { return false } }
        mayStillDivert = false
        return takeAll(clock)
    }

    private func takeAll(_ clock: CallClock) -> Bool {
        forgetMet()
        if policy == .weightedIndex { return takeByIndex(clock) }
        // A call that a rule kept waiting may be free to go once a more urgent one is served.
        var (clock, progress) = (clock, true)
        while progress {
            progress = false
            for k in 0..<problem.situation.waitingCount {
                if clock.expired(after: program.rowCount) { return false }
                if serve(Int(order[k])) { progress = true }
            }
        }
        return true
    }

    /// Leaves a unit on the call that it is on.
    private func continueOn(_ f: Int) {
        for p in problem.row(f) where problem.continues(p) { return take(p) }
    }

    /// Insertion sort, stable.
    private func orderCalls() {
        for k in 0..<problem.situation.waitingCount {
            var slot = k
            while slot > 0 && precedes(k, Int(order[slot - 1])) {
                order[slot] = order[slot - 1]
                slot -= 1
            }
            order[slot] = Int32(k)
        }
    }

    /// Longest wait first; if the heuristic respects priority, most urgent first.
    private func precedes(_ a: Int, _ b: Int) -> Bool {
        let (a, b) = (problem.call(a), problem.call(b))
        if policy != .closestFirstCome && a.priority != b.priority { return a.priority < b.priority }
        return a.secondsWaited > b.secondsWaited
    }

    /// Fills the open slots of a call. - Returns: whether a unit was taken.
    private func serve(_ w: Int) -> Bool {
        var taken = 0
        while openSlots(ofCall: w) > 0, let p = best(forCall: w) {
            take(p)
            taken += 1
        }
        let open = openSlots(ofCall: w)
        if taken > 0 && open > 0 && problem.call(w).allOrNone {
            for f in 0..<program.rowCount where assignment[f] >= 0 && call(ofPair: Int(assignment[f])) == w {
                release(Int(assignment[f]))
            }
            return false
        }
        return taken > 0
    }

    private func openSlots(ofCall w: Int) -> Int32 {
        var open: Int32 = 0
        for g in Int(problem.columnStart[w])..<Int(problem.columnStart[w + 1]) {
            open += program.capacity[g] - filled[g]
        }
        return open
    }

    private func best(forCall w: Int) -> Int? {
        var best: (pair: Int, foreign: Bool, seconds: Float)?
        var next = Int(problem.firstPair[w])
        while next >= 0 {
            let p = next
            next = Int(problem.nextPair[p])
            let source = Int(problem.source[p])
            let unit = Int(problem.pairs.pairs[source].unit)
            let foreign =
                policy == .ownBeatFirst
                && !problem.pairs.isOwnBeat(problem.situation.snapshot.units[unit], problem.call(w))
            let seconds = problem.pairs.chargedSeconds(source)
            if let present = best, (present.foreign ? 1 : 0, present.seconds) <= (foreign ? 1 : 0, seconds) { continue }
            if mayTake(p) { best = (p, foreign, seconds) }
        }
        return best?.pair
    }

    /// The weight / (travel + service) index, the cμ rule with travel as part of the service (after Cox & Smith 1961).
    private func takeByIndex(_ clock: CallClock) -> Bool {
        listIndices()
        var progress = true
        while progress {
            guard takeOneByOneByIndex(clock) else { return false }
            progress = false
            for w in 0..<problem.situation.waitingCount where problem.call(w).allOrNone && serve(w) { progress = true }
        }
        return true
    }

    private func listIndices() {
        for p in 0..<program.pairCount {
            // All-or-none calls are filled as a whole or not at all: left to `serve`.
            indices[p] = problem.call(call(ofPair: p)).allOrNone ? -.infinity : index(p)
        }
    }

    private func takeOneByOneByIndex(_ clock: CallClock) -> Bool {
        var clock = clock
        while !clock.expired(after: program.pairCount) {
            guard let best = highestIndex() else { return true }
            take(best)
        }
        return false
    }

    /// The pair of the highest index that may be taken, the first of equal ones.
    @_optimize(speed)
    private func highestIndex() -> Int? {
        let (indices, columns, capacity) = (indices.base, program.pairColumn.base, program.capacity.base)
        let filled = filled.base
        var (best, bestIndex) = (-1, -1.0)
        for p in 0..<program.pairCount where indices[p] > bestIndex {
            let column = Int(columns[p])
            guard filled[column] < capacity[column], mayTake(p) else { continue }
            (best, bestIndex) = (p, indices[p])
        }
        return best >= 0 ? best : nil
    }

    /// At least 0. In double precision, which tells small weights apart; that of a call may itself have been rounded to 0.
    private func index(_ p: Int) -> Double {
        let call = problem.call(call(ofPair: p))
        let seconds = problem.pairs.chargedSeconds(Int(problem.source[p])) + call.serviceSeconds
        // A bonus may outweigh the service.
        return Double(call.weight) / Double(call.unitsRequired) / Double(max(seconds, .leastNormalMagnitude))
    }

    private func call(ofPair p: Int) -> Int { Int(problem.columnCall[Int(program.pairColumn[p])]) }

    private func mayTake(_ p: Int) -> Bool {
        let column = Int(program.pairColumn[p])
        guard filled[column] < program.capacity[column], !problem.continues(p) else { return false }
        let present = Int(assignment[Int(program.pairRow[p])])
        guard present < 0 || mayDivert(from: present, to: p) else { return false }
        guard problem.unitsNeeded(p) <= max(1, problem.unitsToSpare - spent) else { return false }
        guard !isBarred(p) else { return false }
        let reserve = problem.reserveOf[p]
        return reserve < 0 || used[Int(reserve)] < program.reserveLimit[Int(reserve)]
    }

    /// Whether a continuing unit may be diverted to a call that comes first. Its slot is then open, so no other unit may
    /// have been sent to a slot that required it to be filled.
    private func mayDivert(from present: Int, to p: Int) -> Bool {
        guard problem.continues(present) else { return false }
        let comesFirst =
            policy == .weightedIndex ? index(p) > index(present) : precedes(call(ofPair: p), call(ofPair: present))
        guard comesFirst, !mayStillDivert else { return comesFirst }
        let column = Int(program.pairColumn[present])
        filled[column] -= 1
        defer { filled[column] += 1 }
        for f in 0..<program.rowCount where assignment[f] >= 0 && Int(assignment[f]) != present {
            let other = Int(assignment[f])
            if !problem.continues(other) && problem.isBarred(other, filled: filled) { return false }
        }
        return true
    }

    private func isBarred(_ p: Int) -> Bool {
        let filled = mayStillDivert ? settled : filled
        let s = Int(program.prerequisite[p])
        guard problem.isComplete, s >= 0 else { return problem.isBarred(p, filled: filled) }
        let columns = program.columns(ofPrerequisite: s)
        while Int(met[s]) < columns.count {
            let column = Int(columns[Int(met[s])])
            guard filled[column] >= program.capacity[column] else { return true }
            met[s] += 1
        }
        return false
    }

    private func take(_ p: Int) {
        let present = Int(assignment[Int(program.pairRow[p])])
        if present >= 0 { leave(present) }
        change(p, by: 1)
    }

    /// Undoes an assignment; a diverted unit continues to its call.
    private func release(_ p: Int) {
        guard !problem.continues(p) else { return }
        leave(p)
        let f = Int(program.pairRow[p])
        if program.mandatory[f] != 0 { continueOn(f) }
    }

    private func leave(_ p: Int) {
        change(p, by: -1)
        forgetMet()
    }

    private func forgetMet() {
        for s in 0..<program.prerequisiteCount { met[s] = 0 }
    }

    private func change(_ p: Int, by step: Int32) {
        let column = Int(program.pairColumn[p])
        assignment[Int(program.pairRow[p])] = step > 0 ? Int32(p) : -1
        filled[column] += step
        if problem.continues(p) { continuing += step } else { settled[column] += step }
        if problem.unitsNeeded(p) > 0 { spent += step }
        if problem.reserveOf[p] >= 0 { used[Int(problem.reserveOf[p])] += step }
    }
}
