import CKernels
import PatrolModel
import PatrolNetworks

/// A place a unit may go next: its own node (staying) or a neighboring patrol location.
public struct PatrolCandidate: BitwiseCopyable, Sendable {
    public var node: Int32
    /// First road node on the way.
    public var nextNode: Int32
    /// Patrol driving; 0 for staying.
    public var seconds: Float
    public var value: Float = 0

    public init(node: Int32, nextNode: Int32, seconds: Float) {
        self.node = node
        self.nextNode = nextNode
        self.seconds = seconds
    }
}

/// The tables `candidate/1` and `candidate/2` for one unit at a time (`Features.md`).
final class CandidateObservation {
    let situation: Situation
    let surroundings: Surroundings
    /// m₁ and m₂ for the deciding unit, shape [points].
    private let arrival: Buffer<Float>
    private let arrivalWithBusy: Buffer<Float>
    private var bestAnchorGain: Float = 0
    /// Arrival times of the nearest, the second and the third nearest free unit, shape [points] each.
    private let nearest: Buffer<Float>
    private let second: Buffer<Float>
    private let third: Buffer<Float>
    private var bestAnchorBackup: Float = 0

    init(situation: Situation) throws(PatrolError) {
        self.situation = situation
        surroundings = try Surroundings(area: situation.engine.area)
        arrival = try Buffer(count: situation.points, repeating: 0)
        arrivalWithBusy = try Buffer(count: situation.points, repeating: 0)
        nearest = try Buffer(count: situation.points, repeating: 0)
        second = try Buffer(count: situation.points, repeating: 0)
        third = try Buffer(count: situation.points, repeating: 0)
    }

    private var engine: DecisionEngine { situation.engine }
    private var snapshot: Snapshot { situation.snapshot }

    /// Where a free unit counts when another decides: at its target, or at its node once it gets there.
    private func place(_ unit: PatrolUnit) -> (node: Int32, offset: Float) {
        unit.target >= 0 ? (unit.target, 0) : (unit.node, situation.offset(unit))
    }

    /// Computes the arrival times of the free units other than `unit`.
    func observe(unit: Int) {
        let count = situation.points
        for v in 0..<count { arrival[v] = situation.cap }
        for f in 0..<situation.freeCount where Int(situation.free[f]) != unit {
            let other = place(snapshot.units[Int(situation.free[f])])
            kernels_min_shifted(arrival.base, engine.secondsToPoints(other.node), other.offset, count)
        }
    }

    /// Demand-weighted seconds, in units of τ, by which a unit at `node` would lower the arrival times.
    private func coverageGain(
        _ demand: UnsafePointer<Float>, _ arrival: Buffer<Float>, _ node: Int32, shift: Float = 0
    ) -> Float {
        kernels_coverage_gain(demand, arrival.base, engine.secondsToPoints(node), shift, situation.points) / situation.postSeconds
    }

    /// Marginal coverage of a candidate at half its travel time, the unit's average distance from it on the way.
    func marginalCoverage(_ candidate: PatrolCandidate) -> Float {
        coverageGain(situation.demand, arrival, candidate.node, shift: 0.5 * engine.area.emergencyRatio * candidate.seconds)
    }

    /// Demand-weighted arrival time of the other units, Σ_v d(v) m₁(v) / τ.
    var othersArrival: Float {
        kernels_dot(situation.demand, arrival.base, situation.points) / situation.postSeconds
    }

    /// Demand near a candidate (feature 8).
    func demandNear(_ node: Int32) -> Float { surroundings.place(node, situation).demandAround[0] }

    /// Writes the features of `candidates` (staying first), shape [count, width].
    /// - Parameters:
    ///   - post: patrol location of the unit's post, or −1.
    ///   - width: that of `candidate/1` or `candidate/2`.
    ///   - anchors: compute the features of what anchors would gain, which are most of the work and the same for all
    ///     candidates; otherwise they are 0.
    func write(
        unit: Int, _ candidates: UnsafeBufferPointer<PatrolCandidate>, post: Int32, width: Int, anchors: Bool,
        into rows: UnsafeMutablePointer<Float>
    ) {
        prepareFeatures(anchors: anchors)
        let hasBackup = width == CandidateTable.widthWithBackup
        if hasBackup {
            prepareBackup(unit: unit)
            bestAnchorBackup = 0
            for a in 0..<(anchors ? engine.anchors.count : 0) {
                let node = engine.area.pointNodes[Int(engine.anchors[a])]
                bestAnchorBackup = max(bestAnchorBackup, backupCoverage(node))
            }
        }
        for index in 0..<candidates.count {
            let candidate = candidates[index]
            let row = rows + index * width
            writeCoverage(candidate, first: rows, into: row)
            writeSurroundings(candidate, into: row)
            writeNearness(candidate, unit: unit, stay: candidates[0].node, post: post, into: row)
            row[19] = min(engine.area.emergencyRatio * candidate.seconds / situation.postSeconds, 6)
            row[20] = index == 0 ? 1 : 0
            writeCalls(candidate, into: row)
            if hasBackup { writeBackup(candidate, first: rows, into: row) }
        }
    }

