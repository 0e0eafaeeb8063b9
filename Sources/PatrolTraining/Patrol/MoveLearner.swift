import PatrolDecisions
import PatrolModel
import PatrolNetworks
import PatrolSimulation

/// Learns patrol by what moves really cost: independent learners that share one deep network, whose outputs are the values of a
/// unit's moves up to a constant of the state, in minutes of waiting of a mean call.
///
///     begin at the linear score of a direct search (`PatrolSearch`), scaled to what moves of the first iteration saved
///     for each iteration   compare moves along trajectories of the policy so far (`MoveRollouts`)
///                          fit the network to all comparisons so far (`MoveRegression`)
///     at the end           average the networks of the last iterations
///
/// Approximate policy iteration on rollouts, as dispatch is learned (Lagoudakis & Parr 2003; Bertsekas & Castañon 1999). `advance`
/// does a bounded piece of work. The same options, seed and tasks give the same network, with any number of threads.
public final class MoveLearner {
    public let options: MoveLearnerOptions
    public let seed: UInt64
    let search: PatrolSearch
    /// Each new start is another phase with other random numbers.
    public internal(set) var phase = 0
    public internal(set) var iteration = 0
    var comparisonEvents: UInt64 = 0
    public var eventCount: UInt64 { comparisonEvents + search.eventCount }
    /// Share of the variance of comparisons that the last fit explained.
    public internal(set) var explained = 0.0
    let stack: TrainableStack
    var normalization: InputNormalization
    /// Shards of the present iteration that are done.
    var shardsDone = 0
    /// Sets of comparisons, the present iteration's at `iteration % pooledSets`; shape [pooled sets, shards].
    let sets: [[MoveComparisons]]
    /// Parameters after each of the last iterations, oldest first.
    var recent: [Buffer<Float>] = []
    private var tasks: [TrainingTask]

    /// Shards of one `advance`.
    private static let shardsAtOnce = 2

    /// - Parameter tasks: taken in turn by shards.
    /// - Throws: as `PatrolLearner.init`.
    public init(
        _ tasks: [TrainingTask], options: MoveLearnerOptions, search: SearchOptions, seed: UInt64
    ) throws(PatrolError) {
        try options.validate()
        self.tasks = tasks
        self.options = options
        self.seed = seed
        let width = CandidateTable.widthWithBackup
        self.search = try PatrolSearch(tasks, options: search, seed: seed)
        var random = RandomNumbers(seed: seed)
        stack = try TrainableStack(try StackShape([width] + options.hidden + [1]), &random)
        normalization = InputNormalization(
            mean: try Buffer(count: width, repeating: 0), scale: try Buffer(count: width, repeating: 1))
        var sets: [[MoveComparisons]] = []
        for _ in 0..<options.pooledSets {
            var set: [MoveComparisons] = []
            for _ in 0..<options.shards {
                set.append(try MoveComparisons(width: width, capacity: options.shardCapacity))
            }
            sets.append(set)
        }
        self.sets = sets
    }

    /// Begins another phase: from the present network where `warm`, else from a search of its own.
    public func begin(_ tasks: [TrainingTask], warm: Bool) throws(PatrolError) {
        try resume(tasks)
        phase += 1
        (iteration, shardsDone, recent) = (0, 0, [])
        for set in sets {
            for comparisons in set { comparisons.clear(limit: 0) }
        }
        isWarm = warm
        if !warm { try search.begin(tasks, warm: false) }
    }

    /// Whether the phase began with the network of the last one.
    var isWarm = false

    /// Continues with other models or engines.
    public func resume(_ tasks: [TrainingTask]) throws(PatrolError) {
        try search.resume(tasks)
        self.tasks = tasks
    }

    public var isDone: Bool { iteration == options.iterations }

    private var isSearched: Bool { isWarm || search.isDone }

    /// Of the present phase that is done.
    public var share: Double {
        let searched = isWarm ? 0 : MoveLearner.searchShare * search.share
        let rest = Double(iteration) + Double(shardsDone) / Double(options.shards)
        return searched + (isWarm ? 1 : 1 - MoveLearner.searchShare) * rest / Double(options.iterations)
    }

    private static let searchShare = 0.1

