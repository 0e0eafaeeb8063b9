import PatrolDecisions
import PatrolModel
import PatrolNetworks
import PatrolSimulation

/// Learns the value of dispatch decisions by approximate policy iteration on paired rollouts.
///
///     iteration 0        compare assignments along a heuristic's trajectories; fit the networks; forget the comparisons
///     iterations 1 … n   compare along the trajectories of the networks fitted last; fit all comparisons of the last sets
///     at the end         average the last networks: without it the iterates oscillate
///     then               search their last layers directly for the least cost (`DispatchSearch`)
///
/// A comparison follows two assignments with the same future (`PairedRollouts`), and the networks learn the difference
/// (`ComparisonRegression`): a plain regression of costs on states drowns what one assignment changes in what the future
/// brings. After Lagoudakis & Parr 2003 (policy iteration from rollouts) with the value in the program of Delarue,
/// Anderson & Tjandraatmadja 2020.
///
/// `advance` does a bounded piece of work. The same options, seed, model and engine give the same networks, with any number of
/// threads.
///
///     let learner = try DispatchLearner([TrainingTask(model, engine: engine)], options: DispatchLearnerOptions(), seed: 1)
///     while !learner.isDone { try learner.advance(threads: 2) }
///     let learned = try learner.learnedEngine(engine)
public final class DispatchLearner {
    public let options: DispatchLearnerOptions
    public let seed: UInt64
    let search: DispatchSearch?
    /// Each new start, or new patrol policy, is another phase with other random numbers.
    public internal(set) var phase = 0
    /// 0 is the one that follows a heuristic.
    public internal(set) var iteration = 0
    var comparisonEvents: UInt64 = 0
    public var eventCount: UInt64 { comparisonEvents + (search?.search.eventCount ?? 0) }
    /// Share of the variance of comparisons that the last fit explained.
    public internal(set) var explained = 0.0
    let networks: DispatchNetworks
    /// Where the phase began: 1 where it was warm.
    public internal(set) var firstIteration = 0
    /// Shards of the present iteration that are done.
    var shardsDone = 0
    /// Sets of comparisons, the present iteration's at `iteration % pooledSets`; shape [pooled sets, shards].
    let sets: [[ComparisonShard]]
    /// Parameters after each of the last iterations, oldest first.
    var recent: [(pair: Buffer<Float>, value: Buffer<Float>)] = []
    private var tasks: [TrainingTask]

    /// Shards of one `advance`.
    private static let shardsAtOnce = 4

    /// - Parameter tasks: taken in turn by shards: one, or many cities, fleets and loads for a general policy. Their engines
    ///   bring the rules, the patrol policy, and the dispatch heuristic that is followed first. What decisions weigh groups with
    ///   (the engine's group weights) should be what is charged (the scenario's).
    /// - Throws: `invalidArgument`, `invalidNumber` for options; `mismatch` where tasks do not fit.
    public init(_ tasks: [TrainingTask], options: DispatchLearnerOptions, seed: UInt64) throws(PatrolError) {
        try options.validate()
        self.tasks = tasks
        self.options = options
        self.seed = seed
        networks = try DispatchNetworks(options, unit: tasks.count > 1 ? .postTime : .minute)
        search =
            options.search.generations > 0
            ? try DispatchSearch(networks, options: options.search, seed: seed) : nil
        var sets: [[ComparisonShard]] = []
        for _ in 0..<options.pooledSets {
            var set: [ComparisonShard] = []
            for _ in 0..<options.shards {
                set.append(try ComparisonShard(capacity: options.shardCapacity, withStates: options.learnsValue))
            }
            sets.append(set)
        }
        self.sets = sets
        try resume(tasks)
        var random = generator(1)
        networks.initialize(&random)
    }

