import CPatrol
import PatrolABI
import PatrolDecisions
import PatrolFiles
import PatrolModel
import PatrolSimulation
import PatrolTraining

/// A trainer, and what it is made of.
final class TrainerHandle {
    let tasks: [TrainingTask]
    let options: TrainerOptions
    let seed: UInt64
    let threads: Int
    /// Nil where a step failed in its middle: then only a checkpoint helps.
    private(set) var trainer: Trainer?

    init(_ tasks: [TrainingTask], _ options: TrainerOptions, seed: UInt64, threads: Int) throws(PatrolError) {
        (self.tasks, self.options, self.seed, self.threads) = (tasks, options, seed, threads)
        trainer = try Trainer(tasks, options: options, seed: seed)
    }

    func advance() throws(PatrolError) {
        guard let own = trainer else { return }
        trainer = nil
        try own.advance(threads: threads)
        try checkMemory()
        trainer = own
    }

    func restore(_ file: TensorFile) throws(PatrolError) {
        let restored = try Trainer(tasks, options: options, seed: seed, checkpoint: file)
        try checkMemory()
        trainer = restored
    }
}

/// The trainer of a handle that is in order.
private func trainer(_ handle: OpaquePointer?) throws(PatrolError) -> Trainer {
    let handle: TrainerHandle = try object(handle, "trainer")
    guard let trainer = handle.trainer else {
        throw invalid("an earlier step of this trainer failed: it can only continue from a checkpoint")
    }
    return trainer
}

@_cdecl("patrol_trainer_create") @implementation
public func patrol_trainer_create(
    _ scenarios: UnsafePointer<OpaquePointer?>!, _ engines: UnsafePointer<OpaquePointer?>!, _ count: Int,
    _ options: UnsafePointer<patrol_trainer_options>!, _ trainer: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let trainer = try required(trainer, "trainer")
        try checkCount(count, in: 1...1024, "count")
        let scenarios = try array(scenarios, count, "scenarios")
        let engines = try array(engines, count, "engines")
        let given = try readOptional(options, "options")
        let own = try trainerOptions(given)
        var tasks: [TrainingTask] = []
        tasks.reserveCapacity(count)
        for k in 0..<count {
            let model: Scenario = try object(scenarios[k], "a scenario")
            let engine: DecisionEngine = try object(engines[k], "an engine")
            tasks.append(TrainingTask(model, engine: engine))
        }
        trainer.pointee = try give(TrainerHandle(tasks, own, seed: given.seed, threads: Int(given.threads)))
    }
}

@_cdecl("patrol_trainer_destroy") @implementation
public func patrol_trainer_destroy(_ trainer: OpaquePointer!) { release(trainer, as: TrainerHandle.self) }

// MARK: Progress

@_cdecl("patrol_training_progress_init") @implementation
public func patrol_training_progress_init(_ progress: UnsafeMutablePointer<patrol_training_progress>!) {
    initialize(progress)
}

@_cdecl("patrol_trainer_advance") @implementation
public func patrol_trainer_advance(
    _ trainer: OpaquePointer!, _ progress: UnsafeMutablePointer<patrol_training_progress>!,
    _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let handle: TrainerHandle = try object(trainer, "trainer")
        let own = try PatrolLabABI.trainer(trainer)
        let given = try readOptional(progress, "progress")
        try handle.advance()
        if let progress { fill(progress, given: given) { $0 = cProgress(own) } }
    }
}

private func cProgress(_ trainer: Trainer) -> patrol_training_progress {
    let now = trainer.progress
    var progress = patrol_training_progress()
    progress.kind = now.phase.map { number($0.kind) } ?? PATROL_PHASE_NONE
    progress.phase = UInt32(now.phaseIndex)
    progress.phase_count = UInt32(now.phases)
    progress.is_validating = now.isValidating ? 1 : 0
    progress.outcome_count = UInt32(trainer.outcomes.count)
    progress.share = now.share
    progress.best_cost = now.bestCost
    progress.events = now.events
    progress.replications = UInt32(now.replications)
    progress.next_look = UInt32(now.nextLook)
    return progress
}

private func number(_ kind: TrainingPhase.Kind) -> Int32 {
    switch kind {
    case .heuristic: PATROL_PHASE_HEURISTIC
    case .dispatch: PATROL_PHASE_DISPATCH
    case .patrol: PATROL_PHASE_PATROL
    case .combination: PATROL_PHASE_COMBINATION
    }
}

