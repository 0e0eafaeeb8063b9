import PatrolDecisions
import PatrolFiles
import PatrolModel
import PatrolNetworks
import PatrolSimulation

/// Searches the weights of a linear score of patrol candidates for the least cost of the simulated system (`DirectSearch`).
///
///     score(c) = Σ_k w_k · feature_k(c)       features of `candidate/2` that differ between candidates
///     begin with greedy expected coverage with backup: w = 1 for gain(m₁), q for gain(m₍₂₎), q² for gain(m₍₃₎)
///
/// `advance` does one generation. The same options, seed and tasks give the same weights, with any number of threads.
public final class PatrolSearch {
    let search: DirectSearch
    private var tasks: [TrainingTask]

    /// Features that differ between the candidates of a decision, each once: others cannot change a linear choice. That of
    /// marginal coverage keeps its weight 1, since scores have no scale.
    static let features = [28, 30, 2, 4, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 19, 20, 21, 25, 27]

    /// - Throws: as `PatrolLearner.init`.
    public init(_ tasks: [TrainingTask], options: SearchOptions, seed: UInt64) throws(PatrolError) {
        try options.validate("patrol_generations", atLeast: 1)
        self.tasks = tasks
        search = try DirectSearch(dimensions: PatrolSearch.features.count, options: options, seed: seed)
        try begin(tasks, warm: false)
    }

    public var options: SearchOptions { search.options }
    public var generation: Int { search.generation }
    public var eventCount: UInt64 { search.eventCount }
    public var isDone: Bool { search.isDone }

    /// Of the present phase that is done.
    public var share: Double { search.share }

    /// Begins another phase: from the present weights where `warm`, else from coverage with backup.
    public func begin(_ tasks: [TrainingTask], warm: Bool) throws(PatrolError) {
        try resume(tasks)
        guard !warm else { return search.begin(at: try search.found()) }
        try fitScales()
        let q = CandidateTable.backupShare
        let coverage = try Buffer<Float>(count: PatrolSearch.features.count, repeating: 0)
        for (k, feature) in PatrolSearch.features.enumerated() {
            coverage[k] = feature == CandidateTable.secondGain ? q : feature == CandidateTable.thirdGain ? q * q : 0
        }
        search.begin(at: coverage)
    }

    /// Continues with other models or engines.
    public func resume(_ tasks: [TrainingTask]) throws(PatrolError) {
        try TrainingTask.validate(tasks)
        self.tasks = tasks
    }

    /// Some simulations of a generation. Nothing when done.
    public func advance(threads: Int) throws(PatrolError) {
        try search.advance(tasks, threads: threads) { (task, parameters) throws(PatrolError) in
            try engine(task.engine, parameters)
        }
    }

    /// Weights of the features of `candidate/2`, shape [33].
    public func weights() throws(PatrolError) -> Buffer<Float> { try weights(try search.found()) }

    private func weights(_ parameters: Buffer<Float>) throws(PatrolError) -> Buffer<Float> {
        let weights = try Buffer<Float>(count: CandidateTable.widthWithBackup, repeating: 0)
        weights[CandidateTable.gain] = 1
        for (k, feature) in PatrolSearch.features.enumerated() { weights[feature] = parameters[k] }
        return weights
    }

    /// The layer for a policy file.
    public func layers() throws(PatrolError) -> [DenseLayer] { try layers(try search.found()) }

    private func layers(_ parameters: Buffer<Float>) throws(PatrolError) -> [DenseLayer] {
        let weights = try weights(parameters)
        return [
            DenseLayer(inputs: weights.count, outputs: 1, weights: weights, bias: try Buffer(count: 1, repeating: 0))
        ]
    }

    /// An engine whose patrol policy is what has been found so far.
    public func learnedEngine(_ engine: DecisionEngine) throws(PatrolError) -> DecisionEngine {
        try self.engine(engine, try search.found())
    }

    private func engine(_ engine: DecisionEngine, _ parameters: Buffer<Float>) throws(PatrolError) -> DecisionEngine {
        try DecisionEngine(engine, patrol: try DenseNetwork(layers: try layers(parameters)))
    }

    /// Scales each feature's weight so that it moves scores as much as the weight of marginal coverage does: by the ratio of
    /// the features' root mean square differences to staying.
    private func fitScales() throws(PatrolError) {
        var options = PatrolLearnerOptions()
        options.reward = .backupDifference
        var squares = [Double](repeating: 0, count: CandidateTable.widthWithBackup)
        for (k, task) in tasks.enumerated() {
            let form = DecisionForm(
                width: CandidateTable.widthWithBackup, maximumCandidates: task.engine.maximumCandidates)
            let memory = try ReplayMemory(form, capacity: 4096)
            var random = search.generator(3, k)
            let episode = try TrainingEpisode(
                task, form: form, options: options, network: nil, exploration: 0.1, seed: random.next(), random: random)
            try episode.run(until: task.model.scenario.start + search.options.seconds, into: memory)
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
        let gain = squares[CandidateTable.gain]
        for (k, feature) in PatrolSearch.features.enumerated() {
            search.scales[k] = gain > 0 && squares[feature] > 0 ? Float((gain / squares[feature]).squareRoot()) : 1
        }
    }

    /// Adds the whole state to a checkpoint file.
    public func save(to writer: TensorFileWriter) throws(PatrolError) { try search.save(to: writer, "patrol_search") }

    /// Takes over a state that a search of the same options, seed and tasks has saved: what follows is the same, byte for byte.
    /// - Throws: `invalidFile` where something is missing or has another size, `mismatch` for another seed.
    public func restore(from file: TensorFile) throws(PatrolError) { try search.restore(from: file, "patrol_search") }
}
