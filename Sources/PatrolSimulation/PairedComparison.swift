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
    public var halfWidth: Double {
        guard count > 1 else { return .infinity }
        let n = Double(count)
        return studentQuantile(degrees: count - 1) * (squares / (n - 1) / n).squareRoot()
    }

    /// Whether the interval excludes zero.
    public var isSignificant: Bool { abs(mean) > halfWidth }
}

/// The 97.5 % quantile of Student's t: tabulated to 9 degrees of freedom, then Fisher's expansion in 1/ν about the normal
/// quantile (Abramowitz & Stegun 26.7.5), within 2·10⁻⁵.
public func studentQuantile(degrees: Int) -> Double {
    switch degrees {
    case ...0: return .infinity
    case 1: return 12.706205
    case 2: return 4.302653
    case 3: return 3.182446
    case 4: return 2.776445
    case 5: return 2.570582
    case 6: return 2.446912
    case 7: return 2.364624
    case 8: return 2.306004
    case 9: return 2.262157
    default:
        let z = 1.959963984540054
        let z2 = z * z
        let v = 1 / Double(degrees)
        let g1 = (z2 + 1) / 4
        let g2 = ((5 * z2 + 16) * z2 + 3) / 96
        let g3 = (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384
        let g4 = ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / 92160
        return z * (1 + v * (g1 + v * (g2 + v * (g3 + v * g4))))
    }
}
