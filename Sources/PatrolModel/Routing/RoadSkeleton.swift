/// Which nodes are joined by a road, whichever way it runs: no loops, no parallel edges.
struct RoadSkeleton {
    let nodeCount: Int
    /// Neighbors of a node are `heads[offsets[node] ..< offsets[node + 1]]`, ascending.
    let offsets: Buffer<Int32>
    let heads: Buffer<Int32>

    init(_ roads: RoadGraph) throws(PatrolError) {
        try self.init(
            nodeCount: roads.nodeCount, rowCount: { roads.outgoing[$0].count + roads.incoming[$0].count },
            head: { node, entry in
                let outgoing = roads.outgoing[node]
                return entry < outgoing.count ? outgoing[entry].node : roads.incoming[node][entry - outgoing.count].node
            })
    }

    /// - Parameters:
    ///   - rowCount: entries that a node has, of any order and with repetitions. Neighbors are mutual.
    ///   - head: an entry of a node: a neighbor, the node itself or -1; the latter two do not count.
    init(nodeCount: Int, rowCount: (Int) -> Int, head: (Int, Int) -> Int32) throws(PatrolError) {
        let seen = try Buffer<Int32>(count: nodeCount, repeating: -1)
        /// A neighbor that was not met before in the node's row, else -1.
        func distinct(_ node: Int, _ entry: Int) -> Int {
            let head = Int(head(node, entry))
            guard head >= 0, head != node, seen[head] != Int32(node) else { return -1 }
            seen[head] = Int32(node)
            return head
        }
        let offsets = try Buffer<Int32>(count: nodeCount + 1, repeating: 0)
        for node in 0..<nodeCount {
            for entry in 0..<rowCount(node) {
                let head = distinct(node, entry)
                if head >= 0 { offsets[head + 1] += 1 }
            }
        }
        let next = try Buffer<Int32>(count: nodeCount, repeating: 0)
        for node in 0..<nodeCount {
            next[node] = offsets[node]
            offsets[node + 1] += offsets[node]
        }
        for node in 0..<nodeCount { seen[node] = -1 }
        let heads = try Buffer<Int32>(count: Int(offsets[nodeCount]), repeating: 0)
        // Each node into its neighbors' rows, which are ascending thereby.
        for node in 0..<nodeCount {
            for entry in 0..<rowCount(node) {
                let head = distinct(node, entry)
                guard head >= 0 else { continue }
                heads[Int(next[head])] = Int32(node)
                next[head] += 1
            }
        }
        (self.nodeCount, self.offsets, self.heads) = (nodeCount, offsets, heads)
    }

    @inline(__always)
    subscript(node: Int) -> UnsafeBufferPointer<Int32> {
        let start = Int(offsets[node])
        return UnsafeBufferPointer(start: heads.base + start, count: Int(offsets[node + 1]) - start)
    }
}
