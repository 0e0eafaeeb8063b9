import PatrolModel

/// Which unit keeps which p-median post or DMEXCLP base.
final class PostAssignment {
    let situation: Situation
    /// Patrol location of each unit's post, or −1; shape [units].
    let postLocation: Buffer<Int32>
    private let load: Buffer<Int32>
    private let assignment: Assignment
    /// DMEXCLP: the bases chosen, and by demand point what one more unit within reach adds.
    private let chosen: Buffer<Int32>
    private let gain: Buffer<Float>

    init(situation: Situation) throws(PatrolError) {
        self.situation = situation
        let rows = situation.engine.complianceRows
        let units = min(rows, situation.snapshot.maximumUnits)
        postLocation = try Buffer(count: situation.snapshot.maximumUnits, repeating: -1)
        load = try Buffer(count: rows, repeating: 0)
        assignment = try Assignment(rows: units, columns: rows, pairs: units * rows)
        chosen = try Buffer(count: rows, repeating: 0)
        gain = try Buffer(count: situation.points, repeating: 0)
    }

    private var engine: DecisionEngine { situation.engine }
    private var area: ServiceArea { situation.engine.area }

    /// The patrol location nearest to a demand point, or −1.
    private func location(ofPoint point: Int32) -> Int32 { area.locationOf[Int(area.pointNodes[Int(point)])] }

    private func seconds(_ unit: PatrolUnit, to location: Int32) -> Float {
        let from = area.locationOf[Int(unit.node)]
        guard from >= 0, location >= 0 else { return ServiceArea.unreachableSeconds }
        return area.locationSeconds[Int(from) * area.locationCount + Int(location)]
    }

    /// Matches the free units with the p-median posts for `count` units.
    func assign(posts count: Int) { assign(engine.posts.row(min(count, engine.complianceRows))) }

    /// Least total travel where there are no more units than compliance rows, else the nearest post with room, unit by
    /// unit in ascending id.
    private func assign(_ posts: UnsafeBufferPointer<Int32>) {
        let snapshot = situation.snapshot
        for i in 0..<snapshot.unitCount { postLocation[i] = -1 }
        guard situation.freeCount <= engine.complianceRows else { return assignInTurn(posts) }
        for f in 0..<situation.freeCount {
            let unit = snapshot.units[Int(situation.free[f])]
            assignment.rowMandatory[f] = 1
            for p in 0..<posts.count {
                assignment.pairRow[f * posts.count + p] = Int32(f)
                assignment.pairColumn[f * posts.count + p] = Int32(p)
                assignment.value[f * posts.count + p] = -Double(seconds(unit, to: location(ofPoint: posts[p])))
            }
        }
        assignment.indexPairs(rows: situation.freeCount, columns: posts.count, pairs: situation.freeCount * posts.count)
        assignment.clearPrices()
        guard assignment.solve() == .solved else { return }
        for f in 0..<situation.freeCount {
            let post = Int(assignment.pairColumn[Int(assignment.pairOfRow[f])])
            postLocation[Int(situation.free[f])] = location(ofPoint: posts[post])
        }
    }

    private func assignInTurn(_ posts: UnsafeBufferPointer<Int32>) {
        let snapshot = situation.snapshot
        let room = Int32((situation.freeCount + posts.count - 1) / posts.count)
        for p in 0..<posts.count { load[p] = 0 }
        for k in 0..<snapshot.unitCount {
            let i = Int(snapshot.unitOrder[k])
            guard snapshot.units[i].status == .patrolling else { continue }
            var best = -1
            var bestSeconds = Float.infinity
            for p in 0..<posts.count where load[p] < room {
                let t = seconds(snapshot.units[i], to: location(ofPoint: posts[p]))
                if t < bestSeconds { (best, bestSeconds) = (p, t) }
            }
            guard best >= 0 else { continue }
            load[best] += 1
            postLocation[i] = location(ofPoint: posts[best])
        }
    }

    /// Bases by DMEXCLP's rule (Jagtenberg, Bhulai & van der Mei 2015), one free unit after the other: each goes where it adds
    /// most expected coverage. With busy fraction q, a further unit within reach of a point that k others reach adds
    /// (1 − q) q^k of its demand. Bases are the posts for all units on duty, *within reach* means 2τ, and q is the offered
    /// load, kept in 0.05 … 0.95. There the rule sends a unit that becomes free and leaves the others; here, where all
    /// patrol anyway, least total travel says who takes which base.
    func assignByExpectedCoverage() {
        let reach = 2 * situation.timeScale
        let q = max(0.05, min(situation.load, 0.95))
        let bases = engine.posts.row(min(situation.onDuty, engine.complianceRows))
        let demand = situation.demand
        for v in 0..<situation.points { gain[v] = (1 - q) * demand[v] }
        /// What one more unit at a base adds; afterwards it counts `times` as much.
        func coverage(_ base: Int32, times: Float) -> Float {
            let t = engine.secondsToPoints(area.pointNodes[Int(base)])
            var sum: Float = 0
            for v in 0..<gain.count where t[v] <= reach {
                sum += gain[v]
                gain[v] *= times
            }
            return sum
        }
        let count = min(situation.freeCount, engine.complianceRows)
        for k in 0..<count {
            var best: Float = -1
            for base in bases {
                let added = coverage(base, times: 1)
                if added > best { (chosen[k], best) = (base, added) }
            }
            _ = coverage(chosen[k], times: q)
        }
        assign(UnsafeBufferPointer(start: chosen.base, count: count))
    }
}
