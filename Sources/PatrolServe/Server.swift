import CKernels
import CPatrol
import CServe
import PatrolABI
import PatrolFiles
import PatrolModel

/// Answers requests, one line each.
final class Server {
    static var protocolVersion: UInt64 { 1 }

    let lineLimit: Int
    private(set) var hasStopped = false
    private let line: Buffer<UInt8>
    private var loaded: Loaded?
    private let records: RecordsFile?
    private(set) var output: Buffer<UInt8>
    private(set) var outputCount = 0
    /// Whether the last line was JSON.
    private(set) var wasJSON = false

    init(lineLimit: Int, records: RecordsFile?) throws(PatrolError) {
        self.lineLimit = lineLimit
        self.records = records
        line = try Buffer(unwritten: lineLimit + 1)
        output = try Buffer(count: 1 << 16, repeating: 0)
    }

    /// - Parameter start: the monotonic clock when the line had come, from which deadlines count.
    func answer(_ bytes: UnsafeBufferPointer<UInt8>, start: Int64) {
        for k in 0..<bytes.count { line[k] = bytes[k] }
        line[bytes.count] = 0
        var id: TextSpan?
        wasJSON = false
        do throws(PatrolError) {
            let request = try Request(line, count: bytes.count, id: &id)
            wasJSON = true
            try answer(request, id, start: start)
        } catch {
            let isBadRequest = error.status == .invalidArgument || (error.status == .invalidFile && !wasJSON)
            if error.status != .invalidFile { wasJSON = true }
            refuse(id, isBadRequest ? "BAD_REQUEST" : text(patrol_status_name(error.status.rawValue)), error.text)
        }
    }

    func refuseLongLine() {
        wasJSON = false
        refuse(nil, "BAD_REQUEST", "the line is longer than \(lineLimit) bytes, expected fewer")
    }

    /// Answers the request in a file. - Throws: what is wrong with it.
    func begin(with path: UnsafePointer<CChar>) throws(PatrolError) {
        var count = 0
        let failure = serve_read_file(path, line.base, lineLimit, &count)
        guard failure == 0 else {
            throw PatrolError(.io, "the file of --load cannot be read: \(reason(failure))")
        }
        line[count] = 0
        var id: TextSpan?
        let request = try Request(line, count: count, id: &id)
        guard request.kind == .load else { throw PatrolError(.invalidArgument, "kind is not load, as --load expects") }
        loaded = try Loaded(request)
    }

    func syncRecords() { records?.sync() }

    // MARK: Kinds

    private func answer(_ request: Request, _ id: TextSpan?, start: Int64) throws(PatrolError) {
        switch request.kind {
        case .load:
            let new = try Loaded(request)
            loaded = new
            accept(id) { $0.load(new) }
        case .decide, .explain, .rank:
            guard let loaded else {
                refuse(id, "NOT_LOADED", "nothing is loaded, expected a request of kind load first")
                return
            }
            switch request.kind {
            case .decide: try decide(request, id, loaded, start: start)
            case .explain: try explain(request, id, loaded, start: start)
            default: try rank(request, id, loaded, start: start)
            }
        case .version:
            accept(id) {
                $0.member("protocol", Server.protocolVersion)
                $0.member("version", text: text(patrol_version()))
                $0.member("abi_version", UInt64(patrol_abi_version()))
            }
        case .stop:
            hasStopped = true
            accept(id) { _ in }
        }
    }

    private func decide(_ request: Request, _ id: TextSpan?, _ loaded: Loaded, start: Int64) throws(PatrolError) {
        var snapshot = try loaded.snapshot(request)
        var options = try loaded.decideOptions(request)
        var answer = try loaded.answer(request)
        shorten(&options, start)
        var warning = patrol_error()
        let status = patrol_decide(loaded.session, &snapshot, &options, &answer, &warning)
        guard status == PATROL_OK else { throw failure(status, warning) }
        var record: patrol_record_info?
        var recordError: PatrolError?
        if let records {
            do throws(PatrolError) { record = try records.add(loaded.engine, &snapshot, &options, &answer) } catch {
                recordError = error
            }
        }
        let dispatched = options.tasks & UInt32(PATROL_TASK_DISPATCH) != 0
        accept(id) { (json) in
            json.decision(loaded, answer, dispatched: dispatched)
            if answer.issue_count > 0 { json.member("warning", text: sentence(warning)) }
            if let record {
                json.next("record")
                withUnsafeBytes(of: record.hash) { json.hash($0) }
            }
            if let recordError { json.member("record_error", text: recordError.text) }
        }
    }

