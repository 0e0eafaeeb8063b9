import CKernels
import PatrolModel
import PatrolNetworks

/// The table `state/1` (`Features.md`): features of the state in which every call is held, and what assignments add.
///
/// Assigning unit i to call j adds three parts: the unit's, the call's, and the call's scaled by
/// e^(−(t_ij + service_j) / 600), for the unit becoming free again at the call. The network therefore needs three
/// precomputed products and no feature vector for each pair.
final class StateObservation {
    let situation: Situation
    /// Shape [64].
    let held: Buffer<Float>
    /// Removed with a free unit, shape [free units, 64]; removed with one unit's share of a call, shape
    /// [waiting calls, 64]; added when the unit is free again, shape [waiting calls, 64].
    let unitPart: Buffer<Float>
    let callPart: Buffer<Float>
    let returnPart: Buffer<Float>
    /// Demand near each anchor now and ahead, shape [anchors, 2], and the inputs it was computed from.
    private let demandNear: Buffer<Float>
    var scale = TimeScale()

    init(situation: Situation, _ memory: inout WorkingMemory) {
        self.situation = situation
        let snapshot = situation.snapshot
        held = memory.buffer(count: StateTable.width, repeating: 0)
        unitPart = memory.buffer(count: snapshot.maximumUnits * StateTable.width, repeating: 0)
        callPart = memory.buffer(count: snapshot.maximumIncidents * StateTable.width, repeating: 0)
        returnPart = memory.buffer(count: snapshot.maximumIncidents * StateTable.width, repeating: 0)
        demandNear = memory.buffer(count: 2 * StateTable.anchors, repeating: 0)
    }

    private var engine: DecisionEngine { situation.engine }
    private var snapshot: Snapshot { situation.snapshot }

    /// Weight of the return part for a pair.
    func returnWeight(_ pair: DispatchPair) -> Float {
        let service = snapshot.incidents.base[Int(pair.incident)].serviceSeconds
        return kernels_exp(-(pair.seconds + service) / Situation.soonSeconds)
    }

    func prepare() {
        situation.prepareBusy()
        for k in 0..<StateTable.width { held[k] = 0 }
        for f in 0..<situation.freeCount { addUnit(f) }
        for b in 0..<situation.busyCount { addBusy(b) }
        for w in 0..<situation.waitingCount { addCall(w) }
        addDemand()
    }

    /// What assigning a pair adds to the state's features, shape [64].
    func writeDelta(_ pair: DispatchPair, into row: UnsafeMutablePointer<Float>) {
        row.update(repeating: 0, count: StateTable.width)
        addDelta(pair, to: row)
    }

    func addDelta(_ pair: DispatchPair, to row: UnsafeMutablePointer<Float>) {
        let weight = returnWeight(pair)
        let unit = unitPart.base + Int(pair.free) * StateTable.width
        let call = callPart.base + Int(pair.waiting) * StateTable.width
        let later = returnPart.base + Int(pair.waiting) * StateTable.width
        for k in 0..<StateTable.width { row[k] += unit[k] + call[k] + weight * later[k] }
    }

    /// e^(−(offset + g(node→anchor)) / 2τ).
    private func nearness(_ node: Int32, _ anchor: Int, offset: Float = 0) -> Float {
        let seconds = engine.secondsToPoints(node)[Int(engine.anchors[anchor])] * situation.factors.emergency
        return kernels_exp(-(offset + seconds) / (2 * situation.postSeconds))
    }

    private func addUnit(_ f: Int) {
        let unit = snapshot.units[Int(situation.free[f])]
        let part = unitPart.base + f * StateTable.width
        for k in 0..<StateTable.width { part[k] = 0 }
        let offset = situation.offset(unit)
        for a in 0..<engine.anchors.count { part[a * StateTable.anchorWidth] = -nearness(unit.node, a, offset: offset) }
        part[StateTable.global] = -0.25
        let t = engine.secondsToPoints(unit.node)
        let factor = situation.factors.emergency
        var distance: Float = 0
        for v in 0..<situation.points { distance += situation.demand[v] * min(offset + t[v] * factor, situation.cap) }
        part[StateTable.global + 5] = -distance / (4 * situation.postSeconds)
        for k in 0..<StateTable.width { held[k] -= part[k] }
    }

    private func addBusy(_ b: Int) {
        let soon = kernels_exp(-situation.busyRemaining[b] / Situation.soonSeconds)
        for a in 0..<engine.anchors.count {
            held[a * StateTable.anchorWidth + 1] += soon * nearness(situation.busyNode[b], a)
        }
        held[StateTable.global + 1] += soon / 4
    }

    private func addCall(_ w: Int) {
        let call = snapshot.incidents[Int(situation.waiting[w])]
        let part = callPart.base + w * StateTable.width
        let later = returnPart.base + w * StateTable.width
        for k in 0..<StateTable.width { (part[k], later[k]) = (0, 0) }
        let weight = situation.relativeWeight(call) / Float(call.unitsRequired)
        for a in 0..<engine.anchors.count {
            let near = nearness(call.node, a)
            part[a * StateTable.anchorWidth + 2] = -weight * near
            part[a * StateTable.anchorWidth + 3] = -call.serviceSeconds / 1800 * near
            later[a * StateTable.anchorWidth + 1] = near
        }
        part[StateTable.global + (call.priority == 1 ? 2 : 3)] = -weight / 4
        part[StateTable.global + 4] = -call.serviceSeconds / 7200
        later[StateTable.global + 1] = 0.25
        for k in 0..<StateTable.width { held[k] -= Float(call.unitsMissing) * part[k] }
    }

    /// Demand near the anchors depends only on the hours and τ.
    private func addDemand() {
        if situation.scale != scale {
            scale = situation.scale
            for a in 0..<engine.anchors.count { (demandNear[2 * a], demandNear[2 * a + 1]) = demandNow(nearAnchor: a) }
        }
        for a in 0..<engine.anchors.count {
            held[a * StateTable.anchorWidth + 4] = demandNear[2 * a] * situation.load
            held[a * StateTable.anchorWidth + 5] = demandNear[2 * a + 1] * situation.loadAhead
        }
        let day = sineAndCosine(ofDayAt: snapshot.time)
        held[StateTable.global + 6] = day.sine
        held[StateTable.global + 7] = day.cosine
        held[StateTable.global + 8] = situation.load
        held[StateTable.global + 9] = situation.loadAhead
    }

    private func demandNow(nearAnchor a: Int) -> (now: Float, ahead: Float) {
        let point = Int(engine.anchors[a])
        var now: Float = 0
        var ahead: Float = 0
        for v in 0..<situation.points {
            let seconds = engine.secondsToPoints(engine.area.pointNodes[v])[point] * situation.factors.emergency
            let near = kernels_exp(-seconds / (2 * situation.postSeconds))
            now += situation.demand[v] * near
            ahead += situation.demandAhead[v] * near
        }
        return (now, ahead)
    }
}
