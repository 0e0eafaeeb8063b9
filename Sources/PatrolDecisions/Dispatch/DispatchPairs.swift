import CKernels
import PatrolModel

/// A free unit that may serve a waiting call.
public struct DispatchPair: BitwiseCopyable, Sendable {
    /// Positions in the lists of free units and of waiting calls.
    public var free: Int32
    public var waiting: Int32
    /// Indices in the snapshot.
    public var unit: Int32
    public var incident: Int32
    /// Emergency driving, from where the unit is now.
    public var seconds: Float
    /// The network "pair"'s value; 0 without.
    public var value: Float = 0
    /// Immediate reward r = −(w / required) · ∫₀^t e^(−βs) ds, weighted seconds.
    public var reward: Double
}

/// Travel times between free units and waiting calls, and the pairs that are eligible.
final class DispatchPairs {
    let situation: Situation
    private let search: ShortestPaths
    /// Shape [free units, waiting calls]; infinite where not eligible.
    private let travel: Buffer<Float>
    /// First node on the way, for pairs that were searched; −1: in the table, −2: the host's time.
    private let next: Buffer<Int32>
    private let nodes: Buffer<Int32>
    /// Eligible pairs, by unit, then by call.
    let pairs: Buffer<DispatchPair>
    private(set) var count = 0
    /// Pairs of free unit f are `rowStart[f] ..< rowStart[f + 1]`.
    let rowStart: Buffer<Int32>

    init(situation: Situation, search: ShortestPaths) throws(PatrolError) {
        self.situation = situation
        self.search = search
        let (units, incidents) = (situation.snapshot.maximumUnits, situation.snapshot.maximumIncidents)
        travel = try Buffer(count: units * incidents, repeating: .infinity)
        next = try Buffer(count: units * incidents, repeating: -2)
        nodes = try Buffer(count: units, repeating: 0)
        pairs = try Buffer(
            count: units * incidents,
            repeating: DispatchPair(free: 0, waiting: 0, unit: 0, incident: 0, seconds: 0, reward: 0))
        rowStart = try Buffer(count: units + 1, repeating: 0)
    }

    private var engine: DecisionEngine { situation.engine }
    private var snapshot: Snapshot { situation.snapshot }

    func prepare() {
        for w in 0..<situation.waitingCount { fillTravel(w) }
        count = 0
        for f in 0..<situation.freeCount {
            rowStart[f] = Int32(count)
            for w in 0..<situation.waitingCount { append(f, w) }
        }
        rowStart[situation.freeCount] = Int32(count)
    }

    /// Travel seconds from every free unit to one waiting call: the host's where it gives them, else ours, from the table
    /// where the call is at a demand point and the roads are unchanged, else by one backward search.
    private func fillTravel(_ w: Int) {
        let j = Int(situation.waiting[w])
        let node = snapshot.incidents[j].node
        let columns = situation.waitingCount
        var open = 0
        for f in 0..<situation.freeCount {
            let i = Int(situation.free[f])
            let host = snapshot.hostSeconds(unit: i, incident: j)
            travel[f * columns + w] = host
            next[f * columns + w] = -2
            if host.isNaN {
                nodes[open] = snapshot.units[i].node
                open += 1
            }
        }
        guard open > 0 else { return }
        let point = Int(engine.area.pointOf[Int(node)])
        let inTable = isInTable(node)
        if !inTable { searchBack(from: node, count: open) }
        for f in 0..<situation.freeCount where travel[f * columns + w].isNaN {
            let unit = snapshot.units[Int(situation.free[f])]
            let way = inTable ? engine.secondsToPoints(unit.node)[point] : search.seconds(Int(unit.node))
            next[f * columns + w] = inTable ? -1 : Int32(truncatingIfNeeded: search.parent(Int(unit.node)))
            travel[f * columns + w] = way < ServiceArea.unreachableSeconds ? situation.offset(unit) + way : .infinity
        }
    }

    /// Whether the travel to a node is in the engine's table: it is a demand point, and the roads are unchanged.
    private func isInTable(_ node: Int32) -> Bool {
        snapshot.overlay.isEmpty && engine.area.pointNodes[Int(engine.area.pointOf[Int(node)])] == node
    }

    /// Searches the roads to a call's node for the first `count` of `nodes`.
    private func searchBack(from node: Int32, count: Int) {
        search.run(
            from: Int(node), .backward, mode: .emergency, targets: UnsafeBufferPointer(start: nodes.base, count: count),
            overlay: snapshot.overlay)
    }

