import PatrolModel

/// Shifts, self-initiated work and times out of service. Each unit has its own random numbers, drawn in the same order
/// whatever is decided.
extension Simulator {
    func beginUnit(_ u: Int, seed: UInt64) {
        let scenario = model.scenario
        var unit = SimulatedUnit()
        unit.node = scenario.units[u].startNode
        unit.nodeTime = now
        unit.phaseStart = now
        units[u] = unit
        seedUnit(u, seed: seed)
        changeShift(u)
        expectOutage(u)
        expectWork(u)
    }

    func seedUnit(_ u: Int, seed: UInt64) {
        let unit = units.base + u
        unit.pointee.adviceNumbers = RandomNumbers(seed: seed, stream: 16 + 4 * UInt64(u))
        unit.pointee.workNumbers = RandomNumbers(seed: seed, stream: 17 + 4 * UInt64(u))
        unit.pointee.outageNumbers = RandomNumbers(seed: seed, stream: 18 + 4 * UInt64(u))
    }

    // MARK: Shifts

    /// Applies the shift plan at this instant.
    func changeShift(_ u: Int) {
        let unit = units.base + u
        let (isOn, end) = model.shiftPlan.state(ofUnit: u, at: now)
        calendar.set(sources.shift(u), end)
        let wasOn = unit.pointee.isOnShift && unit.pointee.phase != .offDuty
        unit.pointee.isOnShift = isOn
        unit.pointee.shiftEnd = isOn ? end : now
        changed.set(u, true)
        if isOn && unit.pointee.phase == .offDuty {
            unit.pointee.node = model.scenario.units[u].startNode
            unit.pointee.nodeTime = now
            record(.shiftBegan, unit: u, node: unit.pointee.node)
            becomeFree(u)
        } else if wasOn && !isOn {
            switch unit.pointee.phase {
            case .enRoute, .onScene, .offDuty: break
            case .standing, .moving, .selfInitiated, .outOfService: leave(u)
            }
        }
    }

    /// Goes off duty.
    func leave(_ u: Int) {
        // It is reported where the last decision saw it.
        if units[u].phase == .moving { advance(u, to: decidedAt) }
        enter(u, .offDuty)
        let unit = units.base + u
        unit.pointee.call = -1
        unit.pointee.target = -1
        dueUnits.set(u, false)
        unit.pointee.pendingOutage = 0
        calendar.set(sources.motion(u), .infinity)
        record(.shiftEnded, unit: u, node: unit.pointee.node)
    }

    // MARK: Out of service

    func expectOutage(_ u: Int) {
        let rate = model.scenario.outOfService.ratePerHour / 3600
        let gap = rate > 0 ? units.base[u].outageNumbers.exponential() / rate : .infinity
        calendar.set(sources.outage(u), now + gap)
    }

    /// Takes a unit out of service, or has it go as soon as its call is over.
    func beginOutage(_ u: Int) {
        let unit = units.base + u
        let seconds = model.scenario.outOfService.meanSeconds * unit.pointee.outageNumbers.exponential()
        expectOutage(u)
        switch unit.pointee.phase {
        case .offDuty, .outOfService: break
        case .enRoute, .onScene: unit.pointee.pendingOutage = seconds
        case .standing, .moving, .selfInitiated:
            unit.pointee.pendingOutage = seconds
            advance(u)
            takeOut(u)
        }
    }

    func takeOut(_ u: Int) {
        let unit = units.base + u
        enter(u, .outOfService)
        unit.pointee.phaseEnd = now + unit.pointee.pendingOutage
        unit.pointee.pendingOutage = 0
        unit.pointee.target = -1
        dueUnits.set(u, false)
        calendar.set(sources.motion(u), unit.pointee.phaseEnd)
        record(.outOfServiceBegan, unit: u, node: unit.pointee.node)
    }

    // MARK: Self-initiated work

    private var mostWorkPerHour: Double {
        var most: Float = 0
        for h in 0..<model.scenario.selfInitiated.ratesPerHour.count {
            most = max(most, model.scenario.selfInitiated.ratesPerHour[h])
        }
        return Double(most)
    }

    func expectWork(_ u: Int) {
        let most = mostWorkPerHour
        let gap = most > 0 ? units.base[u].workNumbers.exponential() / most * 3600 : .infinity
        calendar.set(sources.work(u), now + gap)
    }

    /// A beginning of self-initiated work: thinned to the hour's rate (Lewis & Shedler 1979), dropped where the unit is not
    /// free.
    func beginWork(_ u: Int) {
        let unit = units.base + u
        let work = model.scenario.selfInitiated
        let seconds = work.meanSeconds * unit.pointee.workNumbers.exponential()
        let chance = unit.pointee.workNumbers.uniform()
        expectWork(u)
        let rate = work.ratesPerHour[ServiceArea.hour(ofWeekAt: now, period: work.ratesPerHour.count)]
        guard chance * mostWorkPerHour < Double(rate), unit.pointee.phase.isFree else { return }
        advance(u)
        enter(u, .selfInitiated)
        unit.pointee.target = -1
        dueUnits.set(u, false)
        unit.pointee.phaseEnd = now + seconds
        calendar.set(sources.motion(u), unit.pointee.phaseEnd)
        record(.selfInitiatedBegan, unit: u, node: unit.pointee.node)
    }
}
