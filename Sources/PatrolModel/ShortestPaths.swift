/// Dijkstra's algorithm on a road graph: working memory for one thread, reusable without allocation.
///
/// A search costs only what it touches: labels carry the number of the search that wrote them. Where two paths
/// are equally long the one whose last node is settled first wins, and nodes settle by time, then index, so that
/// results are the same everywhere.
public final class ShortestPaths {
    public enum Direction: Sendable {
        /// Along the edges: seconds from the source to a node.
        case forward
        /// Against the edges: seconds from a node to the source.
        case backward
        /// Every edge in both directions: how near places are, whichever way the roads run.
        case either
    }

    private struct Label: BitwiseCopyable {
        var milliseconds: UInt32
        var parent: Int32
        var search: UInt32
        /// The search that looks for this node.
        var wanted: UInt32
    }

    public let roads: RoadGraph
    private let labels: Buffer<Label>
    private let keys: Buffer<UInt64>
    private var search: UInt32 = 0
    /// Labels up to this time are final: no edge takes less than 0 seconds.
    private var frontier = Milliseconds.unreachable

    /// - Throws: `outOfMemory`.
    public init(_ roads: RoadGraph) throws(PatrolError) {
        self.roads = roads
        labels = try Buffer(count: roads.nodeCount, repeating: Label(milliseconds: 0, parent: -1, search: 0, wanted: 0))
        // Within a search a node is expanded once in each direction and an edge queued at most once a time.
        keys = try Buffer(count: roads.nodeCount + 2 * roads.edgeCount, repeating: 0)
        clear()
    }

    /// Searches from one node.
    /// - Parameters:
    ///   - targets: the search stops once all of these are settled; nil: it goes on to the end.
    ///   - bound: seconds; nodes farther away are not reached.
    /// - Complexity: O((nodes + edges) · log nodes) of what lies nearer than the farthest target and the bound.
    public func run(
        from source: Int, _ direction: Direction = .forward, mode: TravelMode,
        targets: UnsafeBufferPointer<Int32>? = nil, within bound: Float = .infinity
    ) {
        clear()
        spread(from: source, direction, mode, targets, bound)
    }

    /// Searches from several nodes at once: each node is reached from the nearest of them.
    public func run(
        fromEach sources: UnsafeBufferPointer<Int32>, _ direction: Direction = .forward, mode: TravelMode,
        within bound: Float = .infinity
    ) {
        clear()
        spread(from: sources, direction, mode, nil, bound)
    }

    /// Forgets the last search: no node is reached.
    public func clear() {
        if search == .max {
            for node in 0..<labels.count {
                labels[node].search = 0
                labels[node].wanted = 0
            }
            search = 0
        }
        search += 1
        frontier = Milliseconds.unreachable
    }

    /// Adds a source to the last search, which had no targets: nodes that are nearer to it are relabeled, others
    /// cost nothing. Direction, mode and bound must be those of that search.
    public func extend(from source: Int, _ direction: Direction, mode: TravelMode, within bound: Float = .infinity) {
        spread(from: source, direction, mode, nil, bound)
    }

    /// Seconds between the source and the node; infinity where it was not reached before the search ended.
    @inline(__always)
    public func seconds(_ node: Int) -> Float { Milliseconds.seconds(milliseconds(node)) }

    /// The same in milliseconds.
    @inline(__always)
    public func milliseconds(_ node: Int) -> UInt32 {
        isFinal(node) ? labels[node].milliseconds : Milliseconds.unreachable
    }

    /// The node before this one on the path from the source (after it, in a backward search); -1 at the source and
    /// where the node was not reached.
    @inline(__always)
    public func parent(_ node: Int) -> Int { isFinal(node) ? Int(labels[node].parent) : -1 }

    @inline(__always)
    private func isFinal(_ node: Int) -> Bool {
        let label = labels[node]
        return label.search == search && label.milliseconds <= frontier
    }

    private func spread(
        from source: Int, _ direction: Direction, _ mode: TravelMode, _ targets: UnsafeBufferPointer<Int32>?,
        _ bound: Float
    ) {
        withUnsafePointer(to: Int32(truncatingIfNeeded: source)) {
            spread(from: UnsafeBufferPointer(start: $0, count: 1), direction, mode, targets, bound)
        }
    }

    @_optimize(speed)
    private func spread(
        from sources: UnsafeBufferPointer<Int32>, _ direction: Direction, _ mode: TravelMode,
        _ targets: UnsafeBufferPointer<Int32>?, _ bound: Float
    ) {
        let labels = labels.base
        let search = search
        let bound = min(Milliseconds.rounded(bound), Milliseconds.unreachable - 1)
        var queue = SearchQueue(keys: keys.base)
        var missing = want(targets)

        @inline(__always) func reach(_ node: Int, _ milliseconds: UInt32, from parent: Int32) {
            let known = labels[node].search == search ? labels[node].milliseconds : Milliseconds.unreachable
            guard milliseconds < known, milliseconds <= bound else { return }
            labels[node].milliseconds = milliseconds
            labels[node].parent = parent
            labels[node].search = search
            queue.push(SearchQueue.key(milliseconds, node))
        }

        for source in sources { reach(Int(source), 0, from: -1) }
        guard missing != 0 else {
            frontier = 0
            return
        }
        while let key = queue.pop() {
            let node = SearchQueue.node(key)
            let time = SearchQueue.milliseconds(key)
            guard labels[node].milliseconds == time else { continue }
            if labels[node].wanted == search {
                labels[node].wanted = 0
                missing -= 1
                if missing == 0 {
                    frontier = time
                    return
                }
            }
            let tail = Int32(truncatingIfNeeded: node)
            if direction != .backward {
                for arc in roads.outgoing[node] { reach(Int(arc.node), time + arc.milliseconds(mode), from: tail) }
            }
            if direction != .forward {
                for arc in roads.incoming[node] { reach(Int(arc.node), time + arc.milliseconds(mode), from: tail) }
            }
        }
    }

    /// Marks the targets; their number without repetitions, or -1 where there are none to look for.
    private func want(_ targets: UnsafeBufferPointer<Int32>?) -> Int {
        guard let targets else { return -1 }
        var count = 0
        for target in targets where labels[Int(target)].wanted != search {
            labels[Int(target)].wanted = search
            count += 1
        }
        return count
    }
}
