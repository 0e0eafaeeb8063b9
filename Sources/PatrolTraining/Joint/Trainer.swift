import PatrolDecisions
import PatrolFiles
import PatrolModel
import PatrolNetworks
import PatrolSimulation

/// Learns patrol and dispatch in turn (Repasky, Wang & Xie, arXiv 2409.02246), each phase accepted by validation only.
///
///     validate every pair of heuristics; the best is the policy so far
///     for each round
///         learn dispatch beside the patrol policy so far; validate; keep it where that is shown to be better
///         learn patrol beside the dispatch policy so far; validate; keep it where that is shown to be better
///
/// What was learned has to be shown to be better (`AcceptanceTest`); among heuristics the least mean is taken. Learned apart, each phase has the best heuristic beside it instead, and the two are combined at the end. `advance` does a
/// piece of work whose size follows from scenarios and options, so that a host can show progress, stop, save and resume:
///
///     let trainer = try Trainer([TrainingTask(model, engine: engine)], options: TrainerOptions(), seed: 1)
///     while !trainer.isDone { try trainer.advance(threads: 2) }
///     let bytes = try trainer.policyFile { writer in try writer.addMetadata("scenario", "hotspots 0.6") }
///
/// The same tasks, options and seed give the same bytes, with any number of threads.
public final class Trainer {
    public let options: TrainerOptions
    public let seed: UInt64
    /// Done: the number of the phase under way, and the events simulated in all.
    public internal(set) var phase = 0
    public internal(set) var eventCount: UInt64 = 0
    /// What each phase came to.
    public internal(set) var outcomes: [PhaseOutcome] = []
    /// Of decisions and of what is charged, where the goal sets them; else empty.
    public internal(set) var groupWeights: [Float] = []
    let phases: [TrainingPhase]
    let givenTasks: [TrainingTask]
    /// With the present group weights.
    private(set) var tasks: [TrainingTask]
    let dispatch: DispatchLearner
    let patrol: PatrolTrainer
    var hasBegun = false
    /// Validation of the present phase's candidate.
    var validation: Validation
    var candidate: PolicyCandidate?
    /// The policy so far. Learned apart there are two, of dispatch and of patrol, each beside a heuristic.
    var best: [(policy: PolicyCandidate, validation: Validation)] = []
    var heuristics: (policy: PolicyCandidate, validation: Validation)?
    /// Costs of the first pair of heuristics by task: what costs are divided by where there are several tasks.
    var scales: [Double]

    /// - Parameter tasks: one, or many cities, fleets and loads for a general policy. Their engines bring rules, options and group
    ///   weights.
    /// - Throws: `invalidArgument`, `invalidNumber`, `unsupported` for options; `mismatch` where tasks do not fit.
    public init(_ tasks: [TrainingTask], options: TrainerOptions, seed: UInt64) throws(PatrolError) {
        try options.validate()
        try TrainingTask.validate(tasks)
        self.options = options
        self.seed = seed
        givenTasks = tasks
        self.tasks = tasks
        phases = TrainingPhase.all(options)
        var random = RandomNumbers(seed: seed, stream: 1 << 63)
        dispatch = try DispatchLearner(tasks, options: options.dispatch, seed: random.next())
        patrol = try PatrolTrainer(tasks, options: options, seed: random.next())
        var groups = 0
        for task in tasks { groups = max(groups, task.model.area.groupCount) }
        try TrainingObjective(options).validate(tasks)
        validation = try Validation(most: options.acceptance.limit, groups: groups)
        scales = [Double](repeating: 1, count: tasks.count)
        guard options.goal == .worstGroup else { return }
        for task in tasks where task.model.area.groupCount != groups {
            throw PatrolError(.mismatch, "the goal worst_group needs tasks with the same number of groups")
        }
        try setGroupWeights([Float](repeating: 1, count: groups))
    }

    public var isDone: Bool { phase == phases.count }

    /// Learns or validates a little more. Nothing when done.
    /// - Throws: what a simulation throws; `outOfMemory`. The trainer is not to be used afterwards.
    public func advance(threads: Int) throws(PatrolError) {
        guard !isDone else { return }
        if candidate == nil {
            try learn(threads: threads)
        } else if let candidate {
            try validate(candidate, threads: threads)
        }
    }

    // MARK: Learning

    /// The policy that the present phase works on.
    var track: Int { options.variant == .apart && phases[phase].kind == .patrol ? 1 : 0 }

    /// Policies that are worked on in turn: none while heuristics are validated, two where dispatch and patrol are learned apart.
    var tracks: Int {
        guard isDone || phases[phase].isLearned else { return 0 }
        return options.variant == .apart ? 2 : 1
    }

