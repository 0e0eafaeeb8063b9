import PatrolDecisions
import PatrolFiles
import PatrolModel
import PatrolNetworks
import PatrolSimulation
import PatrolTraining
import Testing

/// What ends up in the replay memory, read back from a checkpoint.
@Suite struct PatrolRewardTests {
    struct Memory {
        let rewards: [Float]
        let discounts: [Float]
        /// The chosen candidate's features, and those of staying at the next decision.
        let rows: [[Float]]
    }

    static let staySeconds = 60.0

    /// One heuristic round of one episode. - Parameter seconds: of the episode.
    func memory(
        seconds: Double, callsPerHour: Float = 3, units: Int = 2, _ change: (inout PatrolLearnerOptions) -> Void
    ) throws -> (memory: Memory, task: TrainingTask) {
        let area = try gridArea(side: 4, callsPerHour: callsPerHour)
        let model = try Scenario(area: area, scenario: try ScenarioArrays(area: area, unitCount: units))
        let task = TrainingTask(
            model, engine: try DecisionEngine(area: area, policy: nil, options: EngineOptions(), groupWeights: nil))
        var options = PatrolLearnerOptions()
        options.rounds = 1
        options.heuristicRounds = 1
        options.episodesPerRound = 1
        options.episodeSeconds = seconds
        options.memory = 5000
        change(&options)
        let learner = try PatrolLearner([task], options: options, seed: 10)
        try learner.advance(threads: 1)
        let writer = try TensorFileWriter()
        try learner.save(to: writer)
        let written = try writer.finish()
        let file = try TensorFile(bytes: UnsafeRawBufferPointer(written.elements))
        let rows = try file.tensor(named: "patrol.memory.rows", shape: [nil, nil])
        let (values, width) = (try rows.floats(), rows.shape[1])
        let rewards = try file.tensor(named: "patrol.memory.rewards", shape: [nil]).floats()
        let discounts = try file.tensor(named: "patrol.memory.discounts", shape: [nil]).floats()
        let chosen = try file.tensor(named: "patrol.memory.chosen", shape: [nil]).integers(Int32.self)
        let features = CandidateTable.widthWithBackup
        return (
            Memory(
                rewards: Array(rewards.elements), discounts: Array(discounts.elements),
                rows: (0..<rows.shape[0]).map { k in
                    let (row, next) = (k * width + Int(chosen[k]) * features, k * width + width / 2)
                    return Array(values.elements[row..<row + features]) + Array(values.elements[next..<next + features])
                }),
            task
        )
    }

    /// e^(−β Δt) for one stay or one street, both 60 s: a unit that was taken meanwhile leaves no transition.
    @Test func transitionsEndWhereAUnitIsTaken() throws {
        let (memory, _) = try memory(seconds: 6 * 3600) { _ in }
        #expect(memory.discounts.count > 200)
        let expected = Float(0.930_530_9)  // e^(−0.0012 · 60)
        #expect(memory.discounts.allSatisfy { abs($0 - expected) < 1e-5 })
        let (spanning, _) = try self.memory(seconds: 6 * 3600) { $0.spansCalls = true }
        #expect(spanning.discounts.count > memory.discounts.count)
        #expect(spanning.discounts.contains { $0 < 0.7 })
    }

    /// A single unit's transitions through its calls tile the time: without discount their costs add up to the whole.
    @Test func teamCostsAddUp() throws {
        let (memory, task) = try memory(seconds: 8 * 3600, units: 1) {
            $0.reward = .teamCost
            $0.spansCalls = true
            $0.discountRate = 0
            $0.exploration.first = 0
            $0.exploration.last = 0
        }
        // The same trajectory, decided by the engine's own heuristic, until the last decision.
        var random = RandomNumbers(seed: 10, stream: 1 << 40 | 2)
        let simulator = try Simulator(task.model, engine: task.engine, seed: random.next())
        simulator.showsIdleTimes = true
        var last = 0.0
        while case let due = try simulator.stepToDecision(until: 8 * 3600), due != .none {
            if simulator.isDue(0) { last = simulator.cumulativeCost }
            try simulator.decide()
        }
        let sum = memory.rewards.reduce(0.0) { $0 + Double($1) }
        #expect(last > 0)
        #expect(abs(sum * -60 * Double(task.engine.meanWeight) - last) < 1e-4 * last)
    }

    /// The next decision's first row is that of staying where the move led: feature 0 is the unit's own coverage there, feature
    /// 26 the best anchor's; 28, 30 and 32 the same with backup.
    @Test func differenceRewardsAreTakenWhereTheMoveLed() throws {
        let next = CandidateTable.widthWithBackup
        let (memory, _) = try memory(seconds: 3 * 3600) {
            $0.discountRate = 0
            $0.reward = .difference
        }
        for (row, reward) in zip(memory.rows, memory.rewards) {
            #expect(abs(reward - (row[next] - row[next + 26])) < 1e-6)
        }
        let (backup, _) = try self.memory(seconds: 3 * 3600) { $0.discountRate = 0 }
        for (row, reward) in zip(backup.rows, backup.rewards) {
            let own = row[next] + 0.25 * row[next + 28] + 0.0625 * row[next + 30]
            #expect(abs(reward - (own - row[next + 32])) < 1e-6)
        }
        #expect(memory.rewards.contains { $0 < -0.01 })
        let (shared, _) = try self.memory(seconds: 3 * 3600) {
            $0.reward = .teamCoverage
            $0.discountRate = 0
        }
        #expect(shared.rewards.count == memory.rewards.count)
        // All units' arrival time is at most that of this unit's absence, and never negative.
        for (row, reward) in zip(shared.rows, shared.rewards) { #expect(reward <= row[next]) }
        #expect(shared.rewards.allSatisfy { $0 < 0 })
    }

    @Test func visitsAndDrivingCount() throws {
        let (plain, _) = try memory(seconds: 3600) { $0.discountRate = 0 }
        let (priced, _) = try memory(seconds: 3600) {
            $0.discountRate = 0
            $0.presence = 2
            $0.drivingPrice = 0.5
        }
        #expect(priced.rows.count == plain.rows.count)
        var moves = 0
        for k in plain.rows.indices {
            let row = plain.rows[k]
            let isMove = row[20] == 0
            let expected = isMove ? 2 * row[8] * row[27] - 0.5 : 0
            #expect(abs(priced.rewards[k] - plain.rewards[k] - expected) < 1e-5)
            if isMove { moves += 1 }
        }
        #expect(moves > 3)
    }
}