    /// Computes the arrival times of the three nearest other free units.
    func prepareBackup(unit: Int) {
        let count = situation.points
        for v in 0..<count { (nearest[v], second[v], third[v]) = (situation.cap, situation.cap, situation.cap) }
        for f in 0..<situation.freeCount where Int(situation.free[f]) != unit {
            let other = place(snapshot.units[Int(situation.free[f])])
            kernels_insert_arrival(
                nearest.base, second.base, third.base, engine.secondsToPoints(other.node), other.offset, count)
        }
    }

    /// Coverage with backup of a unit at `node`, up to a factor. - Precondition: `prepareBackup`.
    func backupCoverage(_ node: Int32) -> Float {
        let q = CandidateTable.backupShare
        return coverageGain(situation.demand, nearest, node) + q * coverageGain(situation.demand, second, node)
            + q * q * coverageGain(situation.demand, third, node)
    }

    private func writeBackup(
        _ candidate: PatrolCandidate, first: UnsafeMutablePointer<Float>, into row: UnsafeMutablePointer<Float>
    ) {
        row[CandidateTable.secondGain] = coverageGain(situation.demand, second, candidate.node)
        row[CandidateTable.thirdGain] = coverageGain(situation.demand, third, candidate.node)
        for feature in [CandidateTable.secondGain, CandidateTable.thirdGain] {
            row[feature + 1] = row[feature] - first[feature]
        }
        row[CandidateTable.bestAnchorBackup] = bestAnchorBackup
    }

    /// Inputs shared by all candidates' features; heuristics do not need them.
    private func prepareFeatures(anchors: Bool) {
        for v in 0..<situation.points { arrivalWithBusy[v] = arrival[v] }
        situation.lowerToBusy(arrivalWithBusy.base)
        bestAnchorGain = 0
        for a in 0..<(anchors ? engine.anchors.count : 0) {
            let node = engine.area.pointNodes[Int(engine.anchors[a])]
            bestAnchorGain = max(bestAnchorGain, coverageGain(situation.demand, arrival, node))
        }
    }

    private func writeCoverage(
        _ candidate: PatrolCandidate, first: UnsafeMutablePointer<Float>, into row: UnsafeMutablePointer<Float>
    ) {
        let shift = engine.area.emergencyRatio * candidate.seconds
        row[0] = coverageGain(situation.demand, arrival, candidate.node)
        row[2] = coverageGain(situation.demand, arrivalWithBusy, candidate.node)
        row[4] = coverageGain(situation.demandAhead, arrival, candidate.node)
        row[6] = coverageGain(situation.demand, arrival, candidate.node, shift: shift)
        for feature in stride(from: 0, through: 6, by: 2) { row[feature + 1] = row[feature] - first[feature] }
        row[26] = bestAnchorGain
    }

    private func writeSurroundings(_ candidate: PatrolCandidate, into row: UnsafeMutablePointer<Float>) {
        let place = surroundings.place(candidate.node, situation)
        for k in 0..<6 { row[8 + k] = place.demandAround[k] }
        row[14] = kernels_dot3(situation.demand, place.near, arrival.base, situation.points) / situation.cap
        row[15] = kernels_dot3(situation.demand, place.far, arrival.base, situation.points) / situation.cap
        let distance = kernels_dot(situation.demand, engine.secondsToPoints(candidate.node), situation.points)
        row[25] = min(distance / situation.postSeconds, 6)
    }

    private func writeNearness(
        _ candidate: PatrolCandidate, unit: Int, stay: Int32, post: Int32, into row: UnsafeMutablePointer<Float>
    ) {
        var nearest = situation.cap
        for f in 0..<situation.freeCount where Int(situation.free[f]) != unit {
            let other = place(snapshot.units[Int(situation.free[f])])
            nearest = min(nearest, other.offset + situation.seconds(from: other.node, near: candidate.node))
        }
        row[16] = nearest / situation.postSeconds
        let ratio = engine.area.emergencyRatio / situation.postSeconds
        let (here, there) = (secondsToPost(stay, post), secondsToPost(candidate.node, post))
        row[17] = max(-6, min((here - there) * ratio, 6))
        row[18] = min(there * ratio, 6)
    }

    /// t_L(L(node)→post); 0 if the unit has no post or the node no patrol location.
    private func secondsToPost(_ node: Int32, _ post: Int32) -> Float {
        let location = engine.area.locationOf[Int(node)]
        guard location >= 0, post >= 0 else { return 0 }
        return engine.area.locationSeconds[Int(location) * engine.area.locationCount + Int(post)]
    }

    private func writeCalls(_ candidate: PatrolCandidate, into row: UnsafeMutablePointer<Float>) {
        let n = Float(situation.onDuty)
        var urgency: Float = 0
        let seconds = engine.secondsToPoints(candidate.node)
        for w in 0..<situation.waitingCount {
            let near = kernels_exp(-seconds[Int(situation.waitingPoint[w])] / (2 * situation.postSeconds))
            urgency += situation.waitingUrgency[w] * near
        }
        row[21] = min(urgency, 4)
        row[22] = Float(situation.freeCount) / n
        row[23] = situation.soonFree / n
        row[24] = min(Float(situation.waitingCount) / n, 4)
        let location = engine.area.locationOf[Int(candidate.node)]
        let idle = location >= 0 ? snapshot.idleSeconds(location: Int(location)) : 0
        row[27] = min(idle / 3600, 1)
    }
}
