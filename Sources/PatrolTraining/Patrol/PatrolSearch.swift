import PatrolDecisions
import PatrolModel
import PatrolNetworks
import PatrolSimulation

/// How patrol is searched for.
public struct PatrolSearchOptions: Sendable {
    public var generations = 40
    /// Policies of a generation; even.
    public var population = 16
    /// Simulations that each policy of a generation is tried in, the same for all (common random numbers).
    public var replications = 4
    /// Of a simulation, after the scenario's warm-up.
    public var seconds = 24.0 * 3600
    /// Of the first generation's weights, relative to that of marginal coverage.
    public var deviation: Float = 0.1

    public init() {}

    /// - Throws: `outOfRange`, `invalidNumber`.
    func check() throws(PatrolError) {
        for (value, name, range) in [
            (generations, "generations", 1...100_000), (population, "population", 2...1024),
            (replications, "replications", 1...10_000),
        ] as [(Int, StaticString, ClosedRange<Int>)] where !range.contains(value) {
            throw PatrolError(.outOfRange, "\(name) is \(value), expected \(range.lowerBound) to \(range.upperBound)")
        }
        guard population % 2 == 0 else { throw PatrolError(.outOfRange, "population is \(population), expected an even number") }
        guard seconds >= 60, seconds <= 1e9, deviation > 0, deviation <= 100 else {
            throw PatrolError(
                .invalidNumber,
                "seconds is \(seconds), deviation \(deviation); expected 60 to 10^9, and above 0 and at most 100")
        }
    }
}

/// Searches the weights of a linear score of candidates directly for the least cost of the simulated system: no reward to be
/// designed, no value to be estimated (direct policy search; Maxwell, Henderson & Topaloglu 2013 find that regression misses good
/// policies of the same form).
///
///     score(c) = Σ_k w_k · feature_k(c)       features of `candidate/2` that differ between candidates
///     begin with greedy expected coverage with backup: w = 1 for gain(m₁), q for gain(m₍₂₎), q² for gain(m₍₃₎)
///     for each generation
///         draw policies around the present weights (`EvolutionStrategy`)
///         simulate each of them with the same calls, and rank them by cost
///         move the weights towards the better ones
///     at the end: the mean of the last half of the generations' weights
///
/// `advance` does one generation. The same options, seed and tasks give the same weights, with any number of threads.
public final class PatrolSearch {
    public let options: PatrolSearchOptions
    public let seed: UInt64
    /// As in `PatrolLearner`.
    public internal(set) var phase = 0
    public internal(set) var generation = 0
    public internal(set) var eventCount: UInt64 = 0
    /// The search is over weights · `scales`, which puts features that move scores alike on one scale.
    let strategy: EvolutionStrategy
    let scales: Buffer<Float>
    /// Sum of the means after the last half of the generations.
    let summed: Buffer<Float>
    private var tasks: [PatrolTask]

    /// Features that differ between the candidates of a decision, each once: others cannot change a linear choice. That of
    /// marginal coverage keeps its weight 1, since scores have no scale.
    static let features = [28, 30, 2, 4, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 19, 20, 21, 25, 27]

    /// - Throws: as `PatrolLearner.init`.
    public init(_ tasks: [PatrolTask], options: PatrolSearchOptions, seed: UInt64) throws(PatrolError) {
        try options.check()
        self.tasks = tasks
        self.options = options
        self.seed = seed
        strategy = try EvolutionStrategy(
            dimensions: PatrolSearch.features.count, population: options.population, deviation: options.deviation)
        scales = try Buffer(count: PatrolSearch.features.count, repeating: 1)
        summed = try Buffer(count: PatrolSearch.features.count, repeating: 0)
        try begin(tasks, warm: false)
    }

    /// Begins another phase: from the present weights where `warm`, else from coverage with backup.
    public func begin(_ tasks: [PatrolTask], warm: Bool) throws(PatrolError) {
        try resume(tasks)
        let last = try weights()
        phase += 1
        generation = 0
        for k in 0..<strategy.dimensions { (strategy.deviation[k], summed[k]) = (options.deviation, 0) }
        if !warm { try fitScales() }
        let q = CandidateTable.backupShare
        for (k, feature) in PatrolSearch.features.enumerated() {
            let first = feature == CandidateTable.secondGain ? q : feature == CandidateTable.thirdGain ? q * q : 0
            strategy.mean[k] = (warm ? last[feature] : first) * scales[k]
        }
    }

    /// Goes on with other models or engines as if nothing had changed.
    public func resume(_ tasks: [PatrolTask]) throws(PatrolError) {
        guard !tasks.isEmpty else { throw PatrolError(.invalidArgument, "no task to learn from") }
        for task in tasks where task.engine.area !== task.model.area {
            throw PatrolError(.mismatch, "an engine's area is another object than its scenario's")
        }
        self.tasks = tasks
    }

    public var isDone: Bool { generation >= options.generations }

