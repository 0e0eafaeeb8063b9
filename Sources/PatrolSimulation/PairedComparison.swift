/// The mean difference between two policies that met the same calls, with its 95 % interval.
public struct PairedComparison: Sendable {
    public private(set) var count = 0
    public private(set) var mean = 0.0
    private var squares = 0.0
    private var first = 0.0

    public init() {}

    /// Adds one replication: the same quantity under both policies.
    public mutating func add(_ a: Double, _ b: Double) {
        // Welford 1962.
        count += 1
        let difference = b - a
        let deviation = difference - mean
        mean += deviation / Double(count)
        squares += deviation * (difference - mean)
        first += (a - first) / Double(count)
    }

    /// Mean of the first policy's quantity.
    public var firstMean: Double { first }

    /// Half the width of the 95 % interval of the mean difference; infinite below two replications.
    public var halfWidth: Double { halfWidth(error: 0.05) }

    /// Half the width of the interval that misses the mean difference with probability `error`.
    public func halfWidth(error: Double) -> Double {
        guard count > 1 else { return .infinity }
        let n = Double(count)
        return studentQuantile(error: error, degrees: count - 1) * (squares / (n - 1) / n).squareRoot()
    }
}
