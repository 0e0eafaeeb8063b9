import PatrolDecisions
import PatrolFiles
import PatrolModel
import PatrolSimulation
import PatrolTraining
import Testing

private func gridTask() throws -> TrainingTask {
    let area = try gridArea(side: 4, callsPerHour: 4)
    let model = try Scenario(area: area, scenario: try ScenarioArrays(area: area, unitCount: 3))
    return TrainingTask(
        model, engine: try DecisionEngine(area: area, policy: nil, options: EngineOptions(), groupWeights: nil))
}

private func options() -> SearchOptions {
    var options = SearchOptions(generations: 4, deviation: 0.1)
    options.population = 4
    options.replications = 2
    options.seconds = 3600
    return options
}

private func bytes(_ search: PatrolSearch) throws -> [UInt8] {
    let writer = try TensorFileWriter()
    try search.save(to: writer)
    let file = try writer.finish()
    return Array(file.elements)
}

@Suite struct PatrolSearchTests {
    @Test func theSameSeedGivesTheSameBytesWithAnyNumberOfThreads() throws {
        func run(seed: UInt64, threads: Int) throws -> [UInt8] {
            let search = try PatrolSearch([try gridTask()], options: options(), seed: seed)
            while !search.isDone { try search.advance(threads: threads) }
            return try bytes(search)
        }
        let first = try run(seed: 1, threads: 1)
        #expect(try run(seed: 1, threads: 3) == first)
        #expect(try run(seed: 2, threads: 1) != first)
    }

    @Test func aCheckpointIsTakenUpAgain() throws {
        let task = try gridTask()
        let whole = try PatrolSearch([task], options: options(), seed: 3)
        while !whole.isDone { try whole.advance(threads: 1) }
        let first = try PatrolSearch([task], options: options(), seed: 3)
        for _ in 0..<5 { try first.advance(threads: 1) }
        // In the middle of the third generation.
        #expect(first.generation == 2 && first.share == 2.5 / 4)
        let saved = try bytes(first)
        let file = try saved.withUnsafeBytes { try TensorFile(bytes: $0) }
        let second = try PatrolSearch([task], options: options(), seed: 3)
        try second.restore(from: file)
        #expect(second.share == first.share)
        while !second.isDone { try second.advance(threads: 1) }
        #expect(try bytes(second) == bytes(whole))
        let (resumed, uninterrupted) = (try second.weights(), try whole.weights())
        #expect((0..<33).allSatisfy { resumed[$0] == uninterrupted[$0] })
        #expect(throws: PatrolError.self) { try PatrolSearch([task], options: options(), seed: 4).restore(from: file) }
    }

    /// How many simulations are done, and what the first of them cost: what no search has written is refused.
    @Test(arguments: [(0, 0), (0, 8), (0, -1), (0, .max), (1, -1), (1, Int64(bitPattern: Double.infinity.bitPattern))])
    func anAlteredGenerationIsRefused(slot: Int, value: Int64) throws {
        let search = try PatrolSearch([try gridTask()], options: options(), seed: 3)
        try search.advance(threads: 1)
        var saved = try bytes(search)
        let length = (0..<8).reduce(0) { $0 | Int(saved[$1]) << (8 * $1) }
        let header = String(decoding: saved[8..<8 + length], as: UTF8.self)
        let name = try #require(header.firstRange(of: "\"patrol_search.trials\""))
        let offsets = try #require(header[name.upperBound...].firstRange(of: "\"data_offsets\":["))
        let begin = try #require(Int(header[offsets.upperBound...].prefix { $0.isNumber }))
        for k in 0..<8 { saved[8 + length + begin + 8 * slot + k] = UInt8(truncatingIfNeeded: value >> (8 * k)) }
        let file = try saved.withUnsafeBytes { try TensorFile(bytes: $0) }
        let other = try PatrolSearch([try gridTask()], options: options(), seed: 3)
        #expect(throws: PatrolError.self) { try other.restore(from: file) }
    }

    @Test func itBeginsWithCoverageWithBackupAndTheFileDecidesTheSame() throws {
        let task = try gridTask()
        let search = try PatrolSearch([task], options: options(), seed: 5)
        let weights = try search.weights()
        #expect(weights[0] == 1 && abs(weights[28] - 0.25) < 1e-6 && abs(weights[30] - 0.0625) < 1e-6)
        #expect((0..<33).filter { weights[$0] != 0 } == [0, 28, 30])

        while !search.isDone { try search.advance(threads: 2) }
        let writer = try PolicyFileWriter()
        try writer.add(patrol: try search.layers(), normalization: nil)
        let written = try writer.finish()
        let policy = try PolicyFile(try TensorFile(bytes: UnsafeRawBufferPointer(written.elements))).policy
        func cost(_ engine: DecisionEngine) throws -> Double {
            let simulator = try Simulator(task.model, engine: engine, seed: 6)
            try simulator.run(until: 7200)
            return simulator.cumulativeCost
        }
        let own = try cost(try search.learnedEngine(task.engine))
        let read = try cost(
            try DecisionEngine(
                task.engine, policy: policy, patrolPolicy: .learned, dispatchPolicy: task.engine.options.dispatchPolicy)
        )
        #expect(own == read && own > 0)
    }

    @Test func wrongOptionsAreNamed() throws {
        var wrong = options()
        wrong.population = 5
        let error = #expect(throws: PatrolError.self) {
            _ = try PatrolSearch([try gridTask()], options: wrong, seed: 1)
        }
        #expect(error?.message == "search_population is 5, expected an even number")
        #expect(throws: PatrolError.self) { _ = try PatrolSearch([], options: options(), seed: 1) }
    }
}
