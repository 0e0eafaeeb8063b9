import PatrolModel

/// The arrays of an area, owned, to be changed at will and lent to a description.
struct City {
    var coordinateSystem = CoordinateSystem.none
    var nodeCount: Int
    var coordinates: [Double]?
    var edges: [UInt32] = []
    var patrolSeconds: [Float] = []
    var emergencySeconds: [Float]?
    var beats: [Int32]?
    var groups: [Int32]?
    var serviceSeconds: [Float] = [900]
    var categoryCount = 1
    var weights: [Float]?
    var periodHours = 1
    var demandNodeCount = 0
    var demandNodes: [UInt32]?
    var demand: [Float] = []
    var locations: [UInt32] = []

    var edgeCount: Int { patrolSeconds.count }

    init(nodeCount: Int) { self.nodeCount = nodeCount }

    /// Edges at random, parallel ones and self loops among them, with times in whole quarters so that sums are exact
    /// and ties are many; a few edges of no length.
    init(nodeCount: Int, edgeCount: Int, random: inout RandomNumbers) {
        self.nodeCount = nodeCount
        var emergency: [Float] = []
        for _ in 0..<edgeCount {
            edges += [UInt32(random.below(nodeCount)), UInt32(random.below(nodeCount))]
            patrolSeconds.append(Float(random.below(80)) / 4)
            emergency.append(Float(random.below(60)) / 4)
        }
        emergencySeconds = emergency
        beats = (0..<nodeCount).map { _ in Int32(random.below(4)) - 1 }
        groups = (0..<nodeCount).map { _ in Int32(random.below(2)) }
        serviceSeconds = [900, 1500]
        weights = [3, 1]
        categoryCount = 2
        periodHours = 24
        demandNodeCount = nodeCount / 2
        demandNodes = (0..<demandNodeCount).map { UInt32(nodeCount - 1 - 2 * $0) }
        demand = (0..<demandNodeCount * 48).map { _ in Float(random.below(100)) / 64 }
    }

    /// Streets of a grid, both ways, the seconds of each drawn at random; planar coordinates 100 m apart.
    init(grid side: Int, random: inout RandomNumbers) {
        nodeCount = side * side
        coordinateSystem = .planar
        coordinates = (0..<side * side).flatMap { [Double($0 % side) * 100, Double($0 / side) * 100] }
        for node in 0..<nodeCount {
            for other in [node % side + 1 < side ? node + 1 : nil, node + side < nodeCount ? node + side : nil] {
                guard let other else { continue }
                let seconds = 10 + Float(random.below(40)) / 4
                edges += [UInt32(node), UInt32(other), UInt32(other), UInt32(node)]
                patrolSeconds += [seconds, seconds]
            }
        }
    }

    func area(points: Int = 256, spacing: Float = 90) throws -> ServiceArea {
        try withDescription { try ServiceArea($0, maxDemandPoints: points, patrolSpacing: spacing) }
    }

    func roads() throws -> RoadGraph {
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
        let (demand, locations) = (Lent(demand), Lent(locations))
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
        return try body(description)
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