    /// One generation. Nothing when done.
    public func advance(threads: Int) throws(PatrolError) {
        guard !isDone else { return }
        var random = generator(1)
        strategy.sample(&random)
        let (population, replications) = (options.population, options.replications)
        let costs = try Buffer<Double>(count: replications * population, repeating: 0)
        let events = try Buffer<UInt64>(count: replications * population, repeating: 0)
        try runShards(replications * population, threads: threads) { (shard) throws(PatrolError) in
            let (replication, k) = (shard / population, shard % population)
            let task = tasks[(generation * replications + replication) % tasks.count]
            var calls = generator(2, replication)
            let engine = try engine(task.engine, strategy.point(k))
            let simulator = try Simulator(task.model, engine: engine, seed: calls.next())
            let start = task.model.scenario.start + task.model.scenario.warmUp
            try simulator.run(until: start)
            let before = simulator.cumulativeCost
            try simulator.run(until: start + options.seconds)
            costs[shard] = simulator.cumulativeCost - before
            events[shard] = simulator.eventCount
        }
        let relative = try Buffer<Double>(count: population, repeating: 0)
        for replication in 0..<replications {
            let row = costs.base + replication * population
            var sum = 0.0
            for k in 0..<population { sum += row[k] }
            for k in 0..<population where sum > 0 { relative[k] += row[k] / sum }
        }
        strategy.update(relative.base)
        for shard in 0..<events.count { eventCount += events[shard] }
        generation += 1
        if 2 * generation > options.generations {
            for k in 0..<strategy.dimensions { summed[k] += strategy.mean[k] }
        }
    }

    /// Weights of the features of `candidate/2`, shape [33].
    public func weights() throws(PatrolError) -> Buffer<Float> {
        let averaged = 2 * generation - options.generations
        let count = (averaged + 1) / 2
        guard averaged > 0, count > 0 else { return try weights(strategy.mean.base) }
        let mean = try Buffer<Float>(count: strategy.dimensions, repeating: 0)
        for k in 0..<strategy.dimensions { mean[k] = summed[k] / Float(count) }
        return try weights(mean.base)
    }

    private func weights(_ point: UnsafePointer<Float>) throws(PatrolError) -> Buffer<Float> {
        let weights = try Buffer<Float>(count: CandidateTable.widthWithBackup, repeating: 0)
        weights[CandidateTable.gain] = 1
        for (k, feature) in PatrolSearch.features.enumerated() { weights[feature] = point[k] / scales[k] }
        return weights
    }

    /// The layer for a policy file.
    public func layers() throws(PatrolError) -> [DenseLayer] { try layers(try weights()) }

    private func layers(_ weights: Buffer<Float>) throws(PatrolError) -> [DenseLayer] {
        [DenseLayer(inputs: weights.count, outputs: 1, weights: weights, bias: try Buffer(count: 1, repeating: 0))]
    }

    /// An engine whose patrol policy is what has been found so far.
    public func learnedEngine(_ engine: DecisionEngine) throws(PatrolError) -> DecisionEngine {
        try self.engine(engine, layers(try weights()))
    }

    private func engine(_ engine: DecisionEngine, _ point: UnsafePointer<Float>) throws(PatrolError) -> DecisionEngine {
        try self.engine(engine, layers(try weights(point)))
    }

    private func engine(_ engine: DecisionEngine, _ layers: [DenseLayer]) throws(PatrolError) -> DecisionEngine {
        let policy = TrainedPolicy(
            patrol: try DenseNetwork(layers: layers), pair: engine.policy?.pair, value: engine.policy?.value)
        return try DecisionEngine(
            engine, policy: policy, patrolPolicy: .learned, dispatchPolicy: engine.options.dispatchPolicy)
    }

    /// Sets a feature's scale to the root mean square of its difference to staying, relative to that of marginal coverage.
    private func fitScales() throws(PatrolError) {
        var options = PatrolLearnerOptions()
        options.reward = .backupDifference
        var squares = [Double](repeating: 0, count: CandidateTable.widthWithBackup)
        for (k, task) in tasks.enumerated() {
            let form = DecisionForm(
                width: CandidateTable.widthWithBackup, maximumCandidates: task.engine.maximumCandidates, hasRowPerCandidate: true)
            let memory = try ReplayMemory(form, capacity: 4096)
            var random = generator(3, k)
            let episode = try PatrolEpisode(
                task, form: form, options: options, network: nil, exploration: 0.1, seed: random.next(), random: random)
            try episode.run(until: task.model.scenario.start + self.options.seconds, into: memory)
            for index in 0..<memory.count {
                let transition = memory[index]
                for candidate in 1..<max(1, transition.nextCandidates) {
                    for f in 0..<form.width {
                        let difference = transition.nextRows[candidate * form.width + f] - transition.nextRows[f]
                        squares[f] += Double(difference) * Double(difference)
                    }
                }
            }
        }
        let unit = squares[CandidateTable.gain]
        for (k, feature) in PatrolSearch.features.enumerated() {
            scales[k] = unit > 0 && squares[feature] > 0 ? Float((squares[feature] / unit).squareRoot()) : 1
        }
    }

    /// Random numbers for one purpose in this phase and generation.
    private func generator(_ purpose: UInt64, _ shard: Int = 0) -> RandomNumbers {
        RandomNumbers(seed: seed, stream: UInt64(phase + 1) << 40 | UInt64(generation) << 20 | UInt64(shard) << 4 | purpose)
    }
}
