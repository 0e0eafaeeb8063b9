import PatrolDecisions
import PatrolFiles
import PatrolModel
import PatrolSimulation
import Testing

@testable import PatrolTraining

@Suite struct TrainerTests {
    private func task() throws -> TrainingTask {
        let area = try gridArea(side: 4, callsPerHour: 8)
        let model = try Scenario(area: area, scenario: try ScenarioArrays(area: area, unitCount: 3))
        return TrainingTask(model, engine: try freeEngine(area))
    }

    /// Small; with deep Q-learning, as most of its options are for that.
    private func options(_ change: (inout TrainerOptions) -> Void = { _ in }) -> TrainerOptions {
        var options = TrainerOptions()
        options.dispatch = smallDispatch()
        options.patrol.learning.hidden = [8]
        options.patrol.learning.batch = 32
        options.patrol.memory = 500
        options.patrol.rounds = 3
        options.patrol.heuristicRounds = 1
        options.patrol.episodesPerRound = 2
        options.patrol.episodeSeconds = 2400
        options.patrol.stepsPerRound = 3
        options.patrolMethod = .qLearning
        options.patrolSearch.generations = 2
        options.patrolSearch.population = 4
        options.patrolSearch.replications = 1
        options.patrolSearch.seconds = 3600
        options.heuristicPatrols = [.stay, .marginalCoverage]
        options.heuristicDispatches = [.closestFirstCome]
        options.validations = 20
        options.validationLimit = 80
        options.validationSeconds = 3600
        change(&options)
        return options
    }

    private func open(_ bytes: Buffer<UInt8>) throws -> TensorFile {
        try withExtendedLifetime(bytes) { try TensorFile(bytes: UnsafeRawBufferPointer(bytes.elements)) }
    }

    private func bytes(_ trainer: Trainer) throws -> [UInt8] {
        let file = try trainer.checkpoint()
        return withExtendedLifetime(file) { Array(file.elements) }
    }

    @Test(arguments: TrainingVariant.allCases) func everyVariantRunsItsPhases(variant: TrainingVariant) throws {
        let trainer = try Trainer([try task()], options: options { $0.variant = variant }, seed: 1)
        var last = -1.0
        while !trainer.isDone {
            let progress = trainer.progress
            #expect(progress.share >= 0 && progress.share <= 1)
            #expect(Double(progress.phaseIndex) + progress.share * 0.5 >= last || progress.isValidating)
            last = Double(progress.phaseIndex)
            try trainer.advance(threads: 2)
        }
        let learned: [TrainingPhase.Kind] =
            switch variant {
            case .joint: [.dispatch, .patrol, .dispatch, .patrol]
            case .apart: [.dispatch, .patrol, .dispatch, .patrol, .combination]
            case .patrolOnly: [.patrol, .patrol]
            case .dispatchOnly: [.dispatch, .dispatch]
            }
        let kinds = trainer.outcomes.map { $0.phase.kind }
        #expect(
            kinds == [.heuristic(.stay, .closestFirstCome), .heuristic(.marginalCoverage, .closestFirstCome)] + learned)
        #expect(trainer.progress.phase == nil && trainer.progress.events == trainer.eventCount)
        // Accepted where it is shown to be better.
        for outcome in trainer.outcomes.dropFirst() {
            let isLearned = [.dispatch, .patrol, .combination].contains(outcome.phase.kind)
            let bound = isLearned ? outcome.difference + outcome.halfWidth : outcome.difference
            #expect(outcome.isAccepted == (bound < 0))
            #expect([20, 40, 80].contains(outcome.replications) && (isLearned || outcome.replications == 20))
            // Rejected only where the mean is not below or after the last look.
            if isLearned && !outcome.isAccepted { #expect(outcome.difference >= 0 || outcome.replications == 80) }
        }
        for (a, b) in zip(trainer.outcomes, trainer.outcomes.dropFirst()) { #expect(a.events < b.events) }
    }

    @Test func theSameSeedGivesTheSameBytesWithAnyNumberOfThreads() throws {
        func run(seed: UInt64, threads: Int) throws -> [UInt8] {
            let trainer = try Trainer([try task()], options: options(), seed: seed)
            while !trainer.isDone { try trainer.advance(threads: threads) }
            return try bytes(trainer)
        }
        let first = try run(seed: 1, threads: 1)
        #expect(try run(seed: 1, threads: 3) == first)
        #expect(try run(seed: 2, threads: 2) != first)
    }

    @Test(arguments: [(TrainingVariant.joint, PatrolMethod.qLearning), (.joint, .search), (.apart, .qLearning)])
    func aCheckpointIsTakenUpAgain(variant: TrainingVariant, method: PatrolMethod) throws {
        let task = try task()
        let options = options { ($0.variant, $0.patrolMethod) = (variant, method) }
        let whole = try Trainer([task], options: options, seed: 3)
        var resumed = try Trainer([task], options: options, seed: 3)
        var step = 0
        while !whole.isDone {
            // A new trainer takes over again and again, at every kind of step.
            let other = try Trainer([task], options: options, seed: 3)
            resumed = try other.restored(from: try open(try resumed.checkpoint()))
            #expect(other.eventCount == 0 && !other.isDone, "it stays as it is")
            try whole.advance(threads: 2)
            try resumed.advance(threads: 2)
            step += 1
        }
        #expect(resumed.isDone && step > 20)
        #expect(try bytes(whole) == bytes(resumed))
        #expect(throws: PatrolError.self) {
            _ = try Trainer([task], options: options, seed: 4).restored(from: try open(try whole.checkpoint()))
        }
    }

