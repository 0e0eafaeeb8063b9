/// One search from an origin and to a destination, and the path where they meet.
final class RoutePath {
    /// What a search found, by the depth of an ancestor.
    private final class Side {
        /// Milliseconds to the ancestor, and below them, 32 bits, the arc that leads there: of equally long ways the one whose last arc
        /// comes first.
        let labels: Buffer<UInt64>
        /// The ranks of those that this search, or one before it, went on from.
        let ranks: Buffer<Int32>
        /// Where the search begins.
        var source = 0
        var depth = 0

        init(_ hierarchy: RoadHierarchy, _ memory: inout WorkingMemory) {
            labels = memory.buffer(count: hierarchy.height, repeating: 0)
            // The last rank is a root: no arc leads from it.
            ranks = memory.buffer(
                count: hierarchy.height, repeating: Int32(truncatingIfNeeded: hierarchy.nodeCount - 1))
        }

        @inline(__always)
        func time(_ depth: Int) -> UInt32 { UInt32(truncatingIfNeeded: labels.base[depth] &>> 32) }

        @inline(__always)
        func arc(_ depth: Int) -> Int { Int(UInt32(truncatingIfNeeded: labels.base[depth])) }
    }

    private struct Arc: BitwiseCopyable {
        var arc: Int32
        var tail: Int32
        var isUp: Bool
    }

    private let hierarchy: RoadHierarchy
    private let out: Side
    private let home: Side
    /// Depth of the highest node on the path.
    private var meeting = 0
    /// The least time of the way out to an ancestor of that depth at most.
    private let nearest: Buffer<UInt32>
    /// Arcs of the path that are still to come, the next one last.
    private let stack: Buffer<Arc>
    private var count = 0

    init(_ hierarchy: RoadHierarchy, _ memory: inout WorkingMemory) {
        self.hierarchy = hierarchy
        out = Side(hierarchy, &memory)
        home = Side(hierarchy, &memory)
        nearest = memory.buffer(count: hierarchy.height, repeating: 0)
        // Up one side and down the other, and the halves of one arc, each of which leads from a lower node than the whole.
        stack = memory.buffer(count: 3 * hierarchy.height + 2, repeating: Arc(arc: 0, tail: 0, isUp: false))
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
        guard common > 0 else { return Milliseconds.unreachable }
        // From wherever the path turns, it takes at least as long as from the nearest ancestor of both.
        begin(home, at: to)
        climb(home, metric, columns.down, to: common, within: bound)
        var rest = Milliseconds.unreachable
        for depth in 0..<common { rest = min(rest, home.time(depth)) }
        begin(out, at: from)
        if rest <= bound { climb(out, metric, columns.up, to: 0, within: bound - rest) }
        let least = meet(common, metric, columns.down, within: bound)
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
        func climbOut(within bound: UInt32) {
            begin(out, at: from)
            climb(out, metric, columns.up, to: 0, within: bound)
        }
        climbOut(within: farthest)
        var isWhole = farthest == Milliseconds.unreachable
        for (k, destination) in destinations.enumerated() {
            let to = hierarchy.rankOf[Int(destination)]
            let common = hierarchy.commonAncestors(from, to)
            times[k] = Milliseconds.unreachable
            guard common > 0 else { continue }
            func climbHome(within bound: UInt32) -> UInt32 {
                begin(home, at: to)
                climb(home, metric, columns.down, to: common, within: bound)
                return meet(common, metric, columns.down, within: bound)
            }
            times[k] = climbHome(within: bounds[k])
            guard times[k] > bounds[k] else { continue }
            if !isWhole { climbOut(within: Milliseconds.unreachable) }
            isWhole = true
            times[k] = climbHome(within: Milliseconds.unreachable)
        }
    }

    private func begin(_ side: Side, at source: Int32) {
        (side.source, side.depth) = (Int(source), Int(hierarchy.depths[Int(source)]))
        side.labels.base.update(repeating: UInt64(Milliseconds.unreachable) &<< 32, count: side.depth)
        side.labels[side.depth] = 0
    }

