import PatrolDecisions
import PatrolModel
import PatrolNetworks
import PatrolSimulation

/// Learns patrol: units are independent Q-learners that share one network (Repasky, Wang & Xie, arXiv 2409.02246), here by
/// double deep Q-learning with semi-Markov discount.
///
///     for some rounds        run episodes, acting ε-greedily by a heuristic; append the units' transitions to the memory
///     fit the normalization of features to the memory
///     for each other round   run episodes, acting ε-greedily by the averaged network θ⁻; append the transitions
///                            repeat: draw a batch, step θ against its loss, move θ⁻ towards θ
///
/// `advance` does one round. The same options, seed and tasks give the same networks, with any number of threads.
public final class PatrolLearner {
    public let options: PatrolLearnerOptions
    public let seed: UInt64
    /// Learning begun anew, or with other tasks, counts as another phase and has other random numbers.
    public internal(set) var phase = 0
    public internal(set) var round = 0
    public internal(set) var eventCount: UInt64 = 0
    /// Mean reward of the last round's transitions, and mean loss of its steps.
    public internal(set) var meanReward = 0.0
    public internal(set) var loss: Float = 0
    public let form: DecisionForm
    let learning: DeepQLearning
    let memory: ReplayMemory
    /// Transitions of one round's episodes before they are appended in order.
    private let collected: [ReplayMemory]
    private var tasks: [TrainingTask]

    /// - Parameter tasks: taken in turn by episodes: one, or many cities, fleets and loads for a general policy.
    /// - Throws: `invalidArgument`, `invalidNumber` for options; `mismatch` where tasks do not fit.
    public init(_ tasks: [TrainingTask], options: PatrolLearnerOptions, seed: UInt64) throws(PatrolError) {
        try options.validate()
        form = try PatrolLearner.form(tasks)
        self.tasks = tasks
        self.options = options
        self.seed = seed
        var random = RandomNumbers(seed: seed)
        learning = try DeepQLearning(form, options: options.learning, &random)
        memory = try ReplayMemory(form, capacity: options.memory)
        var collected: [ReplayMemory] = []
        for _ in 0..<options.episodesPerRound {
            collected.append(try ReplayMemory(form, capacity: max(1, options.memory / options.episodesPerRound)))
        }
        self.collected = collected
    }

    /// Begins another phase: from the present network, which acts from the first round on, where `warm`, else from a new one.
    public func begin(_ tasks: [TrainingTask], warm: Bool) throws(PatrolError) {
        try resume(tasks)
        phase += 1
        round = warm ? options.heuristicRounds : 0
        memory.clear()
        guard !warm else { return }
        var random = generator(0)
        learning.restart(&random)
    }

    /// Continues with other models or engines, for example another dispatch policy.
    public func resume(_ tasks: [TrainingTask]) throws(PatrolError) {
        let needed = try PatrolLearner.form(tasks)
        try check(
            needed.maximumCandidates <= form.maximumCandidates, .mismatch,
            "the tasks have decisions of \(needed.maximumCandidates) candidates, the learner is made for \(form.maximumCandidates)"
        )
        self.tasks = tasks
    }

    private static func form(_ tasks: [TrainingTask]) throws(PatrolError) -> DecisionForm {
        try TrainingTask.validate(tasks)
        var candidates = 0
        for task in tasks { candidates = max(candidates, task.engine.maximumCandidates) }
        return DecisionForm(width: CandidateTable.widthWithBackup, maximumCandidates: candidates)
    }

    public var isDone: Bool { round >= options.rounds }

    /// One round of episodes and gradient steps. Nothing when done.
    public func advance(threads: Int) throws(PatrolError) {
        guard !isDone else { return }
        try collect(threads: threads)
        if round >= options.heuristicRounds {
            try learn(threads: threads)
        } else if round == options.heuristicRounds - 1 {
            try learning.fitNormalization(memory)
            if let first = try coverageValue() { learning.begin(linear: first) }
        }
        round += 1
    }

