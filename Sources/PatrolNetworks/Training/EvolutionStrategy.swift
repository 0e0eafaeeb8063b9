import CKernels
import PatrolModel

/// A separable natural evolution strategy with mirrored samples, for expensive and noisy functions of a few numbers (SNES:
/// Schaul, Glasmachers & Schmidhuber 2011; Wierstra et al. 2014, arXiv 1106.4487, algorithm 6). It minimizes, and
/// sees nothing of the values but their order.
///
///     while !done {
///         strategy.sample(&random)
///         for k in 0..<strategy.population { costs[k] = cost(of: strategy.point(k)) }
///         strategy.update(costs)
///     }
public final class EvolutionStrategy {
    /// Mean and standard deviations of the search distribution, shape [dimensions]: the whole state.
    public let mean: Buffer<Float>
    public let deviation: Buffer<Float>
    public let population: Int
    /// Standard normal directions of the present samples, shape [population, dimensions], and the samples.
    private let directions: Buffer<Float>
    private let points: Buffer<Float>
    private let order: Buffer<Int32>

    public var dimensions: Int { mean.count }

    /// - Parameter population: even.
    /// - Throws: `outOfMemory`.
    public init(dimensions: Int, population: Int, deviation: Float) throws(PatrolError) {
        mean = try Buffer(count: dimensions, repeating: 0)
        self.deviation = try Buffer(count: dimensions, repeating: deviation)
        self.population = population
        directions = try Buffer(count: population * dimensions, repeating: 0)
        points = try Buffer(count: population * dimensions, repeating: 0)
        order = try Buffer(count: population, repeating: 0)
    }

    /// Draws the samples: each direction with its opposite.
    public func sample(_ random: inout RandomNumbers) {
        let n = dimensions
        for k in 0..<population {
            for i in 0..<n {
                directions[k * n + i] = k % 2 == 0 ? Float(random.standardNormal()) : -directions[(k - 1) * n + i]
                points[k * n + i] = mean[i] + deviation[i] * directions[k * n + i]
            }
        }
    }

    /// Shape [dimensions].
    public func point(_ index: Int) -> UnsafePointer<Float> { UnsafePointer(points.base + index * dimensions) }

    /// Moves the distribution towards the better samples. - Parameter costs: shape [population]; the lower the better.
    public func update(_ costs: UnsafePointer<Double>) {
        let n = dimensions
        sortByCost(costs)
        let rateOfDeviation = (3 + kernels_log(Double(n))) / (5 * Double(n).squareRoot())
        let total = weightSum
        for i in 0..<n {
            var (towards, wider) = (0.0, 0.0)
            for rank in 0..<population {
                let direction = Double(directions[Int(order[rank]) * n + i])
                let utility = weight(rank) / total - 1 / Double(population)
                towards += utility * direction
                wider += utility * (direction * direction - 1)
            }
            mean[i] += deviation[i] * Float(towards)
            deviation[i] *= Float(kernels_exp64(rateOfDeviation / 2 * wider))
        }
    }

    private func weight(_ rank: Int) -> Double {
        max(0, kernels_log(Double(population) / 2 + 1) - kernels_log(Double(rank + 1)))
    }

    private var weightSum: Double {
        var sum = 0.0
        for rank in 0..<population { sum += weight(rank) }
        return sum
    }

    /// Ascending; of equal costs the lower index first.
    private func sortByCost(_ costs: UnsafePointer<Double>) {
        for k in 0..<population {
            var place = k
            while place > 0 && costs[Int(order[place - 1])] > costs[k] {
                order[place] = order[place - 1]
                place -= 1
            }
            order[place] = Int32(truncatingIfNeeded: k)
        }
    }
}

extension RandomNumbers {
    /// Standard normal, by Marsaglia's polar method (1964).
    mutating func standardNormal() -> Double {
        while true {
            let (x, y) = (2 * uniform() - 1, 2 * uniform() - 1)
            let square = x * x + y * y
            if square > 0 && square < 1 { return x * (-2 * kernels_log(square) / square).squareRoot() }
        }
    }
}
