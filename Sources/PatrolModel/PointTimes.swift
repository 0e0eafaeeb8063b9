/// Emergency seconds from nodes to demand points.
///
/// Every node has a row of its own, unless that would take more than `mostEntries`. Then the demand points, the patrol
/// locations and nodes spread evenly over the roads have one each, `fewEntries` in all, and the others share that of the one
/// they reach soonest. Features and coverage are then as far off as that is away; units' times to calls never are.
struct PointTimes {
    static let mostEntries = 1 << 27
    static let fewEntries = 1 << 24

    /// [rows, points], at most `unreachableSeconds`.
    let seconds: Buffer<Float>
    /// [nodes]: the row of each; nil: its own index.
    let rows: Buffer<Int32>?
    /// [rows]: the node whose row it is, where rows are shared; -1: of none, that nothing can be reached from.
    let owners: Buffer<Int32>?
    /// [nodes]: the point of the least seconds, the lowest on ties.
    let nearest: Buffer<Int32>

    /// - Throws: `outOfMemory`.
    init(
        _ points: Buffer<Int32>, locations: Buffer<Int32>, _ routing: Routing, most: Int = mostEntries,
        few: Int = fewEntries
    ) throws(PatrolError) {
        let (nodeCount, count) = (routing.roads.nodeCount, points.count)
        let shared = nodeCount > most / max(1, count)
        let owners = try shared ? Self.chooseOwners(points, locations, routing.hierarchy, few / max(1, count)) : nil
        let rows = try shared ? Buffer<Int32>(count: nodeCount, repeating: -1) : nil
        if let owners, let rows {
            let last = owners.count - 1
            try ShortestPaths(routing.roads).divide(
                among: UnsafeBufferPointer(rebasing: owners.elements[..<last]), .backward, mode: .emergency, into: rows)
            for node in 0..<nodeCount where rows[node] < 0 { rows[node] = Int32(truncatingIfNeeded: last) }
        }
        let table = try Buffer<Float>(
            count: (owners?.count ?? nodeCount) * count, repeating: ServiceArea.unreachableSeconds)
        let nearest = try Buffer<Int32>(count: nodeCount, repeating: 0)
        let least = try Buffer<Float>(count: nodeCount, repeating: ServiceArea.unreachableSeconds)
        try TravelTables.eachSweep(points, routing, backward: true, mode: .emergency) { node, first, found in
            var row = node
            if let owners, let rows { row = Int(owners[Int(rows[node])]) == node ? Int(rows[node]) : -1 }
            for lane in 0..<found.count {
                if row >= 0 { table[row * count + first + lane] = found[lane] }
                if found[lane] < least[node] {
                    (least[node], nearest[node]) = (found[lane], Int32(truncatingIfNeeded: first + lane))
                }
            }
        }
        (seconds, self.rows, self.owners, self.nearest) = (table, rows, owners, nearest)
    }

    /// The points, the locations and every so many-th node in the order of the hierarchy, which follows the map; -1 at the end.
    private static func chooseOwners(
        _ points: Buffer<Int32>, _ locations: Buffer<Int32>, _ hierarchy: RoadHierarchy, _ most: Int
    ) throws(PatrolError) -> Buffer<Int32> {
        let isOwner = try Buffer<Bool>(count: hierarchy.nodeCount, repeating: false)
        for point in points.elements { isOwner[Int(point)] = true }
        for location in locations.elements { isOwner[Int(location)] = true }
        let step = hierarchy.nodeCount / max(1, most - points.count - locations.count) + 1
        for rank in stride(from: 0, to: hierarchy.nodeCount, by: step) { isOwner[Int(hierarchy.nodeOf[rank])] = true }
        var count = 0
        for node in 0..<isOwner.count where isOwner[node] { count += 1 }
        let owners = try Buffer<Int32>(count: count + 1, repeating: -1)
        count = 0
        for node in 0..<isOwner.count where isOwner[node] {
            owners[count] = Int32(truncatingIfNeeded: node)
            count += 1
        }
        return owners
    }
}
