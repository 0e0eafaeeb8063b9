/// The result of a call. The raw values are the status codes of `patrol.h` and never change.
public enum Status: Int32, Sendable {
    case ok = 0
    /// A pointer that must not be NULL is NULL, or an argument outside its documented range.
    case invalidArgument = 1
    /// `struct_size` is unknown, or a field this library does not know is not zero.
    case structSize = 2
    /// The caller was compiled against a header this library cannot serve.
    case versionMismatch = 3
    case outOfMemory = 4
    /// The file cannot be opened or read.
    case io = 5
    /// The bytes are not a valid file of the kind expected.
    case invalidFile = 6
    /// A valid file that uses something this library does not offer.
    case unsupported = 7
    /// A policy, an area and options that do not fit together.
    case mismatch = 8
    /// A node, beat, group, category or index that the area does not have.
    case outOfRange = 9
    /// NaN, infinite or negative where a finite non-negative number is expected.
    case invalidNumber = 10
    /// Two entries with one id, or a reference to an id that is not there.
    case invalidId = 11
    /// An output buffer is too small.
    case capacity = 12
    /// There is no path between two places.
    case unreachable = 13
    /// A name (policy, rule, heuristic) that is not known.
    case unknownName = 14
    /// A defect of this library, found by its own checks.
    case internalError = 15
    /// A snapshot has more units or incidents than the session was created for.
    case sessionTooSmall = 16
    /// The deadline or the cancel flag ended the call before it had an answer.
    case noTime = 17
}

/// A failure with a sentence that says which value is wrong and what was expected.
public struct PatrolError: Error, Sendable {
    public let status: Status
    public let text: ByteText

    @inline(never)
    public init(_ status: Status, _ message: ByteText) {
        self.status = status
        text = message
    }

    public var message: String { text.string }
}
