/// A service area: the road graph with beats, groups and demand, and the tables that decisions read from it.
///
/// Immutable once built, shared by any number of threads. Everything that is derived is the same on every machine.
public final class ServiceArea: Sendable {
    /// Stands for *unreachable* in the tables, and caps them.
    public static let unreachableSeconds: Float = 1e6

    // MARK: Roads and places
    public let roads: RoadGraph
    public let routing: Routing
    public let nodeCount: Int
    public let coordinateSystem: CoordinateSystem
    /// [nodes, 2]: x, y; nil where there are none.
    public let coordinates: Buffer<Double>?
    /// [nodes]; -1: in no beat.
    public let beats: Buffer<Int32>
    /// Highest beat + 1.
    public let beatCount: Int
    /// [nodes].
    public let groups: Buffer<Int32>
    /// Highest group + 1.
    public let groupCount: Int
    /// Emergency seconds / patrol seconds, summed over all edges, within 10⁻⁶ ... 10⁶; 1 where patrol seconds sum to 0.
    public let emergencyRatio: Float
    /// [168]: what all travel times here are multiplied by, by the hour of the week in which a unit departs.
    public let travelFactors: Buffer<TravelFactors>

    // MARK: Calls
    public let categoryCount: Int
    public let periodHours: Int
    /// [categories].
    public let categoryServiceSeconds: Buffer<Float>
    /// [categories].
    public let categoryWeights: Buffer<Float>
    /// Mean over the period.
    public let callsPerHour: Double

    // MARK: Demand points
    public let pointCount: Int
    /// [points], ascending.
    public let pointNodes: Buffer<Int32>
    /// [points]: demand nodes the point stands for; nodes, where the area has no demand. Their shares are the
    /// uniform weight where all rates are 0.
    public let pointNodeCounts: Buffer<Int32>
    /// [groups, points, categories, period hours]: calls per hour from nodes of the group.
    public let pointRates: Buffer<Float>
    /// [nodes]: the point of the least emergency seconds from the node, lowest index on ties.
    public let pointOf: Buffer<Int32>
    private let pointTimes: PointTimes

    // MARK: Patrol locations
    public let locationCount: Int
    /// [locations], ascending.
    public let locationNodes: Buffer<Int32>
    /// [nodes]: the location reached soonest by patrol driving, itself where the node is one, lowest index on ties;
    /// -1: none is reached.
    public let locationOf: Buffer<Int32>
    /// [locations + 1]: a location's neighbors are entries `neighborOffsets[l] ..< neighborOffsets[l + 1]`.
    public let neighborOffsets: Buffer<Int32>
    /// Locations, ascending within a location's entries; never itself.
    public let neighbors: Buffer<Int32>
    /// Patrol seconds to the neighbor.
    public let neighborSeconds: Buffer<Float>
    /// First road node on the way.
    public let neighborNextNodes: Buffer<Int32>
    /// [locations, locations]: patrol seconds from neighbor to neighbor, at most `unreachableSeconds`; row = from.
    public let locationSeconds: Buffer<Float>
    /// [beats, locations]: patrol seconds from neighbor to neighbor to the nearest location in the beat, at most
    /// `unreachableSeconds`.
    public let homewardSeconds: Buffer<Float>

    /// Of the description and the options (see `ContentHash`).
    public let contentHash: UInt64

    private let nodeIndex: NodeIndex?

