import PatrolFiles
import PatrolModel

enum RequestKind: Int {
    case load = 0, decide, explain, rank, version, stop

    static var names: NameList { NameList("load|decide|explain|rank|version|stop") }

    /// Members that a request of this kind may have.
    var members: NameList {
        switch self {
        case .load: NameList("id|kind|area|policy|area_options|options|max_units|max_incidents|measure_deadline")
        case .decide: NameList("id|kind|snapshot|options|plans")
        case .explain: NameList("id|kind|snapshot|options|incident_id|unit_id")
        case .rank: NameList("id|kind|snapshot|options|incident_id|limit")
        case .version, .stop: NameList("id|kind")
        }
    }
}

/// A line that is one JSON object, whose members are known and will be read in an order of our own.
struct Request {
    static var mostIdBytes: Int { 128 }

    let line: Buffer<UInt8>
    let kind: RequestKind
    private var members: InlineArray<9, TextSpan>

    /// - Parameters:
    ///   - line: holds the line and at least one more byte.
    ///   - id: receives the text of the request's id as soon as it is found, which is echoed even where the rest is wrong.
    /// - Throws: `invalidFile` where the line is not JSON, `invalidArgument` where it is no request.
    init(_ line: Buffer<UInt8>, count: Int, id: inout TextSpan?) throws(PatrolError) {
        self.line = line
        if let position = UTF8Bytes(start: line.base, count: count).firstInvalidUTF8() {
            throw PatrolError(.invalidFile, "line: byte \(position) is \(line[position]), expected UTF-8")
        }
        var json = try JSONReader(file: line, start: 0, end: count, isLine: true)
        if json.peek() != UInt8(ascii: "{") { throw json.failure(expected: "\"{\"") }
        var kind: RequestKind?
        var failure: PatrolError?
        // The first look: where the members are, and that all of the line is JSON.
        var found: TextSpan?
        try json.object { (json, key) throws(PatrolError) in
            let name = json.text[key]
            _ = json.peek()
            let start = json.place
            try json.skip()
            let value = TextSpan(start: start.position, count: json.position - start.position)
            if name.elementsEqual("id".utf8), Request.isId(value, line) { found = value }
            guard name.elementsEqual("kind".utf8) else { return }
            var reader = ValueReader(json: json)
            reader.json.place = start
            do throws(PatrolError) {
                try reader.at("kind") { (reader) throws(PatrolError) in
                    kind = RequestKind(rawValue: try reader.choice(RequestKind.names))
                }
            } catch { failure = error }
        }
        id = found
        if json.peek() != nil { throw json.failure(expected: "nothing after the object") }
        if let failure { throw failure }
        guard let kind else {
            throw PatrolError(.invalidArgument, "kind is not there, expected one of \(RequestKind.names.enumeration)")
        }
        self.kind = kind
        members = InlineArray(repeating: TextSpan())
        try findMembers(count, id: found)
    }

    /// A whole number or a short string.
    private static func isId(_ value: TextSpan, _ line: Buffer<UInt8>) -> Bool {
        guard value.count <= mostIdBytes else { return false }
        let first = line[value.start]
        if first == UInt8(ascii: "\"") { return true }
        let digits = UTF8Bytes(start: line.base + value.start, count: value.count)
        return digits.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    }

    private mutating func findMembers(_ count: Int, id: TextSpan?) throws(PatrolError) {
        var reader = ValueReader(json: try JSONReader(file: line, start: 0, end: count, isLine: true))
        var members = members
        do throws(PatrolError) {
            try reader.object(kind.members) { (reader, member) throws(PatrolError) in
                _ = reader.json.peek()
                let start = reader.json.position
                try reader.json.skip()
                members[member.place] = TextSpan(start: start, count: reader.json.position - start)
            }
        } catch { throw PatrolError(error.status, "the request" + error.text) }
        if members[0].count > 0, id == nil {
            throw PatrolError(
                .invalidArgument,
                "id is neither a whole number nor a string, expected one of at most \(Request.mostIdBytes) bytes")
        }
        self.members = members
    }

    /// Reads a member, if the request has it. - Returns: whether it has.
    func read(
        _ name: StaticString, _ body: (inout ValueReader) throws(PatrolError) -> Void
    ) throws(PatrolError) -> Bool {
        let name = UTF8Bytes(start: name.utf8Start, count: name.utf8CodeUnitCount)
        guard let place = kind.members.entry(named: name)?.place, members[place].count > 0 else { return false }
        let span = members[place]
        var reader = ValueReader(
            json: try JSONReader(file: line, start: span.start, end: span.start + span.count, isLine: true))
        try reader.at(ByteText(name), body)
        return true
    }

    func require(
        _ name: StaticString, _ body: (inout ValueReader) throws(PatrolError) -> Void
    ) throws(PatrolError) {
        guard try read(name, body) else {
            throw PatrolError(.invalidArgument, "\(name) is not there, expected a value")
        }
    }
}
