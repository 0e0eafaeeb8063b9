import PatrolDecisions
import PatrolModel
import PatrolNetworks
import PatrolSimulation

/// What a policy costs on the validation seeds: the same calls for every policy, none of them met in training.
struct Validation {
    /// What one replication showed: cost a second, then each group's mean response time, lost and waiting calls charged; NaN where
    /// a group had no call. Shape [replications, 1 + groups].
    let results: Buffer<Double>
    let groups: Int
    /// Replications that are done.
    var done = 0
    private(set) var eventCount: UInt64 = 0

    /// Replications of one `advance`.
    private static let atOnce = 16

    init(replications: Int, groups: Int) throws(PatrolError) {
        self.groups = groups
        results = try Buffer(count: replications * (1 + groups), repeating: .nan)
    }

    var replications: Int { results.count / (1 + groups) }
    var isDone: Bool { done == replications }

    /// Simulates some more replications: replication r with task r mod their number.
    mutating func advance(
        _ tasks: [TrainingTask], engines: [DecisionEngine], options: TrainerOptions, seed: UInt64, threads: Int
    ) throws(PatrolError) {
        let first = done
        let count = min(Validation.atOnce, replications - first)
        let events = try Buffer<UInt64>(count: count, repeating: 0)
        let (results, groups) = (results, groups)
        try runShards(count, threads: threads) { (k) throws(PatrolError) in
            let replication = first + k
            let task = replication % tasks.count
            let model = tasks[task].model
            var random = RandomNumbers(seed: seed, stream: 1 << 62 | UInt64(replication))
            let simulator = try Simulator(model, engine: engines[task], seed: random.next())
            simulator.limits.nodeLimit = options.nodeLimit
            try simulator.run(until: model.scenario.start + model.scenario.warmUp + options.validationSeconds)
            let metrics = try simulator.metrics()
            let row = results.base + replication * (1 + groups)
            row[0] = metrics.costRate
            for g in 0..<metrics.byGroup.count { row[1 + g] = metrics.byGroup[g].chargedMean }
            events[k] = metrics.events
        }
        for k in 0..<count { eventCount += events[k] }
        done += count
    }

    /// Mean of a column over the replications of one task, or of all; NaN without any.
    func mean(_ column: Int, task: Int = 0, of tasks: Int = 1) -> Double {
        var (sum, count) = (0.0, 0.0)
        for r in stride(from: task, to: replications, by: tasks) where !results[r * (1 + groups) + column].isNaN {
            sum += results[r * (1 + groups) + column]
            count += 1
        }
        return count > 0 ? sum / count : .nan
    }

    /// The largest mean of a group.
    var worstGroup: Double {
        var worst = 0.0
        for g in 0..<groups { worst = max(worst, mean(1 + g)) }
        return worst
    }

    /// Another policy's costs less these, each divided by its task's `scales`.
    func comparison(with other: Validation, scales: [Double]) -> PairedComparison {
        var comparison = PairedComparison()
        for r in 0..<replications {
            let scale = scales[r % scales.count]
            comparison.add(results[r * (1 + groups)] / scale, other.results[r * (1 + groups)] / scale)
        }
        return comparison
    }
}
