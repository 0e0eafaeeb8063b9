import PatrolModel

/// Which unit may serve which call.
extension DispatchPairs {
    /// Makes a unit's travel to calls that it may not serve infinite.
    @_optimize(speed)
    func strikeIneligible(_ f: Int, _ calls: Range<Int>) {
        let i = Int(situation.free[f])
        let unit = snapshot.units[i]
        let rules = engine.options.rules
        let absence = absence(unit)
        let row = travel.base + f * situation.waitingCount
        for w in calls {
            if unit.status == .enRoute && unit.incident == situation.waiting[w] {
                // A unit that may be diverted may always continue, whatever it was sent for and however long it takes.
                row[w] = min(row[w], ServiceArea.unreachableSeconds)
            } else if absence != nil || exclusion(rules, unit, w, row[w]) != nil {
                row[w] = .infinity
            }
        }
    }

    /// Travel seconds of a free unit to a waiting call, and why it may not serve it; nil: it may.
    /// - Precondition: `prepare` looked at the call.
    func look(_ f: Int, _ w: Int) -> (seconds: Float, exclusion: WhyNot?) {
        for p in Int(rowStart[f])..<Int(rowStart[f + 1]) where Int(pairs[p].waiting) == w {
            return (pairs[p].seconds, nil)
        }
        // Its time was struck out.
        _ = fillTravel(w..<w + 1, CallClock())
        let unit = snapshot.units[Int(situation.free[f])]
        let seconds = travel[f * situation.waitingCount + w]
        let isPlanned = plans.isPlanned(situation.waiting[w])
        return (
            seconds,
            absence(unit) ?? exclusion(engine.options.rules, unit, w, seconds) ?? (isPlanned ? .planned : .notNearest)
        )
    }

    /// Whether a busy unit may serve a waiting call once it is free, so many seconds away.
    func mayServeLater(_ b: Int, _ w: Int, _ seconds: Float) -> Bool {
        var unit = snapshot.units[Int(situation.busy[b])]
        (unit.status, unit.positionAge) = (.patrolling, 0)
        unit.secondsUntilShiftEnd -= situation.busyRemaining[b]
        takesAny[w] = 0
        return seconds < ServiceArea.unreachableSeconds && absence(unit) == nil
            && exclusion(engine.options.rules, unit, w, seconds) == nil
    }

    /// Why a unit takes no call at all.
    func absence(_ unit: PatrolUnit) -> WhyNot? {
        if unit.positionAge > engine.options.stalePositionSeconds { return .stalePosition }
        return unit.secondsUntilShiftEnd < engine.options.rules.shiftEndMargin ? .shiftEnd : nil
    }

    /// The rules that concern one pair alone.
    @inline(__always)
    func exclusion(_ rules: DispatchRules, _ unit: PatrolUnit, _ w: Int, _ seconds: Float) -> WhyNot? {
        if seconds == .infinity { return .unreachable }
        if seconds > rules.maximumTravelSeconds { return .maximumTravel }
        if rules.arrivesBeforeShiftEnd, seconds > unit.secondsUntilShiftEnd - rules.shiftEndMargin { return .shiftEnd }
        let call = snapshot.incidents.base + Int(situation.waiting[w])
        if takesAny[w] == 0, !call.pointee.takes(unit.capabilities) {
            let required = call.pointee.requiredCapabilities
            return unit.capabilities & required == required ? .needs : .capabilities
        }
        if unit.priorities >> UInt8(truncatingIfNeeded: call.pointee.priority - 1) & 1 == 0 { return .priorities }
        if unit.status == .enRoute {
            let from = snapshot.incidents[Int(unit.incident)].priority
            if !rules.mayDivert(from: from, to: call.pointee.priority) { return .noDiversion }
        }
        return rules.ownBeatPenalty < .infinity || isOwnBeat(unit, call.pointee) ? nil : .otherBeat
    }

    @inline(__always)
    func isOwnBeat(_ unit: PatrolUnit, _ call: Incident) -> Bool {
        unit.homeBeat >= 0 && unit.homeBeat == engine.area.beats[Int(call.node)]
    }
}
