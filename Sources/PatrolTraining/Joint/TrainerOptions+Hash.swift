import PatrolDecisions
import PatrolModel
import PatrolNetworks
import PatrolSimulation

extension Trainer {
    /// Of everything that a checkpoint's trainer must have in common with the one that reads it: options, scenarios, and the
    /// engines' own options.
    var configurationHash: UInt64 {
        var hash = ContentHash()
        options.combine(into: &hash)
        hash.combine(count: givenTasks.count)
        for task in givenTasks {
            hash.combine(task.model.contentHash)
            hash.combine(task.engine.optionsHash)
        }
        return hash.value
    }
}

extension ContentHash {
    fileprivate mutating func combine(_ flag: Bool) { combine(flag ? 1 : 0 as UInt32) }
    fileprivate mutating func combine(_ number: Double) { combine(number.bitPattern) }

    fileprivate mutating func combine(widths: [Int]) {
        combine(count: widths.count)
        for width in widths { combine(count: width) }
    }

    fileprivate mutating func combine(_ schedule: LinearSchedule) {
        combine(schedule.first)
        combine(schedule.last)
        combine(count: schedule.steps)
    }
}

extension TrainerOptions {
    /// Every option in the order of declaration.
    fileprivate func combine(into hash: inout ContentHash) {
        hash.combine(variant.rawValue)
        hash.combine(goal.rawValue)
        hash.combine(warmStart)
        hash.combine(count: rounds)
        dispatch.combine(into: &hash)
        hash.combine(patrolMethod.rawValue)
        patrol.combine(into: &hash)
        patrolSearch.combine(into: &hash)
        moves.combine(into: &hash)
        hash.combine(count: heuristicPatrols.count)
        for kind in heuristicPatrols { hash.combine(kind.rawValue) }
        hash.combine(count: heuristicDispatches.count)
        for kind in heuristicDispatches { hash.combine(kind.rawValue) }
        hash.combine(count: validations)
        hash.combine(count: validationLimit)
        hash.combine(validationSeconds)
        hash.combine(nodeLimit)
        hash.combine(groupWeightRate)
        hash.combine(count: goalPriority)
        hash.combine(goalPrice)
    }
}

extension DispatchLearnerOptions {
    fileprivate func combine(into hash: inout ContentHash) {
        hash.combine(learnsPairs)
        hash.combine(valueForm.rawValue)
        hash.combine(widths: pairHidden)
        hash.combine(widths: [
            valueHidden, valueBlock, bootstrapComparisons, comparisons, iterations, pooledSets, averagedNetworks,
        ])
        hash.combine(comparedShare)
        hash.combine(exploredShare)
        hash.combine(randomShare)
        hash.combine(horizonSeconds)
        hash.combine(rolloutStayFactor)
        hash.combine(settlingSeconds)
        hash.combine(longestShardSeconds)
        hash.combine(nodeLimit)
        hash.combine(count: epochs)
        hash.combine(count: batch)
        hash.combine(learningRate)
        hash.combine(lastRateShare)
        hash.combine(huberThreshold)
        hash.combine(count: shards)
        search.combine(into: &hash)
    }
}

extension PatrolLearnerOptions {
    fileprivate func combine(into hash: inout ContentHash) {
        hash.combine(reward.rawValue)
        hash.combine(spansCalls)
        hash.combine(presence)
        hash.combine(drivingPrice)
        hash.combine(discountRate)
        hash.combine(widths: learning.hidden)
        hash.combine(count: learning.batch)
        hash.combine(learning.targetShare)
        hash.combine(learning.huberThreshold)
        hash.combine(learning.gapShare)
        hash.combine(count: memory)
        hash.combine(rate)
        hash.combine(exploration)
        hash.combine(widths: [rounds, heuristicRounds, episodesPerRound])
        hash.combine(episodeSeconds)
        hash.combine(count: stepsPerRound)
    }
}

extension MoveLearnerOptions {
    fileprivate func combine(into hash: inout ContentHash) {
        hash.combine(widths: hidden)
        hash.combine(widths: [comparisons, iterations, pooledSets, averagedNetworks, epochs, batch, shards])
        hash.combine(comparedShare)
        hash.combine(exploredShare)
        hash.combine(randomShare)
        hash.combine(horizonSeconds)
        hash.combine(settlingSeconds)
        hash.combine(longestShardSeconds)
        hash.combine(nodeLimit)
        hash.combine(learningRate)
        hash.combine(lastRateShare)
        hash.combine(huberThreshold)
    }
}

extension SearchOptions {
    fileprivate func combine(into hash: inout ContentHash) {
        hash.combine(widths: [generations, population, replications])
        hash.combine(seconds)
        hash.combine(deviation)
        hash.combine(nodeLimit)
        hash.combine(stayFactor)
    }
}
