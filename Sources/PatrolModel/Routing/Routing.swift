/// What routing on roads needs once for any number of threads: the hierarchy and the usual times on it.
public final class Routing: Sendable {
    public let roads: RoadGraph
    public let hierarchy: RoadHierarchy
    let metric: RoadMetric

    /// - Parameter places: [nodes, 2]: coordinates on a plane; nil: none are known.
    /// - Throws: `unsupported` where the roads are too entangled (see `RoadHierarchy`); `outOfMemory`.
    init(_ roads: RoadGraph, places: Buffer<Double>? = nil) throws(PatrolError) {
        self.roads = roads
        hierarchy = try RoadHierarchy(roads, places: places)
        metric = try RoadMetric(hierarchy, roads: roads)
    }

    /// On the same roads taken in both directions: they have the same hierarchy. - Throws: `outOfMemory`.
    init(bothWays other: Routing) throws(PatrolError) {
        roads = try RoadGraph(bothWays: other.roads)
        hierarchy = other.hierarchy
        metric = try RoadMetric(hierarchy, roads: roads)
    }
}
