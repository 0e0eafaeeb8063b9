import PatrolModel

/// The bases that free units keep by DMEXCLP's rule (Jagtenberg, Bhulai & van der Mei 2015): one unit after the other
/// goes where it adds most expected coverage.
///
/// With busy fraction q, a further unit within reach of a point that k others reach adds (1 − q) q^k of its demand.
/// Bases are the p-median posts for all units on duty, *within reach* means 2τ, and q is the offered load, kept in
/// 0.05 … 0.95. There the rule sends a unit that becomes free and leaves the others; here, where all patrol anyway, it
/// chooses bases for all. What a base adds only falls as others are chosen, so that a value computed earlier is a bound,
/// and most bases need not be looked at again (Minoux 1978); the choice is that of trying all.
final class CoverageBases {
    private let situation: Situation
    /// What one more unit within reach of each demand point adds; shape [points].
    private let gain: Buffer<Float>
    /// Bases that can be chosen: demand point, beat whose units may keep it (−1: those that keep to none), what a unit
    /// there adds at most, and the number of bases that were chosen when that was computed.
    private let base: Buffer<Int32>
    private let owner: Buffer<Int32>
    private let bound: Buffer<Float>
    private let computed: Buffer<Int32>
    private var baseCount = 0
    /// Units still to be placed, shape [1 + beats], of no beat first.
    private let left: Buffer<Int32>
    /// The bases chosen, those of one beat together; where each beat's start, shape [2 + beats].
    private let chosen: Buffer<Int32>
    private let start: Buffer<Int32>
    /// How many times the last choice computed a base's gain.
    private(set) var evaluations = 0

    init(situation: Situation, _ memory: inout WorkingMemory) {
        self.situation = situation
        let engine = situation.engine
        var count = engine.complianceRows
        for posts in engine.beatPosts { count += min(posts.rows, engine.complianceRows) }
        gain = memory.buffer(count: situation.points, repeating: 0)
        base = memory.buffer(count: count, repeating: 0)
        owner = memory.buffer(count: count, repeating: 0)
        bound = memory.buffer(count: count, repeating: 0)
        computed = memory.buffer(count: count, repeating: 0)
        left = memory.buffer(count: engine.beatPosts.count + 1, repeating: 0)
        chosen = memory.buffer(count: count, repeating: 0)
        start = memory.buffer(count: engine.beatPosts.count + 2, repeating: 0)
    }

    /// The demand points chosen for the units of a beat, or for those without one (−1).
    func chosen(inBeat beat: Int32) -> UnsafeBufferPointer<Int32> {
        let first = Int(start[Int(beat) + 1])
        return UnsafeBufferPointer(start: chosen.base + first, count: Int(start[Int(beat) + 2]) - first)
    }

    /// Chooses a base for each free unit, at most as many as its beat has.
    /// - Returns: false where the clock ended it first.
    func choose(_ clock: CallClock) -> Bool {
        let q = max(0.05, min(situation.load, 0.95))
        let demand = situation.demand
        for v in 0..<situation.points { gain[v] = (1 - q) * demand[v] }
        let count = listBases()
        evaluations = 0
        for round in 0..<count {
            if clock.expired { return false }
            var best = highest()
            while computed[best] != Int32(round) {
                bound[best] = coverage(base[best], times: 1)
                computed[best] = Int32(round)
                evaluations += 1
                best = highest()
            }
            _ = coverage(base[best], times: q)
            let group = Int(owner[best]) + 1
            left[group] -= 1
            chosen[Int(start[group + 1] - left[group]) - 1] = base[best]
        }
        return true
    }

    /// Lists the bases of the free units' beats. - Returns: the number of bases to choose.
    private func listBases() -> Int {
        let engine = situation.engine
        for group in 0..<left.count { left[group] = 0 }
        for f in 0..<situation.freeCount {
            left[Int(situation.patrolBeat(situation.snapshot.units[Int(situation.free[f])])) + 1] += 1
        }
        baseCount = 0
        for group in 0..<left.count {
            start[group + 1] = start[group]
            guard left[group] > 0 else { continue }
            let beat = Int32(group - 1)
            let onDuty = situation.unitsOnDuty(keepingTo: beat)
            let posts = engine.posts(inBeat: beat).row(min(onDuty, engine.complianceRows))
            for post in posts {
                (base[baseCount], owner[baseCount], bound[baseCount], computed[baseCount]) = (post, beat, .infinity, -1)
                baseCount += 1
            }
            left[group] = min(left[group], Int32(posts.count))
            start[group + 1] += left[group]
        }
        return Int(start[left.count])
    }

    /// The base with the highest bound whose beat has units left; ties go to the first.
    private func highest() -> Int {
        var best = -1
        for b in 0..<baseCount where left[Int(owner[b]) + 1] > 0 {
            if best < 0 || bound[b] > bound[best] { best = b }
        }
        return best
    }

    /// What one more unit at a base adds; afterwards it counts `times` as much.
    private func coverage(_ base: Int32, times: Float) -> Float {
        let reach = 2 * situation.postSeconds
        let seconds = situation.engine.secondsToPoints(situation.engine.area.pointNodes[Int(base)])
        let factor = situation.factors.emergency
        let gain = self.gain.base
        var sum: Float = 0
        for v in 0..<situation.points where seconds[v] * factor <= reach {
            sum += gain[v]
            gain[v] *= times
        }
        return sum
    }
}