    /// Some simulations of the search, or some rollouts of an iteration, or its fit. Nothing when done.
    public func advance(threads: Int) throws(PatrolError) {
        guard !isDone else { return }
        if !isSearched {
            try search.advance(threads: threads)
        } else if shardsDone < options.shards {
            try compare(threads: threads)
        } else {
            try fit(threads: threads)
        }
    }

    private func compare(threads: Int) throws(PatrolError) {
        var engines: [DecisionEngine] = []
        for task in tasks { engines.append(try learnedEngine(task.engine)) }
        let first = shardsDone
        let count = min(max(MoveLearner.shardsAtOnce, threads), options.shards - first)
        let events = try Buffer<UInt64>(count: count, repeating: 0)
        let set = sets[iteration % options.pooledSets]
        try runShards(count, threads: threads) { (k) throws(PatrolError) in
            let shard = first + k
            let task = (iteration * options.shards + shard) % tasks.count
            var random = generator(2, shard)
            var rollouts = try MoveRollouts(
                tasks[task].model, engine: engines[task], options: options, seed: random.next())
            set[shard].clear(limit: part(of: options.comparisons, shard: shard, of: options.shards))
            events[k] = try rollouts.fill(set[shard])
        }
        for k in 0..<count { comparisonEvents += events[k] }
        shardsDone += count
    }

    private func fit(threads: Int) throws(PatrolError) {
        var pool: [MoveComparisons] = []
        for set in sets { pool += set }
        if iteration == 0 && !isWarm { try start(sets[0]) }
        var random = generator(3)
        explained = try MoveRegression(stack.shape, options: options).fit(
            stack, normalization, to: pool, &random, threads: threads)
        if recent.count == options.averagedNetworks { recent.removeFirst() }
        recent.append(try Buffer(copying: stack.parameters))
        iteration += 1
        shardsDone = 0
        if isDone { average(recent, into: stack.parameters) }
    }

    /// Sets the normalization, and has the network begin as the linear score that the first comparisons were made with, in units of
    /// what they saved.
    private func start(_ set: [MoveComparisons]) throws(PatrolError) {
        let width = stack.shape.inputs
        let weights = try search.weights()
        var (products, squares, count) = (0.0, 0.0, 0)
        for comparisons in set {
            for k in 0..<comparisons.count {
                let row = comparisons.rows.base + k * 2 * width
                var difference: Float = 0
                for f in 0..<width { difference += weights[f] * (row[width + f] - row[f]) }
                products += Double(difference) * Double(comparisons.savings[k])
                squares += Double(difference) * Double(difference)
            }
            count += 2 * comparisons.count
        }
        let rows = try Buffer<Float>(count: count * width, repeating: 0)
        var next = rows.base
        for comparisons in set {
            next.update(from: comparisons.rows.base, count: 2 * comparisons.count * width)
            next += 2 * comparisons.count * width
        }
        if count > 0 {
            normalization = try InputNormalization(
                rows: count, inputs: width, input: rows.base, floor: MoveLearner.leastDeviation)
        }
        let slope = squares > 0 ? max(Float(products / squares), MoveLearner.leastSlope) : 1
        for f in 0..<width { weights[f] *= slope }
        var random = generator(1)
        stack.shape.initialize(stack.parameters.base, &random)
        stack.begin(linear: weights, normalization: normalization)
    }

    /// No feature counts as varying less; and the least that a unit of the linear score is worth.
    private static let leastDeviation: Float = 0.01
    private static let leastSlope: Float = 1e-3

    /// An engine whose patrol policy is what has been learned so far.
    public func learnedEngine(_ engine: DecisionEngine) throws(PatrolError) -> DecisionEngine {
        guard iteration > 0 || isWarm else { return try search.learnedEngine(engine) }
        return try DecisionEngine(engine, patrol: try stack.network(normalization: normalization))
    }

    /// Layers and normalization for a policy file.
    public func layers() throws(PatrolError) -> (layers: [DenseLayer], normalization: InputNormalization) {
        (try stack.layers(), normalization)
    }

    /// Random numbers for one purpose in this phase and iteration.
    private func generator(_ purpose: UInt64, _ shard: Int = 0) -> RandomNumbers {
        RandomNumbers(
            seed: seed, stream: UInt64(phase + 1) << 40 | UInt64(iteration) << 20 | UInt64(shard) << 4 | purpose)
    }
}
