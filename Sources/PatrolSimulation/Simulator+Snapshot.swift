import PatrolDecisions
import PatrolModel

/// What the policies see: the units and calls known now, never realized service times or future calls.
extension Simulator {
    /// What does not change: who the units are.
    func snapshotFleet() {
        for u in 0..<units.count { policies.snapshot.unitOrder[u] = model.unitOrder[u] }
        snapshotFleet(policies.snapshot)
        snapshotFleet(policies.seen)
    }

    private func snapshotFleet(_ snapshot: Snapshot) {
        snapshot.unitCount = units.count
        for u in 0..<units.count {
            let unit = model.scenario.units[u]
            snapshot.units[u].id = unit.id
            snapshot.units[u].capabilities = unit.capabilities
            snapshot.units[u].homeBeat = unit.homeBeat
        }
    }

    /// Has the snapshot show the present state where a decision is due.
    public func showSnapshot() {
        guard due != .none, !isSnapshotShown else { return }
        isSnapshotShown = true
        fillSnapshot()
    }

    @_optimize(speed)
    private func fillSnapshot() {
        let snapshot = policies.snapshot
        snapshot.time = now
        snapshot.incidentCount = openCount
        for j in 0..<openCount {
            let slot = Int(openCalls[j])
            snapshotIndex[slot] = Int32(j)
            show(call: slot, snapshot.incidents.base + j)
        }
        // Where a unit is on its way to a call matters if it may be diverted; else destination and time left say all.
        let mayBeDiverted = engine.options.rules.preemption != 0
        for u in 0..<units.count { show(u, snapshot.units.base + u, mayBeDiverted: mayBeDiverted) }
        snapshot.hostTravelSeconds = count(.selfInitiated) > 0 && barred.count > 0 ? barUnitsAtWork() : nil
        if showsIdleTimes { fillIdleTimes() }
    }

    @inline(__always)
    func show(call slot: Int, _ incident: UnsafeMutablePointer<Incident>) {
        let call = calls.base + slot
        incident.pointee = call.pointee.incident
        incident.pointee.secondsWaited = Float(now - call.pointee.time)
        incident.pointee.unitsMissing = max(0, call.pointee.incident.unitsRequired - call.pointee.assigned)
    }

    @_optimize(speed)
    @inline(__always)
    func show(_ u: Int, _ shown: UnsafeMutablePointer<PatrolUnit>, mayBeDiverted: Bool) {
        let unit = units.base + u
        if unit.pointee.phase == .moving || mayBeDiverted { advance(u) }
        shown.pointee.node = unit.pointee.node
        shown.pointee.target = -1
        shown.pointee.incident = -1
        shown.pointee.secondsToNode = secondsToNode(u)
        shown.pointee.secondsUntilFree = .nan
        shown.pointee.lateSecondsUntilFree = 0
        shown.pointee.secondsUntilDue = 0
        shown.pointee.secondsUntilShiftEnd = Float(max(0, unit.pointee.shiftEnd - now))
        switch unit.pointee.phase {
        case .offDuty, .outOfService: shown.pointee.status = .offDuty
        case .standing:
            shown.pointee.status = .patrolling
            shown.pointee.secondsUntilDue = dueUnits.contains(u) ? 0 : Float(unit.pointee.phaseEnd - now)
        case .moving:
            shown.pointee.status = .patrolling
            shown.pointee.target = unit.pointee.target
            shown.pointee.secondsUntilDue = Float(unit.pointee.phaseEnd - now)
        case .enRoute:
            shown.pointee.status = .enRoute
            shown.pointee.incident = snapshotIndex[Int(unit.pointee.call)]
            if !mayBeDiverted {
                shown.pointee.node = calls[Int(unit.pointee.call)].incident.node
                shown.pointee.secondsToNode = Float(max(0, unit.pointee.phaseEnd - now))
            }
            showTimeLeft(u, shown)
        case .onScene:
            shown.pointee.status = .onScene
            shown.pointee.incident = snapshotIndex[Int(unit.pointee.call)]
            showTimeLeft(u, shown)
        case .selfInitiated:
            let work = model.scenario.selfInitiated
            if work.interruptiblePriority > 0 {
                shown.pointee.status = .patrolling
                shown.pointee.secondsUntilDue = Float(work.meanSeconds)
            } else {
                shown.pointee.status = .onScene
                shown.pointee.secondsUntilFree = Float(work.meanSeconds)
            }
        }
    }

    /// When a unit on a call will be free, where the scenario has it known: by the time since the first unit came, by the notice
    /// that the call is about to be over, or by its own way to the call where none has come. A time out of service that has come up
    /// is part of it.
    @inline(__always)
    private func showTimeLeft(_ u: Int, _ shown: UnsafeMutablePointer<PatrolUnit>) {
        guard let timeLeft = model.timeLeft else { return }
        let unit = units.base + u
        let call = calls.base + Int(unit.pointee.call)
        let isReached = call.pointee.leader >= 0
        var left = timeLeft.left(
            ofCategory: call.pointee.incident.category, after: isReached ? now - call.pointee.reached : 0)
        if isReached {
            let rest = max(0, units.base[Int(call.pointee.leader)].phaseEnd - now)
            if rest < Double(model.scenario.noticeSeconds) { left = TimeLeft.Left(expected: rest, late: rest) }
        }
        let way = isReached ? 0 : max(0, unit.pointee.phaseEnd - now)
        (left.expected, left.late) = (left.expected + way, left.late + way)
        if unit.pointee.pendingOutage > 0 {
            let outage = TimeLeft.exponential(mean: model.scenario.outOfService.meanSeconds)
            (left.expected, left.late) = (left.expected + outage.expected, left.late + outage.late)
        }
        shown.pointee.secondsUntilFree = Float(min(left.expected, largestNumber))
        shown.pointee.lateSecondsUntilFree = Float(min(left.late, largestNumber))
    }

    /// On an edge entered in another hour: such that a decision, which goes by the present hour, expects of lights and sirens what
    /// they will take.
    @inline(__always)
    private func secondsToNode(_ u: Int) -> Float {
        let rest = max(0, units.base[u].nodeTime - now)
        guard rest > 0, model.travelVaries, units.base[u].phase != .enRoute else { return Float(rest) }
        let (entered, present) = (ratioOnEdge(u), factors.emergencyRatio)
        return Float(entered == present ? rest : rest * (Double(entered) / Double(present)))
    }

    /// Units at work they would leave for urgent calls are shown as free; infinite travel times keep them from the others.
    private func barUnitsAtWork() -> UnsafePointer<Float> {
        let priority = model.scenario.selfInitiated.interruptiblePriority
        for u in 0..<units.count {
            let row = barred.base + u * openCount
            let isAtWork = units.base[u].phase == .selfInitiated
            for j in 0..<openCount {
                row[j] = isAtWork && policies.snapshot.incidents.base[j].priority > priority ? .infinity : .nan
            }
        }
        return UnsafePointer(barred.base)
    }

    @_optimize(speed)
    func fillIdleTimes() {
        for u in 0..<units.count where units.base[u].phase == .standing { visit(units.base[u].node) }
        let (now, idleSeconds, lastVisit) = (now, idleSeconds.base, lastVisit.base)
        for location in 0..<self.lastVisit.count { idleSeconds[location] = Float(now - lastVisit[location]) }
        policies.snapshot.locationIdleSeconds = UnsafePointer(idleSeconds)
    }
}