    /// Goes on from the source and its ancestors of depth `end` at least, but from none beyond `bound`.
    private func climb(_ side: Side, _ metric: RoadMetric, _ column: Int, to end: Int, within bound: UInt32) {
        var depth = side.depth
        while depth >= end {
            if side.time(depth) <= bound { goOn(side, metric, column, from: depth) }
            depth -= 1
        }
    }

    /// Goes on home from common ancestors, but from none beyond `bound`, or beyond what the way out makes possible.
    /// - Returns: the least milliseconds of both ways.
    private func meet(_ common: Int, _ metric: RoadMetric, _ column: Int, within bound: UInt32) -> UInt32 {
        var least = Milliseconds.unreachable
        for depth in 0..<common {
            least = min(least, out.time(depth))
            nearest[depth] = least
        }
        least = Milliseconds.unreachable
        var bound = bound
        var depth = common
        while depth > 0 {
            depth -= 1
            let back = home.time(depth)
            guard Milliseconds.sum(back, nearest[depth]) <= bound else { continue }
            let sum = Milliseconds.sum(back, out.time(depth))
            // Of equal ones the lowest node, or a path with edges of no length could pass a node twice.
            if sum < least { (least, meeting) = (sum, depth) }
            bound = min(bound, least)
            goOn(home, metric, column, from: depth)
        }
        return least
    }

    @inline(never) @_optimize(speed)
    private func goOn(_ side: Side, _ metric: RoadMetric, _ column: Int, from depth: Int) {
        let (labels, heads, depths) = (side.labels.base, hierarchy.heads.base, hierarchy.depths.base)
        let weights = metric.weights.base + column
        guard side.time(depth) < Milliseconds.unreachable else { return }
        let rank = depth == side.depth ? side.source : Int(heads[side.arc(depth)])
        side.ranks[depth] = Int32(truncatingIfNeeded: rank)
        let here = labels[depth] & ~0xFFFF_FFFF
        for arc in hierarchy.arcs(of: rank) {
            let label = labels + Int(depths[Int(heads[arc])])
            let there = here &+ (UInt64(weights[4 &* arc]) &<< 32 | UInt64(truncatingIfNeeded: arc))
            label.pointee = min(label.pointee, there)
        }
    }

    /// The depth from which an arc leads to that of an ancestor.
    private func tail(_ side: Side, _ depth: Int) -> Int {
        let arc = side.arc(depth)
        var tail = depth + 1
        // A rank that an earlier search left stands at its own depth as well.
        while !hierarchy.arcs(of: Int(side.ranks[tail])).contains(arc) { tail += 1 }
        return tail
    }

    /// Lays out the arcs of the path that was found last, for `next`.
    func layOut() {
        count = 0
        func push(_ side: Side, isUp: Bool) {
            var depth = meeting
            while depth != side.depth {
                let tail = tail(side, depth)
                let arc = Int32(truncatingIfNeeded: side.arc(depth))
                stack[count] = Arc(arc: arc, tail: side.ranks[tail], isUp: isUp)
                count += 1
                depth = tail
            }
        }
        push(home, isUp: false)
        var (low, high) = (0, count - 1)
        while low < high {
            (stack[low], stack[high]) = (stack[high], stack[low])
            (low, high) = (low + 1, high - 1)
        }
        push(out, isUp: true)
    }

    /// The ends of the next arc on the path, and its milliseconds; nil at the destination. It is an edge, after which `pass` goes on,
    /// or a way through a lower node, which `split` puts in its place.
    func next(_ metric: RoadMetric, _ columns: RoadMetric.Columns) -> (from: Int32, to: Int32, time: UInt32)? {
        guard count > 0 else { return nil }
        let arc = stack[count - 1]
        let (tail, head) = (
            hierarchy.nodeOf[Int(arc.tail)], hierarchy.nodeOf[Int(hierarchy.heads[Int(arc.arc)])]
        )
        let time = metric.weights[4 * Int(arc.arc) + (arc.isUp ? columns.up : columns.down)]
        return arc.isUp ? (tail, head, time) : (head, tail, time)
    }

    func pass() { count -= 1 }

    func split(_ time: UInt32, _ metric: RoadMetric, _ columns: RoadMetric.Columns) {
        count -= 1
        guard let (first, second) = halves(stack[count], time, metric, columns) else {
            count = 0
            return
        }
        (stack[count], stack[count + 1]) = (second, first)
        count += 2
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
