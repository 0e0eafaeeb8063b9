import CKernels
import CPatrol
import PatrolDecisions
import PatrolModel

/// The SHA-256 hash of a whole record; all zeros: of none.
struct RecordHash: BitwiseCopyable, Equatable {
    var words = SIMD4<UInt64>()

    init() {}

    init(of record: UnsafeRawBufferPointer) {
        withUnsafeMutableBytes(of: &words) {
            kernels_sha256(
                record.baseAddress?.assumingMemoryBound(to: UInt8.self), record.count,
                $0.baseAddress?.assumingMemoryBound(to: UInt8.self))
        }
    }
}

/// What stands before the arrays of a record, read where it lies and checked against its end.
struct RecordHead {
    let header: DecisionRecord.Header
    let counts: DecisionRecord.Counts
    let outcome: DecisionRecord.Outcome
    /// Nil in a record of the first format, which does not say.
    let clock: DecisionRecord.Clock?
    /// Of the record before it; nil in formats that do not chain records.
    let previous: RecordHash?
    let extent: DecisionRecord.Extent
    let later: DecisionRecord.LaterExtent
    /// Where the arrays begin, and bytes of the whole record, checksum included.
    let arrays: Int
    let size: Int

    /// - Parameter bytes: begin with a record.
    /// - Throws: `invalidFile` for bytes that are no whole record, `versionMismatch` for one of another format.
    init(_ bytes: UnsafeRawBufferPointer) throws(PatrolError) {
        var reader = RecordReader(bytes)
        header = try reader.take()
        guard header.magic << 8 == DecisionRecord.Header().magic << 8 else {
            throw reader.damaged("it does not start like one")
        }
        let format = header.format
        guard (1...5).contains(format) else {
            throw PatrolError(
                .versionMismatch, "the record has format \(format), this library reads formats 1 to 5")
        }
        guard header.abi == UInt64(PATROL_ABI_VERSION) else {
            throw PatrolError(
                .versionMismatch,
                "the record has ABI version \(header.abi), this library serves \(PATROL_ABI_VERSION)")
        }
        counts = try reader.take()
        outcome = try reader.take()
        clock = format > 1 ? try reader.take() as DecisionRecord.Clock : nil
        previous = format > 2 ? try reader.take() as RecordHash : nil
        extent = format > 3 ? try reader.take() as DecisionRecord.Extent : DecisionRecord.Extent()
        later = format > 4 ? try reader.take() as DecisionRecord.LaterExtent : DecisionRecord.LaterExtent()
        guard RecordHead.isSize(extent.unitBytes, of: patrol_unit.self),
            RecordHead.isSize(extent.incidentBytes, of: patrol_incident.self),
            RecordHead.isSize(extent.costBytes, of: patrol_pair_cost.self),
            RecordHead.isSize(later.substituteBytes, of: patrol_substitute.self)
        else { throw reader.damaged("it holds structs of a size that this library does not know") }
        arrays = reader.position
        try reader.skip(counts.units, of: Int(extent.unitBytes))
        try reader.skip(counts.incidents, of: Int(extent.incidentBytes))
        try reader.skip(counts.edgeChanges, of: patrol_edge_change.firstSize)
        try reader.skip(counts.travel, of: 4)
        try reader.skip(counts.idle, of: 4)
        try reader.skip(extent.costs, of: Int(extent.costBytes))
        try reader.skip(later.substitutes, of: Int(later.substituteBytes))
        try reader.skip(counts.moves, of: patrol_move.firstSize)
        try reader.skip(counts.assignments, of: patrol_assignment.firstSize)
        try reader.skip(counts.waits, of: patrol_wait.firstSize)
        let content = reader.position
        let stored: UInt64 = try reader.take()
        guard stored == DecisionRecord.sum(bytes.baseAddress, content) else {
            throw reader.damaged("its checksum differs")
        }
        size = reader.position
    }

    private static func isSize<Element: GrowingStruct>(_ bytes: UInt64, of type: Element.Type) -> Bool {
        bytes % 8 == 0 && bytes >= UInt64(type.firstSize) && bytes <= UInt64(MemoryLayout<Element>.size)
    }
}

extension DecisionRecord.Header {
    /// 1 to 5.
    var format: Int { Int(magic >> 56) - 48 }
}
