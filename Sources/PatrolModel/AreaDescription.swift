/// A service area as arrays that someone else owns, before any check: what a caller passes or a file contains.
///
/// Shapes are row-major. The defaults describe nothing; `ServiceArea.init` says what is wrong with them.
public struct AreaDescription {
    public var coordinateSystem = CoordinateSystem.none
    /// 1 ... 4,000,000.
    public var nodeCount = 0
    /// [nodes, 2]: x, y; nil without a coordinate system.
    public var coordinates: UnsafeBufferPointer<Double>?
    /// [edges, 2]: from, to. At most 16,000,000 edges.
    public var edges = UnsafeBufferPointer<UInt32>(start: nil, count: 0)
    /// [edges], 0 ... 10⁹.
    public var edgePatrolSeconds = UnsafeBufferPointer<Float>(start: nil, count: 0)
    /// [edges], 0 ... 10⁹; nil: as patrol.
    public var edgeEmergencySeconds: UnsafeBufferPointer<Float>?
    /// [nodes], 0 ... 4095, -1: none; nil: no beats.
    public var nodeBeats: UnsafeBufferPointer<Int32>?
    /// [nodes], 0 ... 255; nil: one group.
    public var nodeGroups: UnsafeBufferPointer<Int32>?
    /// 1 ... 64.
    public var categoryCount = 0
    /// 1, 24 or 168: demand repeats after this many hours, from Monday 00:00.
    public var periodHours = 1
    /// [categories], > 0: mean time on scene.
    public var categoryServiceSeconds = UnsafeBufferPointer<Float>(start: nil, count: 0)
    /// [categories], > 0; nil: 1.
    public var categoryWeights: UnsafeBufferPointer<Float>?
    /// 0: uniform demand of no stated volume.
    public var demandNodeCount = 0
    /// [demand nodes], distinct; nil: nodes 0, 1, ...
    public var demandNodes: UnsafeBufferPointer<UInt32>?
    /// [demand nodes, categories, period hours], 0 ... 10⁹.
    public var demandCallsPerHour = UnsafeBufferPointer<Float>(start: nil, count: 0)
    /// Distinct nodes; empty: chosen from the road graph.
    public var patrolLocations = UnsafeBufferPointer<UInt32>(start: nil, count: 0)
    /// [2, 168], 0.1 ... 10: what patrol and emergency seconds are multiplied by in each hour of the week; nil: 1.
    public var travelFactors: UnsafeBufferPointer<Float>?

    public init() {}

    public var edgeCount: Int { edgePatrolSeconds.count }

    /// The node of a row of the demand table.
    func demandNode(_ row: Int) -> Int { demandNodes.map { Int($0[row]) } ?? row }
}
