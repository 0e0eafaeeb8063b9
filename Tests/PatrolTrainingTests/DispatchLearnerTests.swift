import PatrolDecisions
import PatrolFiles
import PatrolModel
import PatrolNetworks
import PatrolSimulation
import PatrolTraining
import Testing

/// An engine without the rules against holding.
func freeEngine(_ area: ServiceArea, _ change: (inout EngineOptions) -> Void = { _ in }) throws -> DecisionEngine {
    var options = EngineOptions()
    change(&options)
    options.rules.neverHoldPriority = 0
    options.rules.strictPriority = false
    options.rules.longestHold = SIMD8(repeating: .infinity)
    return try DecisionEngine(area: area, policy: nil, options: options, groupWeights: nil)
}

func smallDispatch(_ change: (inout DispatchLearnerOptions) -> Void = { _ in }) -> DispatchLearnerOptions {
    var options = DispatchLearnerOptions()
    options.pairHidden = [8]
    options.valueHidden = 4
    options.valueBlock = 2
    options.bootstrapComparisons = 60
    options.comparisons = 90
    options.iterations = 2
    options.pooledSets = 2
    options.averagedNetworks = 2
    options.horizonSeconds = 900
    options.settlingSeconds = 1800
    options.epochs = 2
    options.batch = 32
    options.shards = 6
    options.search.generations = 3
    options.search.population = 4
    options.search.replications = 1
    options.search.seconds = 1800
    change(&options)
    return options
}

@Suite struct DispatchLearnerTests {
    private func task() throws -> TrainingTask {
        let area = try gridArea(side: 4, callsPerHour: 8)
        let model = try Scenario(area: area, scenario: try ScenarioArrays(area: area, unitCount: 3))
        return TrainingTask(model, engine: try freeEngine(area))
    }

    private func bytes(_ learner: DispatchLearner) throws -> [UInt8] {
        let writer = try TensorFileWriter()
        try learner.save(to: writer)
        let file = try writer.finish()
        return withExtendedLifetime(file) { Array(file.elements) }
    }

    @Test func theSameSeedGivesTheSameBytesWithAnyNumberOfThreads() throws {
        func run(seed: UInt64, threads: Int) throws -> [UInt8] {
            let learner = try DispatchLearner([try task()], options: smallDispatch(), seed: seed)
            while !learner.isDone { try learner.advance(threads: threads) }
            #expect(learner.iteration == 3 && learner.eventCount > 1000)
            return try bytes(learner)
        }
        let first = try run(seed: 1, threads: 1)
        #expect(try run(seed: 1, threads: 3) == first)
        #expect(try run(seed: 2, threads: 1) != first)
    }

    /// Where no call comes, or a log has ended, no comparison does: the work is that of some days, not of the years in
    /// which one might.
    @Test(arguments: [0, 1, 40])
    func learningEndsWithTheCalls(count: Int) throws {
        let area = try gridArea(side: 4, callsPerHour: 8)
        let entries = try Buffer<CallLog.Entry>(count: count, repeating: CallLog.Entry())
        for k in 0..<count { (entries[k].time, entries[k].node) = (Double(1800 * k), Int32(k % 16)) }
        let model = try Scenario(
            area: area, scenario: try ScenarioArrays(area: area, unitCount: 3), log: CallLog(entries))
        let options = smallDispatch { $0.search.generations = 0 }
        let task = TrainingTask(model, engine: try freeEngine(area))
        let learner = try DispatchLearner([task], options: options, seed: 1)
        while !learner.isDone { try learner.advance(threads: 1) }
        // Moves take a minute or more: three units in two and a half days, in 18 shards, and rollouts.
        #expect(learner.eventCount > 0 && learner.eventCount < 18 * 3 * 60 * 60 + 10_000)
    }

    /// A call a week, and a move every few minutes.
    @Test func learningEndsWhereCallsAreRare() throws {
        let area = try gridArea(side: 4, callsPerHour: 0.006)
        let model = try Scenario(area: area, scenario: try ScenarioArrays(area: area, unitCount: 3))
        let options = smallDispatch {
            ($0.search.generations, $0.bootstrapComparisons, $0.comparisons, $0.comparedShare) = (0, 6, 6, 1)
        }
        let task = TrainingTask(model, engine: try freeEngine(area))
        let learner = try DispatchLearner([task], options: options, seed: 1)
        while !learner.isDone { try learner.advance(threads: 1) }
        // A thousand events for each of the decisions, and those of settling and rollouts.
        #expect(learner.eventCount > 18 * 500 && learner.eventCount < 18 * 3000)
    }

    /// One city's networks say minutes; those of several, whose drives may differ, travel times.
    @Test func networksForSeveralTasksAreInTravelTimes() throws {
        for count in [1, 2] {
            let task = try task()
            let learner = try DispatchLearner(
                Array(repeating: task, count: count), options: smallDispatch { $0.search.generations = 0 }, seed: 4)
            while !learner.isDone { try learner.advance(threads: 2) }
            let policy = try #require(try learner.learnedEngine(task.engine).policy)
            #expect(policy.dispatchUnit == (count == 1 ? .minute : .postTime))
        }
    }