    private func explain(_ request: Request, _ id: TextSpan?, _ loaded: Loaded, start: Int64) throws(PatrolError) {
        var snapshot = try loaded.snapshot(request)
        var options = try loaded.decideOptions(request)
        var (incident, unit) = (UInt64.max, UInt64.max)
        let hasIncident = try request.read("incident_id") { (reader) throws(PatrolError) in
            incident = try reader.natural()
        }
        let hasUnit = try request.read("unit_id") { (reader) throws(PatrolError) in unit = try reader.natural() }
        guard hasIncident || !hasUnit else {
            throw PatrolError(
                .invalidArgument, "unit_id is there and incident_id is not, expected both, or the second alone, or none"
            )
        }
        shorten(&options, start)
        if hasUnit {
            var pair = patrol_pair_explanation.initial
            try call { patrol_explain_pair(loaded.session, &snapshot, &options, unit, incident, &pair, $0) }
            accept(id) { $0.pair(pair) }
            return
        }
        var count = 0
        let (rows, stride) = (loaded.explanations, MemoryLayout<patrol_explanation>.stride)
        try call {
            hasIncident
                ? patrol_explain_call(
                    loaded.session, &snapshot, &options, incident, rows.base, rows.count, stride, &count, $0)
                : patrol_explain(loaded.session, &snapshot, &options, rows.base, rows.count, stride, &count, $0)
        }
        accept(id) { $0.explanations(loaded, count) }
    }

    private func rank(_ request: Request, _ id: TextSpan?, _ loaded: Loaded, start: Int64) throws(PatrolError) {
        var snapshot = try loaded.snapshot(request)
        var options = try loaded.decideOptions(request)
        var (incident, limit, count) = (UInt64.max, loaded.ranked.count, 0)
        try request.require("incident_id") { (reader) throws(PatrolError) in incident = try reader.natural() }
        _ = try request.read("limit") { (reader) throws(PatrolError) in
            limit = min(limit, Int(try reader.natural(atMost: 4096)))
        }
        shorten(&options, start)
        try call {
            patrol_rank_units_within(
                loaded.session, &snapshot, &options, incident, loaded.ranked.base, limit,
                MemoryLayout<patrol_ranked_unit>.stride, &count, $0)
        }
        accept(id) { $0.ranking(loaded, count) }
    }

    /// The deadline counts from the arrival of the line.
    private func shorten(_ options: inout patrol_decide_options, _ start: Int64) {
        guard options.deadline_microseconds > 0 else { return }
        let passed = UInt64(max(0, kernels_monotonic_nanoseconds() - start)) / 1000
        options.deadline_microseconds =
            options.deadline_microseconds > passed ? options.deadline_microseconds - passed : 1
    }

    // MARK: Lines

    private func accept(_ id: TextSpan?, _ members: (inout JSONWriter) -> Void) {
        write(id) {
            $0.member("status", string: "OK")
            members(&$0)
        }
    }

    private func refuse(_ id: TextSpan?, _ status: ByteText, _ sentence: ByteText) {
        write(id) {
            $0.member("status", text: status)
            $0.member("error", text: sentence)
        }
    }

    /// Writes an answer into `output`, which is made larger if it has too little room.
    private func write(_ id: TextSpan?, _ members: (inout JSONWriter) -> Void) {
        for _ in 0..<2 {
            var json = JSONWriter(output.base, capacity: output.count)
            json.open("{")
            json.next("id")
            if let id {
                for k in id.start..<id.start + id.count { json.put(line[k]) }
            } else {
                json.literal("null")
            }
            members(&json)
            json.close("}")
            json.put(UInt8(ascii: "\n"))
            outputCount = json.count
            if json.count <= output.count { return }
            do throws(PatrolError) { output = try Buffer(unwritten: 2 * json.count) } catch {
                // For which there is room.
                refuse(id, "OUT_OF_MEMORY", "no memory for the answer")
                return
            }
        }
    }
}
