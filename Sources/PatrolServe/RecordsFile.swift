import CPatrol
import CServe
import PatrolABI
import PatrolModel

/// A file to which the record of each decision is added, chained to the one before (`Records.md`). Only whole records are in it:
/// what a process leaves that dies while it writes is cut off when the file is next opened.
final class RecordsFile {
    private let file: Int32
    private var size: Int64 = 0
    private(set) var count = 0
    /// Bytes that were cut off.
    private(set) var cut: Int64 = 0
    /// The last record, and room for the next one.
    private var last: Buffer<UInt8>
    private var lastSize = 0
    private var next: Buffer<UInt8>
    private var unsynced = false

    init(path: UnsafePointer<CChar>) throws(PatrolError) {
        var (opened, length) = (Int32(-1), Int64(0))
        last = try Buffer(count: 1 << 16, repeating: 0)
        next = try Buffer(count: 1 << 16, repeating: 0)
        try RecordsFile.check(serve_records_open(path, &opened, &length), "opened; is it in use by another process?")
        file = opened
        while size < length {
            guard let info = try readRecord(upTo: length) else {
                try cutTail(length)
                return
            }
            try checkChain(info)
            swap(&last, &next)
            lastSize = Int(info.byte_count)
            size += Int64(info.byte_count)
            count += 1
        }
    }

    /// Reads the record at `size` into `next`. - Returns: nil where there is no whole one.
    private func readRecord(upTo length: Int64) throws(PatrolError) -> patrol_record_info? {
        var window = min(length - size, Int64(next.count))
        while true {
            if window > next.count { next = try Buffer(unwritten: Int(window)) }
            try RecordsFile.check(serve_records_read(file, size, next.base, Int(window)), "read")
            var info = patrol_record_info.initial
            if patrol_record_get_info(next.base, Int(window), &info, nil) == PATROL_OK { return info }
            if window == length - size { return nil }
            window = min(length - size, 2 * window)
        }
    }

    private func checkChain(_ info: patrol_record_info) throws(PatrolError) {
        guard count > 0 else { return }
        var before = patrol_record_info.initial
        try call { patrol_record_get_info(last.base, lastSize, &before, $0) }
        let follows = withUnsafeBytes(of: before.hash) { hash in
            withUnsafeBytes(of: info.previous) { hash.elementsEqual($0) }
        }
        guard follows else {
            throw PatrolError(
                .mismatch,
                "record \(count) of the file does not name the one before it: a record is missing, or one was changed")
        }
    }

    /// Cuts off what is no whole record, unless records follow it.
    private func cutTail(_ length: Int64) throws(PatrolError) {
        let rest = Int(length - size)
        var place = 8
        while place < rest {
            var info = patrol_record_info.initial
            if patrol_record_get_info(next.base + place, rest - place, &info, nil) == PATROL_OK {
                throw PatrolError(
                    .invalidFile,
                    "record \(count) of the file, at byte \(size), is damaged, and others follow it: keep the file and begin another"
                )
            }
            place += 8
        }
        try RecordsFile.check(serve_records_cut(file, size), "cut")
        cut = length - size
    }

    /// Adds the record of a decision. - Returns: its SHA-256 hash.
    func add(
        _ engine: OpaquePointer?, _ snapshot: inout patrol_snapshot, _ options: inout patrol_decide_options,
        _ answer: inout patrol_answer
    ) throws(PatrolError) -> patrol_record_info {
        var needed = 0
        try call {
            patrol_decision_record_after(engine, &snapshot, &options, &answer, last.base, lastSize, nil, 0, &needed, $0)
        }
        if needed > next.count { next = try Buffer(unwritten: 2 * needed) }
        try call {
            patrol_decision_record_after(
                engine, &snapshot, &options, &answer, last.base, lastSize, next.base, next.count, &needed, $0)
        }
        try RecordsFile.check(serve_records_add(file, size, next.base, needed), "written")
        var info = patrol_record_info.initial
        try call { patrol_record_get_info(next.base, needed, &info, $0) }
        swap(&last, &next)
        lastSize = needed
        size += Int64(needed)
        count += 1
        unsynced = true
        return info
    }

    /// What was added is on the disk afterwards.
    func sync() {
        if unsynced, serve_records_sync(file) == 0 { unsynced = false }
    }

    private static func check(_ code: Int32, _ verb: StaticString) throws(PatrolError) {
        guard code != 0 else { return }
        throw PatrolError(.io, "the file of records cannot be \(verb): \(reason(code))")
    }
}