    private func learn(threads: Int) throws(PatrolError) {
        switch phases[phase].kind {
        case .heuristic(let patrolKind, let dispatchKind):
            candidate = PolicyCandidate(patrol: patrolKind, dispatch: dispatchKind)
        case .dispatch:
            if !hasBegun { try beginDispatch() }
            try learnDispatch(threads: threads)
        case .patrol:
            if !hasBegun { try patrol.begin(try tasksToLearn(), warm: isWarm) }
            hasBegun = true
            let before = patrol.eventCount
            try patrol.advance(threads: threads)
            eventCount += patrol.eventCount - before
            guard patrol.isDone else { return }
            let writer = try PolicyFileWriter()
            try patrol.write(writer)
            candidate = best[track].policy
            candidate?.patrolFile = try TensorFile(try writer.finish())
        case .combination:
            candidate = best[0].policy
            candidate?.patrolFile = best[1].policy.patrolFile
        }
    }

    /// Whether the phase goes on from the networks of the last one of its kind: not from those that validation refused.
    private var isWarm: Bool {
        guard options.warmStart else { return false }
        return outcomes.last { $0.phase.kind == phases[phase].kind }?.isAccepted ?? false
    }

    private func beginDispatch() throws(PatrolError) {
        try dispatch.begin(try tasksToLearn(), warm: isWarm)
        hasBegun = true
    }

    private func learnDispatch(threads: Int) throws(PatrolError) {
        let (before, iteration) = (dispatch.eventCount, dispatch.iteration)
        try dispatch.advance(threads: threads)
        eventCount += dispatch.eventCount - before
        if options.goal == .worstGroup && dispatch.iteration > iteration { try moveGroupWeights(threads: threads) }
        guard dispatch.isDone else { return }
        let writer = try PolicyFileWriter()
        try dispatch.networks.write(writer)
        candidate = best[track].policy
        candidate?.dispatchFile = try TensorFile(try writer.finish())
    }

    /// What the present phase learns for: the tasks with the policy so far in their engines, and charged for what the goal is about.
    private func tasksToLearn() throws(PatrolError) -> [TrainingTask] {
        let (policy, validation) = best[track]
        let objective = TrainingObjective(options)
        var result: [TrainingTask] = []
        for (k, task) in tasks.enumerated() {
            let decided = TrainingTask(task.model, engine: try policy.engine(task.engine))
            func mean(_ column: Int) -> Double { validation.mean(column, task: k, of: tasks.count) }
            // Dispatch is nowhere but at calls.
            let isPriced = options.goal != .presence || phases[phase].kind == .patrol
            result.append(
                isPriced
                    ? try objective.priced(
                        decided, cost: mean(Validation.Column.cost), value: mean(Validation.Column.value),
                        amount: mean(Validation.Column.amount)) : decided)
        }
        return result
    }

    /// Has the learner of a phase under way go on after a checkpoint.
    func resumeLearners() throws(PatrolError) {
        guard hasBegun, !isDone, candidate == nil else { return }
        switch phases[phase].kind {
        case .dispatch: try dispatch.resume(try tasksToLearn())
        case .patrol: try patrol.resume(try tasksToLearn())
        case .heuristic, .combination: break
        }
    }

    // MARK: Groups

    /// Raises the weights of groups that wait longer than the mean, multiplicatively (after the weights of Freund & Schapire
    /// 1997), and has learning go on with them. Their mean over groups stays 1.
    private func moveGroupWeights(threads: Int) throws(PatrolError) {
        var seen = try Validation(most: 16, groups: validation.groups)
        var engines: [DecisionEngine] = []
        for task in tasks { engines.append(try dispatch.learnedEngine(try best[track].policy.engine(task.engine))) }
        // Calls of its own: neither those of validation nor the last time's.
        let calls = seed ^ (UInt64(phase) << 48 | UInt64(dispatch.iteration) << 32 | 1)
        try seen.advance(to: 16, tasks, engines: engines, options: options, seed: calls, threads: threads)
        eventCount += seen.eventCount
        try setGroupWeights(GroupWeights.moved(groupWeights, means: seen, rate: options.groupWeightRate))
        try dispatch.resume(try tasksToLearn())
    }

    /// Has engines decide and scenarios charge by other weights.
    func setGroupWeights(_ weights: [Float]) throws(PatrolError) {
        groupWeights = weights
        guard !weights.isEmpty else { return }
        var changed: [TrainingTask] = []
        for task in givenTasks { changed.append(try GroupWeights.apply(weights, to: task)) }
        tasks = changed
    }
}
