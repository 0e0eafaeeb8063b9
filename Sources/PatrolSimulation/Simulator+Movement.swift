import PatrolModel

/// Where units on the way are.
///
/// Only the end of a trip is an event. Positions in between are computed on request: the next waypoints are read off the path
/// and kept, so a trip costs a few searches at most.
///
/// A trip takes the factors of the hour in which it begins to its end. A unit sent elsewhere first finishes its edge, which keeps
/// the hour that it was entered with: whatever is decided meanwhile and later undone, it is at the next node when it would have been.
extension Simulator {
    static let waypointsKept = 32

    /// What holds for trips that begin now.
    var factors: TravelFactors { model.area.travelFactors(at: now) }

    /// Emergency seconds / patrol seconds on what is left of a unit's edge.
    func ratioOnEdge(_ u: Int) -> Float { model.area.travelFactors[Int(units.base[u].edgeHour)].emergencyRatio }

    /// Sets off along the shortest path. - Parameter seconds: until it is there.
    func depart(_ u: Int, _ phase: UnitPhase, seconds: Double) {
        let unit = units.base + u
        enter(u, phase)
        dueUnits.set(u, false)
        unit.pointee.phaseEnd = now + seconds
        unit.pointee.nextWaypoint = 0
        unit.pointee.waypointCount = 0
        unit.pointee.tripHour = Int32(ServiceArea.hour(ofWeekAt: now, period: TravelFactors.hours))
        calendar.set(sources.motion(u), unit.pointee.phaseEnd)
    }

    /// Updates a unit's `node`: where it stands, or what it reaches next.
    @inline(__always)
    func advance(_ u: Int) { advance(u, to: now) }

    /// The same as of an earlier time.
    @inline(__always)
    func advance(_ u: Int, to time: Double) {
        let unit = units.base + u
        if unit.pointee.nodeTime < time && (unit.pointee.phase == .moving || unit.pointee.phase == .enRoute) {
            pass(u, to: time)
        }
    }

    private func pass(_ u: Int, to time: Double) {
        let unit = units.base + u
        let isPatrol = unit.pointee.phase == .moving
        let destination = isPatrol ? unit.pointee.target : calls[Int(unit.pointee.call)].incident.node
        while unit.pointee.nodeTime < time && unit.pointee.node != destination {
            if unit.pointee.nextWaypoint == unit.pointee.waypointCount {
                findWay(u, to: destination, isPatrol ? .patrol : .emergency)
            }
            let waypoint = waypoints[u * Simulator.waypointsKept + Int(unit.pointee.nextWaypoint)]
            unit.pointee.node = waypoint.node
            unit.pointee.nodeTime = waypoint.time
            unit.pointee.edgeHour = unit.pointee.tripHour
            unit.pointee.nextWaypoint += 1
        }
    }

    /// Reads off the next waypoints; the last is reached when the way ends.
    private func findWay(_ u: Int, to destination: Int32, _ mode: TravelMode) {
        let unit = units.base + u
        let start = unit.pointee.node
        let way = waypoints.base + u * Simulator.waypointsKept
        var count = 0
        let factor = model.area.travelFactors[Int(unit.pointee.tripHour)][mode]
        let rest = Float(unit.pointee.phaseEnd - unit.pointee.nodeTime) / factor
        func add(_ node: Int32, _ sinceStart: UInt32) {
            let time = unit.pointee.nodeTime + Double(sinceStart) / 1000 * Double(factor)
            way[count] = Waypoint(node: node, time: min(time, unit.pointee.phaseEnd))
            count += 1
        }
        if mode == .patrol {
            keptWays.visit(from: start, to: destination, within: rest, by: router, add)
        } else {
            router.visitPath(from: start, to: destination, mode: mode, within: rest) { node, sinceStart in
                add(node, sinceStart)
                return count < Simulator.waypointsKept
            }
        }
        if count == 0 {
            way[0].node = destination
            count = 1
        }
        if way[count - 1].node == destination { way[count - 1].time = unit.pointee.phaseEnd }
        unit.pointee.nextWaypoint = 0
        unit.pointee.waypointCount = Int32(count)
    }

    /// Emergency seconds from where a unit is to a node; infinite where there is no way.
    func secondsToReach(_ node: Int32, unit u: Int) -> Float {
        advance(u)
        let unit = units.base[u]
        let area = model.area
        let rest = Float(max(0, unit.nodeTime - now)) * (unit.phase == .enRoute ? 1 : ratioOnEdge(u))
        let factor = factors.emergency
        let point = Int(area.pointOf[Int(node)])
        if area.pointNodes[point] == node && area.hasOwnSeconds(unit.node) {
            let seconds = area.secondsToPoints(unit.node)[point]
            return seconds < ServiceArea.unreachableSeconds ? rest + seconds * factor : .infinity
        }
        return rest + Milliseconds.seconds(router.milliseconds(from: unit.node, to: node, mode: .emergency)) * factor
    }
}
