import PatrolModel

/// A string from a file as the collection of its UTF-8 bytes: valid UTF-8 of any content, as its author wrote it.
///
/// Compare it with `text.equals("…")`: byte by byte, without Unicode equivalence.
public struct Text: RandomAccessCollection, Sendable {
    private let storage: Buffer<UInt8>
    private let span: TextSpan

    init(_ storage: Buffer<UInt8>, _ span: TextSpan) {
        self.storage = storage
        self.span = span
    }

    public var startIndex: Int { 0 }
    public var endIndex: Int { span.count }
    public subscript(index: Int) -> UInt8 { storage[span][index] }

    func equals(_ text: StaticString) -> Bool { storage[span].equals(text) }

    /// In quotation marks for a message: cut to some 64 bytes, without characters that could deceive a reader.
    public var quoted: ByteText { storage[span].quoted() }
}

extension UnsafeBufferPointer<UInt8> {
    @inline(never)
    func equals(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for k in 0..<count where self[k] != text.utf8Start[k] { return false }
        return true
    }
}
