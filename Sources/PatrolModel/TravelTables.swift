import CKernels

/// The tables of travel times that an area derives once.
enum TravelTables {
    /// Calls `take` with a node, the index of one of `ends`, and seconds between the node and that and the following ones, at
    /// most `unreachableSeconds`; until it has been called for all.
    static func eachSweep(
        _ ends: Buffer<Int32>, _ routing: Routing, backward: Bool, mode: TravelMode,
        _ take: (Int, Int, UnsafeBufferPointer<Float>) -> Void
    ) throws(PatrolError) {
        let router = try Router(routing)
        let sweep = try TravelSweep(routing)
        let seconds = try Buffer<Float>(count: TravelSweep.lanes, repeating: 0)
        for first in stride(from: 0, to: ends.count, by: TravelSweep.lanes) {
            let lanes = min(TravelSweep.lanes, ends.count - first)
            sweep.run(
                UnsafeBufferPointer(start: ends.base + first, count: lanes), backward: backward, mode: mode, by: router)
            for node in 0..<routing.roads.nodeCount {
                kernels_route_seconds(sweep[node], seconds.base, lanes)
                for lane in 0..<lanes { seconds[lane] = min(seconds[lane], ServiceArea.unreachableSeconds) }
                take(node, first, UnsafeBufferPointer(start: seconds.base, count: lanes))
            }
        }
    }

    /// [locations, locations]: patrol seconds from neighbor to neighbor.
    static func secondsAlongLocations(_ locations: PatrolLocations) throws(PatrolError) -> Buffer<Float> {
        let count = locations.nodes.count
        let edges = try Buffer<UInt32>(count: 2 * locations.neighbors.count, repeating: 0)
        for location in 0..<count {
            for entry in Int(locations.offsets[location])..<Int(locations.offsets[location + 1]) {
                edges[2 * entry] = UInt32(location)
                edges[2 * entry + 1] = UInt32(locations.neighbors[entry])
            }
        }
        let graph = try RoadGraph(
            nodeCount: count, edges: edges.elements, patrolSeconds: locations.seconds.elements, emergencySeconds: nil)
        let table = try Buffer<Float>(count: count * count, repeating: 0)
        let everyone = try Buffer<Int32>(count: count, repeating: 0)
        for location in 0..<count { everyone[location] = Int32(location) }
        try eachSweep(everyone, try Routing(graph), backward: false, mode: .patrol) { to, first, seconds in
            for lane in 0..<seconds.count { table[(first + lane) * count + to] = seconds[lane] }
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
