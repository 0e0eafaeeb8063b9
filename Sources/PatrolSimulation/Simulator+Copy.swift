import PatrolDecisions
import PatrolModel

/// Copies of a running simulation, for rollouts: what would follow from each of two decisions?
///
///     try a.copy(simulator)
///     a.renewFuture(seed: seed)
///     try b.copy(simulator)
///     b.renewFuture(seed: seed)
///     // a and b stand before the same decision and meet the same future, which is not the original's.
extension Simulator {
    /// Becomes what another simulator of the same model is now, a decision that is due included: with the same engine the
    /// two go on byte for byte alike. With another one the snapshot of a due decision is shown as that engine's rules want
    /// it, and open calls weigh what they do there. The event ring is left alone. Allocates nothing.
    ///
    /// - Parameter measuring: takes over what was measured too. Without it the copy measures nothing (`metrics` is empty),
    ///   and is faster; `cumulativeCost` goes on in any case.
    /// - Throws: `mismatch` where the other is of another model.
    public func copy(_ other: Simulator, measuring: Bool = true) throws(PatrolError) {
        guard other.model === model else {
            throw PatrolError(.mismatch, "the simulation to copy belongs to another scenario")
        }
        (now, eventCount, decisionCount, due) = (other.now, other.eventCount, other.decisionCount, other.due)
        (isDispatchWanted, isPatrolWanted, isSnapshotShown) = (other.isDispatchWanted, other.isPatrolWanted, false)
        (openCount, freeSlotCount) = (other.openCount, other.freeSlotCount)
        (queued, needing) = (other.queued, other.needing)
        (cost, costBefore, decidedAt) = (other.cost, other.costBefore, other.decidedAt)
        (stream, nextCall) = (other.stream, other.nextCall)
        policies.choiceSeed = other.policies.choiceSeed
        units.copy(other.units)
        free.copy(other.free)
        dueUnits.copy(other.dueUnits)
        driving.copy(other.driving)
        changed.fill()
        phaseCounts.copy(other.phaseCounts)
        calls.copy(other.calls)
        openCalls.copy(other.openCalls)
        freeSlots.copy(other.freeSlots)
        waypoints.copy(other.waypoints)
        lastVisit.copy(other.lastVisit)
        standing.copy(other.standing)
        (absence, absenceBefore) = (other.absence, other.absenceBefore)
        calendar.copy(other.calendar)
        if measuring, let recorder, let measured = other.recorder {
            recorder.copy(measured)
        } else {
            recorder?.stop()
            calendar.set(sources.measuring, .infinity)
        }
        for k in 0..<openCount {
            let call = calls.base + Int(openCalls[k])
            call.pointee.incident.weight = weight(category: call.pointee.incident.category, group: call.pointee.group)
            if !measuring { call.pointee.isMeasured = false }
        }
    }

    /// Draws everything still unknown anew, given what has happened: two copies given the same seed meet the same calls with the
    /// same service times, and their policies draw the same random numbers.
    ///
    /// Calls to come, times out of service and self-initiated work are Poisson processes with exponential durations, which
    /// have no memory. The rest of a time on scene is drawn given the time that has passed of it: afresh where it is
    /// exponential, else from the draws that exceed the time passed, where one in 64 does; otherwise it stays. The calls of a log
    /// stay too, except for service times that it leaves open.
    public func renewFuture(seed: UInt64) {
        var services = RandomNumbers(seed: seed, stream: 4)
        for k in 0..<openCount { renewService(ofSlot: Int(openCalls[k]), &services) }
        stream.renew(seed: seed, after: now, next: nextCall)
        seedChoices(seed)
        expectNextCall()
        for u in 0..<units.count { renewUnit(u, seed: seed) }
    }

    private func renewService(ofSlot slot: Int, _ random: inout RandomNumbers) {
        let call = calls.base + slot
        let category = Int(call.pointee.incident.category)
        guard call.pointee.onScene > 0 else {
            call.pointee.serviceSeconds = model.drawService(category: category, &random)
            return
        }
        // The first unit's time on scene is the call's; it alone has an end in the calendar.
        let leader = Int(call.pointee.leader)
        let unit = units.base + leader
        let passed = max(0, now - (unit.pointee.phaseEnd - call.pointee.serviceSeconds))
        guard let seconds = model.drawService(category: category, exceeding: passed, &random) else { return }
        call.pointee.serviceSeconds = seconds
        unit.pointee.phaseEnd = max(now, now + (seconds - passed))
        calendar.set(sources.motion(leader), unit.pointee.phaseEnd)
    }

    private func renewUnit(_ u: Int, seed: UInt64) {
        seedUnit(u, seed: seed)
        let unit = units.base + u
        expectOutage(u)
        expectWork(u)
        let outage = model.scenario.outOfService.meanSeconds
        if unit.pointee.pendingOutage > 0 {
            unit.pointee.pendingOutage = outage * unit.pointee.outageNumbers.exponential()
        }
        switch unit.pointee.phase {
        case .outOfService: unit.pointee.phaseEnd = now + outage * unit.pointee.outageNumbers.exponential()
        case .selfInitiated:
            unit.pointee.phaseEnd =
                now + model.scenario.selfInitiated.meanSeconds * unit.pointee.workNumbers.exponential()
        case .offDuty, .standing, .moving, .enRoute, .onScene: return
        }
        calendar.set(sources.motion(u), unit.pointee.phaseEnd)
    }
}

extension Scenario {
    /// A service time given that it exceeds the time passed; nil where 64 draws did not.
    fileprivate func drawService(category: Int, exceeding passed: Double, _ random: inout RandomNumbers) -> Double? {
        if scenario.categories[category].service.kind == .exponential {
            return passed + drawService(category: category, &random)
        }
        for _ in 0..<64 {
            let seconds = drawService(category: category, &random)
            if seconds > passed { return seconds }
        }
        return nil
    }
}
