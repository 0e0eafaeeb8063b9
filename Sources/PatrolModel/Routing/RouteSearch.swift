import CKernels

/// Up to sixteen searches at once over the ancestors of their sources, one a lane; working memory for one thread.
final class RouteSearch {
    static let lanes = 16

    let hierarchy: RoadHierarchy
    /// [ranks]: place in `ranks`, where it is there.
    private let slots: Buffer<Int32>
    /// Ancestors of the sources: the way from each source up to where an earlier source's way goes on.
    private let ranks: Buffer<Int32>
    /// [slots, lanes]: milliseconds between the lane's source and the rank.
    private let times: Buffer<UInt32>
    private var count = 0
    private let starts: Buffer<Int32>

    init(_ hierarchy: RoadHierarchy, _ memory: inout WorkingMemory) {
        self.hierarchy = hierarchy
        let most = min(hierarchy.nodeCount, Self.lanes * hierarchy.height)
        slots = memory.buffer(count: hierarchy.nodeCount, repeating: 0)
        ranks = memory.buffer(count: most, repeating: 0)
        times = memory.buffer(count: Self.lanes * most, repeating: 0)
        starts = memory.buffer(count: Self.lanes, repeating: 0)
    }

    /// Searches from each source (`column` is up) or to it (down).
    /// - Parameter source: the rank of a lane's.
    func climb(_ sourceCount: Int, _ metric: RoadMetric, column: Int, source: (Int) -> Int32) {
        count = 0
        for lane in 0..<sourceCount {
            starts[lane] = Int32(count)
            var rank = source(lane)
            while rank >= 0 && !contains(rank) {
                slots[Int(rank)] = Int32(count)
                ranks[count] = rank
                count += 1
                rank = hierarchy.parents[Int(rank)]
            }
        }
        times.base.update(repeating: Milliseconds.unreachable, count: Self.lanes * count)
        for lane in 0..<sourceCount { times[Self.lanes * Int(slots[Int(source(lane))]) + lane] = 0 }
        var end = count
        for lane in stride(from: sourceCount - 1, through: 0, by: -1) {
            let start = Int(starts[lane])
            kernels_route_climb(
                times.base, ranks.base + start, end - start, slots.base, hierarchy.offsets.base, hierarchy.heads.base,
                metric.weights.base + column)
            end = start
        }
    }

    @inline(__always)
    private func contains(_ rank: Int32) -> Bool {
        let slot = Int(slots[Int(rank)])
        return slot < count && ranks[slot] == rank
    }

    /// Writes a lane's times to the ancestors of its source by their depth.
    func label(_ lane: Int, of source: Int32, into label: UnsafeMutablePointer<UInt32>) {
        var rank = Int(source)
        while rank >= 0 {
            label[Int(hierarchy.depths[rank])] = times[Self.lanes * Int(slots[rank]) + lane]
            rank = Int(hierarchy.parents[rank])
        }
    }

    /// Brings the times down to all ranks.
    /// - Parameters:
    ///   - column: the other one than that of the climb.
    ///   - all: [ranks, lanes].
    func descend(_ metric: RoadMetric, column: Int, into all: Buffer<UInt32>) {
        all.base.update(repeating: Milliseconds.unreachable, count: all.count)
        for slot in 0..<count {
            all.base.advanced(by: Self.lanes * Int(ranks[slot])).update(
                from: times.base + Self.lanes * slot, count: Self.lanes)
        }
        kernels_route_descend(
            all.base, hierarchy.nodeCount, hierarchy.offsets.base, hierarchy.heads.base, metric.weights.base + column)
    }
}
