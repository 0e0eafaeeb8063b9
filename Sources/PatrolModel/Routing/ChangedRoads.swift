/// The metric of roads on which some edges have changed, for one thread.
///
/// The changes of the last time are kept: the same ones cost a comparison. Others cost a customization of the ranks above
/// the changed edges alone.
final class ChangedRoads {
    private let usual: RoadMetric
    /// Made when edges change for the first time: 16 bytes an arc.
    private var metric: RoadMetric?
    /// The changes in it.
    let applied: EdgeOverlay
    /// Ranks that may differ from the usual, tails after their heads.
    private var differing: Buffer<Int32>
    private var differingCount = 0
    /// [ranks], likewise.
    private var isDiffering: Buffer<Bool>

    init(_ usual: RoadMetric, _ memory: inout WorkingMemory) {
        self.usual = usual
        applied = EdgeOverlay(capacity: 0, &memory)
        differing = memory.buffer(count: 0, repeating: 0)
        isDiffering = memory.buffer(count: 0, repeating: false)
    }

    /// The metric under these changes, valid until the next ones.
    /// - Throws: `outOfMemory`, the first time edges change and where more have changed than ever before.
    func metric(_ overlay: EdgeOverlay) throws(PatrolError) -> RoadMetric {
        guard !overlay.isEmpty else { return usual }
        if let metric, overlay == applied { return metric }
        if differing.count < usual.hierarchy.nodeCount {
            differing = try Buffer(count: usual.hierarchy.nodeCount, repeating: 0)
            isDiffering = try Buffer(count: usual.hierarchy.nodeCount, repeating: false)
        }
        let metric: RoadMetric
        if let made = self.metric { metric = made } else { metric = try RoadMetric(copying: usual) }
        self.metric = metric
        try applied.copy(overlay)
        restore(metric)
        customize(metric)
        return metric
    }

    private func restore(_ metric: RoadMetric) {
        for index in 0..<differingCount {
            metric.restore(Int(differing[index]), from: usual)
            isDiffering[Int(differing[index])] = false
        }
        differingCount = 0
    }

    /// The ways from the changed edges to the roots, the later found ones first: they end where earlier ones go on.
    private func customize(_ metric: RoadMetric) {
        let hierarchy = metric.hierarchy
        applied.forEach { from, to in
            var rank = min(hierarchy.rankOf[from], hierarchy.rankOf[to])
            let start = differingCount
            while rank >= 0 && !isDiffering[Int(rank)] {
                isDiffering[Int(rank)] = true
                differing[differingCount] = rank
                differingCount += 1
                rank = hierarchy.parents[Int(rank)]
            }
            // Turned round, so that the whole list can be read from its end.
            var (low, high) = (start, differingCount - 1)
            while low < high {
                (differing[low], differing[high]) = (differing[high], differing[low])
                low += 1
                high -= 1
            }
        }
        for index in stride(from: differingCount - 1, through: 0, by: -1) {
            metric.customize(Int(differing[index]), changes: applied.table)
        }
    }
}
