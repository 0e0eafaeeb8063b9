import PatrolModel

/// The dimensions of a tensor, slowest first; none for a scalar.
public struct Shape: BitwiseCopyable, Sendable {
    public private(set) var rank = 0
    private var dimensions = InlineArray<8, Int>(repeating: 0)

    init() {}

    /// - Parameter axis: 0 ..< rank.
    public subscript(axis: Int) -> Int { dimensions[axis] }

    /// The product of the dimensions, 1 for a scalar; nil where it does not fit.
    var elementCount: Int? {
        var product = 1
        for axis in 0..<rank {
            let (next, overflow) = product.multipliedReportingOverflow(by: self[axis])
            guard !overflow else { return nil }
            product = next
        }
        return product
    }

    /// - Precondition: `rank` is below `Limits.rank`.
    mutating func append(_ dimension: Int) {
        dimensions[rank] = dimension
        rank += 1
    }

    /// Whether the dimensions are the expected ones, where nil stands for any.
    func matches(_ expected: [Int?]) -> Bool {
        guard rank == expected.count else { return false }
        for axis in 0..<rank {
            if let dimension = expected[axis], dimension != self[axis] { return false }
        }
        return true
    }

    /// As in `[12, 64]`.
    public var description: ByteText {
        var text: ByteText = "["
        for axis in 0..<rank { text = "\(text)\(axis > 0 ? ", " as StaticString : "")\(self[axis])" }
        return text + "]"
    }

    /// As in `[any, 64]`.
    static func description(_ expected: [Int?]) -> ByteText {
        var text: ByteText = "["
        for axis in expected.indices {
            if axis > 0 { text = text + ", " }
            if let dimension = expected[axis] { text = "\(text)\(dimension)" } else { text = text + "any" }
        }
        return text + "]"
    }
}