    /// The interval of what hardly costs anything may be beyond all numbers.
    @Test func aCheckpointKeepsAnIntervalWithoutEnd() throws {
        let (task, options) = (try task(), options { $0.variant = .dispatchOnly })
        let trainer = try Trainer([task], options: options, seed: 3)
        while trainer.outcomes.count < 2 { try trainer.advance(threads: 1) }
        trainer.outcomes[1].halfWidth = .infinity
        let other = try Trainer([task], options: options, seed: 3).restored(from: try open(try trainer.checkpoint()))
        #expect(other.outcomes[0].halfWidth.isNaN && other.outcomes[1].halfWidth == .infinity)
        #expect(try bytes(other) == bytes(trainer))
    }

    /// A checkpoint goes on with the scenario that it is of: a change of load, of a storm or of one logged call is another.
    @Test func aCheckpointOfAnotherScenarioIsRefused() throws {
        let given = try task()
        let (area, base) = (given.model.area, given.model.scenario)
        func file(_ log: CallLog?, _ change: (inout ScenarioArrays) throws -> Void) throws -> Trainer {
            var scenario = base
            try change(&scenario)
            let model = try Scenario(area: area, scenario: scenario, log: log)
            return try Trainer([TrainingTask(model, engine: given.engine)], options: options { _ in }, seed: 3)
        }
        func log(_ change: (inout CallLog.Entry) -> Void = { _ in }) throws -> CallLog {
            let entries = try Buffer<CallLog.Entry>(count: 2, repeating: CallLog.Entry())
            entries[1].time = 60
            change(&entries[1])
            return CallLog(entries)
        }
        let storms = try Buffer(count: 1, repeating: Storm(start: 0, end: 3600, multiplier: 2))
        let drawn = try open(try file(nil) { _ in }.checkpoint())
        let logged = try open(try file(try log()) { _ in }.checkpoint())
        _ = try file(nil) { _ in }.restored(from: drawn)
        _ = try file(try log { $0.serviceSeconds = -.nan }) { _ in }.restored(from: logged)

        let changes: [(inout ScenarioArrays) throws -> Void] = [
            { $0.rateScale *= 1.01 }, { $0.storms = storms }, { $0.queueCapacity += 1 }, { $0.warmUp += 1 },
            { $0.graceSeconds[7] = 1 }, { $0.latePrices[7] = 1 }, { $0.presenceSeconds = 60 }, { $0.absencePrice = 1 },
            { $0.outOfService.ratePerHour = 0.1 }, { $0.selfInitiated.meanSeconds = 600 },
            {
                let categories = try Buffer(count: $0.categories.count, repeating: $0.categories[0])
                categories[0].service.mean += 1
                $0.categories = categories
            },
        ]
        for (k, change) in changes.enumerated() {
            #expect(throws: PatrolError.self, "change \(k)") { _ = try file(nil, change).restored(from: drawn) }
        }
        for other in [nil, try log { $0.time += 1 }, try log { $0.serviceSeconds = 60 }] {
            #expect(throws: PatrolError.self) { _ = try file(other) { _ in }.restored(from: logged) }
        }
        #expect(throws: PatrolError.self) { _ = try file(try log()) { _ in }.restored(from: drawn) }
    }

