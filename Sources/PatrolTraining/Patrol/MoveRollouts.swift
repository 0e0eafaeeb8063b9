import PatrolDecisions
import PatrolModel
import PatrolNetworks
import PatrolSimulation

/// Compares patrol moves by simulation: along a trajectory under the present policies, at some of the decisions of single units, the
/// policy's move and another one are each followed for a while, with the same calls and service times to come (common random
/// numbers), and what the two cost is compared. The system's own cost is all that counts: no reward is designed.
struct MoveRollouts {
    private let options: MoveLearnerOptions
    private let behavior: Simulator
    private let kept: Simulator
    private let altered: Simulator
    private var random: RandomNumbers
    /// The candidates of a decision, shape [candidates, width].
    private let features: Buffer<Float>
    /// Weighted seconds in a unit of the network's outputs: one mean call waiting one minute.
    private let scale: Double

    init(
        _ model: Scenario, engine: DecisionEngine, options: MoveLearnerOptions, seed: UInt64
    ) throws(PatrolError) {
        self.options = options
        behavior = try Simulator(model, engine: engine, seed: seed, measures: false)
        kept = try Simulator(model, engine: engine, seed: seed, measures: false)
        altered = try Simulator(model, engine: engine, seed: seed, measures: false)
        for simulator in [behavior, kept, altered] { simulator.limits.nodeLimit = options.nodeLimit }
        random = RandomNumbers(seed: seed, stream: 1 << 40)
        features = try Buffer(count: engine.maximumCandidates * CandidateTable.widthWithBackup, repeating: 0)
        scale = 60 * Double(engine.meanWeight)
    }

    /// Decisions of the trajectory for each that is compared, at most: so that it ends where units hardly ever have a choice.
    private static let decisionsToComparison = 200.0

    /// Adds comparisons until there are as many as wanted. - Returns: events simulated.
    mutating func fill(_ comparisons: MoveComparisons) throws(PatrolError) -> UInt64 {
        let end = behavior.now + options.longestShardSeconds
        var events = UInt64(0)
        try behavior.run(until: behavior.now + options.settlingSeconds)
        let most = Double(comparisons.limit) * MoveRollouts.decisionsToComparison / Double(options.comparedShare)
        var decisions = 0.0
        while !comparisons.isFull, decisions < most, behavior.hasMoreCalls {
            switch try behavior.stepToDecision(until: end) {
            case .none: return events + behavior.eventCount
            case .dispatch: try behavior.decide()
            case .patrol:
                decisions += 1
                if random.uniform() < Double(options.comparedShare) { events += try compare(into: comparisons) }
                try behavior.decide()
            }
        }
        return events + behavior.eventCount
    }

    /// Follows the policy's move of the first unit that decides, and another of its moves.
    private mutating func compare(into comparisons: MoveComparisons) throws(PatrolError) -> UInt64 {
        let (unit, width) = (behavior.firstDueUnit, CandidateTable.widthWithBackup)
        let candidates = try behavior.session.candidates(ofUnit: unit, features: features.base, width: width)
        guard candidates.count > 1 else { return 0 }
        let best = highest(candidates, but: -1)
        var other = random.below(candidates.count - 1)
        if other >= best { other += 1 }
        if random.uniform() >= options.randomShare { other = highest(candidates, but: best) }
        let (move, alternative) = (Int(candidates[best].node), Int(candidates[other].node))
        let (future, before) = (random.next(), behavior.eventCount)
        let cost = try rollOut(kept, unit, to: move, future: future)
        let otherCost = try rollOut(altered, unit, to: alternative, future: future)
        comparisons.append(
            features.base + best * width, features.base + other * width, saving: (cost - otherCost) / scale)
        if random.uniform() < options.exploredShare { try behavior.move(unit: unit, to: alternative) }
        return kept.eventCount + altered.eventCount - 2 * before
    }

    private func highest(_ candidates: UnsafeBufferPointer<PatrolCandidate>, but excluded: Int) -> Int {
        var best = -1
        for k in 0..<candidates.count where k != excluded {
            if best < 0 || candidates[k].value > candidates[best].value { best = k }
        }
        return best
    }

    /// - Returns: the cost until the horizon, weighted seconds.
    private func rollOut(_ simulator: Simulator, _ unit: Int, to node: Int, future: UInt64) throws(PatrolError)
        -> Double
    {
        try simulator.copy(behavior, measuring: false)
        simulator.renewFuture(seed: future)
        try simulator.move(unit: unit, to: node)
        try simulator.decide()
        let charged = simulator.cumulativeCost + simulator.costUnderWay
        try simulator.run(until: simulator.now + options.horizonSeconds)
        return simulator.cumulativeCost + simulator.costUnderWay - charged
    }
}