    /// The averaged network as the runtime has it.
    public func network() throws(PatrolError) -> DenseNetwork { try learning.network() }

    /// An engine whose patrol policy is what has been learned so far.
    public func learnedEngine(_ engine: DecisionEngine) throws(PatrolError) -> DecisionEngine {
        try DecisionEngine(engine, patrol: try network())
    }

    /// Layers and normalization for a policy file.
    public func layers() throws(PatrolError) -> (layers: [DenseLayer], normalization: InputNormalization) {
        (try learning.target.layers(), learning.normalization)
    }

    /// Measures what was learned so far on one of its tasks.
    /// - Parameters:
    ///   - seed: of the calls.
    ///   - seconds: since the scenario's start, warm-up included.
    public func metrics(_ task: TrainingTask, seed: UInt64, seconds: Double) throws(PatrolError) -> Metrics {
        let episode = try TrainingEpisode(
            task, form: form, options: options, network: try learning.network(), exploration: 0, seed: seed,
            random: RandomNumbers(seed: 0))
        try episode.run(until: task.model.scenario.start + seconds, into: nil)
        return try episode.simulator.metrics()
    }

    private func collect(threads: Int) throws(PatrolError) {
        let network = round < options.heuristicRounds ? nil : try learning.network()
        let count = options.episodesPerRound
        let events = try Buffer<UInt64>(count: count, repeating: 0)
        try runShards(count, threads: threads) { (k) throws(PatrolError) in
            var random = generator(2, k)
            let task = tasks[(round * count + k) % tasks.count]
            let episode = try TrainingEpisode(
                task, form: form, options: options, network: network, exploration: options.exploration.value(at: round),
                seed: random.next(), random: random)
            collected[k].clear()
            try episode.run(until: task.model.scenario.start + options.episodeSeconds, into: collected[k])
            events[k] = episode.simulator.eventCount
        }
        var (sum, transitions) = (0.0, 0)
        for k in 0..<count {
            memory.append(collected[k])
            eventCount += events[k]
            for index in 0..<collected[k].count { sum += Double(collected[k].rewards[index]) }
            transitions += collected[k].count
        }
        meanReward = transitions > 0 ? sum / Double(transitions) : 0
    }

    /// The value of receiving the difference reward forever, linear in the features: the network's start. Its greedy policy is
    /// the heuristic `backup_coverage` or marginal coverage. Other rewards have none.
    private func coverageValue() throws(PatrolError) -> Buffer<Float>? {
        let weights = try Buffer<Float>(count: form.width, repeating: 0)
        let minutes = Float(1 / max(options.discountRate, 1e-5) / 60)
        switch options.reward {
        case .difference: (weights[CandidateTable.gain], weights[CandidateTable.bestAnchorGain]) = (minutes, -minutes)
        case .backupDifference:
            let q = CandidateTable.backupShare
            weights[CandidateTable.gain] = minutes
            weights[CandidateTable.secondGain] = q * minutes
            weights[CandidateTable.thirdGain] = q * q * minutes
            weights[CandidateTable.bestAnchorBackup] = -minutes
        case .teamCoverage, .teamCost: return nil
        }
        return weights
    }

    private func learn(threads: Int) throws(PatrolError) {
        guard memory.count > 0, options.stepsPerRound > 0 else { return }
        var random = generator(1)
        loss = 0
        for step in 0..<options.stepsPerRound {
            let rate = options.rate.value(at: (round - options.heuristicRounds) * options.stepsPerRound + step)
            loss += try learning.step(memory, rate: rate, &random, threads: threads) / Float(options.stepsPerRound)
        }
    }

    /// Random numbers for one purpose in this phase and round.
    private func generator(_ purpose: UInt64, _ shard: Int = 0) -> RandomNumbers {
        RandomNumbers(seed: seed, stream: UInt64(phase + 1) << 40 | UInt64(round) << 16 | UInt64(shard) << 8 | purpose)
    }
}
