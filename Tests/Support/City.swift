import PatrolModel

/// The arrays of an area, owned, to be changed at will and lent to a description.
public struct City {
    public var coordinateSystem = CoordinateSystem.none
    public var nodeCount: Int
    public var coordinates: [Double]?
    public var edges: [UInt32] = []
    public var patrolSeconds: [Float] = []
    public var emergencySeconds: [Float]?
    public var beats: [Int32]?
    public var groups: [Int32]?
    public var serviceSeconds: [Float] = [900]
    public var weights: [Float]?
    public var periodHours = 1
    public var demandNodes: [UInt32]?
    /// [demand nodes, categories, period hours].
    public var demand: [Float] = []
    public var locations: [UInt32] = []
    /// [2, 168].
    public var travelFactors: [Float]?

    private var statedCategoryCount: Int?
    private var statedDemandNodeCount: Int?

    public init(nodeCount: Int) { self.nodeCount = nodeCount }

    public var edgeCount: Int { patrolSeconds.count }

    /// Those of `serviceSeconds`, unless stated otherwise.
    public var categoryCount: Int {
        get { statedCategoryCount ?? serviceSeconds.count }
        set { statedCategoryCount = newValue }
    }

    /// All nodes where there is demand at all, unless stated otherwise.
    public var demandNodeCount: Int {
        get { statedDemandNodeCount ?? demandNodes?.count ?? (demand.isEmpty ? 0 : nodeCount) }
        set { statedDemandNodeCount = newValue }
    }

    /// Adds a street, both ways.
    public mutating func addStreet(_ a: Int, _ b: Int, seconds: Float) {
        edges += [UInt32(a), UInt32(b), UInt32(b), UInt32(a)]
        patrolSeconds += [seconds, seconds]
    }

    /// Sets the factors of an hour of the week.
    public mutating func setFactors(_ hours: Range<Int> = 0..<168, patrol: Float, emergency: Float) {
        var factors = travelFactors ?? [Float](repeating: 1, count: 2 * 168)
        for hour in hours { (factors[hour], factors[168 + hour]) = (patrol, emergency) }
        travelFactors = factors
    }

    public func area(points: Int = 256, spacing: Float = 90) throws -> ServiceArea {
        try withDescription { try ServiceArea($0, maxDemandPoints: points, patrolSpacing: spacing) }
    }

    public func roads() throws -> RoadGraph {
        try withDescription {
            try RoadGraph(
                nodeCount: nodeCount, edges: $0.edges, patrolSeconds: $0.edgePatrolSeconds,
                emergencySeconds: $0.edgeEmergencySeconds)
        }
    }

    private func withDescription<Result>(_ body: (AreaDescription) throws -> Result) throws -> Result {
        var description = AreaDescription()
        description.coordinateSystem = coordinateSystem
        description.nodeCount = nodeCount
        description.categoryCount = categoryCount
        description.periodHours = periodHours
        description.demandNodeCount = demandNodeCount
        let (coordinates, emergency, beats) = (Lent(coordinates), Lent(emergencySeconds), Lent(beats))
        let (groups, weights, demandNodes) = (Lent(groups), Lent(weights), Lent(demandNodes))
        let (edges, patrol, service) = (Lent(edges), Lent(patrolSeconds), Lent(serviceSeconds))
        let (demand, locations, factors) = (Lent(demand), Lent(locations), Lent(travelFactors))
        description.coordinates = coordinates.elements
        description.edges = edges.elements!
        description.edgePatrolSeconds = patrol.elements!
        description.edgeEmergencySeconds = emergency.elements
        description.nodeBeats = beats.elements
        description.nodeGroups = groups.elements
        description.categoryServiceSeconds = service.elements!
        description.categoryWeights = weights.elements
        description.demandNodes = demandNodes.elements
        description.demandCallsPerHour = demand.elements!
        description.patrolLocations = locations.elements!
        description.travelFactors = factors.elements
        return try withExtendedLifetime((coordinates, emergency, beats, groups, weights, demandNodes)) {
            try withExtendedLifetime((edges, patrol, service, demand, locations, factors)) { try body(description) }
        }
    }
}

/// A copy of an array that ends with this object.
private final class Lent<Element> {
    private let copy: UnsafeMutableBufferPointer<Element>?

    init(_ values: [Element]?) {
        copy = values.map { values in
            let copy = UnsafeMutableBufferPointer<Element>.allocate(capacity: values.count)
            _ = copy.initialize(from: values)
            return copy
        }
    }

    deinit { copy?.deallocate() }

    var elements: UnsafeBufferPointer<Element>? { copy.map { UnsafeBufferPointer($0) } }
}
