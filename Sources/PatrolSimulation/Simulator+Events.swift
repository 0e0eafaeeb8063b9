import PatrolDecisions
import PatrolModel

/// What happens, one event at a time.
extension Simulator {
    /// Applies the events of one instant: all of them, or up to and with the first call.
    func applyInstant() {
        while true {
            let source = calendar.first
            eventCount += 1
            if source < units.count {
                endPhase(source)
            } else if source == sources.call {
                takeCall()
                return
            } else if source == sources.reassessment {
                calendar.set(source, .infinity)
                isDispatchWanted = true
                record(.reassessment)
            } else if source == sources.measuring {
                calendar.set(source, .infinity)
                beginMeasuring()
            } else if source < sources.outage(0) {
                changeShift(source - units.count)
            } else if source < sources.work(0) {
                beginOutage(source - 2 * units.count)
            } else {
                beginWork(source - 3 * units.count)
            }
            if calendar[calendar.first] > now { return }
        }
    }

    private func beginMeasuring() {
        for u in 0..<units.count { units.base[u].phaseStart = now }
        costBefore = cumulativeCost
        absenceBefore = cumulativeAbsence
        recorder?.begin(at: now)
        record(.measuringBegan)
    }

    // MARK: Calls

    func expectNextCall() {
        nextCall = stream.next()
        calendar.set(sources.call, nextCall.time)
    }

    private func takeCall() {
        let arriving = nextCall
        let category = model.scenario.categories[Int(arriving.category)]
        var call = SimulatedCall()
        call.incident.id = arriving.number
        call.incident.node = arriving.node
        call.incident.category = arriving.category
        call.incident.priority = arriving.priority
        call.incident.requiredCapabilities = category.requiredCapabilities
        call.incident.weight = weight(category: arriving.category, group: arriving.group)
        call.incident.serviceSeconds = model.expectedService[Int(arriving.category)]
        call.incident.unitsRequired = category.unitsRequired
        call.time = now
        call.serviceSeconds = arriving.serviceSeconds
        call.chargedUntil = now + Double(model.scenario.graceSeconds[Int(arriving.priority) - 1])
        call.costWeight = Double(category.weight) * Double(model.scenario.groupWeights[Int(arriving.group)])
        let priority = Int(arriving.priority) - 1
        if model.scenario.latePrices[priority] > 0 {
            call.lateAfter = Double(model.scenario.responseTargets[priority])
        }
        call.group = arriving.group
        call.beat = model.area.beats[Int(arriving.node)]
        call.isMeasured = recorder?.isMeasuring ?? false
        if call.isMeasured { call.shift = model.shift(at: now) }
        freeSlotCount -= 1
        let slot = freeSlots[freeSlotCount]
        calls[Int(slot)] = call
        openCalls[openCount] = slot
        openCount += 1
        queued += 1
        needing += 1
        if call.isMeasured { recorder?.came(call, isCovered: isCovered(call)) }
        record(.callCame, call: call.incident, node: arriving.node)
        expectNextCall()
        isDispatchWanted = true
    }

    /// Of a call in decisions.
    func weight(category: Int32, group: Int32) -> Float {
        model.scenario.categories[Int(category)].weight * engine.groupWeights[Int(group)]
    }

    /// Whether a free unit could be at a call within its target.
    private func isCovered(_ call: SimulatedCall) -> Bool {
        let target = model.scenario.responseTargets[Int(call.incident.priority) - 1]
        guard target < .infinity else { return free.count > 0 }
        let area = model.area
        let point = Int(area.pointOf[Int(call.incident.node)])
        let factor = factors.emergency
        return free.contains { u in
            advance(u)
            let unit = units.base + u
            let way = area.secondsToPoints(unit.pointee.node)[point] * factor
            return ratioOnEdge(u) * Float(max(0, unit.pointee.nodeTime - now)) + way <= target
        }
    }

    private func reachCall(_ u: Int) {
        let unit = units.base + u
        let slot = Int(unit.pointee.call)
        let call = calls.base + slot
        let travel = now - unit.pointee.phaseStart
        enter(u, .onScene)
        unit.pointee.node = call.pointee.incident.node
        unit.pointee.nodeTime = now
        visit(unit.pointee.node)
        unit.pointee.phaseEnd = .infinity
        charge(call)
        call.pointee.onScene += 1
        record(.unitOnScene, unit: u, call: call.pointee.incident, node: unit.pointee.node)
        if call.pointee.onScene == 1 {
            call.pointee.lateAfter = .infinity
            // The first unit's time on scene is the call's.
            call.pointee.leader = Int32(u)
            call.pointee.reached = now
            unit.pointee.phaseEnd = now + call.pointee.serviceSeconds
            if call.pointee.isMeasured { recorder?.reached(call.pointee, at: now, travel: travel) }
            record(.callReached, unit: u, call: call.pointee.incident)
        }
        if call.pointee.onScene == call.pointee.incident.unitsRequired {
            if call.pointee.isMeasured { recorder?.completed(call.pointee, at: now) }
            record(.callComplete, unit: u, call: call.pointee.incident)
        }
        calendar.set(sources.motion(u), unit.pointee.phaseEnd)
    }

