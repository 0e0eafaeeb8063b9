import PatrolDecisions
import PatrolModel

/// Decisions by a host: what it can choose from, and deciding in place of the policies.
extension Simulator {
    /// The first unit, in ascending id, whose patrol decision is due, or −1.
    public var firstDueUnit: Int {
        guard due == .patrol else { return -1 }
        var (first, least) = (-1, UInt64.max)
        dueUnits.forEach { u in
            if first < 0 || model.scenario.units[u].id < least { (first, least) = (u, model.scenario.units[u].id) }
        }
        return first
    }

    /// Units of a call of the snapshot that are on scene.
    public func unitsOnScene(incident: Int) -> Int { Int(calls[Int(openCalls[incident])].onScene) }

    /// Weight of a call of the snapshot before the engine's group weights.
    public func ownWeight(incident: Int) -> Float {
        model.scenario.categories[Int(calls[Int(openCalls[incident])].incident.category)].weight
    }

    /// Seconds since the last visit of each patrol location, now; valid until time goes on.
    public func idleTimes() -> UnsafePointer<Float> {
        fillIdleTimes()
        return UnsafePointer(idleSeconds.base)
    }

    // MARK: Dispatch

    /// The eligible pairs as `DecisionSession.eligiblePairs` gives them, given the assignments made in this decision.
    /// - Throws: `invalidArgument` where no dispatch decision is due.
    public func eligiblePairs() throws(PatrolError) -> UnsafeBufferPointer<DispatchPair> {
        try checkDispatchIsDue()
        return try session.eligiblePairs()
    }

    /// Sends a unit to a call, both as indices in the snapshot, while a dispatch decision is due. The department's rules are the
    /// engine's and do not bind a host.
    /// - Parameter asPart: of a whole decision whose parts come in any order: the call may be full until another part has a unit
    ///   leave it.
    /// - Throws: `invalidArgument` where no dispatch decision is due, the unit cannot go or the call misses none;
    ///   `outOfRange`, `unreachable`.
    public func assign(unit: Int, toIncident incident: Int, asPart: Bool = false) throws(PatrolError) {
        try checkDispatchIsDue()
        try checkIndex(unit, below: units.count, "unit")
        try checkIndex(incident, below: openCount, "incident")
        let slot = Int(openCalls[incident])
        let phase = units[unit].phase
        guard phase.isFree || phase == .enRoute || phase == .selfInitiated, units[unit].call != Int32(slot) else {
            throw PatrolError(.invalidArgument, "unit \(unit) is not free for incident \(incident)")
        }
        guard asPart || calls[slot].assigned < calls[slot].incident.unitsRequired else {
            throw PatrolError(.invalidArgument, "incident \(incident) needs no more units")
        }
        let seconds = secondsToReach(calls[slot].incident.node, unit: unit)
        guard seconds < .infinity else {
            throw PatrolError(.unreachable, "unit \(unit) cannot reach incident \(incident)")
        }
        send(unit, to: slot, seconds: seconds)
        isSnapshotShown = false
    }

    private func checkDispatchIsDue() throws(PatrolError) {
        guard due == .dispatch else { throw PatrolError(.invalidArgument, "no dispatch decision is due") }
    }

    // MARK: Patrol

    /// The moves of a unit whose patrol decision is due, as `DecisionSession.candidates` gives them, idle times included. Units
    /// that were moved in this decision are seen with their targets.
    /// - Throws: `invalidArgument` where no such decision is due; `outOfRange`.
    public func candidates(
        ofUnit unit: Int, features: UnsafeMutablePointer<Float>?
    ) throws(PatrolError) -> UnsafeBufferPointer<PatrolCandidate> {
        try checkPatrolIsDue(unit)
        session.snapshot.locationIdleSeconds = idleTimes()
        return try session.candidates(ofUnit: unit, features: features)
    }

    /// Tells a unit whose patrol decision is due where to go: its own node to stay, or another to drive there.
    /// - Throws: `invalidArgument` where no such decision is due; `outOfRange`, `unreachable`.
    public func move(unit: Int, to node: Int) throws(PatrolError) {
        try checkPatrolIsDue(unit)
        try checkIndex(node, below: model.area.nodeCount, "node")
        showSnapshot()
        let way = way(from: units[unit].node, to: Int32(truncatingIfNeeded: node))
        guard way.seconds < .infinity else {
            throw PatrolError(.unreachable, "unit \(unit) cannot reach node \(node)")
        }
        tell(unit, way)
    }

    /// Has the session's patrol policy decide for one unit; units moved earlier are seen with their targets.
    /// - Throws: `invalidArgument` where no such decision is due; `outOfRange`.
    public func decide(unit: Int) throws(PatrolError) {
        try checkPatrolIsDue(unit)
        let move = try session.move(ofUnit: unit)
        guard move.target >= 0 else { return stay(unit) }
        tell(unit, PatrolCandidate(node: move.target, nextNode: move.nextNode, seconds: move.travelSeconds))
    }

    /// Carries out a candidate for a unit whose decision is due, and shows it to the units that decide later.
    func tell(_ u: Int, _ choice: PatrolCandidate) {
        advise(u, choice.node, next: choice.nextNode, seconds: choice.seconds)
        policies.snapshot.units[u].target = choice.node
        policies.snapshot.units[u].secondsUntilDue = Float(units[u].phaseEnd - now)
    }

    private func checkPatrolIsDue(_ unit: Int) throws(PatrolError) {
        try checkIndex(unit, below: units.count, "unit")
        guard isDue(unit) else { throw PatrolError(.invalidArgument, "no patrol decision of unit \(unit) is due") }
    }

    /// The way to a node as a candidate: the same bits as that of the same candidate.
    private func way(from origin: Int32, to node: Int32) -> PatrolCandidate {
        let area = model.area
        if node == origin { return PatrolCandidate(node: node, nextNode: node, seconds: 0) }
        let location = Int(area.locationOf[Int(origin)])
        if location >= 0 && area.locationNodes[location] == origin {
            for k in Int(area.neighborOffsets[location])..<Int(area.neighborOffsets[location + 1])
            where area.locationNodes[Int(area.neighbors[k])] == node {
                return PatrolCandidate(
                    node: node, nextNode: area.neighborNextNodes[k], seconds: area.neighborSeconds[k] * factors.patrol)
            }
        }
        let seconds = Milliseconds.seconds(router.milliseconds(from: origin, to: node, mode: .patrol))
        return PatrolCandidate(
            node: node, nextNode: router.firstStep(from: origin, to: node, mode: .patrol),
            seconds: seconds * factors.patrol)
    }
}
