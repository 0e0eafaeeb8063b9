import PatrolModel

/// How parameters of a policy are searched for.
public struct SearchOptions: Sendable {
    public var generations: Int
    /// Policies of a generation; even.
    public var population = 16
    /// Simulations that each policy of a generation is tried in, the same for all (common random numbers).
    public var replications = 4
    /// Of a simulation, after the scenario's warm-up.
    public var seconds = 24.0 * 3600
    /// Of the first generation's parameters, in the unit of each.
    public var deviation: Float
    /// Of each decision.
    public var nodeLimit: UInt64 = 64

    public init(generations: Int, deviation: Float) {
        (self.generations, self.deviation) = (generations, deviation)
    }

    /// - Parameters:
    ///   - name: of the option for generations in the C interface.
    ///   - least: generations.
    /// - Throws: `invalidArgument`, `invalidNumber`.
    func check(_ name: StaticString, atLeast least: Int) throws(PatrolError) {
        for (value, name, range) in [
            (generations, name, least...100_000), (population, "search_population", 2...1024),
            (replications, "search_replications", 1...10_000),
        ] as [(Int, StaticString, ClosedRange<Int>)] where !range.contains(value) {
            throw PatrolError(.invalidArgument, "\(name) is \(value), expected \(range.lowerBound) to \(range.upperBound)")
        }
        guard population % 2 == 0 else {
            throw PatrolError(.invalidArgument, "search_population is \(population), expected an even number")
        }
        guard seconds >= 60, seconds <= 1e9, deviation > 0, deviation <= 100 else {
            throw PatrolError(
                .invalidNumber,
                "seconds of a search is \(seconds), deviation \(deviation); expected 60 to 10^9, and above 0 and at most 100")
        }
    }
}