    /// First node on the way of a pair; −1 where the roads do not lead there. One search where the host gave the travel time and
    /// the call is not in the table.
    func nextNode(_ pair: DispatchPair) -> Int32 {
        let unit = snapshot.units[Int(pair.unit)]
        let call = snapshot.incidents[Int(pair.incident)]
        if unit.secondsToNode > 0 || unit.node == call.node { return unit.node }
        let known = next[Int(pair.free) * situation.waitingCount + Int(pair.waiting)]
        if known >= 0 { return known }
        let point = Int(engine.area.pointOf[Int(call.node)])
        guard isInTable(call.node) else {
            nodes[0] = unit.node
            searchBack(from: call.node, count: 1)
            return Int32(truncatingIfNeeded: search.parent(Int(unit.node)))
        }
        guard engine.secondsToPoints(unit.node)[point] < ServiceArea.unreachableSeconds else { return -1 }
        var best = unit.node
        var bestSeconds = Float.infinity
        for arc in engine.area.roads.outgoing[Int(unit.node)] {
            let seconds = arc.emergencySeconds + engine.secondsToPoints(arc.node)[point]
            if seconds < bestSeconds { (best, bestSeconds) = (arc.node, seconds) }
        }
        return best
    }

    private func append(_ f: Int, _ w: Int) {
        let i = Int(situation.free[f])
        let j = Int(situation.waiting[w])
        var seconds = travel[f * situation.waitingCount + w]
        if snapshot.units[i].status == .enRoute && snapshot.units[i].incident == Int32(j) {
            // A unit that may be diverted may always continue, whatever it was sent for and however long it takes.
            seconds = min(seconds, ServiceArea.unreachableSeconds)
        } else if !isEligible(snapshot.units[i], snapshot.incidents[j], seconds) {
            return
        }
        pairs[count] = DispatchPair(
            free: Int32(f), waiting: Int32(w), unit: Int32(i), incident: Int32(j), seconds: seconds,
            reward: reward(snapshot.incidents[j], seconds))
        count += 1
    }

    /// Capability, reach, and the rules that concern one pair alone.
    private func isEligible(_ unit: PatrolUnit, _ call: Incident, _ seconds: Float) -> Bool {
        let rules = engine.options.rules
        guard seconds < .infinity, unit.capabilities & call.requiredCapabilities == call.requiredCapabilities,
            call.hasSlot(for: unit.capabilities)
        else { return false }
        if unit.status == .enRoute {
            let from = snapshot.incidents[Int(unit.incident)].priority
            guard rules.mayDivert(from: from, to: call.priority) else { return false }
        }
        if rules.ownBeatPenalty == .infinity && !isOwnBeat(unit, call) { return false }
        return seconds <= rules.maximumTravelSeconds && unit.secondsUntilShiftEnd >= rules.shiftEndMargin
            && unit.positionAge <= engine.options.stalePositionSeconds
    }

    func isOwnBeat(_ unit: PatrolUnit, _ call: Incident) -> Bool {
        unit.homeBeat >= 0 && unit.homeBeat == engine.area.beats[Int(call.node)]
    }

    /// The reward with the penalty for units of other beats added to the travel.
    func chargedReward(_ pair: DispatchPair) -> Double {
        engine.options.rules.ownBeatPenalty > 0
            ? reward(snapshot.incidents[Int(pair.incident)], chargedSeconds(pair)) : pair.reward
    }

    /// Minus the weighted travel, that penalty included.
    func weightedTravel(_ pair: DispatchPair) -> Double { -weight(pair) * Double(chargedSeconds(pair)) }

    /// What a second of waiting for one of the units that a call needs costs.
    func weight(_ pair: DispatchPair) -> Double { weight(snapshot.incidents[Int(pair.incident)]) }

    func weight(_ call: Incident) -> Double { Double(call.weight) / Double(call.unitsRequired) }

    /// Travel seconds, with the penalty for units of other beats.
    func chargedSeconds(_ pair: DispatchPair) -> Float {
        let call = snapshot.incidents[Int(pair.incident)]
        let penalty = engine.options.rules.ownBeatPenalty
        // Where other beats are excluded, a unit already on its way may continue without penalty.
        if penalty == .infinity || isOwnBeat(snapshot.units[Int(pair.unit)], call) { return pair.seconds }
        return pair.seconds + penalty
    }

    /// −(w / required) (1 − e^(−βt)) / β, or −(w / required) t without discounting.
    private func reward(_ call: Incident, _ seconds: Float) -> Double {
        let beta = Double(engine.options.discountRate)
        let turn = beta * Double(seconds)
        // Where 1 − e^(−βt) would lose its digits, its series is as good.
        let charged = turn < 1e-6 ? Double(seconds) * (1 - turn / 2) : (1 - kernels_exp64(-turn)) / beta
        return -Double(call.weight) / Double(call.unitsRequired) * charged
    }
}
