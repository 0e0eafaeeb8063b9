import PatrolModel

/// The dispatch heuristics that take one call after another, under the same rules as the programme.
///
/// They hold no call that the rules and the limits on holding let them serve, and never divert a unit.
final class GreedyDispatch {
    let problem: DispatchProblem
    /// Programme pair of each free unit, or −1.
    let assignment: Buffer<Int32>
    private let filled: Buffer<Int32>
    private let order: Buffer<Int32>
    private let used: Buffer<Int32>
    /// Of each prerequisite: how many of its columns, from the first on, are known to be filled.
    private let met: Buffer<Int32>
    /// Units taken that the limits on holding concern.
    private var spent: Int32 = 0

    init(problem: DispatchProblem) throws(PatrolError) {
        self.problem = problem
        assignment = try Buffer(count: problem.programme.limits.rows, repeating: -1)
        filled = try Buffer(count: problem.programme.limits.columns, repeating: 0)
        order = try Buffer(count: problem.situation.snapshot.maximumIncidents, repeating: 0)
        used = try Buffer(count: problem.programme.limits.reserves, repeating: 0)
        met = try Buffer(count: problem.programme.limits.prerequisites, repeating: 0)
    }

    private var programme: DispatchProgramme { problem.programme }

    func decide(_ policy: DispatchPolicyKind) {
        for f in 0..<programme.rowCount { assignment[f] = -1 }
        for g in 0..<programme.columnCount { filled[g] = 0 }
        for r in 0..<programme.reserveCount { used[r] = 0 }
        for s in 0..<programme.prerequisiteCount { met[s] = 0 }
        spent = 0
        for p in 0..<programme.pairCount where programme.mandatory[Int(programme.pairRow[p])] != 0 && problem.continues(p) {
            if assignment[Int(programme.pairRow[p])] < 0 { take(p) }
        }
        if policy == .weightedIndex { return takeByIndex() }
        orderCalls(byPriority: policy != .closestFirstCome)
        // A call that a rule kept waiting may be free to go once a more urgent one is served.
        var progress = true
        while progress {
            progress = false
            for k in 0..<problem.situation.waitingCount where serve(Int(order[k]), ownBeatFirst: policy == .ownBeatFirst) {
                progress = true
            }
        }
    }

    /// Longest wait first, and before that most urgent first where wanted; insertion sort, stable.
    private func orderCalls(byPriority: Bool) {
        func precedes(_ a: Int, _ b: Int) -> Bool {
            let (a, b) = (problem.call(a), problem.call(b))
            if byPriority && a.priority != b.priority { return a.priority < b.priority }
            return a.secondsWaited > b.secondsWaited
        }
        for k in 0..<problem.situation.waitingCount {
            var slot = k
            while slot > 0 && precedes(k, Int(order[slot - 1])) {
                order[slot] = order[slot - 1]
                slot -= 1
            }
            order[slot] = Int32(k)
        }
    }

    /// Fills the open slots of a call. - Returns: whether a unit was taken.
    private func serve(_ w: Int, ownBeatFirst: Bool) -> Bool {
        var taken = 0
        while let p = best(forCall: w, ownBeatFirst: ownBeatFirst) {
            take(p)
            taken += 1
        }
        let open = openSlots(ofCall: w)
        if taken > 0 && open > 0 && problem.call(w).allOrNone {
            for f in 0..<programme.rowCount where assignment[f] >= 0 && programme.columnCall(assignment[f], problem) == w {
                release(Int(assignment[f]))
            }
            return false
        }
        return taken > 0
    }

    private func openSlots(ofCall w: Int) -> Int32 {
        var open: Int32 = 0
        for g in Int(problem.columnStart[w])..<Int(problem.columnStart[w + 1]) { open += programme.capacity[g] - filled[g] }
        return open
    }

    private func best(forCall w: Int, ownBeatFirst: Bool) -> Int? {
        var best: (pair: Int, foreign: Bool, seconds: Float)?
        var next = Int(problem.firstPair[w])
        while next >= 0 {
            let p = next
            next = Int(problem.nextPair[p])
            guard mayTake(p) else { continue }
            let pair = problem.pairs.pairs[Int(problem.source[p])]
            let unit = problem.situation.snapshot.units[Int(pair.unit)]
            let foreign = ownBeatFirst && !problem.pairs.isOwnBeat(unit, problem.call(w))
            let seconds = problem.pairs.chargedSeconds(pair)
            if let present = best, (present.foreign ? 1 : 0, present.seconds) <= (foreign ? 1 : 0, seconds) { continue }
            best = (p, foreign, seconds)
        }
        return best?.pair
    }

    /// The weight / (travel + service) index, the cμ rule with travel as part of the service (after Cox & Smith 1961).
    private func takeByIndex() {
        while true {
            var best = -1
            var bestIndex: Float = 0
            for p in 0..<programme.pairCount where mayTake(p) {
                let w = Int(problem.columnCall[Int(programme.pairColumn[p])])
                let call = problem.call(w)
                // All-or-none calls are filled as a whole or not at all: left to `serve`.
                if call.allOrNone { continue }
                let seconds = problem.pairs.chargedSeconds(problem.pairs.pairs[Int(problem.source[p])])
                let index = call.weight / Float(call.unitsRequired) / (seconds + call.serviceSeconds)
                if index > bestIndex { (best, bestIndex) = (p, index) }
            }
            guard best >= 0 else { break }
            take(best)
        }
        for w in 0..<problem.situation.waitingCount where problem.call(w).allOrNone { _ = serve(w, ownBeatFirst: false) }
    }

    private func mayTake(_ p: Int) -> Bool {
        let column = Int(programme.pairColumn[p])
        guard assignment[Int(programme.pairRow[p])] < 0, filled[column] < programme.capacity[column] else { return false }
        if problem.continues(p) { return true }
        guard problem.unitsNeeded(p) <= max(1, problem.unitsToSpare - spent) else { return false }
        guard !isBarred(p) else { return false }
        let reserve = problem.reserveOf[p]
        return reserve < 0 || used[Int(reserve)] < programme.reserveLimit[Int(reserve)]
    }

    private func isBarred(_ p: Int) -> Bool {
        let s = Int(programme.prerequisite[p])
        guard problem.isComplete, s >= 0 else { return problem.isBarred(p, filled: filled) }
        let columns = programme.columns(ofPrerequisite: s)
        while Int(met[s]) < columns.count {
            let column = Int(columns[Int(met[s])])
            guard filled[column] >= programme.capacity[column] else { return true }
            met[s] += 1
        }
        return false
    }

    private func take(_ p: Int) { change(p, by: 1) }

    private func release(_ p: Int) {
        change(p, by: -1)
        for s in 0..<programme.prerequisiteCount { met[s] = 0 }
    }

    private func change(_ p: Int, by step: Int32) {
        assignment[Int(programme.pairRow[p])] = step > 0 ? Int32(p) : -1
        filled[Int(programme.pairColumn[p])] += step
        if problem.unitsNeeded(p) > 0 { spent += step }
        if problem.reserveOf[p] >= 0 { used[Int(problem.reserveOf[p])] += step }
    }
}

extension DispatchProgramme {
    fileprivate func columnCall(_ pair: Int32, _ problem: DispatchProblem) -> Int {
        Int(problem.columnCall[Int(pairColumn[Int(pair)])])
    }
}