    /// What the file says is what was validated: loaded by a host's means it decides the same and costs the same.
    @Test func theFileIsThePolicyThatWasValidated() throws {
        let task = try task()
        // Units that stay where they are leave much to be gained.
        let trainer = try Trainer(
            [task],
            options: options {
                $0.variant = .patrolOnly
                $0.rounds = 1
                $0.heuristicPatrols = [.stay]
                $0.patrolMethod = .search
                $0.validations = 50
                $0.validationLimit = 200
                $0.validationSeconds = 2 * 3600
            }, seed: 1)
        #expect(throws: PatrolError.self) { try trainer.policyFile { (_) throws(PatrolError) in } }
        while !trainer.isDone { try trainer.advance(threads: 2) }
        try #require(trainer.outcomes.last?.isAccepted == true)
        let file = try open(
            try trainer.policyFile { (writer) throws(PatrolError) in
                try writer.addMetadata("scenario", "a small grid")
            })
        func entry(_ key: ByteText) -> String? { file.metadata(named: key).map { String(decoding: $0, as: UTF8.self) } }
        #expect(entry("scenario") == "a small grid" && entry("training_seed") == "1")
        #expect(
            entry("patrol_policy") == "learned"
                && entry("validation_replications") == trainer.outcomes.last!.replications.description)
        #expect(entry("dispatch_policy") == "closest_fcfs")
        #expect(entry("training_variant") == "patrol_only")
        let policy = try PolicyFile(file).policy
        #expect(policy.pair == nil && policy.value == nil && policy.patrol != nil)
        var learned = task.engine.options
        learned.dispatchPolicy = .closestFirstCome
        learned.patrolPolicy = .learned
        let loaded = try DecisionEngine(area: task.model.area, policy: policy, options: learned, groupWeights: nil)
        func cost(_ engine: DecisionEngine) throws -> Double {
            let simulator = try Simulator(task.model, engine: engine, seed: 5)
            try simulator.run(until: 20 * 3600)
            return simulator.cumulativeCost
        }
        #expect(try cost(loaded) == cost(try trainer.engine(task.engine)))
    }

    /// The group that waits longer gets a weight above 1, and the weights are part of the result.
    @Test func theWorstGroupGainsWeight() throws {
        let area = try gridArea(side: 5, callsPerHour: 6, farGroup: true)
        let model = try Scenario(area: area, scenario: try ScenarioArrays(area: area, unitCount: 2))
        let task = TrainingTask(model, engine: try freeEngine(area))
        let trainer = try Trainer(
            [task],
            options: options {
                $0.goal = .worstGroup
                $0.variant = .dispatchOnly
                $0.rounds = 1
                $0.groupWeightRate = 1
            }, seed: 2)
        while !trainer.isDone { try trainer.advance(threads: 2) }
        let last = try #require(trainer.outcomes.last)
        let before = trainer.outcomes.dropLast().map(\.worstGroup).min()!
        #expect(last.isAccepted == (last.difference + last.halfWidth < 0))
        #expect(abs(last.worstGroup / before - 1 - last.difference) < 0.05, "the difference is that of the worst group")
        #expect(trainer.groupWeights[1] > trainer.groupWeights[0])
        #expect(abs(trainer.groupWeights[0] + trainer.groupWeights[1] - 2) < 1e-5)
    }

    @Test func badOptionsAreRefused() throws {
        for change: (inout TrainerOptions) -> Void in [
            { $0.heuristicDispatches = [] }, { $0.heuristicPatrols = [.learned] }, { $0.rounds = 0 },
            { $0.validations = 1 },
            { $0.validationLimit = 100_001 }, { $0.validationLimit = -1 },
            { $0.validationSeconds = .nan }, { $0.dispatch.epochs = 0 }, { $0.patrol.memory = 0 },
        ] {
            #expect(throws: PatrolError.self) { try Trainer([try task()], options: options(change), seed: 1) }
        }
        #expect(throws: PatrolError.self) { try Trainer([], options: options(), seed: 1) }
    }
}
