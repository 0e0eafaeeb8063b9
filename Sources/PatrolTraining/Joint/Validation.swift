import PatrolDecisions
import PatrolModel
import PatrolNetworks
import PatrolSimulation

/// What a policy costs on the validation seeds: the same calls for every policy, none of them met in training.
struct Validation {
    /// What one replication showed, in the order of `Column`, then each group's mean response time, lost and waiting calls charged; NaN
    /// where a group, or what the goal is about, had no call. Shape [most, width]; the first `done` rows count.
    let results: Buffer<Double>
    let groups: Int
    var width: Int { Column.groups + groups }
    /// Replications that are done.
    var done = 0
    private(set) var eventCount: UInt64 = 0

    /// Replications of one `advance`.
    private static let atOnce = 16

    enum Column {
        /// A second, and the mean response time of all calls, lost and waiting ones charged.
        static let cost = 0
        static let response = 1
        /// Of the goal, see `TrainingObjective`.
        static let value = 2
        static let amount = 3
        static let groups = 4
    }

    init(most: Int, groups: Int) throws(PatrolError) {
        self.groups = groups
        results = try Buffer(count: most * (Column.groups + groups), repeating: .nan)
    }

    /// Simulates some more replications: replication r with task r mod their number.
    /// - Parameter end: how many there are to be, at most.
    mutating func advance(
        to end: Int, _ tasks: [TrainingTask], engines: [DecisionEngine], options: TrainerOptions, seed: UInt64,
        threads: Int
    ) throws(PatrolError) {
        let first = done
        let count = min(Validation.atOnce, end - first)
        let events = try Buffer<UInt64>(count: count, repeating: 0)
        let (results, width, objective) = (results, width, TrainingObjective(options))
        try runShards(count, threads: threads) { (k) throws(PatrolError) in
            let replication = first + k
            let task = replication % tasks.count
            let model = tasks[task].model
            var random = RandomNumbers(seed: seed, stream: 1 << 62 | UInt64(replication))
            let delay = tasks[task].delay(ofRun: replication / tasks.count, seconds: options.validationSeconds)
            let simulator = try Simulator(model, engine: engines[task], seed: random.next(), delay: delay)
            simulator.limits.nodeLimit = options.nodeLimit
            try simulator.run(until: simulator.start + model.scenario.warmUp + options.validationSeconds)
            let metrics = try simulator.metrics()
            let row = results.base + replication * width
            row[Column.cost] = metrics.costRate
            row[Column.response] = metrics.response.chargedMean
            row[Column.value] = objective.value(metrics)
            row[Column.amount] = objective.amount(metrics)
            for g in 0..<metrics.byGroup.count { row[Column.groups + g] = metrics.byGroup[g].chargedMean }
            events[k] = metrics.events
        }
        for k in 0..<count { eventCount += events[k] }
        done += count
    }

    /// Mean of a column over the replications of one task, or of all; NaN without any.
    func mean(_ column: Int, task: Int = 0, of tasks: Int = 1) -> Double {
        var (sum, count) = (0.0, 0.0)
        for r in stride(from: task, to: done, by: tasks) where !results[r * width + column].isNaN {
            sum += results[r * width + column]
            count += 1
        }
        return count > 0 ? sum / count : .nan
    }

    /// The largest mean of a group, and the column that it stands in.
    var worstGroup: (mean: Double, column: Int) {
        var worst = (mean: 0.0, column: Column.groups)
        for column in Column.groups..<width where mean(column) > worst.mean { worst = (mean(column), column) }
        return worst
    }

    /// Another policy's costs less these, each divided by its task's `scales`, over the replications that both have.
    func comparison(with other: Validation, scales: [Double]) -> PairedComparison {
        var comparison = PairedComparison()
        for r in 0..<min(done, other.done) {
            let scale = scales[r % scales.count]
            comparison.add(
                results[r * width + Column.cost] / scale, other.results[r * width + Column.cost] / scale)
        }
        return comparison
    }

    /// What the goal counts under another policy less the same under this one, over the replications in which both had calls.
    func comparisonOfGoal(with other: Validation) -> PairedComparison {
        comparison(of: Column.value, with: other, Column.value)
    }

    /// The mean response time of another policy's worst group less that of this one's, over the replications in which both
    /// had calls. Which group is the worst is taken as known: the difference of two largest means to first order.
    func comparisonOfWorstGroups(with other: Validation) -> PairedComparison {
        comparison(of: worstGroup.column, with: other, other.worstGroup.column)
    }

    private func comparison(of column: Int, with other: Validation, _ otherColumn: Int) -> PairedComparison {
        var comparison = PairedComparison()
        for r in 0..<min(done, other.done) {
            let (own, others) = (results[r * width + column], other.results[r * width + otherColumn])
            if !own.isNaN && !others.isNaN { comparison.add(own, others) }
        }
        return comparison
    }
}
