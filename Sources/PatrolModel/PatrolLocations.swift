/// The nodes that units patrol between, and which of them are neighbors.
struct PatrolLocations {
    /// Ascending.
    let nodes: Buffer<Int32>
    /// [nodes]: index of the location that is reached soonest from the node by patrol driving, -1: none.
    let locationOf: Buffer<Int32>
    /// Neighbors of a location are entries `offsets[l] ..< offsets[l + 1]` of the next three, ascending.
    let offsets: Buffer<Int32>
    let neighbors: Buffer<Int32>
    let seconds: Buffer<Float>
    let nextNodes: Buffer<Int32>

    init(_ description: AreaDescription, roads: RoadGraph, maxDemandPoints: Int, spacing: Float) throws(PatrolError) {
        let search = try ShortestPaths(roads)
        if description.patrolLocations.count > 0 {
            let given = try Buffer<Int32>(count: description.patrolLocations.count, repeating: 0)
            for index in 0..<given.count { given[index] = Int32(description.patrolLocations[index]) }
            nodes = try given.ascending(below: roads.nodeCount)
        } else if roads.nodeCount <= maxDemandPoints {
            nodes = try Buffer(count: roads.nodeCount, repeating: 0)
            for node in 0..<roads.nodeCount { nodes[node] = Int32(node) }
        } else {
            nodes = try Self.covering(spacing, search)
        }
        locationOf = try Buffer(count: roads.nodeCount, repeating: -1)
        try search.divide(among: nodes.elements, .backward, mode: .patrol, into: locationOf)
        let found = try Self.neighbors(of: nodes, search)
        (offsets, neighbors, seconds, nextNodes) = (found.offsets, found.neighbors, found.seconds, found.nextNodes)
    }

    /// By how much the spacing grows where it gives too many locations, and how often: to times of no road.
    private static let growth: Float = 1.25
    private static let growths = 160

    /// Nodes in index order, each unless an earlier one reaches it within `spacing` seconds, or within a larger spacing if
    /// these were more than the most.
    ///
    /// Of every connected part of the roads only the largest strong part is covered (Tarjan), so that no location is a
    /// trap: units on dead ends and one-way spurs head for the location they reach soonest. Parts in which no node
    /// can be left and reached again get none; where all are such, node 0 is the only location. Where more parts are apart than
    /// there may be locations, the first ones get one each.
    private static func covering(_ spacing: Float, _ search: ShortestPaths) throws(PatrolError) -> Buffer<Int32> {
        let isCore = try cores(search.roads)
        let locations = try Buffer<Int32>(count: AreaDescription.mostPatrolLocations, repeating: 0)
        var (spacing, count) = (spacing, 0)
        for _ in 0..<growths {
            count = 0
            var fits = true
            search.clear()
            for node in 0..<search.roads.nodeCount where isCore[node] && search.seconds(node) == .infinity {
                fits = count < locations.count
                guard fits else { break }
                locations[count] = Int32(node)
                count += 1
                search.extend(from: node, .forward, mode: .patrol, within: spacing)
            }
            guard !fits else { break }
            spacing *= growth
        }
        return try locations.prefix(max(1, count))
    }

    /// [nodes]: whether the node is in the largest strong part of its connected part; the lowest node's of equal ones.
    private static func cores(_ roads: RoadGraph) throws(PatrolError) -> Buffer<Bool> {
        let connected = try roads.connectedParts()
        let strong = try roads.strongParts()
        let sizes = try Buffer<Int32>(count: roads.nodeCount, repeating: 0)
        /// [nodes], at the lowest node of a connected part: its largest strong part so far.
        let largest = try Buffer<Int32>(count: roads.nodeCount, repeating: -1)
        let isCore = try Buffer<Bool>(count: roads.nodeCount, repeating: false)
        for node in 0..<roads.nodeCount { sizes[Int(strong[node])] += 1 }
        for node in 0..<roads.nodeCount where sizes[Int(strong[node])] > 1 {
            let part = Int(connected[node])
            if largest[part] < 0 || sizes[Int(strong[node])] > sizes[Int(largest[part])] {
                largest[part] = strong[node]
            }
        }
        for node in 0..<roads.nodeCount { isCore[node] = largest[Int(connected[node])] == strong[node] }
        return isCore
    }

