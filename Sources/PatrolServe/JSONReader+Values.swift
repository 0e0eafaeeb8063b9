import PatrolFiles
import PatrolModel

/// What lines have and headers of files have not: values of any kind, and numbers that are not whole.
extension JSONReader {
    static var mostLevels: Int { 16 }

    /// Goes past the value that must come next, whatever it is.
    mutating func skip(level: Int = 1) throws(PatrolError) {
        guard level <= JSONReader.mostLevels else {
            throw invalid(
                "byte \(position) of the line begins level \(level), expected at most \(JSONReader.mostLevels)")
        }
        switch peek() {
        case UInt8(ascii: "{"): try object { (json, _) throws(PatrolError) in try json.skip(level: level + 1) }
        case UInt8(ascii: "["): try array { (json) throws(PatrolError) in try json.skip(level: level + 1) }
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "t"): try literal("true")
        case UInt8(ascii: "f"): try literal("false")
        case UInt8(ascii: "n"): try literal("null")
        default: _ = try number()
        }
    }

    mutating func literal(_ name: StaticString) throws(PatrolError) {
        _ = peek()
        for k in 0..<name.utf8CodeUnitCount {
            guard position < end, file[position] == name.utf8Start[k] else { throw failure(expected: "\(name)") }
            advance()
        }
    }

    /// The text of a number.
    mutating func number() throws(PatrolError) -> UTF8Bytes {
        guard let first = peek(), isDigit(first) || first == UInt8(ascii: "-") else {
            throw failure(expected: "a value")
        }
        let start = position
        if first == UInt8(ascii: "-") { advance() }
        if position < end, file[position] == UInt8(ascii: "0") {
            advance()
            if position < end, isDigit(file[position]) { throw failure(expected: "no digit after a leading 0") }
        } else {
            try digits()
        }
        if next(is: UInt8(ascii: "."), or: UInt8(ascii: ".")) { try digits() }
        if next(is: UInt8(ascii: "e"), or: UInt8(ascii: "E")) {
            _ = next(is: UInt8(ascii: "+"), or: UInt8(ascii: "-"))
            try digits()
        }
        return UTF8Bytes(start: file.base + start, count: position - start)
    }

    private mutating func digits() throws(PatrolError) {
        guard position < end, isDigit(file[position]) else { throw failure(expected: "a digit") }
        while position < end, isDigit(file[position]) { advance() }
    }

    private mutating func next(is one: UInt8, or other: UInt8) -> Bool {
        guard position < end, file[position] == one || file[position] == other else { return false }
        advance()
        return true
    }
}
