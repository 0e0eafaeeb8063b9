import CPatrol
import PatrolFiles
import PatrolModel

@_cdecl("patrol_area_arrays_init") @implementation
public func patrol_area_arrays_init(_ arrays: UnsafeMutablePointer<patrol_area_arrays>!) {
    initialize(arrays)
}

@_cdecl("patrol_area_options_init") @implementation
public func patrol_area_options_init(_ options: UnsafeMutablePointer<patrol_area_options>!) {
    initialize(options)
}

@_cdecl("patrol_area_info_init") @implementation
public func patrol_area_info_init(_ info: UnsafeMutablePointer<patrol_area_info>!) {
    initialize(info)
}

/// The options; the area checks their ranges.
private func areaOptions(
    _ pointer: UnsafePointer<patrol_area_options>?
) throws(PatrolError) -> (maximumDemandPoints: Int, patrolSpacing: Float) {
    let options = try readOptional(pointer, "options")
    try checkCount(Int(options.reserved), in: 0...0, "options->reserved")
    return (Int(options.max_demand_points), options.patrol_spacing_seconds)
}

@_cdecl("patrol_area_create") @implementation
public func patrol_area_create(
    _ arrays: UnsafePointer<patrol_area_arrays>!, _ options: UnsafePointer<patrol_area_options>!,
    _ area: UnsafeMutablePointer<OpaquePointer?>!, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let arrays = try required(arrays, "arrays")
        let area = try required(area, "area")
        let given = try read(arrays, "arrays")
        let options = try areaOptions(options)
        let description = try describe(given)
        area.pointee = try give(
            ServiceArea(
                description, maxDemandPoints: options.maximumDemandPoints, patrolSpacing: options.patrolSpacing))
    }
}

private func describe(_ a: patrol_area_arrays) throws(PatrolError) -> AreaDescription {
    var description = AreaDescription()
    guard let system = CoordinateSystem(rawValue: a.coordinate_system) else {
        throw invalid("coordinate_system is \(a.coordinate_system), expected 0, 1 or 2")
    }
    let (nodes, edges) = (Int(a.node_count), Int(a.edge_count))
    let (categories, demandNodes) = (Int(a.category_count), Int(a.demand_node_count))
    description.coordinateSystem = system
    description.nodeCount = nodes
    description.edgePatrolSeconds = try array(a.edge_patrol_seconds, edges, "edge_patrol_seconds")
    description.categoryCount = categories
    description.periodHours = Int(a.period_hours)
    description.demandNodeCount = demandNodes
    description.patrolLocations = try array(a.patrol_locations, Int(a.patrol_location_count), "patrol_locations")
    // The products below stay far from overflow.
    try description.validateSizes()
    if system != .none { description.coordinates = try array(a.coordinates, 2 * nodes, "coordinates") }
    description.edges = try array(a.edges, 2 * edges, "edges")
    description.edgeEmergencySeconds = optional(a.edge_emergency_seconds, edges)
    description.nodeBeats = optional(a.node_beats, nodes)
    description.nodeGroups = optional(a.node_groups, nodes)
    description.categoryServiceSeconds = try array(a.category_service_seconds, categories, "category_service_seconds")
    description.categoryWeights = optional(a.category_weights, categories)
    description.demandNodes = optional(a.demand_nodes, demandNodes)
    description.demandCallsPerHour = try array(
        a.demand_calls_per_hour, demandNodes * categories * description.periodHours, "demand_calls_per_hour")
    description.travelFactors = optional(a.travel_factors, 2 * TravelFactors.hours)
    return description
}

private func optional<Element>(_ pointer: UnsafePointer<Element>?, _ count: Int) -> UnsafeBufferPointer<Element>? {
    pointer.map { UnsafeBufferPointer(start: $0, count: count) }
}

@_cdecl("patrol_area_load_file") @implementation
public func patrol_area_load_file(
    _ path: UnsafePointer<CChar>!, _ options: UnsafePointer<patrol_area_options>!,
    _ area: UnsafeMutablePointer<OpaquePointer?>!, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let path = try required(path, "path")
        let area = try required(area, "area")
        let options = try areaOptions(options)
        area.pointee = try give(
            AreaFile.area(
                try TensorFile.load(path: path), maximumDemandPoints: options.maximumDemandPoints,
                patrolSpacing: options.patrolSpacing))
    }
}