    private func endCall(by leader: Int) {
        let slot = Int(units[leader].call)
        let call = calls[slot]
        if call.isMeasured { recorder?.closed() }
        record(.callEnded, call: call.incident, node: call.incident.node)
        closeCall(slot)
        // Alone, or one of those between the units of other calls.
        var (next, left) = (call.assigned == 1 ? leader : 0, call.assigned)
        while left > 0 && next < units.count {
            let u = next
            next += 1
            guard units.base[u].call == Int32(slot) else { continue }
            left -= 1
            if units.base[u].phase == .enRoute { callOff(u) }
            record(.unitFreed, unit: u, call: call.incident, node: units.base[u].node)
            becomeFree(u)
        }
    }

    /// What is left of an edge is driven as on patrol.
    private func callOff(_ u: Int) {
        advance(u)
        let rest = max(0, units.base[u].nodeTime - now)
        units.base[u].nodeTime = now + rest / Double(ratioOnEdge(u))
    }

    /// A call leaves: ended, or lost.
    func closeCall(_ slot: Int) {
        charge(calls.base + slot)
        if calls[slot].needsUnits { needing -= 1 }
        var k = 0
        while Int(openCalls[k]) != slot { k += 1 }
        openCount -= 1
        while k < openCount {
            openCalls[k] = openCalls[k + 1]
            k += 1
        }
        freeSlots[freeSlotCount] = Int32(slot)
        freeSlotCount += 1
    }

    private func charge(_ call: UnsafeMutablePointer<SimulatedCall>) {
        cost += uncharged(call)
        call.pointee.chargedUntil = max(now, call.pointee.chargedUntil)
        if isLate(call.pointee, at: now) { call.pointee.lateAfter = .infinity }
    }

    // MARK: Units

    /// The end of what a unit does.
    private func endPhase(_ u: Int) {
        let unit = units.base + u
        switch unit.pointee.phase {
        case .moving:
            unit.pointee.node = unit.pointee.target
            unit.pointee.nodeTime = now
            visit(unit.pointee.node)
            record(.moveEnded, unit: u, node: unit.pointee.node)
            enter(u, .standing)
            wait(u)
        case .standing:
            record(.stayEnded, unit: u, node: unit.pointee.node)
            wait(u)
        case .enRoute: reachCall(u)
        case .onScene: endCall(by: u)
        case .selfInitiated:
            record(.selfInitiatedEnded, unit: u, node: unit.pointee.node)
            becomeFree(u)
        case .outOfService:
            record(.outOfServiceEnded, unit: u, node: unit.pointee.node)
            becomeFree(u)
        case .offDuty: calendar.set(sources.motion(u), .infinity)
        }
    }

    @inline(__always)
    func enter(_ u: Int, _ phase: UnitPhase) {
        let unit = units.base + u
        recorder?.spent(u, unit.pointee.phase, now - unit.pointee.phaseStart)
        if unit.pointee.phase == .standing { leavePlace(unit.pointee.node) }
        if phase == .standing { takePlace(unit.pointee.node) }
        if !phase.isFree && unit.pointee.phase.isFree { unit.pointee.timesTaken += 1 }
        free.set(u, phase.isFree)
        driving.set(u, phase == .moving)
        changed.set(u, true)
        phaseCounts.base[Int(unit.pointee.phase.rawValue)] -= 1
        phaseCounts.base[Int(phase.rawValue)] += 1
        unit.pointee.phase = phase
        unit.pointee.phaseStart = now
    }

    /// Stands until it is given a move.
    private func wait(_ u: Int) {
        let unit = units.base + u
        unit.pointee.target = -1
        unit.pointee.phaseEnd = now
        dueUnits.set(u, true)
        changed.set(u, true)
        isPatrolWanted = true
        calendar.set(sources.motion(u), .infinity)
    }

    /// A unit's work is over. What came up meanwhile (end of its shift, time out of service) takes effect now.
    func becomeFree(_ u: Int) {
        let unit = units.base + u
        unit.pointee.call = -1
        unit.pointee.target = -1
        if !unit.pointee.isOnShift { return leave(u) }
        if unit.pointee.pendingOutage > 0 { return takeOut(u) }
        isDispatchWanted = true
        if unit.pointee.nodeTime > now {
            // Between two nodes: it drives on to the next.
            enter(u, .moving)
            unit.pointee.target = unit.pointee.node
            unit.pointee.phaseEnd = unit.pointee.nodeTime
            calendar.set(sources.motion(u), unit.pointee.phaseEnd)
        } else {
            unit.pointee.nodeTime = now
            enter(u, .standing)
            wait(u)
        }
    }
}