@_cdecl("patrol_trainer_get_outcomes") @implementation
public func patrol_trainer_get_outcomes(
    _ trainer: OpaquePointer!, _ outcomes: UnsafeMutablePointer<patrol_phase_outcome>!, _ capacity: Int, _ stride: Int,
    _ count: UnsafeMutablePointer<Int>!, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let own = try PatrolLabABI.trainer(trainer).outcomes
        let count = try required(count, "count")
        let rows = try Strided(
            UnsafePointer(outcomes), count: capacity == 0 ? 0 : own.count, stride: stride, "outcomes")
        try announce(own.count, capacity: capacity, into: count, "outcomes")
        for k in 0..<rows.count {
            var row = patrol_phase_outcome()
            row.kind = number(own[k].phase.kind)
            row.round = UInt32(own[k].phase.round)
            row.events = own[k].events
            row.cost = own[k].cost
            row.worst_group = own[k].worstGroup
            row.difference = own[k].difference
            row.half_width = own[k].halfWidth
            row.replications = UInt32(own[k].replications)
            row.is_accepted = own[k].isAccepted ? 1 : 0
            row.goal_value = own[k].goalValue
            row.mean_response = own[k].meanResponse
            rows.store(row, at: k)
        }
    }
}

// MARK: Results

@_cdecl("patrol_trainer_get_policies") @implementation
public func patrol_trainer_get_policies(
    _ trainer: OpaquePointer!, _ patrol: UnsafeMutablePointer<UnsafePointer<CChar>?>!,
    _ dispatch: UnsafeMutablePointer<UnsafePointer<CChar>?>!, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let own = try PatrolLabABI.trainer(trainer)
        let (patrol, dispatch) = (try required(patrol, "patrol"), try required(dispatch, "dispatch"))
        let names = try own.policyNames()
        patrol.pointee = text(names.patrol)
        dispatch.pointee = text(names.dispatch)
    }
}

private func text(_ name: StaticString) -> UnsafePointer<CChar> {
    UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
}

@_cdecl("patrol_trainer_write_policy") @implementation
public func patrol_trainer_write_policy(
    _ trainer: OpaquePointer!, _ keys: UnsafePointer<UnsafePointer<CChar>?>!,
    _ values: UnsafePointer<UnsafePointer<CChar>?>!,
    _ entry_count: Int, _ bytes: UnsafeMutablePointer<UInt8>!, _ capacity: Int, _ size: UnsafeMutablePointer<Int>!,
    _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let own = try PatrolLabABI.trainer(trainer)
        try checkCount(entry_count, in: 0...256, "entry_count")
        let keys = try array(keys, entry_count, "keys")
        let values = try array(values, entry_count, "values")
        let file = try own.policyFile { (writer) throws(PatrolError) in
            for k in 0..<keys.count {
                guard let key = keys[k], let value = values[k] else {
                    throw invalid("entry \(k) of the metadata is NULL")
                }
                try writer.addMetadata(key, value)
            }
        }
        try store(file, bytes, capacity, size)
    }
}

@_cdecl("patrol_trainer_write_checkpoint") @implementation
public func patrol_trainer_write_checkpoint(
    _ trainer: OpaquePointer!, _ bytes: UnsafeMutablePointer<UInt8>!, _ capacity: Int,
    _ size: UnsafeMutablePointer<Int>!,
    _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        try store(try PatrolLabABI.trainer(trainer).checkpoint(), bytes, capacity, size)
    }
}

/// Writes a file's bytes where they fit.
private func store(
    _ file: Buffer<UInt8>, _ bytes: UnsafeMutablePointer<UInt8>?, _ capacity: Int, _ size: UnsafeMutablePointer<Int>?
) throws(PatrolError) {
    let size = try required(size, "size")
    if capacity != 0 { _ = try required(bytes, "bytes") }
    try announce(file.count, capacity: capacity, into: size, "bytes")
    if capacity != 0 { bytes?.update(from: file.base, count: file.count) }
}

@_cdecl("patrol_trainer_read_checkpoint") @implementation
public func patrol_trainer_read_checkpoint(
    _ trainer: OpaquePointer!, _ bytes: UnsafePointer<UInt8>!, _ size: Int, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let handle: TrainerHandle = try object(trainer, "trainer")
        let bytes = try required(bytes, "bytes")
        let size = try PatrolABI.size(size, "size")
        let file = try TensorFile(bytes: UnsafeRawBufferPointer(start: bytes, count: size))
        try handle.restore(file)
    }
}
