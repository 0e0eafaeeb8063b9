import CPatrol
import PatrolDecisions
import PatrolModel
import PatrolNetworks

/// Bytes that are counted in full and kept as far as there is room.
struct RecordWriter {
    let base: UnsafeMutablePointer<UInt8>?
    let capacity: Int
    private(set) var count = 0

    init(_ base: UnsafeMutablePointer<UInt8>?, capacity: Int) {
        self.base = base
        self.capacity = capacity
    }

    mutating func append<Value: BitwiseCopyable>(_ value: Value) {
        withUnsafeBytes(of: value) { bytes in
            if let base, count + bytes.count <= capacity {
                UnsafeMutableRawPointer(base + count).copyMemory(from: bytes.baseAddress.unsafelyUnwrapped, byteCount: bytes.count)
            }
            count += bytes.count
        }
    }

    mutating func append<Element: BitwiseCopyable>(_ array: Strided<Element>) {
        for k in 0..<array.count { append(array[k]) }
    }
}

/// Reads a record; every read is checked against its end.
struct RecordReader {
    let bytes: UnsafeRawBufferPointer
    private(set) var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    mutating func take<Value: BitwiseCopyable>(_ type: Value.Type = Value.self) throws(PatrolError) -> Value {
        let size = MemoryLayout<Value>.size
        guard bytes.count - position >= size else { throw damaged("it ends at byte \(bytes.count)") }
        defer { position += size }
        return bytes.loadUnaligned(fromByteOffset: position, as: Value.self)
    }

    mutating func takeArray<Element: BitwiseCopyable>(_ count: UInt64, like element: Element) throws(PatrolError) -> Buffer<Element> {
        let size = MemoryLayout<Element>.size
        guard count <= UInt64((bytes.count - position) / size) else { throw damaged("it ends at byte \(bytes.count)") }
        let array = try Buffer(count: Int(count), repeating: element)
        for k in 0..<array.count { array[k] = try take() }
        return array
    }

    func damaged(_ why: ByteText) -> PatrolError {
        PatrolError(.invalidFile, "this is no whole decision record: \(why)")
    }
}

/// A decision as bytes. Little-endian, without padding:
///
///     header      what it is, and hashes of area, policy and engine options
///     counts      units, incidents, edge changes, host travel times, idle times, moves, assignments, waits
///     options     tasks, node limit, gap; and how the solver ended: status, objective, bound, gap, nodes
///     arrays      in the order of the counts, elements as in `patrol.h`
///     checksum    `ContentHash` of all before it
struct DecisionRecord {
    struct Header: BitwiseCopyable {
        /// "PATROLD1".
        var magic: UInt64 = 0x3144_4C4F_5254_4150
        var abi = UInt64(PATROL_ABI_VERSION)
        var area: UInt64 = 0
        var policy: UInt64 = 0
        var options: UInt64 = 0
        var time = 0.0
    }

    struct Counts: BitwiseCopyable {
        var units: UInt64 = 0
        var incidents: UInt64 = 0
        var edgeChanges: UInt64 = 0
        var travel: UInt64 = 0
        var idle: UInt64 = 0
        var moves: UInt64 = 0
        var assignments: UInt64 = 0
        var waits: UInt64 = 0
    }

    struct Outcome: BitwiseCopyable {
        var tasks: UInt32 = 0
        var status: Int32 = 0
        var nodeLimit: UInt64 = 0
        var gapAsked = 0.0
        var objective = 0.0
        var bound = 0.0
        var gap = 0.0
        var nodes: UInt64 = 0
    }

    static func header(of engine: DecisionEngine, time: Double) -> Header {
        Header(
            area: engine.area.contentHash, policy: engine.policy?.contentHash ?? 0, options: engine.optionsHash, time: time)
    }

    let outcome: Outcome
    let counts: Counts
    let time: Double
    let units: Buffer<patrol_unit>
    let incidents: Buffer<patrol_incident>
    let edgeChanges: Buffer<patrol_edge_change>
    let travel: Buffer<Float>
    let idle: Buffer<Float>
    let moves: Buffer<patrol_move>
    let assignments: Buffer<patrol_assignment>
    let waits: Buffer<patrol_wait>

    /// - Throws: `invalidFile` for bytes that are no record, `mismatch` for a record of another engine.
    init(_ bytes: UnsafeRawBufferPointer, for engine: DecisionEngine) throws(PatrolError) {
        var reader = RecordReader(bytes)
        let header: Header = try reader.take()
        let expected = DecisionRecord.header(of: engine, time: header.time)
        guard header.magic == expected.magic else { throw reader.damaged("it does not start like one") }
        guard header.abi == expected.abi else {
            throw PatrolError(.versionMismatch, "the record has ABI version \(header.abi), this library serves \(expected.abi)")
        }
        try DecisionRecord.checkSum(bytes, reader)
        guard header.area == expected.area else { throw PatrolError(.mismatch, "the record is of another area") }
        guard header.policy == expected.policy else { throw PatrolError(.mismatch, "the record is of another policy") }
        guard header.options == expected.options else { throw PatrolError(.mismatch, "the record is of other engine options") }
        time = header.time
        counts = try reader.take()
        outcome = try reader.take()
        units = try reader.takeArray(counts.units, like: patrol_unit())
        incidents = try reader.takeArray(counts.incidents, like: patrol_incident())
        edgeChanges = try reader.takeArray(counts.edgeChanges, like: patrol_edge_change())
        travel = try reader.takeArray(counts.travel, like: 0)
        idle = try reader.takeArray(counts.idle, like: 0)
        moves = try reader.takeArray(counts.moves, like: patrol_move())
        assignments = try reader.takeArray(counts.assignments, like: patrol_assignment())
        waits = try reader.takeArray(counts.waits, like: patrol_wait())
        guard reader.position == bytes.count - 8 else { throw reader.damaged("its sizes do not add up") }
        guard travel.count == 0 || travel.count == units.count * incidents.count,
            idle.count == 0 || idle.count == engine.area.locationCount, units.count <= 4096, incidents.count <= 4096
        else { throw reader.damaged("its sizes do not fit the area") }
        guard (1...3).contains(outcome.tasks), outcome.gapAsked >= 0 else { throw reader.damaged("its options are none") }
    }

    private static func checkSum(_ bytes: UnsafeRawBufferPointer, _ reader: RecordReader) throws(PatrolError) {
        guard bytes.count >= 8 else { throw reader.damaged("it ends at byte \(bytes.count)") }
        let stored = bytes.loadUnaligned(fromByteOffset: bytes.count - 8, as: UInt64.self)
        guard stored == sum(UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count - 8)])) else {
            throw reader.damaged("its checksum differs")
        }
    }

    static func sum(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash = ContentHash()
        hash.combine(bytes.bindMemory(to: UInt8.self))
        return hash.value
    }
}
