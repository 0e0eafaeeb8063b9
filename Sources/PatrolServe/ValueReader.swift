import CServe
import PatrolFiles
import PatrolModel

/// Reads the values of a request, each of the type that it must have. A sentence begins with where the value stands, such as
/// `snapshot.units[3].node`; that the text is JSON was checked before.
struct ValueReader {
    var json: JSONReader

    /// - Parameter place: how the path goes on, such as ".node" or "[3]".
    mutating func at(
        _ place: @autoclosure () -> ByteText, _ read: (inout ValueReader) throws(PatrolError) -> Void
    ) throws(PatrolError) {
        do throws(PatrolError) { try read(&self) } catch { throw PatrolError(error.status, place() + error.text) }
    }

    /// - Parameter member: reads the value of a member of the object, each of which may occur once.
    mutating func object(
        _ names: NameList, _ member: (inout ValueReader, NameList.Entry) throws(PatrolError) -> Void
    ) throws(PatrolError) {
        guard json.peek() == UInt8(ascii: "{") else { throw wrong("an object") }
        var seen: UInt64 = 0
        _ = json.take(UInt8(ascii: "{"))
        if json.take(UInt8(ascii: "}")) { return }
        repeat {
            let key = json.text[try json.string()]
            guard let entry = names.entry(named: key) else {
                throw invalid(" has the key \(key.quoted()), expected only \(names.enumeration)")
            }
            guard seen & 1 << UInt64(entry.place) == 0 else { throw invalid(" has the key \(key.quoted()) twice") }
            seen |= 1 << UInt64(entry.place)
            _ = json.take(UInt8(ascii: ":"))
            try at(".\(ByteText(entry.name))") { (reader) throws(PatrolError) in try member(&reader, entry) }
        } while json.take(UInt8(ascii: ","))
        _ = json.take(UInt8(ascii: "}"))
    }

    /// - Parameter element: reads one element.
    /// - Returns: how many there are.
    mutating func list(
        atMost most: Int, _ element: (inout ValueReader, _ k: Int) throws(PatrolError) -> Void
    ) throws(PatrolError) -> Int {
        guard json.peek() == UInt8(ascii: "[") else { throw wrong("a list") }
        _ = json.take(UInt8(ascii: "["))
        if json.take(UInt8(ascii: "]")) { return 0 }
        var count = 0
        repeat {
            guard count < most else { throw PatrolError(.capacity, " has more than \(most) entries") }
            try at("[\(count)]") { (reader) throws(PatrolError) in try element(&reader, count) }
            count += 1
        } while json.take(UInt8(ascii: ","))
        _ = json.take(UInt8(ascii: "]"))
        return count
    }

    // MARK: Numbers

    /// A finite number, or the string "inf", "-inf" or "nan".
    mutating func double() throws(PatrolError) -> Double {
        let before = json.place
        if json.peek() == UInt8(ascii: "\"") {
            let text = json.text[try json.string()]
            switch NameList("inf|-inf|nan").entry(named: text)?.place {
            case 0: return .infinity
            case 1: return -.infinity
            case 2: return .nan
            default: break
            }
        } else if isNumber {
            let value = serve_number(try json.number().baseAddress)
            if value.isFinite { return value }
        }
        json.place = before
        throw wrong("a finite number, \"inf\", \"-inf\" or \"nan\"")
    }

    mutating func float() throws(PatrolError) -> Float {
        let before = json.place
        let value = try double()
        let float = Float(value)
        guard float.isFinite || !value.isFinite else {
            json.place = before
            throw wrong("a number within 3.4e38")
        }
        return float
    }

    /// A whole number, written without fraction and exponent.
    mutating func integer(_ range: ClosedRange<Int64>) throws(PatrolError) -> Int64 {
        let before = json.place
        if isNumber {
            let text = try json.number()
            let negative = text[0] == UInt8(ascii: "-")
            if let size = magnitude(negative ? text.dropFirst() : text[...]), size <= UInt64(Int64.max) {
                let value = negative ? -Int64(size) : Int64(size)
                if range.contains(value) { return value }
            }
        }
        json.place = before
        throw wrong("a whole number from \(range.lowerBound) to \(range.upperBound)")
    }

    mutating func natural(atMost most: UInt64 = .max) throws(PatrolError) -> UInt64 {
        let before = json.place
        if isNumber, let value = magnitude(try json.number()[...]), value <= most { return value }
        json.place = before
        throw wrong("a whole number from 0 to \(most)")
    }

    private func magnitude(_ digits: Slice<UTF8Bytes>) -> UInt64? {
        var value: UInt64 = 0
        for digit in digits {
            guard json.isDigit(digit) else { return nil }
            let tens = value.multipliedReportingOverflow(by: 10)
            let sum = tens.partialValue.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
            guard !tens.overflow, !sum.overflow else { return nil }
            value = sum.partialValue
        }
        return value
    }

    private var isNumber: Bool {
        mutating get {
            guard let next = json.peek() else { return false }
            return json.isDigit(next) || next == UInt8(ascii: "-")
        }
    }

    // MARK: Others

    mutating func null() throws(PatrolError) -> Bool {
        guard json.peek() == UInt8(ascii: "n") else { return false }
        try json.literal("null")
        return true
    }

    mutating func boolean() throws(PatrolError) -> Bool {
        switch json.peek() {
        case UInt8(ascii: "t"): try json.literal("true")
        case UInt8(ascii: "f"): try json.literal("false")
        default: throw wrong("true or false")
        }
        return json.file[json.position - 2] == UInt8(ascii: "u")
    }

    /// The place of a string among some names.
    mutating func choice(_ names: NameList) throws(PatrolError) -> Int {
        let before = json.place
        if json.peek() == UInt8(ascii: "\""), let entry = names.entry(named: json.text[try json.string()]) {
            return entry.place
        }
        json.place = before
        throw wrong("one of " + names.enumeration)
    }

    /// A string that ends with NUL.
    mutating func cString() throws(PatrolError) -> Buffer<CChar> {
        let before = json.place
        if json.peek() == UInt8(ascii: "\"") {
            let text = json.text[try json.string()]
            if !text.isEmpty, !text.contains(0) {
                let copy = try Buffer<CChar>(count: text.count + 1, repeating: 0)
                for k in 0..<text.count { copy[k] = CChar(bitPattern: text[k]) }
                return copy
            }
        }
        json.place = before
        throw wrong("a string that is not empty, without NUL")
    }

    // MARK: Sentences

    func invalid(_ sentence: ByteText) -> PatrolError { PatrolError(.invalidArgument, sentence) }

    /// What stands here, which is not what must.
    mutating func wrong(_ expected: ByteText) -> PatrolError {
        let found: ByteText
        switch json.peek() {
        case UInt8(ascii: "{"): found = "an object"
        case UInt8(ascii: "["): found = "a list"
        case UInt8(ascii: "\""): found = (try? json.string()).map { json.text[$0].quoted() } ?? "a string"
        case UInt8(ascii: "t"): found = "true"
        case UInt8(ascii: "f"): found = "false"
        case UInt8(ascii: "n"): found = "null"
        default:
            let text = (try? json.number()) ?? UTF8Bytes(start: nil, count: 0)
            found = ByteText(UTF8Bytes(rebasing: text.prefix(40))) + (text.count > 40 ? "…" : "")
        }
        return invalid(" is \(found), expected \(expected)")
    }
}
