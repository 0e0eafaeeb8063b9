import CKernels

/// Times between each of some nodes and all of its ancestors, by depth. Two nodes' labels meet in what they have in common,
/// the first entries of both.
final class RouteLabels {
    let hierarchy: RoadHierarchy
    private let stride: Int
    private let times: Buffer<UInt32>
    private let ranks: Buffer<Int32>
    private let keys: Buffer<UInt64>
    /// Indices of the nodes by ascending rank.
    let order: Buffer<Int32>
    private(set) var count = 0

    /// - Throws: `outOfMemory`.
    init(_ hierarchy: RoadHierarchy, capacity: Int) throws(PatrolError) {
        self.hierarchy = hierarchy
        stride = (hierarchy.height + 15) / 16 * 16
        // The last label's end is read beyond.
        times = try Buffer(count: capacity * stride + 16, repeating: Milliseconds.unreachable)
        ranks = try Buffer(count: capacity, repeating: 0)
        keys = try Buffer(count: capacity, repeating: 0)
        order = try Buffer(count: capacity, repeating: 0)
    }

    /// Labels nodes: times from them (`column` is up) or to them (down).
    func fill(_ nodes: UnsafeBufferPointer<Int32>, _ metric: RoadMetric, column: Int, by search: RouteSearch) {
        count = nodes.count
        for index in 0..<count {
            ranks[index] = hierarchy.rankOf[Int(nodes[index])]
            keys[index] = UInt64(ranks[index])
            order[index] = Int32(truncatingIfNeeded: index)
        }
        sortIndices(order.base, count: count, by: keys.base)
        var first = 0
        while first < count {
            // Neighbors in the order share most of their ancestors.
            let lanes = min(RouteSearch.lanes, count - first)
            search.climb(lanes, metric, column: column) { rank(Int(order[first + $0])) }
            for lane in 0..<lanes {
                let index = Int(order[first + lane])
                search.label(lane, of: ranks[index], into: times.base + stride * index)
            }
            first += lanes
        }
    }

    @inline(__always)
    func rank(_ index: Int) -> Int32 { ranks[index] }

    @inline(__always)
    subscript(index: Int) -> UnsafePointer<UInt32> { UnsafePointer(times.base + stride * index) }
}
