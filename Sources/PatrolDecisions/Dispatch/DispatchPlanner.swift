import CKernels
import PatrolModel
import PatrolNetworks

/// Why a call is left without (all of) its units. The raw values are those of `patrol.h`.
public enum WaitReason: Int32, Sendable, BitwiseCopyable {
    case noEligibleUnit = 0, unitsTaken, held, strictPriority, reserve, allOrNone
}

/// How a dispatch decision ended. The raw values are those of `patrol.h`.
public enum DispatchOutcome: Int32, Sendable {
    case optimal = 0, withinGap, deadline, cancelled, nodeLimit, heuristic
}

/// What may end the solver before it has proven its answer best.
public struct SolverLimits {
    /// Monotonic nanoseconds; `Int64.max` for none.
    public var deadline = Int64.max
    /// 0: none.
    public var nodeLimit: UInt64 = 0
    public var relativeGap = 1e-6
    public var cancelFlag: UnsafePointer<Int32>?

    public init() {}
}

/// One unit's part of a dispatch decision.
public struct DispatchAssignment: BitwiseCopyable, Sendable {
    public var unit: Int32 = 0
    public var incident: Int32 = 0
    /// The call it is taken off, or −1.
    public var divertedFrom: Int32 = -1
    /// First node on the way; the call's where it is there, −1 where the host gave the travel time.
    public var nextNode: Int32 = -1
    public var seconds: Float = 0
    public var reward = 0.0
}

/// Dispatch decisions for all waiting calls of a snapshot.
public final class DispatchPlanner {
    let situation: Situation
    let pairs: DispatchPairs
    let problem: DispatchProblem
    let values: DispatchValues
    private let greedy: GreedyDispatch
    private let solver: DispatchSolver
    /// Programme pair of each free unit, or −1.
    private let chosen: Buffer<Int32>

    /// The last answer: assignments in the order of the units, and how good they are.
    public let assignments: Buffer<DispatchAssignment>
    public private(set) var assignmentCount = 0
    /// Of each incident: units it still misses, and why where any.
    public let missing: Buffer<Int32>
    public let reasons: Buffer<WaitReason>
    public private(set) var outcome = DispatchOutcome.heuristic
    public private(set) var objective = 0.0
    public private(set) var bound = Double.infinity
    public private(set) var relativeGap = Double.infinity
    public private(set) var nodes: UInt64 = 0

    init(situation: Situation, search: ShortestPaths) throws(PatrolError) {
        self.situation = situation
        pairs = try DispatchPairs(situation: situation, search: search)
        problem = try DispatchProblem(
            situation: situation, pairs: pairs, valueUnits: situation.engine.policy?.value?.hiddenCount ?? 0)
        values = try DispatchValues(problem: problem, pairs: pairs)
        greedy = try GreedyDispatch(problem: problem)
        solver = try DispatchSolver(limits: problem.programme.limits)
        let (units, incidents) = (situation.snapshot.maximumUnits, situation.snapshot.maximumIncidents)
        chosen = try Buffer(count: units, repeating: -1)
        assignments = try Buffer(count: units, repeating: DispatchAssignment())
        missing = try Buffer(count: incidents, repeating: 0)
        reasons = try Buffer(count: incidents, repeating: .held)
    }

    private var snapshot: Snapshot { situation.snapshot }
    private var programme: DispatchProgramme { problem.programme }

    /// Decides for the prepared situation.
    func decide(_ limits: SolverLimits) throws(PatrolError) {
        let policy = situation.engine.options.dispatchPolicy
        let value = policy == .learned ? situation.engine.policy?.value : nil
        pairs.prepare()
        if policy == .learned { try values.scorePairs() }
        let fits = try problem.build(valueUnits: value?.hiddenCount ?? 0)
        var bonus = 0.0
        if policy == .minimumWeightedTravel {
            bonus = values.fillTravel()
        } else {
            values.fillSeparable()
            if value != nil { values.addStateValue() }
        }
        greedy.decide(fits && policy != .learned && policy != .minimumWeightedTravel ? policy : .priorityClosest)
        if fits && (policy == .learned || policy == .minimumWeightedTravel) {
            try solve(limits)
            for f in 0..<programme.rowCount where chosen[f] >= 0 {
                objective -= bonus
                bound -= bonus
            }
        } else {
            for f in 0..<programme.rowCount { chosen[f] = greedy.assignment[f] }
            objective = programme.evaluate(chosen.base)
            (outcome, bound, relativeGap, nodes) = (.heuristic, .infinity, .infinity, 0)
        }
        collect()
    }

