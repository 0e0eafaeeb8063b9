import PatrolDecisions
import PatrolModel
import PatrolNetworks
import PatrolSimulation

/// Searches the parameters of a policy directly for the least cost of the simulated system: no reward to be designed, no value
/// to be estimated (direct policy search; Maxwell, Henderson & Topaloglu 2013 find that regression misses good policies of
/// the same form).
///
///     for each generation
///         draw policies around the present parameters (`EvolutionStrategy`)
///         simulate each of them with the same calls, and rank them by cost
///         move the parameters towards the better ones
///     at the end: the mean of the last half of the generations' parameters
///
/// Parameters are scaled so that all of them move decisions alike. Random numbers are those of one seed, phase and
/// generation; results do not depend on the number of threads.
final class DirectSearch {
    let options: SearchOptions
    let seed: UInt64
    /// Each new start is another phase with other random numbers.
    var phase = 0
    var generation = 0
    var eventCount: UInt64 = 0
    /// Over parameters / scales.
    let strategy: EvolutionStrategy
    let scales: Buffer<Float>
    /// Sum of the means after each of the last half of the generations.
    let summed: Buffer<Float>
    /// Of the generation under way.
    var trials: Trials?

    /// What the policies of a generation cost, shape [replications, population], and how many of these simulations are done.
    struct Trials {
        let costs: Buffer<Double>
        let events: Buffer<UInt64>
        var done = 0

        init(count: Int) throws(PatrolError) {
            costs = try Buffer(count: count, repeating: 0)
            events = try Buffer(count: count, repeating: 0)
        }
    }

    /// Simulations of one `advance`, or as many as there are threads.
    private static let trialsAtOnce = 4

    init(dimensions: Int, options: SearchOptions, seed: UInt64) throws(PatrolError) {
        self.options = options
        self.seed = seed
        strategy = try EvolutionStrategy(
            dimensions: dimensions, population: options.population, deviation: options.deviation)
        scales = try Buffer(count: dimensions, repeating: 1)
        summed = try Buffer(count: dimensions, repeating: 0)
    }

    var isDone: Bool { generation >= options.generations }

    /// Begins at parameters, whose scales the caller has set before.
    func begin(at parameters: Buffer<Float>) {
        phase += 1
        generation = 0
        trials = nil
        for k in 0..<strategy.dimensions {
            strategy.mean[k] = parameters[k] / scales[k]
            (strategy.deviation[k], summed[k]) = (options.deviation, 0)
        }
    }

    /// Of the generations that is done, the present one's part included.
    var share: Double {
        let part = trials.map { Double($0.done) / Double($0.costs.count) } ?? 0
        return options.generations > 0 ? (Double(generation) + part) / Double(options.generations) : 1
    }

    /// Some simulations of a generation. Nothing when done.
    /// - Parameter engine: decides with given parameters, shape [dimensions], in a task; called on several threads.
    func advance(
        _ tasks: [TrainingTask], threads: Int,
        engine: (TrainingTask, Buffer<Float>) throws(PatrolError) -> DecisionEngine
    ) throws(PatrolError) {
        guard !isDone else { return }
        if trials == nil { trials = try beginGeneration() }
        guard var trials else { return }
        let (first, population) = (trials.done, options.population)
        let count = min(max(DirectSearch.trialsAtOnce, threads), trials.costs.count - first)
        let (costs, events, replications) = (trials.costs, trials.events, options.replications)
        try runShards(count, threads: threads) { (number) throws(PatrolError) in
            let shard = first + number
            let (replication, k) = (shard / population, shard % population)
            let task = tasks[(generation * replications + replication) % tasks.count]
            var calls = generator(2, replication)
            let engine = try engine(task, try parameters(strategy.point(k)))
            let delay = task.delay(
                ofRun: (generation * replications + replication) / tasks.count, seconds: options.seconds)
            let simulator = try Simulator(task.model, engine: engine, seed: calls.next(), delay: delay)
            simulator.limits.nodeLimit = options.nodeLimit
            simulator.stayFactor = options.stayFactor
            let start = simulator.start + task.model.scenario.warmUp
            try simulator.run(until: start)
            let before = simulator.cumulativeCost
            try simulator.run(until: start + options.seconds)
            costs[shard] = simulator.cumulativeCost - before
            events[shard] = simulator.eventCount
        }
        trials.done += count
        self.trials = trials
        if trials.done == costs.count { try endGeneration(trials) }
    }

    /// Draws the policies of the generation.
    func beginGeneration() throws(PatrolError) -> Trials {
        let begun = try Trials(count: options.replications * options.population)
        var random = generator(1)
        strategy.sample(&random)
        return begun
    }

    private func endGeneration(_ ended: Trials) throws(PatrolError) {
        trials = nil
        let (costs, population) = (ended.costs, options.population)
        // Relative to the generation's mean, so that a replication of much work counts no more than another.
        let relative = try Buffer<Double>(count: population, repeating: 0)
        for replication in 0..<options.replications {
            let row = costs.base + replication * population
            var sum = 0.0
            for k in 0..<population { sum += row[k] }
            for k in 0..<population where sum > 0 { relative[k] += row[k] / sum }
        }
        strategy.update(relative.base)
        for shard in 0..<ended.events.count { eventCount &+= ended.events[shard] }
        generation += 1
        if 2 * generation > options.generations {
            for k in 0..<strategy.dimensions { summed[k] += strategy.mean[k] }
        }
    }

    /// What has been found so far, shape [dimensions].
    func found() throws(PatrolError) -> Buffer<Float> {
        let first = options.generations / 2
        guard generation > first else { return try parameters(strategy.mean.base) }
        let mean = try Buffer<Float>(count: strategy.dimensions, repeating: 0)
        for k in 0..<strategy.dimensions { mean[k] = summed[k] / Float(generation - first) }
        return try parameters(mean.base)
    }

    private func parameters(_ point: UnsafePointer<Float>) throws(PatrolError) -> Buffer<Float> {
        let values = try Buffer<Float>(count: strategy.dimensions, repeating: 0)
        for k in 0..<strategy.dimensions { values[k] = point[k] * scales[k] }
        return values
    }

    /// Random numbers for one purpose in this phase and generation.
    func generator(_ purpose: UInt64, _ shard: Int = 0) -> RandomNumbers {
        RandomNumbers(
            seed: seed, stream: UInt64(phase + 1) << 40 | UInt64(generation) << 20 | UInt64(shard) << 4 | purpose)
    }
}
