/// The tables of travel times that an area derives once.
enum TravelTables {
    /// [nodes, points]: emergency seconds, one backward search a point.
    static func secondsToPoints(_ points: Buffer<Int32>, _ roads: RoadGraph) throws(PatrolError) -> Buffer<Float> {
        let most = ServiceArea.unreachableSeconds
        let table = try Buffer<Float>(count: roads.nodeCount * points.count, repeating: most)
        let search = try ShortestPaths(roads)
        for point in 0..<points.count {
            search.run(from: Int(points[point]), .backward, mode: .emergency, within: most)
            for node in 0..<roads.nodeCount {
                table[node * points.count + point] = min(search.seconds(node), most)
            }
        }
        return table
    }

    /// [nodes]: column of the least entry in the node's row, the lowest on ties.
    static func nearestPoints(
        _ table: Buffer<Float>, _ pointCount: Int, _ nodeCount: Int
    ) throws(PatrolError) -> Buffer<Int32> {
        let nearest = try Buffer<Int32>(count: nodeCount, repeating: 0)
        for node in 0..<nodeCount {
            let row = node * pointCount
            var best = 0
            for point in 1..<max(1, pointCount) where table[row + point] < table[row + best] { best = point }
            nearest[node] = Int32(best)
        }
        return nearest
    }

    /// [locations, locations]: patrol seconds from neighbour to neighbour.
    static func secondsAlongLocations(_ locations: PatrolLocations) throws(PatrolError) -> Buffer<Float> {
        let most = ServiceArea.unreachableSeconds
        let count = locations.nodes.count
        let edges = try Buffer<UInt32>(count: 2 * locations.neighbours.count, repeating: 0)
        for location in 0..<count {
            for entry in Int(locations.offsets[location])..<Int(locations.offsets[location + 1]) {
                edges[2 * entry] = UInt32(location)
                edges[2 * entry + 1] = UInt32(locations.neighbours[entry])
            }
        }
        let graph = try RoadGraph(
            nodeCount: count, edges: edges.elements, patrolSeconds: locations.seconds.elements, emergencySeconds: nil)
        let table = try Buffer<Float>(count: count * count, repeating: most)
        let search = try ShortestPaths(graph)
        for from in 0..<count {
            search.run(from: from, mode: .patrol, within: most)
            for to in 0..<count { table[from * count + to] = min(search.seconds(to), most) }
        }
        return table
    }

    /// [beats, locations]: least of the location's times to the locations in the beat.
    static func homewardSeconds(
        _ locations: Buffer<Int32>, _ seconds: Buffer<Float>, _ beats: Buffer<Int32>, _ beatCount: Int
    ) throws(PatrolError) -> Buffer<Float> {
        let count = locations.count
        let table = try Buffer<Float>(count: beatCount * count, repeating: ServiceArea.unreachableSeconds)
        for to in 0..<count {
            let beat = Int(beats[Int(locations[to])])
            guard beat >= 0 else { continue }
            for from in 0..<count {
                table[beat * count + from] = min(table[beat * count + from], seconds[from * count + to])
            }
        }
        return table
    }
}
