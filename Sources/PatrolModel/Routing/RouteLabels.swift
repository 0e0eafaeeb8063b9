import CKernels

/// Times between each of some nodes and all of its ancestors, by depth. Two nodes' labels meet in what they have in common,
/// the first entries of both.
///
/// A label on unchanged roads is kept in its slot until another node is labeled there: most units stand where they stood.
final class RouteLabels {
    let hierarchy: RoadHierarchy
    private let stride: Int
    private let times: Buffer<UInt32>
    private let ranks: Buffer<Int32>
    private let keys: Buffer<UInt64>
    /// The node that each slot has the label of, -1: none; and the column of all.
    private let labeled: Buffer<Int32>
    private var labeledColumn = -1
    /// Slot of each node's label.
    private let slots: Buffer<Int32>
    /// Indices of the nodes by ascending rank.
    let order: Buffer<Int32>
    /// Indices of nodes whose labels are searched for at once.
    private let batch: Buffer<Int32>
    private(set) var count = 0

    init(_ hierarchy: RoadHierarchy, capacity: Int, _ memory: inout WorkingMemory) {
        self.hierarchy = hierarchy
        stride = (hierarchy.height + 15) / 16 * 16
        // The last label's end is read beyond.
        times = memory.buffer(count: capacity * stride + 16, repeating: Milliseconds.unreachable)
        ranks = memory.buffer(count: capacity, repeating: 0)
        keys = memory.buffer(count: capacity, repeating: 0)
        labeled = memory.buffer(count: capacity, repeating: -1)
        slots = memory.buffer(count: capacity, repeating: 0)
        order = memory.buffer(count: capacity, repeating: 0)
        batch = memory.buffer(count: RouteSearch.lanes, repeating: 0)
    }

    /// Labels nodes: times from them (`column` is up) or to them (down).
    /// - Parameter givenSlots: where the label of each may have been kept, distinct and below the capacity; nil: by index.
    /// - Returns: whether that was done before the clock ended it; what was labeled is kept.
    func fill(
        _ nodes: UnsafeBufferPointer<Int32>, slots givenSlots: UnsafePointer<Int32>? = nil, column: Int,
        by router: Router, clock: CallClock
    ) -> Bool {
        if labeledColumn != column || router.hasChanges { labeled.base.update(repeating: -1, count: labeled.count) }
        labeledColumn = router.hasChanges ? -1 : column
        count = nodes.count
        for index in 0..<count {
            slots[index] = givenSlots?[index] ?? Int32(truncatingIfNeeded: index)
            ranks[index] = hierarchy.rankOf[Int(nodes[index])]
            keys[index] = UInt64(ranks[index])
            order[index] = Int32(truncatingIfNeeded: index)
        }
        sortIndices(order.base, count: count, by: keys.base)
        var next = 0
        while true {
            // Neighbors in the order share most of their ancestors.
            var lanes = 0
            while next < count && lanes < RouteSearch.lanes {
                let index = Int(order[next])
                next += 1
                if labeled[Int(slots[index])] == nodes[index] { continue }
                labeled[Int(slots[index])] = nodes[index]
                batch[lanes] = Int32(truncatingIfNeeded: index)
                lanes += 1
            }
            guard lanes > 0 else { return true }
            router.search.climb(lanes, router.metric, column: column) { rank(Int(batch[$0])) }
            for lane in 0..<lanes {
                let index = Int(batch[lane])
                router.search.label(lane, of: ranks[index], into: times.base + stride * Int(slots[index]))
            }
            if clock.expired { return false }
        }
    }

    @inline(__always)
    func rank(_ index: Int) -> Int32 { ranks[index] }

    @inline(__always)
    subscript(index: Int) -> UnsafePointer<UInt32> { UnsafePointer(times.base + stride * Int(slots[index])) }
}
