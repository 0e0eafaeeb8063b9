import PatrolModel

/// Which unit keeps which p-median post, and where DMEXCLP sends a unit.
final class PostAssignment {
    let situation: Situation
    /// Patrol location of each unit's post, or −1; shape [units].
    let postLocation: Buffer<Int32>
    private let load: Buffer<Int32>
    private let assignment: Assignment
    private let covering: Buffer<Int32>

    init(situation: Situation) throws(PatrolError) {
        self.situation = situation
        let rows = situation.engine.complianceRows
        let units = min(rows, situation.snapshot.maximumUnits)
        postLocation = try Buffer(count: situation.snapshot.maximumUnits, repeating: -1)
        load = try Buffer(count: rows, repeating: 0)
        assignment = try Assignment(rows: units, columns: rows, pairs: units * rows)
        covering = try Buffer(count: situation.points, repeating: 0)
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

    /// Matches the free units with the posts for `count` units: least total travel where there are no more units than
    /// compliance rows, else the nearest post with room, unit by unit in ascending id.
    func assign(posts count: Int) {
        let snapshot = situation.snapshot
        for i in 0..<snapshot.unitCount { postLocation[i] = -1 }
        let rows = engine.complianceRows
        let posts = engine.posts.row(min(count, rows))
        guard situation.freeCount <= rows else { return assignInTurn(posts) }
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

    /// The base that adds most expected coverage (DMEXCLP: Jagtenberg, Bhulai & van der Mei 2015): with busy fraction q, a
    /// further unit within reach of a point that k others reach adds (1 − q) q^k of its demand. Bases are the posts for
    /// all units on duty, *within reach* means 2τ, and q is the offered load, kept in 0.05 … 0.95.
    func mostExpectedCoverage(unit i: Int) -> Int32 {
        let snapshot = situation.snapshot
        let reach = 2 * situation.timeScale
        let q = max(0.05, min(situation.load, 0.95))
        for v in 0..<situation.points { covering[v] = 0 }
        for f in 0..<situation.freeCount where Int(situation.free[f]) != i {
            let other = snapshot.units[Int(situation.free[f])]
            let t = engine.secondsToPoints(other.target >= 0 ? other.target : other.node)
            for v in 0..<situation.points where t[v] <= reach { covering[v] += 1 }
        }
        var best: Int32 = -1
        var bestCoverage: Float = -1
        var bestSeconds = Float.infinity
        for point in engine.posts.row(min(situation.onDuty, engine.complianceRows)) {
            let t = engine.secondsToPoints(area.pointNodes[Int(point)])
            var coverage: Float = 0
            for v in 0..<situation.points where t[v] <= reach {
                var share = 1 - q
                for _ in 0..<min(covering[v], 32) { share *= q }
                coverage += situation.demand[v] * share
            }
            let base = location(ofPoint: point)
            let travel = seconds(snapshot.units[i], to: base)
            if coverage > bestCoverage || (coverage == bestCoverage && travel < bestSeconds) {
                (best, bestCoverage, bestSeconds) = (base, coverage, travel)
            }
        }
        return best
    }
}
