import PatrolDecisions
import PatrolModel

/// Decisions: whether one is possible, what the policies or a host decide, and what follows.
extension Simulator {
    /// Whether a call needs units and a unit could go.
    var canDispatch: Bool {
        guard needing > 0 else { return false }
        return free.count > 0 || (engine.options.rules.preemption != 0 && count(.enRoute) > 0)
            || (model.scenario.selfInitiated.interruptiblePriority > 0 && count(.selfInitiated) > 0)
    }

    /// Units in a phase.
    func count(_ phase: UnitPhase) -> Int { Int(phaseCounts[Int(phase.rawValue)]) }

    /// Whether a patrol decision about a unit is due: it stands at a node and nothing has been decided since.
    public func isDue(_ unit: Int) -> Bool {
        due == .patrol && unit >= 0 && unit < units.count && dueUnits.contains(unit)
    }

    /// Lets the session's policies make the decision that is due and carries it out, keeping what a host decided before.
    public func decide() throws(PatrolError) {
        switch due {
        case .none: break
        case .dispatch: try decideDispatch()
        case .patrol:
            if patrolSight == .everything || isSnapshotShown {
                showSnapshot()
                try policies.decidePatrol(afterDispatch: false)
            } else {
                try decidePatrolSeen()
            }
            dueUnits.forEach { u in
                let move = policies.moves[u]
                if move.target >= 0 { advise(u, move.target, next: move.nextNode, seconds: move.travelSeconds) }
            }
        }
        settle()
    }

    private func decideDispatch() throws(PatrolError) {
        let isBrief = dispatchSight != .everything && !isSnapshotShown
        if isBrief {
            try decideDispatchSeen()
        } else {
            showSnapshot()
            try policies.decideDispatch(limits)
        }
        let dispatch = policies.dispatch
        let slots = isBrief ? waitingSlots : openCalls
        for a in 0..<dispatch.assignmentCount {
            let assignment = dispatch.assignments[a]
            send(Int(assignment.unit), to: Int(slots[Int(assignment.incident)]), seconds: assignment.seconds)
        }
    }

    /// Closes the decision that was due: calls not assigned are held, units without a move stay.
    func settle() {
        switch due {
        case .none: return
        case .dispatch: settleDispatch()
        case .patrol:
            dueUnits.forEach { stay($0) }
        }
        due = .none
    }

    func settleDispatch() {
        while queued > model.scenario.queueCapacity { loseNewest() }
        calendar.set(
            sources.reassessment, canDispatch ? now + model.scenario.reassessmentSeconds : .infinity)
    }

    /// The queue is over capacity: loses the newest call without a unit.
    private func loseNewest() {
        var k = openCount - 1
        while calls[Int(openCalls[k])].assigned > 0 { k -= 1 }
        let slot = Int(openCalls[k])
        let call = calls[slot]
        queued -= 1
        closeCall(slot)
        cost += call.costWeight * model.scenario.overflowSeconds
        if calls[slot].lateAfter < .infinity { cost += latePrice(call) }
        if call.isMeasured { recorder?.lost(call) }
        record(.callLost, call: call.incident, node: call.incident.node)
    }

    // MARK: Carrying out

    func send(_ u: Int, to slot: Int, seconds: Float) {
        let unit = units.base + u
        let isDiversion = unit.pointee.phase == .enRoute
        advance(u)
        let rest = max(0, unit.pointee.nodeTime - now)
        if isDiversion {
            let left = calls.base + Int(unit.pointee.call)
            count(left, by: -1)
            if left.pointee.assigned == 0 { queued += 1 }
            record(.unitDiverted, unit: u, call: left.pointee.incident, node: unit.pointee.node)
        } else {
            if unit.pointee.phase == .selfInitiated { record(.selfInitiatedLeft, unit: u, node: unit.pointee.node) }
            // What is left of an edge is driven with lights and sirens now.
            unit.pointee.nodeTime = now + rest * Double(ratioOnEdge(u))
        }
        let call = calls.base + slot
        if call.pointee.assigned == 0 { queued -= 1 }
        count(call, by: 1)
        unit.pointee.call = Int32(slot)
        unit.pointee.timesSent &+= 1
        unit.pointee.target = -1
        depart(u, .enRoute, seconds: Double(seconds))
        if let recorder, recorder.isMeasuring {
            recorder.dispatched(
                u, home: model.scenario.units[u].homeBeat, to: call.pointee.beat, isDiversion: isDiversion)
        }
        record(.unitSent, unit: u, call: call.pointee.incident, node: call.pointee.incident.node)
    }

    /// Changes the number of units assigned to a call.
    private func count(_ call: UnsafeMutablePointer<SimulatedCall>, by step: Int32) {
        let neededUnits = call.pointee.needsUnits
        call.pointee.assigned += step
        if call.pointee.needsUnits != neededUnits { needing += neededUnits ? -1 : 1 }
    }

    /// A patrol move as advised or, with the scenario's probability, one of the unit's own choice.
    func advise(_ u: Int, _ target: Int32, next: Int32, seconds: Float) {
        let unit = units.base + u
        if model.scenario.compliance < 1 && unit.pointee.adviceNumbers.uniform() >= model.scenario.compliance {
            return wander(u)
        }
        if target == unit.pointee.node { return stay(u) }
        go(u, target, next: next, seconds: seconds)
    }

    private func go(_ u: Int, _ target: Int32, next: Int32, seconds: Float) {
        let unit = units.base + u
        unit.pointee.target = target
        // Time goes on even where an edge takes none.
        depart(u, .moving, seconds: max(1, Double(seconds)))
        if next == target {
            unit.pointee.node = target
            unit.pointee.nodeTime = unit.pointee.phaseEnd
            unit.pointee.edgeHour = unit.pointee.tripHour
        } else {
            unit.pointee.nodeTime = now
        }
        record(.moveBegan, unit: u, node: target)
    }

    func stay(_ u: Int) {
        let unit = units.base + u
        dueUnits.set(u, false)
        changed.set(u, true)
        unit.pointee.nodeTime = now
        unit.pointee.phaseEnd = now + stayFactor * Double(max(1, engine.options.staySeconds))
        calendar.set(sources.motion(u), unit.pointee.phaseEnd)
    }

    /// Staying or a neighboring location with equal chances, within the home beat where units keep to theirs.
    private func wander(_ u: Int) {
        let unit = units.base + u
        let area = model.area
        let location = Int(area.locationOf[Int(unit.pointee.node)])
        guard location >= 0, area.locationNodes[location] == unit.pointee.node else { return stay(u) }
        let first = Int(area.neighborOffsets[location])
        let count = Int(area.neighborOffsets[location + 1]) - first
        let drawn = unit.pointee.adviceNumbers.below(count + 1)
        guard drawn > 0 else { return stay(u) }
        let entry = first + drawn - 1
        let target = area.locationNodes[Int(area.neighbors[entry])]
        let home = model.scenario.units[u].homeBeat
        if engine.options.homeBeatPatrol && home >= 0 && area.beats[Int(target)] != home { return stay(u) }
        go(
            u, target, next: area.neighborNextNodes[entry], seconds: area.neighborSeconds[entry] * factors.patrol)
    }
}
