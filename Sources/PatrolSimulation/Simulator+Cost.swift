import PatrolModel

/// What calls are charged that is not in `cost` yet.
extension Simulator {
    /// Of an open call until now, weighted seconds.
    @inline(__always)
    func uncharged(_ call: UnsafeMutablePointer<SimulatedCall>) -> Double {
        let missing = max(0, call.pointee.incident.unitsRequired - call.pointee.onScene)
        let share = Double(missing) / Double(call.pointee.incident.unitsRequired)
        let waiting = call.pointee.costWeight * share * max(0, now - call.pointee.chargedUntil)
        return isLate(call.pointee, at: now) ? waiting + latePrice(call.pointee) : waiting
    }

    /// Whether a call that no unit reaches before a time is then to be charged for being late, and has not been yet.
    @inline(__always)
    func isLate(_ call: SimulatedCall, at time: Double) -> Bool { time - call.time > call.lateAfter }

    func latePrice(_ call: SimulatedCall) -> Double {
        Double(model.scenario.latePrices[Int(call.incident.priority) - 1])
    }

    /// What calls will still be charged until the units on their way to them are there, if nothing changes; weighted seconds. Added to
    /// `cumulativeCost`, it charges drives when they begin, and calls that will be late because of them.
    public var costUnderWay: Double {
        var sum = 0.0
        for u in 0..<units.count where units.base[u].phase == .enRoute {
            let (call, arrival) = (calls.base + Int(units.base[u].call), units.base[u].phaseEnd)
            let rest = max(0, arrival - max(now, call.pointee.chargedUntil))
            sum += call.pointee.costWeight * rest / Double(call.pointee.incident.unitsRequired)
            if isLate(call.pointee, at: arrival) && !isLate(call.pointee, at: now) && isFirstOnItsWay(u) {
                sum += latePrice(call.pointee)
            }
        }
        return sum
    }

    /// Whether no other unit will be at the call of a unit on its way before it.
    private func isFirstOnItsWay(_ u: Int) -> Bool {
        let unit = units.base[u]
        if calls.base[Int(unit.call)].assigned == 1 { return true }
        for other in 0..<units.count where other != u {
            let one = units.base[other]
            guard one.phase == .enRoute && one.call == unit.call else { continue }
            if one.phaseEnd < unit.phaseEnd || one.phaseEnd == unit.phaseEnd && other < u { return false }
        }
        return true
    }
}
