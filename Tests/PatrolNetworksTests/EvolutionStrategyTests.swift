import PatrolModel
import PatrolNetworks
import Testing

@Suite struct EvolutionStrategyTests {
    /// An ellipsoid of condition number 100, with noise that the order of values has to see through.
    @Test(arguments: [0, 0.02]) func findsAMinimum(noise: Double) throws {
        var random = RandomNumbers(seed: 51)
        let n = 6
        let strategy = try EvolutionStrategy(dimensions: n, population: 12, deviation: 0.5)
        let optimum = (0..<n).map { Float($0) / 4 - 0.5 }
        var costs = [Double](repeating: 0, count: 12)
        for _ in 0..<200 {
            strategy.sample(&random)
            for k in 0..<12 {
                let point = strategy.point(k)
                costs[k] = (0..<n).reduce(noise * random.uniform()) {
                    let error = Double(point[$1] - optimum[$1]) * Double(1 + 9 * $1 / (n - 1))
                    return $0 + error * error
                }
            }
            strategy.update(costs)
        }
        let tolerance: Float = noise == 0 ? 1e-3 : 0.2
        for i in 0..<n { #expect(abs(strategy.mean[i] - optimum[i]) < tolerance) }
        #expect(strategy.deviation.elements.allSatisfy { $0 > 0 && $0 < 0.5 })
    }

    @Test func samplesAreMirrored() throws {
        var random = RandomNumbers(seed: 52)
        let strategy = try EvolutionStrategy(dimensions: 3, population: 4, deviation: 0.5)
        strategy.mean[1] = 7
        strategy.sample(&random)
        for k in [0, 2] {
            for i in 0..<3 {
                #expect(abs(strategy.point(k)[i] + strategy.point(k + 1)[i] - 2 * strategy.mean[i]) < 1e-5)
                #expect(strategy.point(k)[i] != strategy.mean[i])
            }
        }
    }
}
