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
    private let router: Router
    private let matrix: TravelMatrix
    /// Shape [free units, waiting calls]; infinite where not eligible.
    private let travel: Buffer<Float>
    /// Nodes of the free units; waiting calls whose travel times are searched for, and their nodes.
    private let unitNodes: Buffer<Int32>
    private let searched: Buffer<Int32>
    private let callNodes: Buffer<Int32>
    /// Eligible pairs, by unit, then by call.
    let pairs: Buffer<DispatchPair>
    private(set) var count = 0
    /// Pairs of free unit f are `rowStart[f] ..< rowStart[f + 1]`.
    let rowStart: Buffer<Int32>

    init(situation: Situation, router: Router) throws(PatrolError) {
        self.situation = situation
        self.router = router
        let (units, incidents) = (situation.snapshot.maximumUnits, situation.snapshot.maximumIncidents)
        travel = try Buffer(count: units * incidents, repeating: .infinity)
        matrix = try TravelMatrix(situation.engine.area.routing, origins: units, destinations: incidents)
        unitNodes = try Buffer(count: units, repeating: 0)
        searched = try Buffer(count: incidents, repeating: 0)
        callNodes = try Buffer(count: incidents, repeating: 0)
        pairs = try Buffer(
            count: units * incidents,
            repeating: DispatchPair(free: 0, waiting: 0, unit: 0, incident: 0, seconds: 0, reward: 0))
        rowStart = try Buffer(count: units + 1, repeating: 0)
    }

    private var engine: DecisionEngine { situation.engine }
    private var snapshot: Snapshot { situation.snapshot }

    func prepare() throws(PatrolError) {
        try router.use(snapshot.overlay)
        fillTravel()
        count = 0
        for f in 0..<situation.freeCount {
            rowStart[f] = Int32(count)
            for w in 0..<situation.waitingCount { append(f, w) }
        }
        rowStart[situation.freeCount] = Int32(count)
    }

    /// Travel seconds from every free unit to every waiting call: the host's where it gives them, else ours, from the table
    /// where the call is at a demand point and the roads are unchanged, else searched for all at once.
    private func fillTravel() {
        let columns = situation.waitingCount
        var count = 0
        for w in 0..<columns where !takeKnown(w) {
            searched[count] = Int32(w)
            callNodes[count] = snapshot.incidents[Int(situation.waiting[w])].node
            count += 1
        }
        guard count > 0 else { return }
        for f in 0..<situation.freeCount { unitNodes[f] = snapshot.units[Int(situation.free[f])].node }
        matrix.fill(
            from: UnsafeBufferPointer(start: unitNodes.base, count: situation.freeCount),
            to: UnsafeBufferPointer(start: callNodes.base, count: count), mode: .emergency, by: router
        ) { f, call, time in
            let place = f * columns + Int(searched[call])
            if travel[place].isNaN { travel[place] = arrival(f, Milliseconds.seconds(time)) }
        }
        for call in 0..<count {
            for f in 0..<situation.freeCount {
                let place = f * columns + Int(searched[call])
                if travel[place].isNaN { travel[place] = .infinity }
            }
        }
    }

    /// Fills a call's column with the times that need no search, NaN elsewhere. - Returns: whether that were all.
    private func takeKnown(_ w: Int) -> Bool {
        let j = Int(situation.waiting[w])
        let node = snapshot.incidents[j].node
        let point = Int(engine.area.pointOf[Int(node)])
        let inTable = snapshot.overlay.isEmpty && engine.area.pointNodes[point] == node
        var isComplete = true
        for f in 0..<situation.freeCount {
            let i = Int(situation.free[f])
            var seconds = snapshot.hostSeconds(unit: i, incident: j)
            if seconds.isNaN && inTable { seconds = arrival(f, engine.secondsToPoints(snapshot.units[i].node)[point]) }
            travel[f * situation.waitingCount + w] = seconds
            if seconds.isNaN { isComplete = false }
        }
        return isComplete
    }

    private func arrival(_ f: Int, _ way: Float) -> Float {
        way < ServiceArea.unreachableSeconds ? situation.offset(snapshot.units[Int(situation.free[f])]) + way : .infinity
    }

    /// First node on the way of a pair, also where the host gave the travel time; −1 where the roads do not lead there.
    func nextNode(_ pair: DispatchPair) -> Int32 {
        let unit = snapshot.units[Int(pair.unit)]
        let call = snapshot.incidents[Int(pair.incident)]
        if unit.secondsToNode > 0 || unit.node == call.node { return unit.node }
        let step = router.firstStep(from: unit.node, to: call.node, mode: .emergency)
        return step == unit.node ? -1 : step
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
