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
    /// Arrival times of the nearest other free unit, which are m₁ of the unit that decides, and of the second and the third
    /// nearest where they are wanted: shape [3, points].
    private let others: Buffer<Float>
    private let ranks: Int
    /// What a unit somewhere would gain on each of them, shape [3].
    private let gains: Buffer<Float>
    /// What busy units add to arrival times, shape [points].
    private let busyArrival: Buffer<Float>
    private let arrivalWithBusy: Buffer<Float>
    private var bestAnchorGain: Float = 0
    private var bestAnchorBackup: Float = 0
    /// Free units in ascending id while they decide in turn, and whether they do.
    private let turns: Buffer<Int32>
    private let inTurn: ArrivalsInTurn
    private var isInTurn = false
    private let kept: KeptArrivals

    /// - Parameter needsBackup: the policy asks for the second and third nearest units too.
    init(situation: Situation, needsBackup: Bool, _ memory: inout WorkingMemory) {
        self.situation = situation
        surroundings = Surroundings(area: situation.engine.area, &memory)
        others = memory.buffer(count: 3 * situation.points, repeating: 0)
        gains = memory.buffer(count: 3, repeating: 0)
        arrivalWithBusy = memory.buffer(count: situation.points, repeating: 0)
        ranks = needsBackup ? 3 : 1
        busyArrival = memory.buffer(count: situation.points, repeating: 0)
        let units = situation.snapshot.maximumUnits
        turns = memory.buffer(count: units, repeating: 0)
        inTurn = ArrivalsInTurn(units: units, points: situation.points, levels: ranks, &memory)
        kept = KeptArrivals(units: units, points: situation.points, levels: ranks, &memory)
    }

    private var arrival: UnsafeMutablePointer<Float> { others.base }
    private var second: UnsafeMutablePointer<Float> { others.base + situation.points }
    private var third: UnsafeMutablePointer<Float> { others.base + 2 * situation.points }

    private var engine: DecisionEngine { situation.engine }
    private var snapshot: Snapshot { situation.snapshot }

    /// Where a free unit counts when another decides: at its target, or at its node once it gets there.
    @inline(__always)
    private func place(_ i: Int32) -> KeptArrivals.Place {
        let unit = snapshot.units.base + Int(i)
        if unit.pointee.target >= 0 { return KeptArrivals.Place(node: unit.pointee.target, offset: 0) }
        let isThere = unit.pointee.secondsToNode == 0
        return KeptArrivals.Place(node: unit.pointee.node, offset: isThere ? 0 : situation.offset(unit.pointee))
    }

    /// As many units in turn make it worthwhile to keep what they share.
    static let fewestInTurn = 8

    /// Begins with the first free unit of `order`, which then lists all of them in ascending id, if many decide.
    func beginTurns(_ order: UnsafeBufferPointer<Int32>, deciding: Int) {
        isInTurn = deciding >= CandidateObservation.fewestInTurn
        guard isInTurn else { return }
        var count = 0
        for i in order where snapshot.units[Int(i)].status == .patrolling {
            turns[count] = i
            count += 1
        }
        inTurn.begin(count: count, cap: situation.cap) { arrivals($0) }
    }

    /// Goes on from one free unit to the next.
    func passTurn() { if isInTurn { inTurn.pass { arrivals($0) } } }

    func endTurns() { isInTurn = false }

    private func arrivals(_ turn: Int) -> ArrivalsInTurn.Arrivals {
        let place = place(turns[turn])
        return ArrivalsInTurn.Arrivals(
            seconds: engine.secondsToPoints(place.node), factor: situation.factors.emergency, offset: place.offset)
    }

    /// Takes the arrival times of the free units other than `unit`, whose turn it is where they decide in turn.
    /// - Parameter backup: also those of the second and third nearest of them.
    func observe(unit: Int, backup: Bool) {
        if isInTurn && (ranks == 3 || !backup) { return inTurn.writeOthers(into: others.base) }
        let count = situation.points
        if situation.freeCount >= KeptArrivals.fewestUnits && count >= KeptArrivals.fewestPoints
            && (ranks == 3 || !backup)
        {
            return takeKept(unit)
        }
        others.base.update(repeating: situation.cap, count: backup ? 3 * count : count)
        for f in 0..<situation.freeCount where Int(situation.free[f]) != unit {
            let other = place(situation.free[f])
            let seconds = engine.secondsToPoints(other.node)
            let factor = situation.factors.emergency
            if backup {
                kernels_insert_arrival(arrival, second, third, seconds, factor, other.offset, count)
            } else {
                kernels_min_shifted(arrival, seconds, factor, other.offset, count)
            }
        }
    }

    @_optimize(speed)
    private func takeKept(_ unit: Int) {
        let area = engine.area
        kept.writeOthers(
            than: unit, free: UnsafeBufferPointer(start: situation.free.base, count: situation.freeCount),
            factor: situation.factors.emergency, cap: situation.cap, place: { place($0) },
            seconds: { area.secondsToPoints($0) }, into: others.base)
    }

    /// What the features of all units share. - Precondition: comes before `write`, after the surroundings are prepared.
    func prepareFeatures() {
        situation.prepareBusy()
        busyArrival.base.update(repeating: situation.cap, count: situation.points)
        situation.lowerToBusy(busyArrival.base)
    }

    /// Demand-weighted seconds, in units of τ, by which a unit at `node` would lower the arrival times.
    private func coverageGain(
        _ demand: UnsafePointer<Float>, _ arrival: UnsafePointer<Float>, _ node: Int32, shift: Float = 0
    ) -> Float {
        kernels_coverage_gain(
            demand, arrival, engine.secondsToPoints(node), situation.factors.emergency, shift, situation.points)
            / situation.postSeconds
    }

    /// Marginal coverage of a candidate at half its travel time, the unit's average distance from it on the way.
    func marginalCoverage(_ candidate: PatrolCandidate) -> Float {
        coverageGain(
            situation.demand, arrival, candidate.node, shift: 0.5 * situation.factors.emergencyRatio * candidate.seconds
        )
    }

    /// Demand-weighted arrival time of the other units, Σ_v d(v) m₁(v) / τ.
    var othersArrival: Float {
        kernels_dot(situation.demand, arrival, situation.points) / situation.postSeconds
    }

    /// Demand near a candidate (feature 8).
    func demandNear(_ node: Int32) -> Float { surroundings.place(node, situation).demandAround[0] }

    /// Writes the features of `candidates` (staying first), shape [count, width].
    /// - Precondition: `observe(unit:backup:)`, with backup where the table has it.
    /// - Parameters:
    ///   - post: patrol location of the unit's post, or −1.
    ///   - width: that of `candidate/1` or `candidate/2`.
    ///   - anchors: compute the features of what anchors would gain, which are most of the work and the same for all
    ///     candidates; otherwise they are 0.
    func write(
        _ candidates: UnsafeBufferPointer<PatrolCandidate>, post: Int32, width: Int, anchors: Bool,
        into rows: UnsafeMutablePointer<Float>
    ) {
        takeShared(anchors: anchors)
        let hasBackup = width == CandidateTable.widthWithBackup
        if hasBackup {
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
            writeNearness(candidate, stay: candidates[0].node, post: post, into: row)
            row[19] = min(situation.factors.emergencyRatio * candidate.seconds / situation.postSeconds, 6)
            row[20] = index == 0 ? 1 : 0
            writeCalls(candidate, into: row)
            if hasBackup { writeBackup(candidate, first: rows, into: row) }
        }
    }

    /// Coverage with backup of a unit at `node`, up to a factor. - Precondition: `observe(unit:backup:)` with backup.
    func backupCoverage(_ node: Int32) -> Float {
        let q = CandidateTable.backupShare
        takeGains(node)
        return gains[0] + q * gains[1] + q * q * gains[2]
    }

    private func takeGains(_ node: Int32) {
        kernels_coverage_gains(
            gains.base, situation.demand, others.base, engine.secondsToPoints(node), situation.factors.emergency,
            situation.points)
        for k in 0..<3 { gains[k] /= situation.postSeconds }
    }

    private func writeBackup(
        _ candidate: PatrolCandidate, first: UnsafeMutablePointer<Float>, into row: UnsafeMutablePointer<Float>
    ) {
        row[CandidateTable.secondGain] = gains[1]
        row[CandidateTable.thirdGain] = gains[2]
        row[CandidateTable.secondGain + 1] = gains[1] - first[CandidateTable.secondGain]
        row[CandidateTable.thirdGain + 1] = gains[2] - first[CandidateTable.thirdGain]
        row[CandidateTable.bestAnchorBackup] = bestAnchorBackup
    }

    /// Computes what all candidates' features share and no heuristic needs.
    private func takeShared(anchors: Bool) {
        arrivalWithBusy.base.update(from: arrival, count: situation.points)
        kernels_min_shifted(arrivalWithBusy.base, busyArrival.base, 1, 0, situation.points)
        bestAnchorGain = 0
        for a in 0..<(anchors ? engine.anchors.count : 0) {
            let node = engine.area.pointNodes[Int(engine.anchors[a])]
            bestAnchorGain = max(bestAnchorGain, coverageGain(situation.demand, arrival, node))
        }
    }

    private func writeCoverage(
        _ candidate: PatrolCandidate, first: UnsafeMutablePointer<Float>, into row: UnsafeMutablePointer<Float>
    ) {
        let shift = situation.factors.emergencyRatio * candidate.seconds
        takeGains(candidate.node)
        row[0] = gains[0]
        row[2] = coverageGain(situation.demand, arrivalWithBusy.base, candidate.node)
        row[4] = coverageGain(situation.demandAhead, arrival, candidate.node)
        row[6] = coverageGain(situation.demand, arrival, candidate.node, shift: shift)
        for feature in stride(from: 0, through: 6, by: 2) { row[feature + 1] = row[feature] - first[feature] }
        row[26] = bestAnchorGain
    }

    private func writeSurroundings(_ candidate: PatrolCandidate, into row: UnsafeMutablePointer<Float>) {
        let place = surroundings.place(candidate.node, situation)
        for k in 0..<6 { row[8 + k] = place.demandAround[k] }
        row[14] = kernels_dot3(situation.demand, place.near, arrival, situation.points) / situation.cap
        row[15] = kernels_dot3(situation.demand, place.far, arrival, situation.points) / situation.cap
        let distance = kernels_dot(situation.demand, engine.secondsToPoints(candidate.node), situation.points)
        row[25] = min(distance * situation.factors.emergency / situation.postSeconds, 6)
    }

    private func writeNearness(
        _ candidate: PatrolCandidate, stay: Int32, post: Int32, into row: UnsafeMutablePointer<Float>
    ) {
        row[16] = arrival[Int(engine.area.pointOf[Int(candidate.node)])] / situation.postSeconds
        let ratio = situation.factors.emergencyRatio / situation.postSeconds
        let (here, there) = (secondsToPost(stay, post), secondsToPost(candidate.node, post))
        row[17] = max(-6, min((here - there) * ratio, 6))
        row[18] = min(there * ratio, 6)
    }

    /// t_L(L(node)→post); 0 if the unit has no post or the node no patrol location.
    private func secondsToPost(_ node: Int32, _ post: Int32) -> Float {
        let location = engine.area.locationOf[Int(node)]
        guard location >= 0, post >= 0 else { return 0 }
        return engine.area.locationSeconds[Int(location) * engine.area.locationCount + Int(post)]
            * situation.factors.patrol
    }

    private func writeCalls(_ candidate: PatrolCandidate, into row: UnsafeMutablePointer<Float>) {
        let n = Float(situation.onDuty)
        var urgency: Float = 0
        let seconds = engine.secondsToPoints(candidate.node)
        let factor = situation.factors.emergency
        for w in 0..<situation.waitingCount {
            let near = kernels_exp(-seconds[Int(situation.waitingPoint[w])] * factor / (2 * situation.postSeconds))
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
