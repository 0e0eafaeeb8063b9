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
    /// Deviation of the first generation's parameters, in each one's scale.
    public var deviation: Float
    /// Of each decision.
    public var nodeLimit: UInt64 = 64
    /// How much longer units stay in these simulations before they are asked again; 1 where patrol is what is searched for.
    public var stayFactor: Double

    public init(generations: Int, deviation: Float, stayFactor: Double = 1) {
        (self.generations, self.deviation, self.stayFactor) = (generations, deviation, stayFactor)
    }

    /// - Parameters:
    ///   - name: of the option for generations in the C interface.
    ///   - least: generations.
    /// - Throws: `invalidArgument`, `invalidNumber`.
    func validate(_ name: StaticString, atLeast least: Int) throws(PatrolError) {
        try checkCount(generations, in: least...100_000, "\(name)")
        try checkCount(population, in: 2...1024, "search_population")
        try checkCount(replications, in: 1...10_000, "search_replications")
        try check(
            population % 2 == 0, .invalidArgument, "search_population is \(population), expected an even number")
        try checkNumber(seconds, in: 60...largestNumber, "seconds of a search")
        try checkPositive(deviation, atMost: 100, "deviation of a search")
    }
}
