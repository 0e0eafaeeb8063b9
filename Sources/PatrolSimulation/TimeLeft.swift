import CKernels
import PatrolModel

/// How long a call's time on scene will still last, given how long it has lasted: what its category's distribution says, and nothing
/// of the time that was drawn.
///
/// A table for each category: at some elapsed times, the expected whole time and the one that it is within nine times in ten. Whole
/// times are interpolated, so that what is left is never negative.
final class TimeLeft: Sendable {
    struct Row: BitwiseCopyable {
        var elapsed = 0.0
        var whole = 0.0
        var lateWhole = 0.0
    }

    /// Seconds from now.
    struct Left {
        var expected: Double
        var late: Double
    }

    private static let rows = 257
    /// Shape [categories, rows]; the first row of each is at 0.
    private let table: Buffer<Row>
    private let categories: Buffer<CallCategory>

    init(_ scenario: ScenarioArrays) throws(PatrolError) {
        categories = scenario.categories
        table = try Buffer(count: categories.count * TimeLeft.rows, repeating: Row())
        for c in 0..<categories.count {
            let (service, rows) = (categories[c].service, table.base + c * TimeLeft.rows)
            switch service.kind {
            case .exponential: break
            case .logNormal, .gamma: try TimeLeft.fill(rows, service)
            case .empirical: try TimeLeft.fill(rows, service, scenario.serviceSamples)
            }
        }
    }

    /// After the longest time that a category can take, as at the beginning.
    func left(ofCategory c: Int32, after elapsed: Double) -> Left {
        let service = categories[Int(c)].service
        if service.kind == .exponential { return TimeLeft.exponential(mean: service.mean) }
        let rows = table.base + Int(c) * TimeLeft.rows
        var (low, high) = (0, TimeLeft.rows)
        while high - low > 1 {
            let middle = (low + high) / 2
            if rows[middle].elapsed <= elapsed { low = middle } else { high = middle }
        }
        guard high < TimeLeft.rows else { return Left(expected: rows[0].whole, late: rows[0].lateWhole) }
        let (a, b) = (rows[low], rows[high])
        let part = (elapsed - a.elapsed) / (b.elapsed - a.elapsed)
        return Left(
            expected: max(0, a.whole + part * (b.whole - a.whole) - elapsed),
            late: max(0, a.lateWhole + part * (b.lateWhole - a.lateWhole) - elapsed))
    }

    /// Whatever has passed.
    static func exponential(mean: Double) -> Left { Left(expected: mean, late: kernels_log(10) * mean) }

    /// Rows of a log-normal or gamma distribution, from the integrals of its density over what is above each row. In v = ln(x / mean)
    /// the density is smooth and falls off on both sides, so that the trapezoidal rule is as good as exact.
    private static func fill(_ rows: UnsafeMutablePointer<Row>, _ service: ServiceTime) throws(PatrolError) {
        let (mean, cv) = (service.mean, service.variation)
        rows[0] = Row(elapsed: 0, whole: mean, lateWhole: mean)
        guard cv > 0 else {
            for r in 1..<TimeLeft.rows { rows[r] = Row(elapsed: mean, whole: mean, lateWhole: mean) }
            return
        }
        let variance = kernels_log(1 + cv * cv)
        let deviation = variance.squareRoot()
        let isGamma = service.kind == .gamma
        let first = isGamma ? -min(9.2, 10 * cv) : -variance / 2 - 8 * deviation
        let last = isGamma ? kernels_log(1 + 10 * cv + 40 * cv * cv) : -variance / 2 + 8 * deviation
        let count = TimeLeft.rows - 1
        let step = (last - first) / Double(count - 1)
        func density(_ v: Double) -> Double {
            if isGamma { return kernels_exp64((v - kernels_exp64(v) + 1) / (cv * cv)) }
            let z = (v + variance / 2) / deviation
            return kernels_exp64(-z * z / 2)
        }
        // What is above each row: how much there is, and its sum in means. Row r is at v = first + (r − 1) · step.
        let mass = try Buffer<Double>(count: count, repeating: 0)
        var sum = 0.0
        for k in stride(from: count - 2, through: 0, by: -1) {
            let (v, w) = (first + Double(k) * step, first + Double(k + 1) * step)
            let (lower, upper) = (density(v), density(w))
            mass[k] = mass[k + 1] + step * (lower + upper) / 2
            sum += step * (lower * kernels_exp64(v) + upper * kernels_exp64(w)) / 2
            let elapsed = mean * kernels_exp64(v)
            let whole = mass[k] > 0 ? mean * sum / mass[k] : 0
            rows[k + 1] = Row(elapsed: elapsed, whole: max(elapsed, whole))
        }
        let end = mean * kernels_exp64(last)
        rows[count] = Row(elapsed: end, whole: end, lateWhole: end)
        // Of a gamma distribution that varies much there is some below the first row, where its density is a power.
        let below = isGamma && 10 * cv > 9.2 ? cv * cv * kernels_exp64((first + 1) / (cv * cv)) : 0
        var k = 0
        for r in 0..<count {
            let wanted = (r == 0 ? mass[0] + below : mass[r - 1]) / 10
            while k + 1 < count - 1, mass[k + 1] > wanted { k += 1 }
            let width = mass[k] - mass[k + 1]
            let part = width > 0 ? max(0, min((mass[k] - wanted) / width, 1)) : 1
            let late = rows[k + 1].elapsed + part * (rows[k + 2].elapsed - rows[k + 1].elapsed)
            rows[r].lateWhole = max(rows[r].elapsed, late)
        }
    }

    /// Rows of samples: at 0, and at samples of evenly spaced rank.
    private static func fill(
        _ rows: UnsafeMutablePointer<Row>, _ service: ServiceTime, _ samples: Buffer<Float>
    ) throws(PatrolError) {
        let count = Int(service.sampleCount)
        let keys = try Buffer<UInt64>(count: count, repeating: 0)
        let order = try Buffer<Int32>(count: count, repeating: 0)
        for k in 0..<count {
            order[k] = Int32(truncatingIfNeeded: k)
            // Of numbers that are not negative, the bits have the order of the numbers.
            keys[k] = UInt64((samples[Int(service.firstSample) + k] + 0).bitPattern)
        }
        sortIndices(order.base, count: count, by: keys.base)
        func sample(_ rank: Int) -> Double { Double(Float(bitPattern: UInt32(keys[Int(order[rank])]))) }
        let above = try Buffer<Double>(count: count + 1, repeating: 0)
        for rank in stride(from: count - 1, through: 0, by: -1) { above[rank] = above[rank + 1] + sample(rank) }
        func row(_ elapsed: Double, _ rank: Int) -> Row {
            let left = count - rank
            guard left > 0 else { return Row(elapsed: elapsed, whole: elapsed, lateWhole: elapsed) }
            let late = sample(rank + (9 * left + 9) / 10 - 1)
            return Row(elapsed: elapsed, whole: above[rank] / Double(left), lateWhole: late)
        }
        rows[0] = row(0, 0)
        let last = TimeLeft.rows - 1
        for r in 1...last {
            var rank = (r * count + last - 1) / last - 1
            let elapsed = sample(rank)
            while rank < count, sample(rank) <= elapsed { rank += 1 }
            rows[r] = row(elapsed, rank)
        }
    }
}
