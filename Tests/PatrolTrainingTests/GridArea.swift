import PatrolModel

/// A grid of two-way streets of 60 s, the same demand everywhere, two categories of calls.
/// - Parameter farGroup: the last column is a group of its own.
func gridArea(side: Int, callsPerHour: Float, farGroup: Bool = false) throws -> ServiceArea {
    var edges: [UInt32] = []
    for node in 0..<side * side {
        for other in [node % side + 1 < side ? node + 1 : nil, node / side + 1 < side ? node + side : nil] {
            guard let other else { continue }
            edges += [UInt32(node), UInt32(other), UInt32(other), UInt32(node)]
        }
    }
    let seconds = [Float](repeating: 60, count: edges.count / 2)
    let emergency = [Float](repeating: 42, count: edges.count / 2)
    let demand = [Float](repeating: callsPerHour / Float(2 * side * side), count: 2 * side * side)
    let groups = (0..<side * side).map { Int32(farGroup && $0 % side == side - 1 ? 1 : 0) }
    let locations = (0..<UInt32(side * side)).map { $0 }
    return try edges.withUnsafeBufferPointer { edges in
        try seconds.withUnsafeBufferPointer { seconds in
            try emergency.withUnsafeBufferPointer { emergency in
                try demand.withUnsafeBufferPointer { demand in
                    try locations.withUnsafeBufferPointer { locations in
                        try [Float(900), 600].withUnsafeBufferPointer { service in
                            try [Float(3), 1].withUnsafeBufferPointer { weights in
                                var description = AreaDescription()
                                description.nodeCount = side * side
                                description.edges = edges
                                description.edgePatrolSeconds = seconds
                                description.edgeEmergencySeconds = emergency
                                description.categoryCount = 2
                                description.categoryServiceSeconds = service
                                description.categoryWeights = weights
                                description.demandNodeCount = side * side
                                description.demandCallsPerHour = demand
                                description.patrolLocations = locations
                                return try groups.withUnsafeBufferPointer { groups in
                                    description.nodeGroups = groups
                                    return try ServiceArea(description, maxDemandPoints: 256, patrolSpacing: 90)
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