    @Test func aCheckpointIsTakenUpAgain() throws {
        let task = try task()
        let whole = try DispatchLearner([task], options: smallDispatch(), seed: 3)
        var step = 0
        while !whole.isDone {
            let kept = try bytes(whole)
            let file = try kept.withUnsafeBytes { try TensorFile(bytes: $0) }
            // Half-way through rollouts, before a fit, in each iteration.
            let resumed = step % 2 == 0 ? try DispatchLearner([task], options: smallDispatch(), seed: 3) : nil
            try resumed?.restore(from: file)
            try whole.advance(threads: 2)
            try resumed?.advance(threads: 1)
            if let resumed { #expect(try bytes(resumed) == bytes(whole), "step \(step)") }
            step += 1
        }
        // Two steps of rollouts and a fit in each iteration, then the search.
        #expect(step == 3 * 3 + 3)
    }

    @Test func aCheckpointOfAnotherLearnerIsRefused() throws {
        let learner = try DispatchLearner([try task()], options: smallDispatch(), seed: 3)
        try learner.advance(threads: 2)
        let kept = try bytes(learner)
        let file = try kept.withUnsafeBytes { try TensorFile(bytes: $0) }
        let others = [
            try DispatchLearner([try task()], options: smallDispatch(), seed: 4),
            try DispatchLearner([try task()], options: smallDispatch { $0.pairHidden = [9] }, seed: 3),
            try DispatchLearner(
                [try task()],
                options: smallDispatch {
                    $0.comparisons = 6; $0.bootstrapComparisons = 6
                }, seed: 3),
        ]
        for other in others { #expect(throws: PatrolError.self) { try other.restore(from: file) } }
        #expect(throws: PatrolError.self) {
            try DispatchLearner([], options: smallDispatch(), seed: 1)
        }
        for change: (inout DispatchLearnerOptions) -> Void in [
            {
                $0.valueForm = .none; $0.learnsPairs = false
            }, { $0.batch = 0 }, { $0.exploredShare = .nan }, { $0.pairHidden = [0] },
            { $0.huberThreshold = 0 }, { $0.valueHidden = 65 },
        ] {
            #expect(throws: PatrolError.self) {
                try DispatchLearner([try task()], options: smallDispatch(change), seed: 1)
            }
        }
    }

    /// One unit; calls that take an hour and weigh 1, lost for the price of a minute; calls that take a minute and weigh 50. Whoever
    /// serves the former has the latter wait: the best policy never does, and every heuristic does.
    private func oneUnit() throws -> TrainingTask {
        let area = try gridArea(side: 2, callsPerHour: 4)
        var scenario = try ScenarioArrays(area: area, unitCount: 1)
        scenario.categories[0].weight = 50
        scenario.categories[0].service = ServiceTime(mean: 60)
        scenario.categories[1].weight = 1
        scenario.categories[1].service = ServiceTime(mean: 3600)
        scenario.queueCapacity = 2
        scenario.overflowSeconds = 60
        let engine = try freeEngine(area) {
            $0.patrolPolicy = .stay
            $0.staySeconds = 900
        }
        return TrainingTask(try Scenario(area: area, scenario: scenario), engine: engine)
    }

    private func cost(_ task: TrainingTask, _ engine: DecisionEngine) throws -> Double {
        let simulator = try Simulator(task.model, engine: engine, seed: 77)
        try simulator.run(until: 300 * 3600)
        return simulator.cumulativeCost
    }

    @Test(arguments: [(true, ValueForm.none), (false, .concave)])
    func itLearnsToHold(learnsPairs: Bool, form: ValueForm) throws {
        let task = try oneUnit()
        let options = smallDispatch {
            $0.learnsPairs = learnsPairs
            $0.valueForm = form
            $0.bootstrapComparisons = 300
            $0.comparisons = 300
            $0.horizonSeconds = 7200
            $0.epochs = 12
            $0.learningRate = 1e-2
            $0.huberThreshold = 1000
            $0.search.generations = 0
        }
        let learner = try DispatchLearner([task], options: options, seed: 5)
        while !learner.isDone { try learner.advance(threads: 2) }
        #expect(try cost(task, try learner.learnedEngine(task.engine)) < 0.25 * cost(task, task.engine))
    }

    /// From networks that are next to random: what regression misses, the search finds.
    @Test(arguments: [(true, ValueForm.none), (false, .concave)])
    func theSearchLearnsToHold(learnsPairs: Bool, form: ValueForm) throws {
        let task = try oneUnit()
        let options = smallDispatch {
            $0.learnsPairs = learnsPairs
            $0.valueForm = form
            $0.iterations = 1
            $0.epochs = 1
            $0.learningRate = 1e-6
            $0.search.generations = 24
            $0.search.population = 16
            $0.search.seconds = 8 * 3600
            $0.search.deviation = 3
        }
        let learner = try DispatchLearner([task], options: options, seed: 5)
        while !learner.isFitted { try learner.advance(threads: 2) }
        let fitted = try cost(task, try learner.learnedEngine(task.engine))
        while !learner.isDone { try learner.advance(threads: 2) }
        let found = try cost(task, try learner.learnedEngine(task.engine))
        #expect(found < 0.7 * fitted)
    }

    /// No positive output weight after any step, so that the program needs no binaries.
    @Test func theConcaveFormStaysConcave() throws {
        let task = try task()
        let learner = try DispatchLearner([task], options: smallDispatch(), seed: 6)
        while !learner.isDone {
            try learner.advance(threads: 2)
            #expect(try learner.learnedEngine(task.engine).policy?.value?.isConcave == true)
        }
    }
}
