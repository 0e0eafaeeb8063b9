/// The limits of an area, and the sentences that say which of its values breaks one.
extension AreaDescription {
    public static let mostNodes = 4_000_000
    public static let mostEdges = 16_000_000
    public static let mostBeats = 4096
    public static let mostGroups = 256
    public static let mostCategories = 64
    public static let mostDemandPoints = 4096
    public static let mostPatrolLocations = 4096
    /// Of seconds, weights, rates and planar coordinates: sums of such numbers stay far from overflow.
    public static let largestNumber: Float = 1e9

    /// Checks everything that the rest of the module relies on.
    /// - Throws: `invalidArgument`, `outOfRange`, `invalidNumber`, `invalidId`, `outOfMemory`.
    func check(maxDemandPoints: Int, patrolSpacing: Float) throws(PatrolError) {
        try check("node_count", nodeCount, in: 1...Self.mostNodes)
        try check("edge_count", edgeCount, in: 0...Self.mostEdges)
        try check("category_count", categoryCount, in: 1...Self.mostCategories)
        try check("demand_node_count", demandNodeCount, in: 0...nodeCount)
        try check("patrol_location_count", patrolLocations.count, in: 0...Self.mostPatrolLocations)
        try check("max_demand_points", maxDemandPoints, in: 1...Self.mostDemandPoints)
        guard periodHours == 1 || periodHours == 24 || periodHours == 168 else {
            throw PatrolError(.invalidArgument, "period_hours is \(periodHours); expected 1, 24 or 168")
        }
        guard patrolSpacing > 0, patrolSpacing <= Self.largestNumber else {
            throw PatrolError(
                patrolSpacing.isFinite ? .invalidArgument : .invalidNumber,
                "patrol_spacing_seconds is \(Double(patrolSpacing)); expected a finite number above 0, at most 10^9")
        }
        try checkCoordinates()
        try checkLength("edges", edges.count, 2 * edgeCount)
        try checkIndices("edges", edges, below: nodeCount, row: 2)
        try checkNumbers("edge_patrol_seconds", edgePatrolSeconds, edgeCount, positive: false)
        if let edgeEmergencySeconds {
            try checkNumbers("edge_emergency_seconds", edgeEmergencySeconds, edgeCount, positive: false)
        }
        if let nodeBeats { try checkLabels("node_beats", nodeBeats, from: -1, below: Self.mostBeats) }
        if let nodeGroups { try checkLabels("node_groups", nodeGroups, from: 0, below: Self.mostGroups) }
        try checkNumbers("category_service_seconds", categoryServiceSeconds, categoryCount, positive: true)
        if let categoryWeights {
            try checkNumbers("category_weights", categoryWeights, categoryCount, positive: true)
        }
        if let demandNodes {
            try checkLength("demand_nodes", demandNodes.count, demandNodeCount)
            try checkIndices("demand_nodes", demandNodes, below: nodeCount, row: 1)
            try checkDistinct("demand_nodes", demandNodes)
        }
        let rateCount = demandNodeCount * categoryCount * periodHours
        try checkNumbers("demand_calls_per_hour", demandCallsPerHour, rateCount, positive: false)
        try checkIndices("patrol_locations", patrolLocations, below: nodeCount, row: 1)
        try checkDistinct("patrol_locations", patrolLocations)
    }

    private func checkCoordinates() throws(PatrolError) {
        guard let coordinates else {
            guard coordinateSystem == .none else {
                throw PatrolError(.invalidArgument, "coordinates are missing; the coordinate system requires them")
            }
            return
        }
        guard coordinateSystem != .none else {
            throw PatrolError(.invalidArgument, "coordinates are given without a coordinate system; expected none")
        }
        try checkLength("coordinates", coordinates.count, 2 * nodeCount)
        for node in 0..<nodeCount {
            let (x, y) = (coordinates[2 * node], coordinates[2 * node + 1])
            guard x.isFinite, y.isFinite else {
                throw PatrolError(.invalidNumber, "coordinates[\(node)] is (\(x), \(y)); expected finite numbers")
            }
            guard coordinateSystem.contains(x: x, y: y) else {
                throw PatrolError(
                    .outOfRange,
                    "coordinates[\(node)] is (\(x), \(y)); expected a longitude within 180 degrees and a latitude "
                        + "within 90")
            }
            guard max(abs(x), abs(y)) <= Double(Self.largestNumber) else {
                throw PatrolError(.outOfRange, "coordinates[\(node)] is (\(x), \(y)); expected at most 10^9 metres")
            }
        }
    }

    private func check(_ name: StaticString, _ value: Int, in range: ClosedRange<Int>) throws(PatrolError) {
        guard range.contains(value) else {
            throw PatrolError(
                .invalidArgument, "\(name) is \(value); expected \(range.lowerBound) to \(range.upperBound)")
        }
    }

    private func checkLength(_ name: StaticString, _ count: Int, _ expected: Int) throws(PatrolError) {
        guard count == expected else {
            throw PatrolError(.invalidArgument, "\(name) has \(count) values; expected \(expected)")
        }
    }

    private func checkNumbers(
        _ name: StaticString, _ values: UnsafeBufferPointer<Float>, _ count: Int, positive: Bool
    ) throws(PatrolError) {
        try checkLength(name, values.count, count)
        for index in 0..<count {
            let value = values[index]
            guard value >= 0, value > 0 || !positive, value <= Self.largestNumber else {
                let least = positive ? "above 0" : "0 or more"
                throw PatrolError(
                    .invalidNumber, "\(name)[\(index)] is \(Double(value)); expected \(least), at most 10^9")
            }
        }
    }

    private func checkLabels(
        _ name: StaticString, _ labels: UnsafeBufferPointer<Int32>, from least: Int, below end: Int
    ) throws(PatrolError) {
        try checkLength(name, labels.count, nodeCount)
        for node in 0..<nodeCount where labels[node] < least || labels[node] >= end {
            throw PatrolError(.outOfRange, "\(name)[\(node)] is \(labels[node]); expected \(least) to \(end - 1)")
        }
    }

    /// - Parameter row: indices in a row; above 1 the sentence names both subscripts.
    private func checkIndices(
        _ name: StaticString, _ nodes: UnsafeBufferPointer<UInt32>, below end: Int, row: Int
    ) throws(PatrolError) {
        for index in 0..<nodes.count where nodes[index] >= end {
            let place = row == 1 ? "\(index)" : "\(index / row), \(index % row)"
            throw PatrolError(.outOfRange, "\(name)[\(place)] is \(nodes[index]); expected a node below \(end)")
        }
    }

    private func checkDistinct(_ name: StaticString, _ nodes: UnsafeBufferPointer<UInt32>) throws(PatrolError) {
        guard nodes.count > 1 else { return }
        let firstIndex = try Buffer<Int32>(count: nodeCount, repeating: -1)
        for index in 0..<nodes.count {
            let node = Int(nodes[index])
            guard firstIndex[node] < 0 else {
                throw PatrolError(
                    .invalidId,
                    "\(name)[\(index)] is \(node), as is \(name)[\(firstIndex[node])]; expected distinct nodes")
            }
            firstIndex[node] = Int32(index)
        }
    }
}
