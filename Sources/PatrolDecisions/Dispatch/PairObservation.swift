import CKernels
import PatrolModel
import PatrolNetworks

/// The table `pair/1` (`Features.md`) for pairs in unit order.
final class PairObservation {
    let situation: Situation
    let pairs: DispatchPairs
    /// Arrival times of free units (node and offset as for dispatch), smallest and second smallest: shape [2, points].
    private let least: Buffer<Float>
    /// m₁ and m₂ without one free unit.
    private let others: Buffer<Float>
    private let othersWithBusy: Buffer<Float>
    private let busyArrival: Buffer<Float>
    /// By waiting call: smallest and second smallest travel time, and the first pair with the smallest.
    private let bestSeconds: Buffer<Float>
    private let nextSeconds: Buffer<Float>
    private let bestPair: Buffer<Int32>
    private let busySeconds: Buffer<Float>

    init(situation: Situation, pairs: DispatchPairs, _ memory: inout WorkingMemory) {
        self.situation = situation
        self.pairs = pairs
        least = memory.buffer(count: 2 * situation.points, repeating: 0)
        others = memory.buffer(count: situation.points, repeating: 0)
        othersWithBusy = memory.buffer(count: situation.points, repeating: 0)
        busyArrival = memory.buffer(count: situation.points, repeating: 0)
        let incidents = situation.snapshot.maximumIncidents
        bestSeconds = memory.buffer(count: incidents, repeating: 0)
        nextSeconds = memory.buffer(count: incidents, repeating: 0)
        bestPair = memory.buffer(count: incidents, repeating: -1)
        busySeconds = memory.buffer(count: incidents, repeating: 0)
    }

    private var engine: DecisionEngine { situation.engine }
    private var snapshot: Snapshot { situation.snapshot }

    func prepare() {
        situation.prepareBusy()
        prepareArrivals()
        prepareCalls()
    }

    private func prepareArrivals() {
        let points = situation.points
        // The third smallest, which nobody asks for, is left in `others`.
        least.base.update(repeating: situation.cap, count: 2 * points)
        others.base.update(repeating: situation.cap, count: points)
        busyArrival.base.update(repeating: situation.cap, count: points)
        for f in 0..<situation.freeCount {
            let unit = snapshot.units.base + Int(situation.free[f])
            kernels_insert_arrival(
                least.base, least.base + points, others.base, engine.secondsToPoints(unit.pointee.node),
                situation.factors.emergency, situation.offset(unit.pointee), points)
        }
        situation.lowerToBusy(busyArrival.base)
    }

    private func prepareCalls() {
        for w in 0..<situation.waitingCount {
            bestSeconds[w] = .infinity
            nextSeconds[w] = .infinity
            bestPair[w] = -1
            let node = snapshot.incidents[Int(situation.waiting[w])].node
            busySeconds[w] = .infinity
            for b in 0..<situation.busyCount {
                let arrival = situation.busyRemaining[b] + situation.seconds(from: situation.busyNode[b], near: node)
                busySeconds[w] = min(busySeconds[w], arrival)
            }
        }
        for p in 0..<pairs.count {
            let w = Int(pairs.pairs[p].waiting)
            let t = pairs.pairs[p].seconds
            if t < bestSeconds[w] {
                nextSeconds[w] = bestSeconds[w]
                bestSeconds[w] = t
                bestPair[w] = Int32(p)
            } else if t < nextSeconds[w] {
                nextSeconds[w] = t
            }
        }
    }

    /// Writes the features of the pairs in `range`, shape [range.count, 24].
    func write(_ range: Range<Int>, into rows: UnsafeMutablePointer<Float>) {
        var unitInHand: Int32 = -1
        var leaving: (now: Float, withBusy: Float, ahead: Float) = (0, 0, 0)
        for p in range {
            let pair = pairs.pairs[p]
            if pair.free != unitInHand {
                unitInHand = pair.free
                leaving = coverage(leavingWith: pair.free)
            }
            let row = rows + (p - range.lowerBound) * PairTable.width
            row[6] = leaving.now
            row[7] = leaving.withBusy
            row[8] = leaving.ahead
            writeCall(p, pair, into: row)
            writeTravel(p, pair, into: row)
            writeFleet(pair, into: row)
        }
    }

    /// Coverage lost without free unit f; leaves m₁ and m₂ of the others in `others` and `othersWithBusy`.
    private func coverage(leavingWith f: Int32) -> (now: Float, withBusy: Float, ahead: Float) {
        let unit = snapshot.units[Int(situation.free[Int(f)])]
        let t = engine.secondsToPoints(unit.node)
        let offset = situation.offset(unit)
        let points = situation.points
        kernels_arrivals_without(others.base, least.base, points, 1, t, situation.factors.emergency, offset)
        othersWithBusy.base.update(from: others.base, count: points)
        kernels_min_shifted(othersWithBusy.base, busyArrival.base, 1, 0, points)
        func gain(_ demand: UnsafePointer<Float>, _ arrival: Buffer<Float>) -> Float {
            kernels_coverage_gain(demand, arrival.base, t, situation.factors.emergency, offset, situation.points)
                / situation.postSeconds
        }
        return (
            gain(situation.demand, others), gain(situation.demand, othersWithBusy), gain(situation.demandAhead, others)
        )
    }

    private func writeCall(_ p: Int, _ pair: DispatchPair, into row: UnsafeMutablePointer<Float>) {
        let call = snapshot.incidents.base + Int(pair.incident)
        let weight = situation.relativeWeight(call.pointee)
        row[0] = min(pair.seconds / situation.postSeconds, 6)
        row[1] = min(weight, 8) * call.pointee.missingShare
        row[2] = min(weight * pair.seconds / situation.postSeconds, 24)
        row[3] = min(call.pointee.secondsWaited / 600, 6)
        row[4] = call.pointee.priority == 1 ? 1 : 0
        row[5] = min(call.pointee.serviceSeconds / 1800, 4)
        row[9] =
            kernels_coverage_gain(
                situation.demand, others.base, engine.secondsToPoints(call.pointee.node), situation.factors.emergency,
                0,
                situation.points)
            / situation.postSeconds
        row[21] = pairs.isOwnBeat(snapshot.units.base[Int(pair.unit)], call.pointee) ? 1 : 0
        row[19] = min(
            max(0, situation.waitingWeight - situation.waitingUrgency[Int(pair.waiting)]) / Float(situation.onDuty), 8)
    }

    private func writeTravel(_ p: Int, _ pair: DispatchPair, into row: UnsafeMutablePointer<Float>) {
        let w = Int(pair.waiting)
        row[10] = min((pair.seconds - bestSeconds[w]) / situation.postSeconds, 6)
        row[11] = bestPair[w] == Int32(p) ? 1 : 0
        row[12] = min((nextSeconds[w] - bestSeconds[w]) / situation.postSeconds, 6)
        row[13] = max(-6, min((busySeconds[w] - pair.seconds) / situation.postSeconds, 6))
    }

    private func writeFleet(_ pair: DispatchPair, into row: UnsafeMutablePointer<Float>) {
        let n = Float(situation.onDuty)
        row[14] = Float(situation.freeCount) / n
        row[15] = situation.freeCount == 1 ? 1 : 0
        row[16] = situation.freeCount == 2 ? 1 : 0
        row[17] = situation.freeCount == 3 ? 1 : 0
        row[18] = min(Float(situation.waitingCount) / n, 4)
        row[20] = situation.soonFree / n
        row[22] = min(situation.load, 2)
        row[23] = min(situation.loadAhead, 2)
    }
}
