/// Travel times and paths on roads some of whose edges may have changed: working memory for one thread.
///
/// Nothing is allocated after creation, except for changed edges the first time they come (see `use`).
public final class Router {
    public let routing: Routing
    let search: RouteSearch
    private(set) var metric: RoadMetric
    private let changed: ChangedRoads
    private let path: RoutePath

    /// - Throws: `outOfMemory`.
    public convenience init(_ routing: Routing) throws(PatrolError) {
        var memory = WorkingMemory()
        self.init(routing, &memory)
        try memory.check()
    }

    package init(_ routing: Routing, _ memory: inout WorkingMemory) {
        self.routing = routing
        metric = routing.metric
        search = RouteSearch(routing.hierarchy, &memory)
        changed = ChangedRoads(routing.metric, &memory)
        path = RoutePath(routing.hierarchy, &memory)
    }

    /// Whether edges have changed.
    var hasChanges: Bool { metric !== routing.metric }

    /// Takes these changes of edges for what follows, until the next ones. The same changes again cost a comparison.
    /// - Throws: `outOfMemory`, the first time edges change and where more have changed than ever before.
    public func use(_ overlay: EdgeOverlay) throws(PatrolError) {
        metric = try changed.metric(overlay)
    }

    /// Milliseconds of the quickest path; `Milliseconds.unreachable` without any.
    public func milliseconds(from origin: Int32, to destination: Int32, mode: TravelMode) -> UInt32 {
        path.find(from: origin, to: destination, metric, RoadMetric.Columns(mode))
    }

    /// Milliseconds of the quickest paths to nodes that are near.
    /// - Parameters:
    ///   - bounds: what each is expected to take at most; right guesses find them sooner.
    ///   - times: milliseconds to each; `Milliseconds.unreachable` without any path.
    package func fillMilliseconds(
        from origin: Int32, to destinations: UnsafeBufferPointer<Int32>, mode: TravelMode,
        within bounds: UnsafePointer<UInt32>, into times: UnsafeMutablePointer<UInt32>
    ) {
        path.find(from: origin, to: destinations, metric, RoadMetric.Columns(mode), within: bounds, into: times)
    }

    /// The first node after the origin on a quickest path; the origin itself where there is none or both are the same.
    /// - Parameter seconds: what the path is expected to take at most; a right guess finds it sooner.
    public func firstStep(
        from origin: Int32, to destination: Int32, mode: TravelMode, within seconds: Float = .infinity
    ) -> Int32 {
        var first = origin
        visitPath(from: origin, to: destination, mode: mode, within: seconds) { node, _ in
            first = node
            return false
        }
        return first
    }

    /// Calls `visit` with each node after the origin on a quickest path and the milliseconds from the origin to it, until
    /// that says false. Of equally quick paths the same one is taken every time; it passes no node twice.
    /// - Parameter seconds: as for `firstStep`.
    /// - Returns: milliseconds of the whole path; `Milliseconds.unreachable` without any.
    @discardableResult
    public func visitPath(
        from origin: Int32, to destination: Int32, mode: TravelMode, within seconds: Float = .infinity,
        _ visit: (Int32, UInt32) -> Bool
    ) -> UInt32 {
        let columns = RoadMetric.Columns(mode)
        let whole = path.find(from: origin, to: destination, metric, columns, within: Milliseconds.roundedUp(seconds))
        guard whole < Milliseconds.unreachable else { return whole }
        var soFar: UInt32 = 0
        path.layOut()
        while let arc = path.next(metric, columns) {
            guard edge(arc.from, arc.to, mode) == arc.time else {
                path.split(arc.time, metric, columns)
                continue
            }
            path.pass()
            soFar += arc.time
            guard visit(arc.to, soFar) else { break }
        }
        return whole
    }

    /// Milliseconds on the quickest edge from one node to another, `Milliseconds.unreachable` without any.
    private func edge(_ from: Int32, _ to: Int32, _ mode: TravelMode) -> UInt32 {
        var least = Milliseconds.unreachable
        for arc in routing.roads.outgoing[Int(from)] where arc.node == to { least = min(least, arc.milliseconds(mode)) }
        guard hasChanges, let changes = changed.applied.table else { return least }
        return changes.milliseconds(from: Int(from), to: Int(to), mode: mode, usual: least)
    }
}
