import PatrolDecisions
import PatrolFiles
import PatrolModel
import PatrolSimulation
import PatrolTraining
import Testing

private func gridTask(callsPerHour: Float = 4) throws -> TrainingTask {
    let area = try gridArea(side: 4, callsPerHour: callsPerHour)
    let model = try Scenario(area: area, scenario: try ScenarioArrays(area: area, unitCount: 3))
    return TrainingTask(
        model, engine: try DecisionEngine(area: area, policy: nil, options: EngineOptions(), groupWeights: nil))
}

private func learner(_ task: TrainingTask, seed: UInt64) throws -> MoveLearner {
    var options = MoveLearnerOptions()
    options.hidden = [4]
    options.comparisons = 40
    options.iterations = 2
    options.shards = 3
    options.batch = 16
    options.settlingSeconds = 600
    var search = SearchOptions(generations: 2, deviation: 0.1)
    search.population = 2
    search.replications = 1
    search.seconds = 3600
    return try MoveLearner([task], options: options, search: search, seed: seed)
}

private func bytes(_ learner: MoveLearner) throws -> [UInt8] {
    let writer = try TensorFileWriter()
    try learner.save(to: writer)
    let file = try writer.finish()
    return Array(file.elements)
}

@Suite struct MoveLearnerTests {
    @Test func theSameSeedGivesTheSameBytesWithAnyNumberOfThreads() throws {
        func run(seed: UInt64, threads: Int) throws -> [UInt8] {
            let learner = try learner(try gridTask(), seed: seed)
            while !learner.isDone { try learner.advance(threads: threads) }
            #expect(learner.share == 1)
            return try bytes(learner)
        }
        let first = try run(seed: 1, threads: 1)
        #expect(try run(seed: 1, threads: 3) == first)
        #expect(try run(seed: 2, threads: 1) != first)
    }

    @Test(arguments: [1, 3, 4, 6])
    func aCheckpointIsTakenUpAgain(steps: Int) throws {
        let task = try gridTask()
        let whole = try learner(task, seed: 3)
        while !whole.isDone { try whole.advance(threads: 1) }
        let first = try learner(task, seed: 3)
        for _ in 0..<steps { try first.advance(threads: 1) }
        #expect(!first.isDone)
        let saved = try bytes(first)
        let file = try saved.withUnsafeBytes { try TensorFile(bytes: $0) }
        let second = try learner(task, seed: 3)
        try second.restore(from: file)
        #expect(second.share == first.share)
        while !second.isDone { try second.advance(threads: 1) }
        #expect(try bytes(second) == bytes(whole))
        #expect(throws: PatrolError.self) { try learner(task, seed: 4).restore(from: file) }
    }

    /// The network that training begins with decides as the linear score that it comes from; what follows is a network's.
    @Test func itBeginsAsTheSearchAndGoesOnWarm() throws {
        let task = try gridTask()
        let learner = try learner(task, seed: 5)
        while !learner.isDone { try learner.advance(threads: 2) }
        let (layers, _) = try learner.layers()
        #expect(layers.map { $0.outputs } == [4, 1] && layers[0].inputs == 33)
        let before = learner.eventCount
        try learner.begin([task], warm: true)
        try learner.advance(threads: 1)
        #expect(learner.share > 0 && learner.eventCount > before)
        let engine = try learner.learnedEngine(task.engine)
        #expect(engine.options.patrolPolicy == .learned && engine.policy?.patrol?.inputs == 33)
    }

    /// Where nobody calls, no move costs anything: there is nothing to compare, and learning ends all the same.
    @Test func withoutCallsItEnds() throws {
        let learner = try learner(try gridTask(callsPerHour: 0), seed: 6)
        while !learner.isDone { try learner.advance(threads: 1) }
        #expect(learner.explained == 0)
    }

    @Test func wrongOptionsAreNamed() throws {
        func message(_ change: (inout MoveLearnerOptions) -> Void) throws -> String? {
            var options = MoveLearnerOptions()
            change(&options)
            let task = try gridTask()
            return #expect(throws: PatrolError.self) {
                _ = try MoveLearner(
                    [task], options: options, search: SearchOptions(generations: 1, deviation: 0.1), seed: 1)
            }?.message
        }
        #expect(try message { $0.hidden = [] } == "number of patrol_layers is 0, expected 1 to 8")
        let sentence =
            "comparisons is 1000000, expected 1 to 500000: rollouts keep nine times as many of moves"
        #expect(try message { $0.comparisons = 3_000_000 } == sentence)
    }
}
