import CKernels

/// The times on the arcs of a hierarchy: the least on the edge itself and on ways through lower nodes.
final class RoadMetric: Sendable {
    /// Of the weights: up an arc and down it.
    struct Columns {
        let up: Int
        let down: Int

        init(_ mode: TravelMode) {
            up = mode == .patrol ? 0 : 2
            down = up + 1
        }
    }

    let hierarchy: RoadHierarchy
    let roads: RoadGraph
    /// [arcs, 4]: milliseconds up and down by patrol, up and down by emergency driving.
    let weights: Buffer<UInt32>
    /// [ranks]: a rank's arc to each of its heads, while it is customized.
    private let positions: Buffer<Int32>

    /// - Throws: `outOfMemory`.
    init(_ hierarchy: RoadHierarchy, roads: RoadGraph) throws(PatrolError) {
        (self.hierarchy, self.roads) = (hierarchy, roads)
        weights = try Buffer(count: 4 * hierarchy.arcCount, repeating: Milliseconds.unreachable)
        positions = try Buffer(count: hierarchy.nodeCount, repeating: 0)
        for rank in 0..<hierarchy.nodeCount { customize(rank) }
    }

    /// A copy to be changed.
    init(copying other: RoadMetric) throws(PatrolError) {
        (hierarchy, roads) = (other.hierarchy, other.roads)
        weights = try Buffer(count: other.weights.count, repeating: 0)
        weights.copy(other.weights)
        positions = try Buffer(count: hierarchy.nodeCount, repeating: 0)
    }

    /// Takes a rank's arcs over from another metric of the hierarchy.
    func restore(_ rank: Int, from other: RoadMetric) {
        let arcs = hierarchy.arcs(of: rank)
        weights.base.advanced(by: 4 * arcs.lowerBound).update(
            from: other.weights.base + 4 * arcs.lowerBound, count: 4 * arcs.count)
    }

    /// Sets the times on a rank's arcs from those of lower ranks, which are customized already.
    func customize(_ rank: Int, changes: EdgeOverlay.Table? = nil) {
        let arcs = hierarchy.arcs(of: rank)
        let weights = weights.base
        weights.advanced(by: 4 * arcs.lowerBound).update(repeating: Milliseconds.unreachable, count: 4 * arcs.count)
        for arc in arcs { positions[Int(hierarchy.heads[arc])] = Int32(truncatingIfNeeded: arc) }
        let node = Int(hierarchy.nodeOf[rank])
        func take(_ road: RoadGraph.Arc, _ isUp: Bool) {
            let head = Int(hierarchy.rankOf[Int(road.node)])
            guard head > rank else { return }
            let arc = Int(positions[head])
            func lower(_ mode: TravelMode) {
                let columns = Columns(mode)
                let place = 4 * arc + (isUp ? columns.up : columns.down)
                let usual = road.milliseconds(mode)
                let (from, to) = isUp ? (node, Int(road.node)) : (Int(road.node), node)
                weights[place] = min(
                    weights[place], changes?.milliseconds(from: from, to: to, mode: mode, usual: usual) ?? usual)
            }
            lower(.patrol)
            lower(.emergency)
        }
        for road in roads.outgoing[node] { take(road, true) }
        for road in roads.incoming[node] { take(road, false) }
        let first = Int(hierarchy.lowerOffsets[rank])
        kernels_route_customize(
            weights, hierarchy.offsets.base, hierarchy.heads.base, positions.base, hierarchy.lowerTails.base + first,
            hierarchy.lowerArcs.base + first, Int(hierarchy.lowerOffsets[rank + 1]) - first)
    }
}
