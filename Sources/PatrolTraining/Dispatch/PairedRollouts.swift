import CKernels
import PatrolDecisions
import PatrolModel
import PatrolNetworks
import PatrolSimulation

/// Compares assignments by simulation: along a trajectory under the present policy, at some of its dispatch decisions, the
/// policy's assignment and an alternative are each followed for a while, with the same calls and service times to come
/// (common random numbers), and what the two cost is compared.
///
/// Rollouts as in Bertsekas & Castañon 1999; common random numbers for differences, Glasserman & Yao 1992.
struct PairedRollouts {
    private let options: DispatchLearnerOptions
    private let behavior: Simulator
    private let decided: Simulator
    private let altered: Simulator
    private let alternatives: DispatchAlternatives
    private var random: RandomNumbers
    /// Of the networks' outputs.
    private let unit: DispatchUnit
    private let discountRate: Double

    init(
        _ model: Scenario, engine: DecisionEngine, options: DispatchLearnerOptions, unit: DispatchUnit, seed: UInt64
    ) throws(PatrolError) {
        (self.options, self.unit) = (options, unit)
        behavior = try Simulator(model, engine: engine, seed: seed)
        decided = try Simulator(model, engine: engine, seed: seed)
        altered = try Simulator(model, engine: engine, seed: seed)
        for simulator in [behavior, decided, altered] { simulator.limits.nodeLimit = options.nodeLimit }
        for simulator in [decided, altered] { simulator.stayFactor = options.rolloutStayFactor }
        alternatives = try DispatchAlternatives(behavior.session)
        random = RandomNumbers(seed: seed, stream: 1 << 40)
        discountRate = Double(engine.options.discountRate)
    }

    /// Events of the trajectory for each decision at which an assignment is compared: more only where calls are far rarer than
    /// moves. And how long decisions are looked at after the last call of a log.
    private static let eventsToDecision = 1000.0
    private static let secondsAfterCalls = 86_400.0

    /// Adds comparisons until the shard is full, or calls are too rare for it. - Returns: events simulated.
    mutating func fill(_ shard: ComparisonShard) throws(PatrolError) -> UInt64 {
        var (end, events) = (behavior.now + options.longestShardSeconds, UInt64(0))
        try behavior.run(until: behavior.now + options.settlingSeconds)
        let decisions = Double(shard.limit) / Double(options.comparedShare)
        let mostEvents = Double(behavior.eventCount) + PairedRollouts.eventsToDecision * decisions
        while !shard.isFull, Double(behavior.eventCount) < mostEvents {
            if !behavior.hasMoreCalls { end = min(end, behavior.now + PairedRollouts.secondsAfterCalls) }
            switch try behavior.stepToDecision(until: end) {
            case .none: return events + behavior.eventCount
            case .patrol: try behavior.decide()
            case .dispatch:
                try behavior.session.decideDispatch(behavior.limits)
                var explores = false
                if random.uniform() < options.comparedShare, drawAlternative() {
                    events += try compare(into: shard)
                    explores = random.uniform() < options.exploredShare
                }
                try send(behavior, ofAlternative: explores)
            }
        }
        return events + behavior.eventCount
    }

    private mutating func drawAlternative() -> Bool {
        random.uniform() < options.randomShare
            ? alternatives.draw(&random) || alternatives.drawNextBest(&random)
            : alternatives.drawNextBest(&random)
    }

    /// Follows both assignments. The difference in value is that in cost without the immediate rewards, which the program adds
    /// itself: −(C₂ − C₁) − (r₂ − r₁).
    private mutating func compare(into shard: ComparisonShard) throws(PatrolError) -> UInt64 {
        let future = random.next()
        let before = behavior.eventCount
        alternatives.observe()
        let cost = try rollOut(decided, ofAlternative: false, future: future)
        let otherCost = try rollOut(altered, ofAlternative: true, future: future)
        let reward = alternatives.reward(ofAlternative: true) - alternatives.reward(ofAlternative: false)
        shard.append(alternatives, target: (cost - otherCost - reward) / alternatives.outputScale(unit))
        return decided.eventCount + altered.eventCount - 2 * before
    }

    /// Sends units as one of the two assignments says, then follows the policy. - Returns: the discounted cost, weighted seconds.
    private func rollOut(_ simulator: Simulator, ofAlternative: Bool, future: UInt64) throws(PatrolError) -> Double {
        try simulator.copy(behavior, measuring: false)
        simulator.renewFuture(seed: future)
        try send(simulator, ofAlternative: ofAlternative)
        let begin = simulator.now
        let end = begin + options.horizonSeconds
        var (time, charged, cost) = (begin, simulator.cumulativeCost, 0.0)
        while time < end {
            // Two minutes at most, so that discounting each piece at its middle is exact to some 10⁻⁵.
            _ = try simulator.stepToDecision(until: min(end, time + 120))
            let middle = (time + simulator.now) / 2 - begin
            cost += (simulator.cumulativeCost - charged) * kernels_exp64(-discountRate * middle)
            (time, charged) = (simulator.now, simulator.cumulativeCost)
            try simulator.decide()
        }
        // Drives that end later are known now.
        return cost + simulator.costUnderWay * kernels_exp64(-discountRate * options.horizonSeconds)
    }

    private func send(_ simulator: Simulator, ofAlternative: Bool) throws(PatrolError) {
        try alternatives.forEachAssignment(ofAlternative: ofAlternative) { (unit, incident) throws(PatrolError) in
            try simulator.assign(unit: unit, toIncident: incident, asPart: true)
        }
    }
}
