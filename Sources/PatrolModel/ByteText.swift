/// A short text, written like a string: the sentence of an error, or a name in a file.
///
///     throw PatrolError(.outOfRange, "node is \(node), expected 0 to \(count - 1)")
///
/// The standard `String` and its interpolation are compiled into every place that uses them and made up most of the
/// shipped library; this one is a few calls. It keeps at most `capacity` bytes of UTF-8, cut at a character.
public struct ByteText: ExpressibleByStringInterpolation, Sendable {
    public static var capacity: Int { 512 }

    /// UTF-8.
    public private(set) var bytes: [UInt8] = []

    private init() {}

    /// Of literals only the start is passed on, as they end with a 0: each argument is code at hundreds of places.
    @inline(__always)
    public init(stringLiteral value: StaticString) { self.init(literal: value.utf8Start) }

    @inline(never)
    private init(literal: UnsafePointer<UInt8>) { append(literal: literal) }

    @inline(__always)
    public init(stringInterpolation: StringInterpolation) { self = stringInterpolation.message }

    public init(_ utf8: UnsafeBufferPointer<UInt8>) { append(utf8) }

    public init(_ string: String) { append(string) }

    public var string: String { String(decoding: bytes, as: UTF8.self) }

    @inline(never)
    public static func + (first: ByteText, second: ByteText) -> ByteText {
        var sum = first
        second.bytes.withUnsafeBufferPointer { sum.append($0) }
        return sum
    }

    @inline(never)
    public mutating func append(_ byte: UInt8) {
        if bytes.count < ByteText.capacity { bytes.append(byte) }
    }

    @inline(never)
    private mutating func append(literal: UnsafePointer<UInt8>) {
        var count = 0
        while literal[count] != 0 { count += 1 }
        append(UnsafeBufferPointer(start: literal, count: count))
    }

    /// A view that is looked at character by character would bring code for strings of other encodings with it.
    private mutating func append(_ string: String) {
        string.utf8.withContiguousStorageIfAvailable { append($0) }
    }

    private mutating func append(_ more: UnsafeBufferPointer<UInt8>) {
        var count = min(more.count, ByteText.capacity - bytes.count)
        // Step back over continuation bytes, so that the last character is whole.
        while count > 0 && count < more.count && more[count] & 0xC0 == 0x80 { count -= 1 }
        for k in 0..<count { bytes.append(more[k]) }
    }

    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var message = ByteText()

        @inline(__always)
        public init(literalCapacity: Int, interpolationCount: Int) {}

        @inline(__always)
        public mutating func appendLiteral(_ literal: StaticString) { append(literal.utf8Start) }

        @inline(__always)
        public mutating func appendInterpolation(_ text: StaticString) { append(text.utf8Start) }

        @inline(never)
        private mutating func append(_ literal: UnsafePointer<UInt8>) { message.append(literal: literal) }

        @inline(never)
        public mutating func appendInterpolation(_ text: ByteText) { message = message + text }

        @inline(never)
        public mutating func appendInterpolation(_ text: String) { message.append(text) }

        @inline(never)
        public mutating func appendInterpolation(_ value: Double) { appendInterpolation(value.description) }

        @inline(never)
        public mutating func appendInterpolation(_ value: Float) { appendInterpolation(value.description) }

        @inline(never)
        public mutating func appendInterpolation(_ value: Int) { appendInterpolation(Int64(value)) }

        @inline(never)
        public mutating func appendInterpolation(_ value: Int32) { appendInterpolation(Int64(value)) }

        @inline(never)
        public mutating func appendInterpolation(_ value: UInt32) { appendInterpolation(Int64(value)) }

        @inline(never)
        public mutating func appendInterpolation(_ value: UInt8) { appendInterpolation(Int64(value)) }

        @inline(never)
        public mutating func appendInterpolation(_ value: Int64) {
            if value < 0 { message.append("-") }
            appendInterpolation(value.magnitude)
        }

        /// Lower case, without leading zeros.
        @inline(never)
        public mutating func appendInterpolation(hexadecimal value: UInt32) {
            if value >= 16 { appendInterpolation(hexadecimal: value / 16) }
            let digit = UInt8(value % 16)
            message.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }

        @inline(never)
        public mutating func appendInterpolation(_ value: UInt64) {
            if value >= 10 { appendInterpolation(value / 10) }
            message.append(UInt8(ascii: "0") + UInt8(value % 10))
        }
    }
}
