import CKernels
import PatrolDecisions
import PatrolModel
import PatrolNetworks
import PatrolSimulation

/// Follows one simulation, decides patrol by a Q-network with ε-greedy exploration, and keeps each unit's transitions.
///
/// Units decide in ascending id and see the targets of those before, as at run time.
final class TrainingEpisode {
    let simulator: Simulator
    private let options: PatrolLearnerOptions
    private let form: DecisionForm
    private var random: RandomNumbers
    /// The network to act with, or nil: the engine's patrol heuristic.
    private let network: DenseNetwork?
    private let scratch: NetworkScratch?
    private let exploration: Float
    /// The current decision: the candidates' features, shape [candidates, 33], and their values.
    private let features: Buffer<Float>
    private let values: Buffer<Float>
    /// What each unit did last, and the rows that it saw, shape [units] and [units, rows of a decision, width].
    private let pending: Buffer<Pending>
    private let pendingRows: Buffer<Float>

    private struct Pending: BitwiseCopyable {
        var isOpen = false
        var candidates = 0
        var chosen = 0
        var time = 0.0
        var cost = 0.0
        /// `Simulator.timesTaken` then.
        var timesTaken = 0
        /// For the visit that the move makes; its seconds.
        var visit: Float = 0
        var drivingSeconds: Float = 0
    }

    init(
        _ task: TrainingTask, form: DecisionForm, options: PatrolLearnerOptions, network: DenseNetwork?,
        exploration: Float,
        seed: UInt64, random: RandomNumbers
    ) throws(PatrolError) {
        simulator = try Simulator(task.model, engine: task.engine, seed: seed)
        simulator.showsIdleTimes = true
        self.options = options
        self.form = form
        self.random = random
        self.network = network
        self.exploration = exploration
        if let network {
            scratch = try NetworkScratch(for: network, maximumRows: form.maximumCandidates)
        } else {
            scratch = nil
        }
        let candidates = simulator.session.maximumCandidates
        features = try Buffer(count: candidates * CandidateTable.widthWithBackup, repeating: 0)
        values = try Buffer(count: candidates, repeating: 0)
        let units = task.model.scenario.units.count
        pending = try Buffer(count: units, repeating: Pending())
        pendingRows = try Buffer(count: units * form.maximumCandidates * form.width, repeating: 0)
    }

    private var session: DecisionSession { simulator.session }

    /// Simulates until a time. - Parameter memory: takes the transitions.
    func run(until end: Double, into memory: ReplayMemory?) throws(PatrolError) {
        while true {
            switch try simulator.stepToDecision(until: end) {
            case .none: return
            case .dispatch: try simulator.decide()
            case .patrol:
                let snapshot = session.snapshot
                for k in 0..<snapshot.unitCount {
                    let unit = Int(snapshot.unitOrder[k])
                    if simulator.isDue(unit) { try decide(unit, memory) }
                }
            }
        }
    }

    private func decide(_ unit: Int, _ memory: ReplayMemory?) throws(PatrolError) {
        let snapshot = session.snapshot
        let candidates = try session.candidates(
            ofUnit: unit, features: features.base, width: CandidateTable.widthWithBackup)
        if let memory { close(unit, candidates: candidates.count, memory) }

        var chosen: Int
        if random.uniform() < Double(exploration) {
            chosen = random.below(candidates.count)
        } else {
            if let network, let scratch {
                try network.evaluate(
                    rows: candidates.count, input: features.base, output: values.base, scratch: scratch)
            } else {
                for k in 0..<candidates.count { values[k] = candidates[k].value }
            }
            chosen = 0
            for k in 1..<candidates.count where values[k] > values[chosen] { chosen = k }
        }
        let candidate = candidates[chosen]
        if memory != nil { open(unit, chosen, candidate, candidates: candidates.count) }
        snapshot.units[unit].target = candidate.node
        try simulator.move(unit: unit, to: Int(candidate.node))
    }

    private func pendingRows(_ unit: Int) -> UnsafeMutablePointer<Float> {
        pendingRows.base + unit * form.maximumCandidates * form.width
    }

    private func open(_ unit: Int, _ chosen: Int, _ candidate: PatrolCandidate, candidates: Int) {
        let feature = features.base + chosen * CandidateTable.widthWithBackup
        var next = Pending()
        next.isOpen = true
        next.candidates = candidates
        next.chosen = chosen
        next.time = simulator.now
        next.cost = simulator.cumulativeCost
        next.timesTaken = simulator.timesTaken(unit)
        next.visit = feature[CandidateTable.demandNear] * feature[CandidateTable.idleHours]
        next.drivingSeconds = candidate.seconds
        pending[unit] = next
        pendingRows(unit).update(from: features.base, count: candidates * form.width)
    }

    /// The unit decides again, which completes its last transition unless it was dispatched in between.
    private func close(_ unit: Int, candidates: Int, _ memory: ReplayMemory) {
        let last = pending[unit]
        guard last.isOpen, options.spansCalls || simulator.timesTaken(unit) == last.timesTaken else { return }
        let seconds = simulator.now - last.time
        let discount = kernels_exp64(-options.discountRate * seconds)
        // ∫ e^(−βt) dt over the transition, in minutes.
        let minutes = options.discountRate > 0 ? (1 - discount) / options.discountRate / 60 : seconds / 60
        var reward = rate(of: last, seconds) * Float(minutes)
        reward += options.presence * last.visit * Float(discount)
        if seconds > 0 { reward -= options.drivingPrice * last.drivingSeconds / 60 }
        memory.append(
            rows: pendingRows(unit), candidates: last.candidates, chosen: last.chosen, reward: reward,
            discount: Float(discount), nextRows: features.base, nextCandidates: candidates)
    }

    /// Reward per minute of the transition that ends now; the features are those of the unit where it is now.
    private func rate(of last: Pending, _ seconds: Double) -> Float {
        let marginal = features[CandidateTable.gain]
        switch options.reward {
        case .difference: return marginal - features[CandidateTable.bestAnchorGain]
        case .backupDifference:
            let q = CandidateTable.backupShare
            let backup = marginal + q * features[CandidateTable.secondGain] + q * q * features[CandidateTable.thirdGain]
            return backup - features[CandidateTable.bestAnchorBackup]
        case .teamCoverage: return marginal - session.arrivalWithoutUnit
        case .teamCost:
            guard seconds > 0 else { return 0 }
            return -Float((simulator.cumulativeCost - last.cost) / seconds) / simulator.engine.meanWeight
        }
    }
}
