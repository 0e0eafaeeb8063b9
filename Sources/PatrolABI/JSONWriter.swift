import PatrolModel

/// JSON that is counted in full and kept as far as there is room. Numbers that JSON lacks are the strings "inf", "-inf" and
/// "nan"; an id or a node that says "none" is null.
package struct JSONWriter {
    private let base: UnsafeMutablePointer<UInt8>?
    private let capacity: Int
    package private(set) var count = 0
    /// Whether the next value of the present object or array comes first.
    private var isFirst = true

    package init(_ base: UnsafeMutablePointer<UInt8>?, capacity: Int) {
        self.base = base
        self.capacity = capacity
    }

    /// Begins the next member of an object, or with "" the next element of an array.
    package mutating func next(_ name: StaticString = "") {
        next(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    }

    package mutating func next(_ name: UnsafeBufferPointer<UInt8>) {
        if !isFirst { put(UInt8(ascii: ",")) }
        isFirst = false
        guard name.count > 0 else { return }
        string(name)
        put(UInt8(ascii: ":"))
    }

    package mutating func open(_ bracket: Unicode.Scalar) {
        put(UInt8(truncatingIfNeeded: bracket.value))
        isFirst = true
    }

    package mutating func close(_ bracket: Unicode.Scalar) {
        put(UInt8(truncatingIfNeeded: bracket.value))
        isFirst = false
    }

    package mutating func string(_ text: StaticString) {
        string(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func string(_ text: UnsafeBufferPointer<UInt8>) {
        put(UInt8(ascii: "\""))
        for byte in text { put(byte) }
        put(UInt8(ascii: "\""))
    }

    package mutating func literal(_ text: ByteText) { for byte in text.bytes { put(byte) } }

    package mutating func number(_ value: Double) { value.isFinite ? literal("\(value)") : literal("\"\(value)\"") }

    package mutating func number(_ value: Float) { value.isFinite ? literal("\(value)") : literal("\"\(value)\"") }

    package mutating func number(_ value: UInt64) { literal("\(value)") }

    package mutating func number(_ value: Int64) { literal("\(value)") }

    /// Lower-case hexadecimal digits in quotes, the first byte first.
    package mutating func hash(_ bytes: UnsafeRawBufferPointer) {
        put(UInt8(ascii: "\""))
        for byte in bytes {
            hexadecimal(byte >> 4)
            hexadecimal(byte & 15)
        }
        put(UInt8(ascii: "\""))
    }

    private mutating func hexadecimal(_ digit: UInt8) {
        put(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit)
    }

    /// Named bytes of a content hash, the highest first, as other tools show it.
    package mutating func hash(_ name: StaticString, _ value: UInt64) {
        next(name)
        withUnsafeBytes(of: value.bigEndian) { hash($0) }
    }

    package mutating func member(_ name: StaticString, _ value: Double) {
        next(name)
        number(value)
    }

    package mutating func member(_ name: StaticString, _ value: Float) {
        next(name)
        number(value)
    }

    package mutating func member(_ name: StaticString, _ value: UInt64) {
        next(name)
        number(value)
    }

    package mutating func member(_ name: StaticString, _ value: Bool) {
        next(name)
        literal(value ? "true" : "false")
    }

    package mutating func member(_ name: StaticString, string value: StaticString) {
        next(name)
        string(value)
    }

    package mutating func put(_ byte: UInt8) {
        if let base, count < capacity { base[count] = byte }
        count += 1
    }
}
