import CKernels

/// Travel times between up to sixteen nodes and all others at once, by a sweep down the hierarchy
/// (PHAST: Delling et al. 2013); working memory for one thread.
public final class TravelSweep {
    public static let lanes = RouteSearch.lanes

    private let hierarchy: RoadHierarchy
    /// [ranks, lanes].
    private let times: Buffer<UInt32>

    /// - Throws: `outOfMemory`.
    public init(_ routing: Routing) throws(PatrolError) {
        hierarchy = routing.hierarchy
        times = try Buffer(count: RouteSearch.lanes * hierarchy.nodeCount, repeating: 0)
    }

    /// Times from all nodes to each of at most sixteen (`backward`), or from each of these to all nodes.
    public func run(_ nodes: UnsafeBufferPointer<Int32>, backward: Bool, mode: TravelMode, by router: Router) {
        let columns = RoadMetric.Columns(mode)
        let (climbing, descending) = backward ? (columns.down, columns.up) : (columns.up, columns.down)
        router.search.climb(nodes.count, router.metric, column: climbing) { hierarchy.rankOf[Int(nodes[$0])] }
        router.search.descend(router.metric, column: descending, into: times)
    }

    /// Milliseconds between a node and each lane's, then what lanes without one hold.
    @inline(__always)
    public subscript(node: Int) -> UnsafePointer<UInt32> {
        UnsafePointer(times.base + RouteSearch.lanes * Int(hierarchy.rankOf[node]))
    }
}
