/// One search from an origin and to a destination, and the path where they meet.
final class RoutePath {
    /// What a search found, by the depth of an ancestor.
    private struct Side {
        let times: Buffer<UInt32>
        /// The arc that leads to the ancestor, and its tail's rank.
        let arcs: Buffer<Int32>
        let tails: Buffer<Int32>

        init(_ height: Int, _ memory: inout WorkingMemory) {
            times = memory.buffer(count: height, repeating: 0)
            arcs = memory.buffer(count: height, repeating: 0)
            tails = memory.buffer(count: height, repeating: 0)
        }
    }

    private struct Arc: BitwiseCopyable {
        var arc: Int32
        var tail: Int32
        var isUp: Bool
    }

    private let hierarchy: RoadHierarchy
    private let out: Side
    private let home: Side
    /// Depth of the highest node on the path, and of its ends.
    private var meeting = 0
    private var originDepth = 0
    private var destinationDepth = 0
    /// Depths on the way up, the highest first.
    private let hops: Buffer<Int32>
    /// Arcs to unpack, the next one last.
    private let stack: Buffer<Arc>

    init(_ hierarchy: RoadHierarchy, _ memory: inout WorkingMemory) {
        self.hierarchy = hierarchy
        out = Side(hierarchy.height, &memory)
        home = Side(hierarchy.height, &memory)
        hops = memory.buffer(count: hierarchy.height, repeating: 0)
        stack = memory.buffer(count: hierarchy.height + 2, repeating: Arc(arc: 0, tail: 0, isUp: false))
    }

    /// - Parameter bound: milliseconds that the path is expected to take at most. The same is found whatever it is, sooner
    ///   where it is right.
    /// - Returns: milliseconds.
    func find(
        from origin: Int32, to destination: Int32, _ metric: RoadMetric, _ columns: RoadMetric.Columns,
        within bound: UInt32 = Milliseconds.unreachable
    ) -> UInt32 {
        let (from, to) = (hierarchy.rankOf[Int(origin)], hierarchy.rankOf[Int(destination)])
        let common = hierarchy.commonAncestors(from, to)
        originDepth = Int(hierarchy.depths[Int(from)])
        destinationDepth = Int(hierarchy.depths[Int(to)])
        guard common > 0 else { return Milliseconds.unreachable }
        climb(from, metric, columns.up, into: out, within: bound, common: 0)
        climb(to, metric, columns.down, into: home, within: bound, common: common)
        let least = meet(common)
        return least <= bound ? least : find(from: origin, to: destination, metric, columns)
    }

    /// Milliseconds from one node to each of some others that are near: one climb from the origin serves all of them, and none
    /// goes on from nodes farther than the others may be.
    /// - Parameters:
    ///   - bounds: milliseconds that each is expected to take at most, as for one path.
    ///   - times: milliseconds to each.
    func find(
        from origin: Int32, to destinations: UnsafeBufferPointer<Int32>, _ metric: RoadMetric,
        _ columns: RoadMetric.Columns, within bounds: UnsafePointer<UInt32>, into times: UnsafeMutablePointer<UInt32>
    ) {
        var farthest: UInt32 = 0
        for k in 0..<destinations.count { farthest = max(farthest, bounds[k]) }
        let from = hierarchy.rankOf[Int(origin)]
        climb(from, metric, columns.up, into: out, within: farthest, common: 0)
        var isWhole = farthest == Milliseconds.unreachable
        for (k, destination) in destinations.enumerated() {
            let to = hierarchy.rankOf[Int(destination)]
            let common = hierarchy.commonAncestors(from, to)
            times[k] = Milliseconds.unreachable
            guard common > 0 else { continue }
            climb(to, metric, columns.down, into: home, within: bounds[k], common: common)
            times[k] = meet(common)
            guard times[k] > bounds[k] else { continue }
            if !isWhole { climb(from, metric, columns.up, into: out, within: Milliseconds.unreachable, common: 0) }
            isWhole = true
            climb(to, metric, columns.down, into: home, within: Milliseconds.unreachable, common: common)
            times[k] = meet(common)
        }
    }

    private func meet(_ common: Int) -> UInt32 {
        var least = Milliseconds.unreachable
        for depth in 0..<common {
            let sum = Milliseconds.sum(out.times[depth], home.times[depth])
            // Of equal ones the lowest node, or a path with edges of no length could pass a node twice.
            if sum <= least { (least, meeting) = (sum, depth) }
        }
        return least
    }

