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
        withUnsafeBytes(of: value) { append($0) }
    }

    private mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if let base, let start = bytes.baseAddress, count + bytes.count <= capacity {
            UnsafeMutableRawPointer(base + count).copyMemory(from: start, byteCount: bytes.count)
        }
        count += bytes.count
    }

    /// The elements, as they are in version 0.1 or of another size, filled up with zeros to a multiple of 8 bytes.
    mutating func append<Element: GrowingStruct>(_ array: Strided<Element>, size: UInt64 = UInt64(Element.firstSize)) {
        let (start, count, stride) = array.array
        if Int(size) <= stride { return append(start, count, stride, size: Int(size)) }
        // The caller's are of an earlier version.
        for k in 0..<count {
            withUnsafeBytes(of: array[k]) { append(UnsafeRawBufferPointer(rebasing: $0.prefix(Int(size)))) }
        }
        fill()
    }

    @inline(never)
    private mutating func append(_ start: UnsafeRawPointer?, _ count: Int, _ stride: Int, size: Int) {
        if let start {
            for k in 0..<count { append(UnsafeRawBufferPointer(start: start + k * stride, count: size)) }
        }
        fill()
    }

    mutating func append(_ numbers: UnsafeBufferPointer<Float>) {
        append(UnsafeRawBufferPointer(numbers))
        fill()
    }

    private mutating func fill() {
        while count % 8 != 0 { append(0 as UInt8) }
    }
}

/// Reads a record where it lies; every read is checked against its end.
struct RecordReader {
    let bytes: UnsafeRawBufferPointer
    private(set) var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The next `count` elements, and past what fills them up to a multiple of 8 bytes. - Precondition: aligned bytes.
    mutating func take<Element: BitwiseCopyable>(_ count: UInt64, _: Element.Type = Element.self) throws(PatrolError)
        -> UnsafeBufferPointer<Element>
    {
        let start = position
        try skip(count, of: MemoryLayout<Element>.size)
        return UnsafeBufferPointer(start: place(start), count: Int(count))
    }

    /// The same of structs, as they are in version 0.1 or of another size.
    mutating func takeStructs<Element: GrowingStruct>(
        _ count: UInt64, size: UInt64 = UInt64(Element.firstSize)
    ) throws(PatrolError) -> Strided<Element> {
        let start = position
        try skip(count, of: Int(size))
        return try Strided(place(start), count: Int(count), stride: Int(size), "record")
    }

    /// One value, wherever it lies.
    mutating func take<Value: BitwiseCopyable>() throws(PatrolError) -> Value {
        let start = position
        try skip(1, of: MemoryLayout<Value>.size)
        return bytes.loadUnaligned(fromByteOffset: start, as: Value.self)
    }

    /// Goes past `count` elements, which must be there.
    mutating func skip(_ count: UInt64, of size: Int) throws(PatrolError) {
        guard count <= UInt64((bytes.count - position) / size) else { throw damaged("it ends at byte \(bytes.count)") }
        let extent = (Int(count) * size + 7) / 8 * 8
        guard extent <= bytes.count - position else { throw damaged("it ends at byte \(bytes.count)") }
        position += extent
    }

    private func place<Element>(_ start: Int) -> UnsafePointer<Element>? {
        bytes.baseAddress.map { ($0 + start).assumingMemoryBound(to: Element.self) }
    }

    func damaged(_ why: ByteText) -> PatrolError {
        PatrolError(.invalidFile, "this is not a complete decision record: \(why)")
    }
}

/// A decision as bytes (`Records.md`). Elements of arrays are as in `patrol.h` of version 0.1, but for those whose size the extent
/// gives.
final class DecisionRecord {
    struct Header: BitwiseCopyable {
        /// "PATROLD2"; 3 in its place where records are chained, 4 where they have an extent, 5 where that has substitutes.
        var magic: UInt64 = 0x3244_4C4F_5254_4150
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

    struct Clock: BitwiseCopyable {
        /// Microseconds; 0: none.
        var deadline: UInt64 = 0
        var hadCancelFlag: UInt64 = 0
    }

    /// Sizes of what has grown since version 0.1, and what has been added.
    struct Extent: BitwiseCopyable {
        var unitBytes = UInt64(patrol_unit.firstSize)
        var incidentBytes = UInt64(patrol_incident.firstSize)
        var costBytes = UInt64(patrol_pair_cost.firstSize)
        var costs: UInt64 = 0
    }

