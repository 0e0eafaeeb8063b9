/// Checks of an area's arrays, named as in `patrol.h`.
extension AreaDescription {
    public static let mostNodes = 4_000_000
    public static let mostEdges = 16_000_000
    public static let mostBeats = 4096
    public static let mostGroups = 256
    public static let mostCategories = 64
    public static let mostDemandPoints = 4096
    public static let mostPatrolLocations = 4096

    /// Checks sizes, which must be valid before arrays of these sizes are read.
    /// - Throws: `invalidArgument`.
    package func validateSizes() throws(PatrolError) {
        try checkCount(nodeCount, in: 1...Self.mostNodes, "node_count")
        try checkCount(edgeCount, in: 0...Self.mostEdges, "edge_count")
        try checkCount(categoryCount, in: 1...Self.mostCategories, "category_count")
        try checkCount(demandNodeCount, in: 0...nodeCount, "demand_node_count")
        try checkCount(patrolLocations.count, in: 0...Self.mostPatrolLocations, "patrol_location_count")
        try checkPeriod(periodHours, "period_hours")
    }

    /// Checks everything that the rest of the module relies on.
    /// - Throws: `invalidArgument`, `outOfRange`, `invalidNumber`, `invalidId`, `outOfMemory`.
    func validate(maxDemandPoints: Int, patrolSpacing: Float) throws(PatrolError) {
        try validateSizes()
        try checkCount(maxDemandPoints, in: 1...Self.mostDemandPoints, "max_demand_points")
        try checkPositive(patrolSpacing, "patrol_spacing_seconds")
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
        if let travelFactors {
            try checkLength("travel_factors", travelFactors.count, 2 * TravelFactors.hours)
            for index in 0..<travelFactors.count {
                let (mode, hour) = (index / TravelFactors.hours, index % TravelFactors.hours)
                try checkFactor(travelFactors[index], "travel_factors[\(mode), \(hour)]")
            }
        }
    }

    private func checkCoordinates() throws(PatrolError) {
        guard let coordinates else {
            guard coordinateSystem == .none else {
                throw PatrolError(.invalidArgument, "coordinates are missing; the coordinate system requires them")
            }
            return
        }
        guard coordinateSystem != .none else {
            throw PatrolError(.invalidArgument, "coordinates are given without a coordinate system, expected none")
        }
        try checkLength("coordinates", coordinates.count, 2 * nodeCount)
        for node in 0..<nodeCount {
            try coordinateSystem.check(
                x: coordinates[2 * node], y: coordinates[2 * node + 1], "coordinates[\(node)]")
        }
    }

    private func checkLength(_ name: StaticString, _ count: Int, _ expected: Int) throws(PatrolError) {
        guard count == expected else {
            throw PatrolError(.invalidArgument, "\(name) has \(count) values, expected \(expected)")
        }
    }

    private func checkNumbers(
        _ name: StaticString, _ values: UnsafeBufferPointer<Float>, _ count: Int, positive: Bool
    ) throws(PatrolError) {
        try checkLength(name, values.count, count)
        for index in 0..<count {
            if positive {
                try checkPositive(values[index], "\(name)[\(index)]")
            } else {
                try checkNonNegative(values[index], "\(name)[\(index)]")
            }
        }
    }

    private func checkLabels(
        _ name: StaticString, _ labels: UnsafeBufferPointer<Int32>, from least: Int, below end: Int
    ) throws(PatrolError) {
        try checkLength(name, labels.count, nodeCount)
        for node in 0..<nodeCount { try checkIndex(Int(labels[node]), from: least, below: end, "\(name)[\(node)]") }
    }

    /// - Parameter row: indices in a row; above 1 the sentence names both subscripts.
    private func checkIndices(
        _ name: StaticString, _ nodes: UnsafeBufferPointer<UInt32>, below end: Int, row: Int
    ) throws(PatrolError) {
        for index in 0..<nodes.count {
            try checkIndex(
                Int(nodes[index]), below: end,
                row == 1 ? "\(name)[\(index)]" : "\(name)[\(index / row), \(index % row)]")
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
                    "\(name)[\(index)] is \(node), as is \(name)[\(firstIndex[node])], expected distinct nodes")
            }
            firstIndex[node] = Int32(index)
        }
    }
}
