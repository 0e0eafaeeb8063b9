import PatrolModel

/// Reads JSON token by token, strictly as RFC 8259 has it: the header of a file, or a line of patrol-serve.
///
/// It keeps no stack: the caller asks for what must come next, so the depth is that of the caller's code.
/// The bytes must be UTF-8. Unescaped strings are collected in `text`.
package struct JSONReader {
    package let file: Buffer<UInt8>
    package let end: Int
    package private(set) var position: Int
    /// Unescaping never makes a string longer, so that the size of what is read is room enough for all of them.
    package let text: Buffer<UInt8>
    private var textCount = 0
    /// What is being read, such as a tensor and its name; errors begin with it.
    var subject: (kind: StaticString, name: TextSpan)?
    /// A line of its own, not the header of a file: for errors.
    private let isLine: Bool

    package init(
        file: Buffer<UInt8>, start: Int, end: Int, isLine: Bool = false
    ) throws(PatrolError) {
        self.file = file
        self.position = start
        self.end = end
        self.isLine = isLine
        text = try Buffer(count: end - start, repeating: 0)
    }

    /// Where the reader is; to be set to an earlier place, from which it then reads again.
    package var place: (position: Int, textCount: Int) {
        get { (position, textCount) }
        set { (position, textCount) = newValue }
    }

    /// Goes past one byte.
    package mutating func advance() { position += 1 }

    /// Calls `member` for each member of the object that must come next; it must read the member's value.
    package mutating func object(
        _ member: (inout JSONReader, _ key: TextSpan) throws(PatrolError) -> Void
    ) throws(PatrolError) {
        guard take(UInt8(ascii: "{")) else { throw failure(expected: "\"{\"") }
        if take(UInt8(ascii: "}")) { return }
        repeat {
            let key = try string()
            guard take(UInt8(ascii: ":")) else { throw failure(expected: "\":\" after a key") }
            try member(&self, key)
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw failure(expected: "\",\" or \"}\"") }
    }

    /// Calls `element` for each element of the array that must come next; it must read the element.
    package mutating func array(_ element: (inout JSONReader) throws(PatrolError) -> Void) throws(PatrolError) {
        guard take(UInt8(ascii: "[")) else { throw failure(expected: "\"[\"") }
        if take(UInt8(ascii: "]")) { return }
        repeat { try element(&self) } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw failure(expected: "\",\" or \"]\"") }
    }

    /// A plain non-negative integer: no sign, fraction, exponent or leading zero.
    mutating func natural() throws(PatrolError) -> Int {
        guard let first = peek(), isDigit(first) else { throw failure(expected: "a plain non-negative integer") }
        var value = 0
        let start = position
        while position < end, isDigit(file[position]) {
            let (tens, tensOverflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = tens.addingReportingOverflow(Int(file[position] - UInt8(ascii: "0")))
            guard !tensOverflow, !overflow else { throw failure(expected: "an integer below 2^63") }
            value = sum
            position += 1
        }
        let hasLeadingZero = first == UInt8(ascii: "0") && position - start > 1
        if hasLeadingZero { position = start }
        switch position < end ? file[position] : 0 {
        case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "-"), UInt8(ascii: "+"):
            throw failure(expected: "a plain non-negative integer")
        case _ where hasLeadingZero:
            throw failure(expected: "an integer without leading zeros")
        default:
            return value
        }
    }

    package mutating func string() throws(PatrolError) -> TextSpan {
        guard take(UInt8(ascii: "\"")) else { throw failure(expected: "a string") }
        let start = textCount
        while position < end {
            let byte = file[position]
            if byte < 0x20 { throw failure(expected: "an escape such as \\n in place of a control character") }
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return TextSpan(start: start, count: textCount - start)
            case UInt8(ascii: "\\"): try escape()
            default: append(byte)
            }
        }
        throw failure(expected: "the end of a string")
    }

    /// Nothing but spaces (the format's padding, not any white space) may follow the object.
    mutating func padding() throws(PatrolError) {
        while position < end {
            guard file[position] == UInt8(ascii: " ") else {
                throw failure(expected: "nothing but spaces after the object")
            }
            position += 1
        }
    }

    /// An error that names what is being read.
    package func invalid(_ sentence: ByteText, _ status: Status = .invalidFile) -> PatrolError {
        guard let subject else { return PatrolError(status, (isLine ? "line: " : "header: ") + sentence) }
        return PatrolError(status, "\(subject.kind) \(text[subject.name].quoted()): \(sentence)")
    }

    /// The byte that comes next, past white space; nil at the end.
    package mutating func peek() -> UInt8? {
        while position < end {
            switch file[position] {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): position += 1
            case let byte: return byte
            }
        }
        return nil
    }

    package mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        position += 1
        return true
    }

    private mutating func escape() throws(PatrolError) {
        let escaped = position < end ? file[position] : 0
        position += 1
        switch escaped {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): append(escaped)
        case UInt8(ascii: "b"): append(0x08)
        case UInt8(ascii: "f"): append(0x0C)
        case UInt8(ascii: "n"): append(0x0A)
        case UInt8(ascii: "r"): append(0x0D)
        case UInt8(ascii: "t"): append(0x09)
        case UInt8(ascii: "u"): try append(unicodeEscape())
        default:
            position -= 1
            throw failure(expected: "one of \"\\/bfnrtu after a backslash")
        }
    }

    /// The scalar of `\uXXXX`, or of the two such escapes of a surrogate pair.
    private mutating func unicodeEscape() throws(PatrolError) -> Unicode.Scalar {
        let start = position
        var value = try fourHexDigits()
        if value & 0xFC00 == 0xD800, end - position >= 2,
            file[position] == UInt8(ascii: "\\"), file[position + 1] == UInt8(ascii: "u")
        {
            position += 2
            let low = try fourHexDigits()
            if low & 0xFC00 == 0xDC00 { value = 0x1_0000 + (value & 0x3FF) << 10 + (low & 0x3FF) }
        }
        guard let scalar = Unicode.Scalar(value) else {
            position = start
            throw failure(expected: "a surrogate only as half of a pair")
        }
        return scalar
    }

    private mutating func fourHexDigits() throws(PatrolError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard position < end, let digit = Unicode.Scalar(file[position]).hexDigit else {
                throw failure(expected: "four hexadecimal digits")
            }
            value = value << 4 | digit
            position += 1
        }
        return value
    }

    private mutating func append(_ byte: UInt8) {
        text[textCount] = byte
        textCount += 1
    }

    private mutating func append(_ scalar: Unicode.Scalar) {
        for byte in scalar.utf8 { append(byte) }
    }

    package func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    package func failure(expected: ByteText) -> PatrolError {
        guard position < end else {
            return invalid("found the end of the \(isLine ? "line" : "header" as StaticString), expected " + expected)
        }
        let rest = file[TextSpan(start: position, count: end - position)]
        let found = UTF8Bytes(rebasing: rest[..<(rest.scalar(at: 0)?.length ?? 1)]).quoted()
        return invalid(
            "byte \(position) of the \(isLine ? "line" : "file" as StaticString) is \(found), expected " + expected)
    }
}

extension Unicode.Scalar {
    fileprivate var hexDigit: UInt32? {
        switch self {
        case "0"..."9": value - 0x30
        case "A"..."F": value - 0x41 + 10
        case "a"..."f": value - 0x61 + 10
        default: nil
        }
    }
}
