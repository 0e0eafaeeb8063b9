import CKernels
import PatrolModel

/// What a pair is charged for its travel.
extension DispatchPairs {
    /// The reward of a pair with costs and penalty added to the travel.
    func chargedReward(_ p: Int) -> Double {
        reward(snapshot.incidents.base[Int(pairs.base[p].incident)], chargedSeconds(p))
    }

    /// The immediate reward of a pair: r = −(w / required) · ∫₀^t e^(−βs) ds, weighted seconds.
    func reward(_ pair: DispatchPair) -> Double { reward(snapshot.incidents.base[Int(pair.incident)], pair.seconds) }

    /// Minus the weighted travel, costs and penalty included.
    func weightedTravel(_ p: Int) -> Double { -weight(pairs[p]) * Double(chargedSeconds(p)) }

    /// What a second of waiting for one of the units that a call needs costs.
    func weight(_ pair: DispatchPair) -> Double {
        let call = snapshot.incidents.base + Int(pair.incident)
        return Double(call.pointee.weight) / Double(call.pointee.unitsRequired)
    }

    func weight(_ call: Incident) -> Double { Double(call.weight) / Double(call.unitsRequired) }

    /// Travel seconds of a pair, with the snapshot's costs and the penalty for units of other beats.
    @inline(__always)
    func chargedSeconds(_ p: Int) -> Float { isCharged ? secondsWithCharges(p) : pairs.base[p].seconds }

    private func secondsWithCharges(_ p: Int) -> Float {
        let pair = pairs[p]
        let seconds = hasCosts ? pair.seconds + costs[p] : pair.seconds
        return charged(seconds, snapshot.units.base[Int(pair.unit)], snapshot.incidents.base[Int(pair.incident)])
    }

    @inline(__always)
    func charged(_ seconds: Float, _ unit: PatrolUnit, _ call: Incident) -> Float {
        let penalty = engine.options.rules.ownBeatPenalty
        // Where other beats are excluded, a unit already on its way may continue without penalty.
        if penalty == 0 || penalty == .infinity { return seconds }
        return isOwnBeat(unit, call) ? seconds : seconds + penalty
    }

    /// −(w / required) (1 − e^(−βt)) / β, or −(w / required) t without discounting and where costs make t negative.
    @inline(__always)
    func reward(_ call: Incident, _ seconds: Float) -> Double {
        let beta = Double(engine.options.discountRate)
        let turn = beta * Double(seconds)
        // Where 1 − e^(−βt) would lose its digits, its series is as good.
        let charged = turn < 1e-6 ? Double(seconds) * (1 - max(turn, 0) / 2) : (1 - kernels_exp64(-turn)) / beta
        return -Double(call.weight) / Double(call.unitsRequired) * charged
    }
}
