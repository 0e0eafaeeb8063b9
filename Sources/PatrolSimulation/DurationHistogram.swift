import CKernels
import PatrolModel

/// Durations counted in bins 0.5 % wide, many rows of them: quantiles of any number of durations in fixed memory.
///
/// Bin 0 holds durations below 0.1 s and counts as 0; bin k ≥ 1 holds 0.1 · 1.005^(k−1) ... 0.1 · 1.005^k and counts as its
/// middle; the last bin, at 7·10⁷ s, holds everything above. A quantile is thus within 0.25 % of an order statistic.
final class DurationHistogram {
    static let bins = 4096
    private static let least = 0.1
    /// ln 1.005.
    private static let logarithmicWidth = 0.004987541511038968

    /// Shape [rows, bins].
    private let counts: Buffer<UInt32>

    init(rows: Int) throws(PatrolError) {
        counts = try Buffer(count: rows * DurationHistogram.bins, repeating: 0)
    }

    func clear() { counts.base.update(repeating: 0, count: counts.count) }

    func clear(row: Int) { self.row(row).update(repeating: 0, count: DurationHistogram.bins) }

    /// - Parameter seconds: ≥ 0, finite.
    static func bin(_ seconds: Double) -> Int {
        guard seconds >= least else { return 0 }
        return min(1 + Int(kernels_log(seconds / least) / logarithmicWidth), bins - 1)
    }

    func add(bin: Int, row: Int, count: UInt32 = 1) {
        let cell = self.row(row) + bin
        cell.pointee = cell.pointee &+ count
    }

    func copy(_ other: DurationHistogram) { counts.copy(other.counts) }

    func copy(row: Int, of other: DurationHistogram, to target: Int) {
        self.row(target).update(from: other.row(row), count: DurationHistogram.bins)
    }

    /// The `p`-quantile of a row; NaN if it is empty.
    func quantile(_ p: Double, row: Int) -> Double {
        let counts = self.row(row)
        var total = 0.0
        for bin in 0..<DurationHistogram.bins { total += Double(counts[bin]) }
        guard total > 0 else { return .nan }
        var left = p * total
        var bin = 0
        while bin < DurationHistogram.bins - 1 {
            left -= Double(counts[bin])
            if left <= 0 && counts[bin] > 0 { break }
            bin += 1
        }
        guard bin > 0 else { return 0 }
        return DurationHistogram.least * kernels_exp64((Double(bin) - 0.5) * DurationHistogram.logarithmicWidth)
    }

    private func row(_ row: Int) -> UnsafeMutablePointer<UInt32> { counts.base + row * DurationHistogram.bins }
}
