import PatrolDecisions
import PatrolFiles
import PatrolModel
import PatrolNetworks
import PatrolSimulation
import PatrolTraining
import Testing

/// A 4 × 4 grid with three units, and a learner that takes seconds.
private func gridTask(callsPerHour: Float = 4, units: Int = 3) throws -> TrainingTask {
    let area = try gridArea(side: 4, callsPerHour: callsPerHour)
    let model = try Scenario(area: area, scenario: try ScenarioArrays(area: area, unitCount: units))
    return TrainingTask(
        model, engine: try DecisionEngine(area: area, policy: nil, options: EngineOptions(), groupWeights: nil))
}

private func options(_ change: (inout PatrolLearnerOptions) -> Void = { _ in }) -> PatrolLearnerOptions {
    var options = PatrolLearnerOptions()
    options.learning.hidden = [8]
    options.learning.batch = 96
    options.memory = 500
    options.rounds = 4
    options.heuristicRounds = 2
    options.episodesPerRound = 3
    options.episodeSeconds = 2400
    options.stepsPerRound = 3
    change(&options)
    return options
}

private func bytes(_ learner: PatrolLearner) throws -> [UInt8] {
    let writer = try TensorFileWriter()
    try learner.save(to: writer)
    let file = try writer.finish()
    return Array(file.elements)
}

private func firstWeights(_ learner: PatrolLearner) throws -> [Float] {
    let layer = try learner.layers().layers[0]
    return Array(layer.weights.elements)
}

@Suite struct PatrolLearnerTests {
    @Test func theSameSeedGivesTheSameBytesWithAnyNumberOfThreads() throws {
        func run(seed: UInt64, threads: Int) throws -> [UInt8] {
            let learner = try PatrolLearner([try gridTask()], options: options(), seed: seed)
            while !learner.isDone { try learner.advance(threads: threads) }
            #expect(learner.round == 4 && learner.eventCount > 0)
            return try bytes(learner)
        }
        let first = try run(seed: 1, threads: 1)
        #expect(try run(seed: 1, threads: 1) == first)
        #expect(try run(seed: 1, threads: 3) == first)
        #expect(try run(seed: 2, threads: 1) != first)
    }

    @Test func aCheckpointIsTakenUpAgain() throws {
        let task = try gridTask()
        let options = options()
        let whole = try PatrolLearner([task], options: options, seed: 3)
        while !whole.isDone { try whole.advance(threads: 1) }

        let first = try PatrolLearner([task], options: options, seed: 3)
        for _ in 0..<3 { try first.advance(threads: 1) }
        let saved = try bytes(first)
        let file = try saved.withUnsafeBytes { try TensorFile(bytes: $0) }
        let second = try PatrolLearner([task], options: options, seed: 3)
        try second.restore(from: file)
        #expect(try bytes(second) == saved)
        while !second.isDone { try second.advance(threads: 1) }
        #expect(try bytes(second) == bytes(whole))

        let other = try PatrolLearner([task], options: options, seed: 4)
        #expect(throws: PatrolError.self) { try other.restore(from: file) }
        var smaller = options
        smaller.memory = 10
        let narrow = try PatrolLearner([task], options: smaller, seed: 3)
        #expect(throws: PatrolError.self) { try narrow.restore(from: file) }
    }

    @Test func theRuntimeGivesTheTrainersValuesBitForBit() throws {
        let task = try gridTask()
        let learner = try PatrolLearner([task], options: options(), seed: 5)
        while !learner.isDone { try learner.advance(threads: 2) }
        let writer = try PolicyFileWriter()
        let (layers, normalization) = try learner.layers()
        try writer.add(patrol: layers, normalization: normalization)
        let written = try writer.finish()
        let file = try PolicyFile(try TensorFile(bytes: UnsafeRawBufferPointer(written.elements)))
        let engine = try DecisionEngine(
            task.engine, policy: file.policy, patrolPolicy: .learned,
            dispatchPolicy: task.engine.options.dispatchPolicy)

        // Along a trajectory of the runtime's own decisions.
        let simulator = try Simulator(task.model, engine: engine, seed: 6)
        let network = try learner.network()
        let scratch = try NetworkScratch(for: network, maximumRows: engine.maximumCandidates)
        let features = try Buffer<Float>(count: engine.maximumCandidates * CandidateTable.widthWithBackup, repeating: 0)
        let values = try Buffer<Float>(count: engine.maximumCandidates, repeating: 0)
        var compared = 0
        while case let due = try simulator.stepToDecision(until: 3600), due != .none {
            for unit in 0..<3 where simulator.isDue(unit) {
                let candidates = try simulator.session.candidates(
                    ofUnit: unit, features: features.base, width: CandidateTable.widthWithBackup)
                try network.evaluate(
                    rows: candidates.count, input: features.base, output: values.base, scratch: scratch)
                for k in 0..<candidates.count { #expect(candidates[k].value == values[k]) }
                compared += candidates.count
                break  // the later units' decisions depend on the first one's
            }
            try simulator.decide()
        }
        #expect(compared > 200)
        // The trainer's own greedy episodes are the runtime's, event by event.
        let own = try learner.metrics(task, seed: 7, seconds: 7200)
        let runtime = try Simulator(task.model, engine: try learner.learnedEngine(task.engine), seed: 7)
        try runtime.run(until: 7200)
        #expect(try own.costRate == runtime.metrics().costRate)
        #expect(try own.events == runtime.metrics().events)
    }

    @Test func aWarmPhaseBeginsFromTheNetwork() throws {
        let task = try gridTask()
        let learner = try PatrolLearner([task], options: options(), seed: 8)
        while !learner.isDone { try learner.advance(threads: 1) }
        let before = try firstWeights(learner)
        try learner.begin([try gridTask(callsPerHour: 2)], warm: true)
        #expect(try firstWeights(learner) == before)
        #expect(learner.round == 2 && !learner.isDone && learner.phase == 1)
        try learner.advance(threads: 1)
        let after = try firstWeights(learner)
        #expect(after != before)
        #expect(zip(before, after).allSatisfy { abs($0 - $1) < 0.01 })
        try learner.begin([task], warm: false)
        #expect(learner.round == 0)
        #expect(try firstWeights(learner) != after)
    }

    @Test func wrongOptionsAreNamed() throws {
        let task = try gridTask()
        for (change, message) in [
            ({ $0.memory = 0 }, "memory is 0, expected 1 to 100000000"),
            ({ $0.heuristicRounds = 9 }, "patrol_heuristic_rounds is 9, expected 1 to 4"),
            ({ $0.discountRate = -1 }, "patrol_discount_rate is -1.0, expected 0 to 1"),
            ({ $0.presence = .nan }, "patrol_presence is nan, expected 0 to 1000000"),
        ] as [((inout PatrolLearnerOptions) -> Void, String)] {
            let error = #expect(throws: PatrolError.self) {
                _ = try PatrolLearner([task], options: options(change), seed: 1)
            }
            #expect(error?.message == message)
        }
        #expect(throws: PatrolError.self) { _ = try PatrolLearner([], options: options(), seed: 1) }
        let foreign = TrainingTask(task.model, engine: try gridTask().engine)
        #expect(throws: PatrolError.self) { _ = try PatrolLearner([foreign], options: options(), seed: 1) }
    }
}