    /// Goes no further from nodes beyond `bound`, or beyond what the way out and `common` ancestors of both make possible.
    @_optimize(speed)
    private func climb(
        _ source: Int32, _ metric: RoadMetric, _ column: Int, into side: Side, within bound: UInt32, common: Int
    ) {
        let others = out.times.base
        var bound = bound
        let (times, heads, depths) = (side.times.base, hierarchy.heads.base, hierarchy.depths.base)
        let weights = metric.weights.base + column
        let sourceDepth = Int(depths[Int(source)])
        times.update(repeating: Milliseconds.unreachable, count: sourceDepth + 1)
        times[sourceDepth] = 0
        var rank = Int(source)
        var depth = sourceDepth
        while rank >= 0 {
            let here = times[depth]
            if here < Milliseconds.unreachable && here <= bound {
                if depth < common { bound = min(bound, Milliseconds.sum(here, others[depth])) }
                for arc in hierarchy.arcs(of: rank) {
                    let head = Int(depths[Int(heads[arc])])
                    let there = here &+ weights[4 &* arc]
                    if there < times[head] {
                        times[head] = there
                        side.arcs[head] = Int32(truncatingIfNeeded: arc)
                        side.tails[head] = Int32(truncatingIfNeeded: rank)
                    }
                }
            }
            rank = Int(hierarchy.parents[rank])
            depth -= 1
        }
    }

    /// Goes along the edges of the path that was found last.
    /// - Parameter take: is offered an arc's ends and milliseconds, in order; nil: that is no edge but a way through lower
    ///   nodes; false: that was enough.
    func unpack(_ metric: RoadMetric, _ columns: RoadMetric.Columns, _ take: (Int32, Int32, UInt32) -> Bool?) {
        var count = 0
        var depth = meeting
        while depth != originDepth {
            hops[count] = Int32(truncatingIfNeeded: depth)
            count += 1
            depth = Int(hierarchy.depths[Int(out.tails[depth])])
        }
        while count > 0 {
            count -= 1
            let hop = Int(hops[count])
            guard unpack(Arc(arc: out.arcs[hop], tail: out.tails[hop], isUp: true), metric, columns, take) else {
                return
            }
        }
        depth = meeting
        while depth != destinationDepth {
            let tail = home.tails[depth]
            guard unpack(Arc(arc: home.arcs[depth], tail: tail, isUp: false), metric, columns, take) else { return }
            depth = Int(hierarchy.depths[Int(tail)])
        }
    }

    private func unpack(
        _ arc: Arc, _ metric: RoadMetric, _ columns: RoadMetric.Columns, _ take: (Int32, Int32, UInt32) -> Bool?
    ) -> Bool {
        stack[0] = arc
        var count = 1
        while count > 0 {
            count -= 1
            let arc = stack[count]
            let tail = hierarchy.nodeOf[Int(arc.tail)]
            let head = hierarchy.nodeOf[Int(hierarchy.heads[Int(arc.arc)])]
            let time = metric.weights[4 * Int(arc.arc) + (arc.isUp ? columns.up : columns.down)]
            if let goesOn = arc.isUp ? take(tail, head, time) : take(head, tail, time) {
                guard goesOn else { return false }
                continue
            }
            guard let (first, second) = halves(arc, time, metric, columns) else { return false }
            stack[count] = second
            stack[count + 1] = first
            count += 2
        }
        return true
    }

    /// The two arcs of an arc's way through a lower node, the lowest of those that fit.
    private func halves(
        _ arc: Arc, _ time: UInt32, _ metric: RoadMetric, _ columns: RoadMetric.Columns
    ) -> (Arc, Arc)? {
        let head = Int(hierarchy.heads[Int(arc.arc)])
        let weights = metric.weights.base
        for entry in Int(hierarchy.lowerOffsets[Int(arc.tail)])..<Int(hierarchy.lowerOffsets[Int(arc.tail) + 1]) {
            let toTail = hierarchy.lowerArcs[entry]
            let one = weights[4 * Int(toTail) + (arc.isUp ? columns.down : columns.up)]
            guard one <= time else { continue }
            let lower = hierarchy.lowerTails[entry]
            let toHead = hierarchy.arc(from: Int(lower), to: head)
            guard toHead >= 0 else { continue }
            let other = weights[4 * toHead + (arc.isUp ? columns.up : columns.down)]
            guard Milliseconds.sum(one, other) == time else { continue }
            let byTail = Arc(arc: toTail, tail: lower, isUp: !arc.isUp)
            let byHead = Arc(arc: Int32(truncatingIfNeeded: toHead), tail: lower, isUp: arc.isUp)
            return arc.isUp ? (byTail, byHead) : (byHead, byTail)
        }
        return nil
    }
}