    /// Begins another phase: from new networks or, where `warm`, from the present ones, which are then searched on or,
    /// without a search, fitted on.
    public func begin(_ tasks: [TrainingTask], warm: Bool) throws(PatrolError) {
        try resume(tasks)
        phase += 1
        shardsDone = 0
        recent = []
        firstIteration = !warm ? 0 : search == nil ? 1 : options.iterations + 1
        iteration = firstIteration
        for set in sets {
            for shard in set { shard.clear(limit: 0) }
        }
        guard !warm else {
            if isFitted { try search?.begin() }
            return
        }
        var random = generator(1)
        networks.initialize(&random)
    }

    /// Continues with other models or engines, for example other group weights.
    public func resume(_ tasks: [TrainingTask]) throws(PatrolError) {
        try TrainingTask.validate(tasks)
        self.tasks = tasks
    }

    public var isDone: Bool { isFitted && search?.search.isDone ?? true }

    /// Nothing is left but the search.
    public var isFitted: Bool { iteration > options.iterations }

    /// Of the present phase that is done. A generation of the search takes about as long as a shard.
    public var share: Double {
        let iterations = options.iterations + 1 - firstIteration
        let generations = Double(options.search.generations)
        let shards = Double((iteration - firstIteration) * options.shards + shardsDone)
        let all = Double(iterations * options.shards) + generations
        return all > 0 ? (shards + (isFitted ? (search?.search.share ?? 0) * generations : 0)) / all : 1
    }

    /// Does some of the present iteration's rollouts, or its fit, or some of a generation of the search. Nothing when done.
    public func advance(threads: Int) throws(PatrolError) {
        guard !isDone else { return }
        if isFitted {
            try search?.advance(tasks, threads: threads)
        } else if shardsDone < options.shards {
            try compare(threads: threads)
        } else {
            try fit(threads: threads)
        }
    }

    /// An engine whose dispatch policy is what has been learned so far.
    public func learnedEngine(_ engine: DecisionEngine) throws(PatrolError) -> DecisionEngine {
        try networks.engine(engine)
    }

    private func compare(threads: Int) throws(PatrolError) {
        var engines: [DecisionEngine] = []
        for task in tasks { engines.append(iteration == 0 ? task.engine : try learnedEngine(task.engine)) }
        let wanted = iteration == 0 ? options.bootstrapComparisons : options.comparisons
        let first = shardsDone
        let count = min(DispatchLearner.shardsAtOnce, options.shards - first)
        let events = try Buffer<UInt64>(count: count, repeating: 0)
        let set = sets[iteration % options.pooledSets]
        try runShards(count, threads: threads) { (k) throws(PatrolError) in
            let shard = first + k
            // On through all tasks where there are more of them than shards.
            let task = (iteration * options.shards + shard) % tasks.count
            var random = generator(2, shard)
            var rollouts = try PairedRollouts(
                tasks[task].model, engine: engines[task], options: options, unit: networks.unit, seed: random.next())
            set[shard].clear(limit: part(of: wanted, shard: shard, of: options.shards))
            events[k] = try rollouts.fill(set[shard])
        }
        for k in 0..<count { comparisonEvents += events[k] }
        shardsDone += count
    }

    private func fit(threads: Int) throws(PatrolError) {
        var pool: [ComparisonShard] = []
        for set in sets { pool += set }
        try networks.fitNormalization(pool)
        var random = generator(3)
        explained = try ComparisonRegression(networks, options: options).fit(pool, &random, threads: threads)
        if iteration == 0 {
            for set in sets {
                for shard in set { shard.clear(limit: 0) }
            }
        } else {
            if recent.count == options.averagedNetworks { recent.removeFirst() }
            recent.append((try Buffer(copying: networks.pair), try Buffer(copying: networks.value)))
        }
        iteration += 1
        shardsDone = 0
        guard isFitted else { return }
        average(recent.map { $0.pair }, into: networks.pair)
        average(recent.map { $0.value }, into: networks.value)
        try search?.begin()
    }

    /// Random numbers for one purpose in this phase and iteration.
    private func generator(_ purpose: UInt64, _ shard: Int = 0) -> RandomNumbers {
        RandomNumbers(seed: seed, stream: UInt64(phase) << 32 | UInt64(iteration) << 16 | UInt64(shard) << 8 | purpose)
    }
}