    /// - Parameters:
    ///   - maxDemandPoints: 1 ... 4096; more demand nodes than this are clustered.
    ///   - patrolSpacing: seconds between patrol locations where these are chosen.
    /// - Throws: `invalidArgument`, `outOfRange`, `invalidNumber`, `invalidId` with the array, index and value that is
    ///   wrong; `outOfMemory`.
    public init(
        _ description: AreaDescription, maxDemandPoints: Int, patrolSpacing: Float
    ) throws(PatrolError) {
        try description.validate(maxDemandPoints: maxDemandPoints, patrolSpacing: patrolSpacing)
        contentHash = description.contentHash(maxDemandPoints: maxDemandPoints, patrolSpacing: patrolSpacing)

        nodeCount = description.nodeCount
        roads = try RoadGraph(
            nodeCount: nodeCount, edges: description.edges, patrolSeconds: description.edgePatrolSeconds,
            emergencySeconds: description.edgeEmergencySeconds)
        emergencyRatio = Self.emergencyRatio(description)
        travelFactors = try TravelFactors.week(description.travelFactors, baseRatio: emergencyRatio)
        coordinateSystem = description.coordinateSystem
        if let given = description.coordinates {
            coordinates = try Buffer(copying: given)
            nodeIndex = try NodeIndex(given, coordinateSystem)
        } else {
            coordinates = nil
            nodeIndex = nil
        }
        beats = try Buffer(copying: description.nodeBeats, count: nodeCount, otherwise: -1)
        beatCount = Int(beats.elements.max() ?? -1) + 1
        groups = try Buffer(copying: description.nodeGroups, count: nodeCount, otherwise: 0)
        groupCount = Int(groups.elements.max() ?? 0) + 1

        categoryCount = description.categoryCount
        periodHours = description.periodHours
        categoryServiceSeconds = try Buffer(copying: description.categoryServiceSeconds)
        categoryWeights = try Buffer(copying: description.categoryWeights, count: categoryCount, otherwise: 1)
        var calls = 0.0
        for rate in description.demandCallsPerHour { calls += Double(rate) }
        callsPerHour = calls / Double(periodHours)

        routing = try Routing(roads, places: try Self.places(description))
        let points = try DemandPoints(description, routing, groupCount: groupCount, most: maxDemandPoints)
        pointCount = points.nodes.count
        pointNodes = points.nodes
        pointNodeCounts = points.nodeCounts
        pointRates = points.rates

        let locations = try PatrolLocations(
            description, roads: roads, maxDemandPoints: maxDemandPoints, spacing: patrolSpacing)
        locationCount = locations.nodes.count
        locationNodes = locations.nodes
        locationOf = locations.locationOf
        neighborOffsets = locations.offsets
        neighbors = locations.neighbors
        neighborSeconds = locations.seconds
        neighborNextNodes = locations.nextNodes
        locationSeconds = try TravelTables.secondsAlongLocations(locations)
        pointTimes = try PointTimes(pointNodes, locations: locationNodes, routing)
        pointOf = pointTimes.nearest
        homewardSeconds = try TravelTables.homewardSeconds(locations.nodes, locationSeconds, beats, beatCount)
    }

    /// [nodes, 2]: metres on a plane.
    private static func places(_ description: AreaDescription) throws(PatrolError) -> Buffer<Double>? {
        guard let coordinates = description.coordinates else { return nil }
        let projection = Projection(description.coordinateSystem, coordinates)
        let places = try Buffer<Double>(count: coordinates.count, repeating: 0)
        for node in 0..<coordinates.count / 2 {
            let place = projection.metres(x: coordinates[2 * node], y: coordinates[2 * node + 1])
            (places[2 * node], places[2 * node + 1]) = place
        }
        return places
    }

    private static func emergencyRatio(_ description: AreaDescription) -> Float {
        var (patrol, emergency) = (0.0, 0.0)
        for edge in 0..<description.edgeCount {
            patrol += Double(description.edgePatrolSeconds[edge])
            emergency += Double((description.edgeEmergencySeconds ?? description.edgePatrolSeconds)[edge])
        }
        return patrol > 0 ? Float(min(max(emergency / patrol, 1e-6), 1e6)) : 1
    }

    /// [points]: emergency seconds from a node to each demand point, at most `unreachableSeconds`. In areas too large for a row
    /// of every node's own (see `PointTimes`), of a node nearby.
    @inline(__always)
    public func secondsToPoints(_ node: Int32) -> UnsafePointer<Float> {
        let row = pointTimes.rows.map { $0.base[Int(node)] } ?? node
        return UnsafePointer(pointTimes.seconds.base + Int(row) * pointCount)
    }

    /// Whether `secondsToPoints` are the node's own.
    @inline(__always)
    public func hasOwnSeconds(_ node: Int32) -> Bool {
        guard let rows = pointTimes.rows, let owners = pointTimes.owners else { return true }
        return owners.base[Int(rows.base[Int(node)])] == node
    }

    /// The node nearest in a straight line, the lowest of equally near ones, and its distance (see `NodeIndex`); nil
    /// in an area without coordinates. Any x, y is allowed; the distance may be infinite.
    public func nearestNode(x: Double, y: Double) -> (node: Int, metres: Float)? { nodeIndex?.nearest(x: x, y: y) }

    /// Hour of the demand period at a time since a Monday 00:00: 0 ..< period. 0 for invalid times (negative,
    /// not finite, above 2⁶² s).
    public static func hour(ofWeekAt seconds: Double, period: Int) -> Int {
        guard seconds >= 0, seconds < 0x1p62 else { return 0 }
        return Int(seconds) / 3600 % period
    }
}

extension Buffer {
    convenience init(copying values: UnsafeBufferPointer<Element>) throws(PatrolError) where Element: Numeric {
        try self.init(count: values.count, repeating: 0)
        for index in 0..<values.count { self[index] = values[index] }
    }

    convenience init(
        copying values: UnsafeBufferPointer<Element>?, count: Int, otherwise value: Element
    ) throws(PatrolError) {
        try self.init(count: count, repeating: value)
        if let values { for index in 0..<count { self[index] = values[index] } }
    }
}
