import PatrolModel

/// Bytes that grow, in memory that may be refused.
struct ByteWriter: ~Copyable {
    private var storage: Buffer<UInt8>
    private(set) var count = 0

    init() throws(PatrolError) { storage = try Buffer(count: 256, repeating: 0) }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: storage.base, count: count) }

    /// Makes room, so that appending `more` bytes cannot fail.
    mutating func reserve(_ more: Int) throws(PatrolError) {
        guard more > storage.count - count else { return }
        let larger = try Buffer<UInt8>(count: max(2 * storage.count, count + more), repeating: 0)
        UnsafeMutableRawPointer(larger.base).copyMemory(from: storage.base, byteCount: count)
        storage = larger
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) throws(PatrolError) {
        try reserve(bytes.count)
        UnsafeMutableRawBufferPointer(start: storage.base + count, count: bytes.count).copyMemory(from: bytes)
        count += bytes.count
    }

    /// The bytes in a buffer of exactly their number.
    func finish() throws(PatrolError) -> Buffer<UInt8> {
        let exact = try Buffer<UInt8>(count: count, repeating: 0)
        UnsafeMutableRawPointer(exact.base).copyMemory(from: storage.base, byteCount: count)
        return exact
    }

    mutating func append(_ byte: UInt8) throws(PatrolError) {
        try reserve(1)
        storage[count] = byte
        count += 1
    }

    mutating func append(_ text: ByteText) throws(PatrolError) {
        for byte in text.bytes { try append(byte) }
    }

    /// The text as a JSON string, escaped as far as JSON demands and no further.
    mutating func append(quotedJSON text: some Sequence<UInt8>) throws(PatrolError) {
        try append("\"")
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                try append(UInt8(ascii: "\\"))
                try append(byte)
            case 0..<0x10: try append("\\u000\(hexadecimal: UInt32(byte))")
            case 0x10..<0x20: try append("\\u00\(hexadecimal: UInt32(byte))")
            default: try append(byte)
            }
        }
        try append("\"")
    }
}
