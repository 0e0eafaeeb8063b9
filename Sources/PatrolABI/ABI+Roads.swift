import CPatrol
import PatrolModel

@_cdecl("patrol_area_nearest_nodes") @implementation
public func patrol_area_nearest_nodes(
    _ area: OpaquePointer!, _ xy: UnsafePointer<Double>!, _ count: Int, _ nodes: UnsafeMutablePointer<UInt32>!,
    _ metres: UnsafeMutablePointer<Float>!, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let area: ServiceArea = try object(area, "area")
        let count = try size(count, "count")
        guard count > 0 else { return }
        let xy = try required(xy, "xy")
        let nodes = try required(nodes, "nodes")
        for k in 0..<count { try checkPlace(area, xy[2 * k], xy[2 * k + 1], "xy[\(k)]") }
        for k in 0..<count {
            guard let nearest = area.nearestNode(x: xy[2 * k], y: xy[2 * k + 1]) else { continue }
            nodes[k] = UInt32(nearest.node)
            if let metres { metres[k] = nearest.metres }
        }
    }
}

/// A coordinate that the area can look up.
func checkPlace(_ area: ServiceArea, _ x: Double, _ y: Double, _ name: @autoclosure () -> ByteText) throws(PatrolError)
{
    try check(
        area.coordinateSystem != .none, .unsupported,
        "\(name()) is a coordinate, but the area has no coordinates: give nodes")
    try area.coordinateSystem.check(x: x, y: y, name())
}

private func travelMode(_ mode: UInt32) throws(PatrolError) -> TravelMode {
    switch mode {
    case UInt32(PATROL_MODE_PATROL): return .patrol
    case UInt32(PATROL_MODE_EMERGENCY): return .emergency
    default: throw invalid("mode is \(mode), expected 0 (patrol) or 1 (emergency)")
    }
}

private func checkNodes(_ nodes: UnsafeBufferPointer<UInt32>, _ area: ServiceArea, _ name: StaticString)
    throws(PatrolError)
{
    for k in 0..<nodes.count { try checkIndex(Int(nodes[k]), below: area.nodeCount, "\(name)[\(k)]") }
}

@_cdecl("patrol_area_travel_times") @implementation
public func patrol_area_travel_times(
    _ area: OpaquePointer!, _ mode: UInt32, _ origins: UnsafePointer<UInt32>!, _ origin_count: Int,
    _ destinations: UnsafePointer<UInt32>!, _ destination_count: Int, _ seconds: UnsafeMutablePointer<Float>!,
    _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let area: ServiceArea = try object(area, "area")
        let mode = try travelMode(mode)
        let origins = try array(origins, try size(origin_count, "origin_count"), "origins")
        let destinations = try array(destinations, try size(destination_count, "destination_count"), "destinations")
        guard origins.count > 0, destinations.count > 0 else { return }
        let seconds = try required(seconds, "seconds")
        try checkNodes(origins, area, "origins")
        try checkNodes(destinations, area, "destinations")
        try area.routing.fillSeconds(from: asIndices(origins), to: asIndices(destinations), mode: mode, into: seconds)
    }
}

/// Nodes that are checked, as the engine counts them.
private func asIndices(_ nodes: UnsafeBufferPointer<UInt32>) -> UnsafeBufferPointer<Int32> {
    UnsafeBufferPointer(
        start: UnsafeRawPointer(nodes.baseAddress)?.assumingMemoryBound(to: Int32.self), count: nodes.count)
}

@_cdecl("patrol_area_path") @implementation
public func patrol_area_path(
    _ area: OpaquePointer!, _ mode: UInt32, _ origin: UInt32, _ destination: UInt32,
    _ nodes: UnsafeMutablePointer<UInt32>!,
    _ capacity: Int, _ count: UnsafeMutablePointer<Int>!, _ seconds: UnsafeMutablePointer<Float>!,
    _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let area: ServiceArea = try object(area, "area")
        let mode = try travelMode(mode)
        let count = try required(count, "count")
        try checkIndex(Int(origin), below: area.nodeCount, "origin")
        try checkIndex(Int(destination), below: area.nodeCount, "destination")
        let router = try Router(area.routing)
        var length = 1
        /// Counts the nodes, and lists them where there is a list.
        func walk(_ list: UnsafeMutablePointer<UInt32>?) -> UInt32 {
            length = 1
            return router.visitPath(from: Int32(origin), to: Int32(destination), mode: mode) { node, _ in
                list?[length] = UInt32(node)
                length += 1
                return true
            }
        }
        let travel = walk(nil)
        guard travel < Milliseconds.unreachable else {
            throw PatrolError(.unreachable, "there is no path from node \(origin) to node \(destination)")
        }
        let list: UnsafeMutablePointer<UInt32>? = capacity > 0 ? try required(nodes, "nodes") : nil
        try announce(length, capacity: capacity, into: count, "nodes")
        if let list {
            list[0] = origin
            _ = walk(list)
        }
        seconds?.pointee = Milliseconds.seconds(travel)
    }
}

@_cdecl("patrol_area_get_travel_factors") @implementation
public func patrol_area_get_travel_factors(
    _ area: OpaquePointer!, _ factors: UnsafeMutablePointer<Float>!, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let area: ServiceArea = try object(area, "area")
        let factors = try required(factors, "factors")
        for hour in 0..<TravelFactors.hours {
            factors[hour] = area.travelFactors[hour].patrol
            factors[TravelFactors.hours + hour] = area.travelFactors[hour].emergency
        }
    }
}
