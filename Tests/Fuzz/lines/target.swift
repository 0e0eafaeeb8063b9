import CFuzz
import PatrolFiles
import PatrolModel

/// The reader of patrol-serve's lines by itself: whatever bytes come, they are taken for JSON exactly where a second reader
/// takes them for it, and every value is read as what it is, or refused in a sentence.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzLine(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    guard let line = try? Buffer<UInt8>(count: count + 1, repeating: 0) else { return 0 }
    if let bytes { line.base.update(from: bytes, count: count) }
    var id: TextSpan?
    let isObject = is_json_object(line.base, count) != 0
    do throws(PatrolError) {
        let request = try Request(line, count: count, id: &id)
        precondition(isObject)
        for name in names { read(request, name) }
    } catch {
        check(error)
        precondition((error.status == .invalidFile) == !isObject)
    }
    if let id { precondition(id.count > 0 && id.count <= Request.mostIdBytes && id.start + id.count <= count) }
    return 0
}

private let names: [StaticString] = [
    "id", "kind", "area", "policy", "area_options", "options", "max_units", "max_incidents", "measure_deadline",
    "snapshot", "incident_id", "unit_id", "limit",
]

/// Reads a member, if it is there, as each kind of value.
private func read(_ request: Request, _ name: StaticString) {
    guard attempt(request, name, { (reader) throws(PatrolError) in try any(&reader, level: 0) }) else { return }
    attempt(request, name) { (reader) throws(PatrolError) in _ = try reader.double() }
    attempt(request, name) { (reader) throws(PatrolError) in
        let value = try reader.float()
        precondition(value.isFinite || reader.json.file[reader.json.position - 1] == UInt8(ascii: "\""))
    }
    attempt(request, name) { (reader) throws(PatrolError) in
        let value = try reader.integer(-5...500)
        precondition((-5...500).contains(value))
    }
    attempt(request, name) { (reader) throws(PatrolError) in
        let value = try reader.natural(atMost: 1 << 40)
        precondition(value <= 1 << 40)
    }
    attempt(request, name) { (reader) throws(PatrolError) in _ = try reader.boolean() }
    attempt(request, name) { (reader) throws(PatrolError) in
        let string = try reader.cString()
        precondition(string.count > 1 && string[string.count - 1] == 0)
    }
    attempt(request, name) { (reader) throws(PatrolError) in
        let place = try reader.choice(RequestKind.names)
        precondition((0...5).contains(place))
    }
}

/// - Returns: whether the member is there.
@discardableResult
private func attempt(
    _ request: Request, _ name: StaticString, _ body: (inout ValueReader) throws(PatrolError) -> Void
) -> Bool {
    do throws(PatrolError) { return try request.read(name, body) } catch {
        check(error)
        precondition(error.status == .invalidArgument || error.status == .capacity)
        return true
    }
}

/// A value by the kind that it is, with all that is in it.
private func any(_ reader: inout ValueReader, level: Int) throws(PatrolError) {
    switch reader.json.peek() {
    case UInt8(ascii: "{"):
        try reader.object(NameList(lettered: "I id|N node|d x|d y|_ old|U units|f seconds|Q needs")) {
            (reader, entry) throws(PatrolError) in
            precondition((0...7).contains(entry.place) && entry.letter != UInt8(ascii: "_"))
            try any(&reader, level: level + 1)
        }
    case UInt8(ascii: "["):
        _ = try reader.list(atMost: 20) { (reader, k) throws(PatrolError) in
            precondition((0..<20).contains(k))
            try any(&reader, level: level + 1)
        }
    case UInt8(ascii: "\""): _ = try reader.cString()
    case UInt8(ascii: "t"), UInt8(ascii: "f"): _ = try reader.boolean()
    case UInt8(ascii: "n"):
        let isNull = try reader.null()
        precondition(isNull)
    default:
        let start = reader.json.position
        let value = try reader.double()
        precondition(value.isFinite && reader.json.position > start)
    }
}

/// A sentence in UTF-8.
private func check(_ error: PatrolError) {
    precondition(error.text.bytes.count > 10 && is_utf8(error.text.bytes, error.text.bytes.count) != 0)
}