@_cdecl("patrol_area_load_memory") @implementation
public func patrol_area_load_memory(
    _ bytes: UnsafeRawPointer!, _ count: Int, _ options: UnsafePointer<patrol_area_options>!,
    _ area: UnsafeMutablePointer<OpaquePointer?>!, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let area = try required(area, "area")
        let file = try tensorFile(bytes, count)
        let options = try areaOptions(options)
        area.pointee = try give(
            AreaFile.area(
                file, maximumDemandPoints: options.maximumDemandPoints, patrolSpacing: options.patrolSpacing))
    }
}

/// A file that the caller holds in memory.
func tensorFile(_ bytes: UnsafeRawPointer?, _ count: Int) throws(PatrolError) -> TensorFile {
    guard let bytes else { throw invalid("bytes is NULL") }
    return try TensorFile(bytes: UnsafeRawBufferPointer(start: bytes, count: try size(count, "count")))
}

@_cdecl("patrol_area_destroy") @implementation
public func patrol_area_destroy(_ area: OpaquePointer!) { release(area, as: ServiceArea.self) }

@_cdecl("patrol_area_get_info") @implementation
public func patrol_area_get_info(
    _ area: OpaquePointer!, _ info: UnsafeMutablePointer<patrol_area_info>!,
    _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let area: ServiceArea = try object(area, "area")
        try fill(info, "info") {
            $0.coordinate_system = area.coordinateSystem.rawValue
            $0.node_count = UInt32(area.nodeCount)
            $0.edge_count = UInt32(area.roads.edgeCount)
            $0.beat_count = UInt32(area.beatCount)
            $0.group_count = UInt32(area.groupCount)
            $0.category_count = UInt32(area.categoryCount)
            $0.period_hours = UInt32(area.periodHours)
            $0.demand_point_count = UInt32(area.pointCount)
            $0.patrol_location_count = UInt32(area.locationCount)
            $0.content_hash = area.contentHash
            $0.calls_per_hour = area.callsPerHour
        }
    }
}

@_cdecl("patrol_area_get_patrol_locations") @implementation
public func patrol_area_get_patrol_locations(
    _ area: OpaquePointer!, _ nodes: UnsafeMutablePointer<UInt32>!, _ capacity: Int,
    _ count: UnsafeMutablePointer<Int>!,
    _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let area: ServiceArea = try object(area, "area")
        try copy(area.locationNodes, area.locationCount, into: nodes, capacity, count)
    }
}

@_cdecl("patrol_area_get_demand_points") @implementation
public func patrol_area_get_demand_points(
    _ area: OpaquePointer!, _ nodes: UnsafeMutablePointer<UInt32>!, _ capacity: Int,
    _ count: UnsafeMutablePointer<Int>!,
    _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let area: ServiceArea = try object(area, "area")
        try copy(area.pointNodes, area.pointCount, into: nodes, capacity, count)
    }
}

private func copy(
    _ list: Buffer<Int32>, _ length: Int, into nodes: UnsafeMutablePointer<UInt32>?, _ capacity: Int,
    _ count: UnsafeMutablePointer<Int>?
) throws(PatrolError) {
    let count = try required(count, "count")
    if capacity > 0 { _ = try required(nodes, "nodes") }
    try announce(length, capacity: capacity, into: count, "nodes")
    guard capacity > 0, let nodes else { return }
    for k in 0..<length { nodes[k] = UInt32(bitPattern: list[k]) }
}

/// Writes how many elements an answer has; capacity 0 only asks for that.
package func announce(
    _ length: Int, capacity: Int, into count: UnsafeMutablePointer<Int>, _ name: StaticString
) throws(PatrolError) {
    count.pointee = length
    if capacity != 0 && capacity < length {
        throw PatrolError(.capacity, "\(name) has room for \(capacity) elements, \(length) are needed")
    }
}