    private func solve(_ limits: SolverLimits) throws(PatrolError) {
        var options = DispatchSolver.Options()
        options.deadline = limits.deadline
        options.nodeLimit = limits.nodeLimit == 0 ? .max : Int(clamping: limits.nodeLimit)
        options.gap = limits.relativeGap
        let result = try solver.solve(
            programme, options: options, starts: UnsafePointer(greedy.assignment.base), startCount: 1,
            cancelFlag: limits.cancelFlag)
        guard result.hasAssignment else {
            // The greedy assignment keeps every rule, so the solver has one too.
            throw PatrolError(.internalError, "the dispatch programme has no feasible assignment")
        }
        for f in 0..<programme.rowCount { chosen[f] = solver.assignment[f] }
        switch result.status {
        case .optimal, .infeasible: outcome = .optimal
        case .withinGap: outcome = .withinGap
        case .deadline: outcome = .deadline
        case .nodeLimit: outcome = .nodeLimit
        case .cancelled: outcome = .cancelled
        }
        (objective, bound, relativeGap, nodes) = (result.objective, result.bound, result.gap, UInt64(result.nodes))
    }

    /// Eligible pairs with their scores, and the held state's features.
    func observe() throws(PatrolError) -> UnsafeBufferPointer<DispatchPair> {
        pairs.prepare()
        values.pairObservation.prepare()
        values.stateObservation.prepare()
        try values.scorePairs()
        return UnsafeBufferPointer(start: pairs.pairs.base, count: pairs.count)
    }

    /// Features of an eligible pair (shape [24]), of what it adds to the state (shape [64]), and of the state in which
    /// every call is held (shape [64]), after `DecisionSession.eligiblePairs`.
    public func writeFeatures(pair: Int, into row: UnsafeMutablePointer<Float>) {
        values.pairObservation.write(pair..<pair + 1, into: row)
    }

    public func writeDelta(pair: Int, into row: UnsafeMutablePointer<Float>) {
        values.stateObservation.writeDelta(pairs.pairs[pair], into: row)
    }

    public var heldState: UnsafePointer<Float> { UnsafePointer(values.stateObservation.held.base) }

    // MARK: The answer

    private func collect() {
        assignmentCount = 0
        for j in 0..<snapshot.incidentCount { missing[j] = snapshot.incidents[j].unitsMissing }
        for f in 0..<situation.freeCount where chosen[f] >= 0 {
            let pair = pairs.pairs[Int(problem.source[Int(chosen[f])])]
            missing[Int(pair.incident)] -= 1
            guard !problem.continues(Int(chosen[f])) else { continue }
            let unit = snapshot.units[Int(pair.unit)]
            assignments[assignmentCount] = DispatchAssignment(
                unit: pair.unit, incident: pair.incident, divertedFrom: unit.status == .enRoute ? unit.incident : -1,
                nextNode: pairs.nextNode(pair), seconds: pair.seconds, reward: pair.reward)
            assignmentCount += 1
        }
        for w in 0..<situation.waitingCount where missing[Int(situation.waiting[w])] > 0 {
            reasons[Int(situation.waiting[w])] = reason(w)
        }
    }

    private func reason(_ w: Int) -> WaitReason {
        if problem.eligibleUnits(w) == 0 { return .noEligibleUnit }
        if problem.cannotBeStaffed(w) { return .allOrNone }
        var reason = WaitReason.unitsTaken
        for p in 0..<programme.pairCount
        where Int(problem.columnCall[Int(programme.pairColumn[p])]) == w && chosen[Int(programme.pairRow[p])] < 0 {
            if isBarredByPriority(p) {
                reason = .strictPriority
            } else if isBarredByReserve(p) {
                reason = .reserve
            } else {
                return problem.call(w).allOrNone ? .allOrNone : .held
            }
        }
        return reason
    }

    private func filled(_ column: Int) -> Bool {
        var count: Int32 = 0
        for f in 0..<programme.rowCount where chosen[f] >= 0 && Int(programme.pairColumn[Int(chosen[f])]) == column { count += 1 }
        return count >= programme.capacity[column]
    }

    private func isBarredByPriority(_ p: Int) -> Bool {
        for k in Int(problem.implicationStart[p])..<Int(problem.implicationStart[p + 1])
        where !filled(Int(programme.implicationColumn[k])) { return true }
        return false
    }

    private func isBarredByReserve(_ p: Int) -> Bool {
        let reserve = problem.reserveOf[p]
        guard reserve >= 0 else { return false }
        var used: Int32 = 0
        for f in 0..<programme.rowCount where chosen[f] >= 0 && problem.reserveOf[Int(chosen[f])] == reserve { used += 1 }
        return used >= programme.reserveLimit[Int(reserve)]
    }

    /// Writes the answer into the snapshot: units that were assigned are on their way.
    func apply() {
        for j in 0..<snapshot.incidentCount { snapshot.incidents[j].unitsMissing = missing[j] }
        for a in 0..<assignmentCount {
            let assignment = assignments[a]
            let i = Int(assignment.unit)
            snapshot.units[i].status = .enRoute
            snapshot.units[i].incident = assignment.incident
            snapshot.units[i].secondsUntilFree =
                assignment.seconds + snapshot.incidents[Int(assignment.incident)].serviceSeconds
        }
    }
}