    /// The same of what was added after that.
    struct LaterExtent: BitwiseCopyable {
        var substituteBytes = UInt64(patrol_substitute.firstSize)
        var substitutes: UInt64 = 0
    }

    static func header(of engine: DecisionEngine, time: Double, format: UInt64 = 2) -> Header {
        Header(
            magic: Header().magic + (format - 2) << 56, area: engine.area.contentHash,
            policy: engine.policy?.contentHash ?? 0, options: engine.optionsHash, time: time)
    }

    /// Aligned, as every value and array in a record then is.
    private let bytes: Buffer<UInt8>
    let head: RecordHead
    let units: Strided<patrol_unit>
    let incidents: Strided<patrol_incident>
    let edgeChanges: Strided<patrol_edge_change>
    let travel: UnsafeBufferPointer<Float>
    let idle: UnsafeBufferPointer<Float>
    let costs: Strided<patrol_pair_cost>
    let substitutes: Strided<patrol_substitute>
    let moves: Strided<patrol_move>
    let assignments: Strided<patrol_assignment>
    let waits: Strided<patrol_wait>

    /// Copies and checks a record.
    /// - Parameter engine: the one that is expected to have made it; nil: any.
    /// - Throws: `invalidFile` for bytes that are no record, `mismatch` for a record of another engine.
    init(_ given: UnsafeRawBufferPointer, for engine: DecisionEngine?) throws(PatrolError) {
        bytes = try Buffer(count: given.count, repeating: 0)
        let raw = UnsafeMutableRawBufferPointer(start: bytes.base, count: bytes.count)
        raw.copyMemory(from: given)
        head = try RecordHead(UnsafeRawBufferPointer(raw))
        if let engine { try DecisionRecord.check(head.header, engine) }
        var reader = RecordReader(UnsafeRawBufferPointer(raw))
        try reader.skip(UInt64(head.arrays), of: 1)
        let counts = head.counts
        units = try reader.takeStructs(counts.units, size: head.extent.unitBytes)
        incidents = try reader.takeStructs(counts.incidents, size: head.extent.incidentBytes)
        edgeChanges = try reader.takeStructs(counts.edgeChanges)
        travel = try reader.take(counts.travel)
        idle = try reader.take(counts.idle)
        costs = try reader.takeStructs(head.extent.costs, size: head.extent.costBytes)
        substitutes = try reader.takeStructs(head.later.substitutes, size: head.later.substituteBytes)
        moves = try reader.takeStructs(counts.moves)
        assignments = try reader.takeStructs(counts.assignments)
        waits = try reader.takeStructs(counts.waits)
        guard head.size == bytes.count else { throw reader.damaged("\(bytes.count - head.size) bytes follow it") }
        guard travel.count == 0 || travel.count == units.count * incidents.count,
            idle.count == 0 || idle.count == engine?.area.locationCount ?? idle.count, units.count <= 4096,
            incidents.count <= 4096
        else { throw reader.damaged("its sizes do not fit the area") }
        guard (1...3).contains(outcome.tasks), outcome.gapAsked >= 0, outcome.gapAsked <= 1e9 else {
            throw reader.damaged("its options are invalid")
        }
    }

    var outcome: Outcome { head.outcome }
    /// Nil in a record of the first format, which does not say.
    var clock: Clock? { head.clock }
    var time: Double { head.header.time }
    var record: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: bytes.base, count: bytes.count) }

    private static func check(_ header: Header, _ engine: DecisionEngine) throws(PatrolError) {
        let expected = DecisionRecord.header(of: engine, time: header.time)
        guard header.area == expected.area else {
            throw PatrolError(.mismatch, "the record was made with another area")
        }
        guard header.policy == expected.policy else {
            throw PatrolError(.mismatch, "the record was made with another policy")
        }
        guard header.options == expected.options else {
            throw PatrolError(.mismatch, "the record was made with other engine options")
        }
    }

    /// How many units patrol was decided about before the clock ended that; all, where it did not.
    var unitsDecided: Int {
        var count = 0
        var wasCut = false
        for k in 0..<moves.count {
            switch moves[k].reason {
            case MoveReason.noTime.rawValue: wasCut = true
            case MoveReason.policy.rawValue...MoveReason.noChoice.rawValue: count += 1
            default: break
            }
        }
        return wasCut ? count : .max
    }

    static func sum(_ bytes: UnsafeRawPointer?, _ count: Int) -> UInt64 {
        var hash = ContentHash()
        hash.combine(UnsafeBufferPointer(start: bytes?.assumingMemoryBound(to: UInt8.self), count: count))
        return hash.value
    }
}