    /// Two locations are neighbors where an edge joins their cells, a cell being the nodes that its location reaches
    /// before any other does; the way is then the shortest path. Where every node is a location the edge is the way.
    private static func neighbors(
        of locations: Buffer<Int32>, _ search: ShortestPaths
    ) throws(PatrolError) -> (
        offsets: Buffer<Int32>, neighbors: Buffer<Int32>, seconds: Buffer<Float>, nextNodes: Buffer<Int32>
    ) {
        let roads = search.roads
        let count = locations.count
        let cells = try Buffer<Int32>(count: roads.nodeCount, repeating: -1)
        try search.divide(among: locations.elements, .forward, mode: .patrol, into: cells)
        let members = try CellMembers(cells, cellCount: count)

        /// Of one location: seconds on the quickest edge into the other cell, infinity: no neighbor.
        let crossing = try Buffer<Float>(count: count, repeating: .infinity)
        func collect(_ location: Int) {
            for other in 0..<count { crossing[other] = .infinity }
            for node in members[location] {
                for arc in roads.outgoing[Int(node)] {
                    // An edge may take so long that it is none.
                    let other = Int(cells[Int(arc.node)])
                    if other >= 0 && other != location { crossing[other] = min(crossing[other], arc.seconds(.patrol)) }
                }
            }
        }
        let offsets = try Buffer<Int32>(count: count + 1, repeating: 0)
        for location in 0..<count {
            collect(location)
            offsets[location + 1] = offsets[location]
            for other in 0..<count where crossing[other] < .infinity { offsets[location + 1] += 1 }
        }
        let total = Int(offsets[count])
        let neighbors = try Buffer<Int32>(count: total, repeating: 0)
        let seconds = try Buffer<Float>(count: total, repeating: 0)
        let nextNodes = try Buffer<Int32>(count: total, repeating: 0)
        let targets = try Buffer<Int32>(count: count, repeating: 0)
        for location in 0..<count {
            collect(location)
            var entry = Int(offsets[location])
            for other in 0..<count where crossing[other] < .infinity {
                neighbors[entry] = Int32(other)
                seconds[entry] = crossing[other]
                nextNodes[entry] = locations[other]
                targets[entry - Int(offsets[location])] = locations[other]
                entry += 1
            }
            guard count < roads.nodeCount else { continue }
            let source = Int(locations[location])
            let wanted = UnsafeBufferPointer(start: UnsafePointer(targets.base), count: entry - Int(offsets[location]))
            search.run(from: source, .forward, mode: .patrol, targets: wanted)
            for entry in Int(offsets[location])..<entry {
                var node = Int(locations[Int(neighbors[entry])])
                seconds[entry] = search.seconds(node)
                while search.parent(node) >= 0 && search.parent(node) != source { node = search.parent(node) }
                nextNodes[entry] = Int32(node)
            }
        }
        return try withoutUnreachable(offsets, neighbors, seconds, nextNodes)
    }

    /// An edge may lead into a cell whose location cannot be reached from there: such neighbors are dropped.
    private static func withoutUnreachable(
        _ offsets: Buffer<Int32>, _ neighbors: Buffer<Int32>, _ seconds: Buffer<Float>, _ nextNodes: Buffer<Int32>
    ) throws(PatrolError) -> (
        offsets: Buffer<Int32>, neighbors: Buffer<Int32>, seconds: Buffer<Float>, nextNodes: Buffer<Int32>
    ) {
        var kept = 0
        var entry = 0
        for location in 0..<offsets.count - 1 {
            while entry < Int(offsets[location + 1]) {
                if seconds[entry] < .infinity {
                    neighbors[kept] = neighbors[entry]
                    seconds[kept] = seconds[entry]
                    nextNodes[kept] = nextNodes[entry]
                    kept += 1
                }
                entry += 1
            }
            offsets[location + 1] = Int32(kept)
        }
        let keptSeconds = try Buffer<Float>(count: kept, repeating: 0)
        for entry in 0..<kept { keptSeconds[entry] = seconds[entry] }
        return (offsets, try neighbors.prefix(kept), keptSeconds, try nextNodes.prefix(kept))
    }
}
