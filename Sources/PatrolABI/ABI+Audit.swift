import CPatrol
import PatrolDecisions
import PatrolModel

@_cdecl("patrol_record_info_init") @implementation
public func patrol_record_info_init(_ info: UnsafeMutablePointer<patrol_record_info>!) { initialize(info) }

@_cdecl("patrol_record_get_info") @implementation
public func patrol_record_get_info(
    _ bytes: UnsafePointer<UInt8>!, _ size: Int, _ info: UnsafeMutablePointer<patrol_record_info>!,
    _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let bytes = try recordBytes(bytes, size)
        let head = try RecordHead(bytes)
        let hash = RecordHash(of: UnsafeRawBufferPointer(rebasing: bytes[..<head.size]))
        try fill(info, "info") {
            $0.format = UInt32(head.header.format)
            $0.byte_count = UInt64(head.size)
            $0.area_hash = head.header.area
            $0.policy_hash = head.header.policy
            $0.options_hash = head.header.options
            $0.time_seconds = head.header.time
            withUnsafeMutableBytes(of: &$0.hash) { $0.storeBytes(of: hash, as: RecordHash.self) }
            let previous = head.previous ?? RecordHash()
            withUnsafeMutableBytes(of: &$0.previous) { $0.storeBytes(of: previous, as: RecordHash.self) }
        }
    }
}

@_cdecl("patrol_records_check") @implementation
public func patrol_records_check(
    _ bytes: UnsafePointer<UInt8>!, _ size: Int, _ count: UnsafeMutablePointer<Int>!,
    _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        var rest = size == 0 ? UnsafeRawBufferPointer(start: nil, count: 0) : try recordBytes(bytes, size)
        let count = try required(count, "count")
        count.pointee = 0
        var last: RecordHash?
        while rest.count > 0 {
            let head: RecordHead
            do throws(PatrolError) { head = try RecordHead(rest) } catch {
                throw PatrolError(error.status, "record \(count.pointee): \(error.text)")
            }
            if let last, head.previous != last {
                throw PatrolError(
                    .mismatch,
                    "record \(count.pointee) does not name record \(count.pointee - 1) as the one before it: a record is missing, or one was changed"
                )
            }
            last = RecordHash(of: UnsafeRawBufferPointer(rebasing: rest[..<head.size]))
            rest = UnsafeRawBufferPointer(rebasing: rest[head.size...])
            count.pointee += 1
        }
    }
}

@_cdecl("patrol_decision_json") @implementation
public func patrol_decision_json(
    _ engine: OpaquePointer!, _ bytes: UnsafePointer<UInt8>!, _ size: Int, _ text: UnsafeMutablePointer<CChar>!,
    _ capacity: Int, _ length: UnsafeMutablePointer<Int>!, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let engine: DecisionEngine? = engine == nil ? nil : try object(engine, "engine")
        let length = try required(length, "length")
        if capacity != 0 { _ = try required(text, "text") }
        let record = try DecisionRecord(try recordBytes(bytes, size), for: engine)
        var counter = JSONWriter(nil, capacity: 0)
        record.write(to: &counter, engine)
        try announce(counter.count, capacity: capacity, into: length, "text")
        guard capacity > 0 else { return }
        var writer = JSONWriter(UnsafeMutableRawPointer(text).assumingMemoryBound(to: UInt8.self), capacity: capacity)
        record.write(to: &writer, engine)
    }
}

func recordBytes(_ bytes: UnsafePointer<UInt8>?, _ count: Int) throws(PatrolError) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: try required(bytes, "bytes"), count: try size(count, "size"))
}
