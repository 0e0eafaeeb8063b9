/// A sentence for an error, written like a string: `"node \(node) is not below \(count)"`.
///
/// The standard `String` interpolation is compiled into every place that uses it and made up most of the shipped library;
/// this one is a few calls. It keeps at most `capacity` bytes, cut at a character.
public struct ErrorMessage: ExpressibleByStringInterpolation, Sendable {
    public static var capacity: Int { 507 }

    /// UTF-8.
    public private(set) var bytes: [UInt8] = []

    @inline(never)
    public init(stringLiteral value: StaticString) { append(value) }

    @inline(never)
    public init(stringInterpolation: StringInterpolation) { self = stringInterpolation.message }

    public var string: String { String(decoding: bytes, as: UTF8.self) }

    @inline(never)
    public static func + (first: ErrorMessage, second: ErrorMessage) -> ErrorMessage {
        var sum = first
        second.bytes.withUnsafeBufferPointer { sum.append($0) }
        return sum
    }

    private mutating func append(_ text: StaticString) {
        append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func append(_ more: UnsafeBufferPointer<UInt8>) {
        var count = min(more.count, ErrorMessage.capacity - bytes.count)
        // Step back over continuation bytes, so that the last character is whole.
        while count > 0 && count < more.count && more[count] & 0xC0 == 0x80 { count -= 1 }
        for k in 0..<count { bytes.append(more[k]) }
    }

    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var message: ErrorMessage = ""

        @inline(never)
        public init(literalCapacity: Int, interpolationCount: Int) {}

        @inline(never)
        public mutating func appendLiteral(_ literal: StaticString) { message.append(literal) }

        @inline(never)
        public mutating func appendInterpolation(_ text: StaticString) { message.append(text) }

        @inline(never)
        public mutating func appendInterpolation(_ text: ErrorMessage) { message = message + text }

        @inline(never)
        public mutating func appendInterpolation(_ text: String) {
            var text = text
            text.withUTF8 { message.append($0) }
        }

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

        @inline(never)
        public mutating func appendInterpolation(_ value: UInt64) {
            if value >= 10 { appendInterpolation(value / 10) }
            if message.bytes.count < ErrorMessage.capacity { message.bytes.append(UInt8(ascii: "0") + UInt8(value % 10)) }
        }
    }
}
