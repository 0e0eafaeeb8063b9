/// A road graph's customizable contraction hierarchy (Dibbelt, Strasser & Wagner 2016): which arcs there are when its
/// nodes are contracted in a nested-dissection order, whatever the times on the edges.
///
/// Immutable and independent of travel times. Nodes have *ranks* here, their places in the order. A node's arcs lead to
/// higher ranks that are all ancestors of it in the elimination tree, whose parents are the lowest heads; a subtree's ranks
/// are consecutive and end with its root. Every shortest path climbs and then descends, within the ancestors of its ends.
public final class RoadHierarchy: Sendable {
    let nodeCount: Int
    /// [nodes]: a node's rank, a rank's node.
    let rankOf: Buffer<Int32>
    let nodeOf: Buffer<Int32>
    /// [ranks]: -1: a root.
    let parents: Buffer<Int32>
    /// [ranks]: ancestors.
    let depths: Buffer<Int32>
    /// Most nodes on a way to a root, both ends included.
    let height: Int
    /// [ranks + 1], [arcs]: heads of a rank's arcs, ascending.
    let offsets: Buffer<Int32>
    let heads: Buffer<Int32>
    /// [ranks + 1], [arcs]: tails of the arcs to a rank, ascending, and those arcs.
    let lowerOffsets: Buffer<Int32>
    let lowerTails: Buffer<Int32>
    let lowerArcs: Buffer<Int32>

    public var arcCount: Int { heads.count }

    /// - Parameter places: [nodes, 2]: coordinates on a plane; nil: none are known.
    /// - Throws: `unsupported` where the roads are so entangled that there would be more arcs than `mostArcs` allows;
    ///   `outOfMemory`.
    init(_ roads: RoadGraph, places: Buffer<Double>?) throws(PatrolError) {
        nodeCount = roads.nodeCount
        let skeleton = try RoadSkeleton(roads)
        let tree = try EliminationTree(skeleton, order: try Self.order(skeleton, places))
        (rankOf, nodeOf, parents, depths, height) = (tree.rankOf, tree.nodeOf, tree.parents, tree.depths, tree.height)
        let fill = try tree.fill(skeleton, most: Self.mostArcs(nodes: nodeCount, edges: roads.edgeCount))
        (offsets, heads) = (fill.offsets, fill.heads)
        (lowerOffsets, lowerTails, lowerArcs) = (fill.lowerOffsets, fill.lowerTails, fill.lowerArcs)
    }

    /// Roads have some four arcs a node.
    static func mostArcs(nodes: Int, edges: Int) -> Int { min(1 << 20 + 16 * (nodes + edges), Int(Int32.max) / 4) }

    /// Dead ends and chains first, then what they join.
    private static func order(_ skeleton: RoadSkeleton, _ places: Buffer<Double>?) throws(PatrolError) -> Buffer<Int32>
    {
        let chains = try ChainElimination(skeleton)
        let (rest, nodes) = try chains.remainder()
        var restPlaces: Buffer<Double>?
        if let places {
            let chosen = try Buffer<Double>(count: 2 * nodes.count, repeating: 0)
            for node in 0..<nodes.count {
                chosen[2 * node] = places[2 * Int(nodes[node])]
                chosen[2 * node + 1] = places[2 * Int(nodes[node]) + 1]
            }
            restPlaces = chosen
        }
        let dissection = try NestedDissection(rest, places: restPlaces)
        let order = chains.order
        for place in 0..<nodes.count { order[chains.count + place] = nodes[Int(dissection.order[place])] }
        return order
    }

    func arcs(of rank: Int) -> Range<Int> { Int(offsets[rank])..<Int(offsets[rank + 1]) }

    /// The arc from a rank to a higher one, -1: none.
    func arc(from tail: Int, to head: Int) -> Int {
        var (low, high) = (Int(offsets[tail]), Int(offsets[tail + 1]))
        while low < high {
            let middle = (low + high) / 2
            if Int(heads[middle]) < head { low = middle + 1 } else { high = middle }
        }
        return low < Int(offsets[tail + 1]) && Int(heads[low]) == head ? low : -1
    }

    /// The number of ancestors that two ranks have in common, themselves among their own; 0 in different trees.
    func commonAncestors(_ a: Int32, _ b: Int32) -> Int {
        // The first one not below the higher rank has that in its subtree, whose ranks are consecutive.
        var rank = min(a, b)
        while rank >= 0 && rank < max(a, b) { rank = parents[Int(rank)] }
        return rank < 0 ? 0 : Int(depths[Int(rank)]) + 1
    }
}
