import PatrolDecisions
import PatrolFiles
import PatrolModel
import PatrolSimulation
import Testing

@testable import PatrolTraining

/// Goals beside the weighted wait: what they cost while a policy learns, and what it is accepted for.
@Suite struct TrainingGoalTests {
    private func task(_ change: (inout ScenarioArrays) -> Void = { _ in }) throws -> TrainingTask {
        let area = try gridArea(side: 4, callsPerHour: 12)
        var arrays = try ScenarioArrays(area: area, unitCount: 3)
        arrays.responseTargets[0] = 240
        arrays.presenceSeconds = 900
        change(&arrays)
        return TrainingTask(try Scenario(area: area, scenario: arrays), engine: try freeEngine(area))
    }

    /// Small, and with heuristics that leave much to be gained.
    private func options(_ goal: TrainingGoal, _ change: (inout TrainerOptions) -> Void = { _ in }) -> TrainerOptions {
        var options = TrainerOptions()
        options.goal = goal
        options.rounds = 1
        options.dispatch = smallDispatch()
        options.patrolSearch.generations = 6
        options.patrolSearch.population = 6
        options.patrolSearch.replications = 2
        options.patrolSearch.seconds = 2 * 3600
        options.heuristicPatrols = [.stay]
        options.heuristicDispatches = [.closestFirstCome]
        options.validations = 30
        options.validationLimit = 240
        options.validationSeconds = 2 * 3600
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

    /// At a price of 3, what was late under the policy costs three times its weighted wait: 3 · 2 / 0.004 = 1500 each.
    @Test func thePriceIsThatAtWhichTheGoalWeighsSoMuch() throws {
        let task = try task { $0.latePrices[0] = 100 }
        func priced(
            _ goal: TrainingGoal, priority: Int = 0, cost: Double = 2, amount: Double = 0.004
        ) throws -> ScenarioArrays {
            let objective = TrainingObjective(
                options(goal) { ($0.goalPriority, $0.goalPrice) = (priority, 3) })
            return try objective.priced(task, cost: cost, value: 500, amount: amount).model.scenario
        }
        let within = try priced(.withinTarget, priority: 1)
        #expect(within.latePrices[0] == 1600 && within.latePrices[1] == 0)
        #expect(within.responseTargets[0] == 240 && within.absencePrice == 0)
        #expect(try priced(.withinTarget).latePrices[7] == 1500)
        let p90 = try priced(.p90, priority: 2)
        #expect(p90.responseTargets[1] == 500 && p90.latePrices[1] == 1500)
        #expect(p90.responseTargets[0] == 240 && p90.latePrices[0] == 100)
        #expect(try priced(.p90).responseTargets == SIMD8(repeating: 500))
        #expect(try priced(.presence, amount: 0.4).absencePrice == 15)
        #expect(try priced(.presence, amount: 0.4).latePrices[0] == 100)
        // Nothing to be gained, nothing known, and beyond what a scenario may have.
        for (cost, amount) in [(2.0, 0.0), (0.0, 0.1), (.nan, 0.1), (2.0, .nan)] {
            #expect(try priced(.withinTarget, cost: cost, amount: amount).latePrices[0] == 100)
        }
        #expect(try priced(.withinTarget, amount: 1e-300).latePrices[0] == 1e9)
        for goal in [TrainingGoal.cost, .worstGroup] { #expect(try priced(goal).latePrices[0] == 100) }
    }

    /// What is accepted has less of what the goal counts, on the same calls.
    @Test(arguments: [(TrainingGoal.withinTarget, 1), (.p90, 0), (.presence, 0)])
    func aPolicyIsAcceptedForItsGoal(goal: TrainingGoal, priority: Int) throws {
        let trainer = try Trainer(
            [try task()],
            options: options(goal) {
                ($0.variant, $0.goalPriority, $0.goalPrice) = (.patrolOnly, priority, 4)
                $0.validations = 240
            }, seed: 1)
        while !trainer.isDone { try trainer.advance(threads: 2) }
        let (before, after) = (trainer.outcomes[0], trainer.outcomes[1])
        #expect(after.isAccepted && after.difference + after.halfWidth < 0)
        #expect(after.goalValue < before.goalValue)
        #expect(before.meanResponse > 0 && after.meanResponse > 0)
        #expect(abs(after.goalValue / before.goalValue - 1 - after.difference) < 0.02)
        let file = try open(try trainer.policyFile { (_) throws(PatrolError) in })
        func entry(_ key: ByteText) -> String? { file.metadata(named: key).map { String(decoding: $0, as: UTF8.self) } }
        #expect(entry("training_goal") == goal.name.description)
        #expect(entry("goal_priority") == (priority > 0 ? "1" : nil))
        #expect(entry("validation_goal") == after.goalValue.description)
    }

    /// Dispatch is accepted for its cost, also where the goal is presence.
    @Test func presenceIsAGoalOfPatrol() throws {
        func outcomes(_ goal: TrainingGoal) throws -> [PhaseOutcome] {
            let trainer = try Trainer([try task()], options: options(goal) { $0.variant = .dispatchOnly }, seed: 2)
            while !trainer.isDone { try trainer.advance(threads: 2) }
            return trainer.outcomes
        }
        let (cost, presence) = (try outcomes(.cost), try outcomes(.presence))
        #expect(cost.map(\.cost) == presence.map(\.cost))
        #expect(cost[1].difference == presence[1].difference)
        #expect(presence[0].goalValue > 0 && presence[0].goalValue < 1 && cost[0].goalValue == cost[0].cost)
    }

    @Test(arguments: [TrainingGoal.withinTarget, .p90, .presence])
    func aCheckpointIsTakenUpAgainWithAnyNumberOfThreads(goal: TrainingGoal) throws {
        let task = try task()
        let options = options(goal) { $0.patrolSearch.generations = 2 }
        let whole = try Trainer([task], options: options, seed: 3)
        var resumed = try Trainer([task], options: options, seed: 3)
        while !whole.isDone {
            let other = try Trainer([task], options: options, seed: 3)
            resumed = try other.restored(from: try open(try resumed.checkpoint()))
            try whole.advance(threads: 1)
            try resumed.advance(threads: 3)
        }
        #expect(try bytes(whole) == bytes(resumed))
        var dearer = options
        dearer.goalPrice = 2
        #expect(throws: PatrolError.self) {
            _ = try Trainer([task], options: dearer, seed: 3).restored(from: try open(try whole.checkpoint()))
        }
    }

    @Test func goalsThatCannotBeMetAreRefused() throws {
        func refuses(_ goal: TrainingGoal, _ text: String, _ change: (inout TrainerOptions) -> Void) throws {
            let task = try task()
            let refused = try #require(throws: PatrolError.self) {
                try Trainer([task], options: options(goal, change), seed: 1)
            }
            #expect(refused.message.contains(text))
        }
        try refuses(.withinTarget, "needs response targets") { $0.goalPriority = 2 }
        try refuses(.p90, "goal_priority is 5, but no call of the scenario has that priority") { $0.goalPriority = 5 }
        try refuses(.p90, "goal_priority is 9, expected 0 to 8") { $0.goalPriority = 9 }
        try refuses(.presence, "goal_priority is 1, expected 0") { $0.goalPriority = 1 }
        try refuses(.p90, "goal_price is nan") { $0.goalPrice = .nan }
        try refuses(.p90, "goal_price is -1") { $0.goalPrice = -1 }
    }
}
