import CKernels
import PatrolModel
import PatrolNetworks

/// Dispatch decisions for all waiting calls of a snapshot.
public final class DispatchPlanner {
    let situation: Situation
    let pairs: DispatchPairs
    let problem: DispatchProblem
    let values: DispatchValues
    let greedy: GreedyDispatch
    let urgent: MostUrgentCalls
    /// Whether answers say where units go first on their way.
    package var findsNextNodes = true
    /// Where the policy is a program's optimum.
    let solver: DispatchSolver?
    /// Assignments that the solver begins with: the greedy one, and a better one where there is one. Shape [2, rows].
    let starts: Buffer<Int32>
    var startCount = 1
    /// Whether the pairs have their scores, and the program its values.
    var isScored = false
    var hasValues = false
    /// Program pair of each free unit, or −1.
    let chosen: Buffer<Int32>
    /// Units that the decision puts into each column, and takes from each reserve.
    let filled: Buffer<Int32>
    let reserveUsed: Buffer<Int32>

    /// Explanations: of the decision being explained, the pair of each free unit or −1, and which of the call's slots for it.
    let decided: Buffer<Int32>
    let decidedSlot: Buffer<Int32>
    public let explanations: Buffer<DispatchExplanation>
    public internal(set) var explanationCount = 0
    public let ranking: Buffer<RankedUnit>
    public let plans: Buffer<DispatchPlan>
    public internal(set) var planCount = 0

    /// The last answer: assignments in the order of the units, and how good they are.
    public let assignments: Buffer<DispatchAssignment>
    public internal(set) var assignmentCount = 0
    /// Of each incident: units it still misses, and why where any.
    public let missing: Buffer<Int32>
    public let reasons: Buffer<WaitReason>
    /// The substitute that it goes by, counted from 1; 0: its own row.
    let substitutes: Buffer<Int32>
    public internal(set) var outcome = DispatchOutcome.heuristic
    public internal(set) var objective = 0.0
    public internal(set) var bound = Double.infinity
    public internal(set) var relativeGap = Double.infinity
    public internal(set) var nodes: UInt64 = 0
    public internal(set) var phases = DispatchPhases()
    /// What it takes to write down a decision.
    private var collecting = ExpectedTime()

    init(situation: Situation, router: Router, _ memory: inout WorkingMemory) {
        self.situation = situation
        urgent = MostUrgentCalls(situation: situation, &memory)
        pairs = DispatchPairs(situation: situation, router: router, urgent: urgent, &memory)
        problem = DispatchProblem(
            situation: situation, pairs: pairs, valueNeurons: situation.engine.policy?.value?.hiddenCount ?? 0, &memory)
        values = DispatchValues(problem: problem, pairs: pairs, &memory)
        greedy = GreedyDispatch(problem: problem, &memory)
        let policy = situation.engine.options.dispatchPolicy
        if policy.isProgram {
            // Once the pairs are listed, nobody asks for the travel times of the others.
            let arrays = SolverMemory(lent: pairs.travelMemory)
            solver = DispatchSolver(limits: problem.program.limits, nodeBytes: DispatchSolver.nodeBytes, arrays)
            memory.join(arrays.requests)
        } else {
            solver = nil
        }
        let (units, incidents) = (situation.snapshot.maximumUnits, situation.snapshot.maximumIncidents)
        starts = memory.buffer(count: 2 * units, repeating: -1)
        chosen = memory.buffer(count: units, repeating: -1)
        filled = memory.buffer(count: problem.program.limits.columns, repeating: 0)
        reserveUsed = memory.buffer(count: problem.program.limits.reserves, repeating: 0)
        decided = memory.buffer(count: units, repeating: -1)
        decidedSlot = memory.buffer(count: units, repeating: 0)
        explanations = memory.buffer(count: units, repeating: DispatchExplanation())
        ranking = memory.buffer(count: units, repeating: RankedUnit())
        plans = memory.buffer(count: units, repeating: DispatchPlan())
        assignments = memory.buffer(count: units, repeating: DispatchAssignment())
        missing = memory.buffer(count: incidents, repeating: 0)
        reasons = memory.buffer(count: incidents, repeating: .held)
        substitutes = memory.buffer(count: incidents, repeating: 0)
    }

    var snapshot: Snapshot { situation.snapshot }
    var program: DispatchProgram { problem.program }

    var policy: DispatchPolicyKind { situation.dispatchPolicy }

    /// Decides for the prepared situation.
    func decide(_ limits: SolverLimits) throws(PatrolError) {
        var limits = limits
        limits.clock = limits.clock.leaving(collecting.nanoseconds)
        try decideInTime(limits)
        timeCollect()
    }

    /// Decides, without the search and some of the calls where there is not even time for a heuristic about all.
    /// - Returns: whether there was.
    @discardableResult
    func decideInTime(_ limits: SolverLimits) throws(PatrolError) -> Bool {
        if try prepare(limits.clock) { if try choose(limits) { return true } }
        try chooseWithoutTime(limits.clock)
        return false
    }

    /// Collects the answer and remembers how long that takes.
    func timeCollect() {
        var start = kernels_monotonic_nanoseconds()
        collect()
        collecting.note(lap(&start))
    }

    /// The steps shared by all decisions about one snapshot.
    /// - Returns: false where the clock ended it first.
    @discardableResult
    func prepare(_ clock: CallClock = CallClock()) throws(PatrolError) -> Bool {
        phases = DispatchPhases()
        isScored = false
        var start = kernels_monotonic_nanoseconds()
        let isRouted = try pairs.prepare(clock)
        phases.routing = lap(&start)
        guard isRouted else { return false }
        isScored = policy == .learned ? try values.scorePairs(clock) : true
        phases.setup = lap(&start)
        return isScored
    }

    /// Nanoseconds since `start`, which is moved to now.
    func lap(_ start: inout Int64) -> Int64 {
        let now = kernels_monotonic_nanoseconds()
        defer { start = now }
        return now - start
    }

    var value: ValueNetwork? { policy == .learned ? situation.engine.policy?.value : nil }

    /// Lays out the program of the prepared pairs, without values.
    /// - Parameter forbidden: a pair that is left out, or −1.
    func layProgram(
        without forbidden: Int32 = -1, _ clock: CallClock = CallClock()
    ) throws(PatrolError) -> DispatchProblem.Fit {
        try problem.build(valueNeurons: value?.hiddenCount ?? 0, without: forbidden, clock)
    }

    /// - Returns: false where the clock ended it first.
    @discardableResult
    func fill(without forbidden: Int32 = -1, _ clock: CallClock = CallClock()) throws(PatrolError) -> Bool {
        if policy == .minimumWeightedTravel {
            values.fillTravel(asBefore: forbidden >= 0)
            return true
        }
        guard values.fillSeparable(clock) else { return false }
        return value != nil ? try values.addStateValue(clock) : true
    }

    /// The bonus in the values of the chosen pairs that makes the program choose as many as possible.
    func chosenExcess() -> Double {
        var sum = 0.0
        guard policy == .minimumWeightedTravel else { return sum }
        for f in 0..<program.rowCount where chosen[f] >= 0 { sum += values.excess(Int(chosen[f])) }
        return sum
    }

    // MARK: The answer

    func collect() {
        countFilled()
        assignmentCount = 0
        for j in 0..<snapshot.incidentCount {
            let call = snapshot.incidents[j]
            (missing[j], reasons[j]) = (call.unitsMissing, call.isForLater ? .notYet : .noTime)
            substitutes[j] = call.substitute
        }
        for f in 0..<situation.freeCount where chosen[f] >= 0 {
            let pair = pairs.pairs[Int(problem.source[Int(chosen[f])])]
            missing[Int(pair.incident)] -= 1
            guard !problem.continues(Int(chosen[f])) else { continue }
            assignments[assignmentCount] = assignment(of: pair)
            assignments[assignmentCount].need = problem.need(ofColumn: Int(program.pairColumn[Int(chosen[f])]))
            assignmentCount += 1
        }
        for w in 0..<situation.waitingCount where missing[Int(situation.waiting[w])] > 0 {
            reasons[Int(situation.waiting[w])] = reason(w)
        }
    }

    /// - Parameter onTheWay: the first node on the way is wanted, which takes a search.
    func assignment(of pair: DispatchPair, onTheWay: Bool = true) -> DispatchAssignment {
        let unit = snapshot.units[Int(pair.unit)]
        var assignment = DispatchAssignment()
        assignment.unit = pair.unit
        assignment.incident = pair.incident
        if snapshot.incidents[Int(pair.incident)].substitute > 0 {
            assignment.substitute = situation.requirement(ofIncident: Int(pair.incident)).number
        }
        assignment.divertedFrom = unit.status == .enRoute ? unit.incident : -1
        if onTheWay && findsNextNodes { assignment.nextNode = pairs.nextNode(pair) }
        assignment.seconds = pair.seconds
        assignment.reward = pairs.reward(pair)
        return assignment
    }

    /// Writes the answer into the snapshot that is worked on: units that were assigned are on their way.
    func apply() {
        for j in 0..<snapshot.incidentCount {
            if substitutes[j] > 0 { situation.setSubstitute(substitutes[j], ofIncident: j) }
            snapshot.incidents[j].unitsMissing = missing[j]
        }
        for a in 0..<assignmentCount {
            let assignment = assignments[a]
            let i = Int(assignment.unit)
            snapshot.units[i].status = .enRoute
            snapshot.units[i].incident = assignment.incident
            if assignment.need >= 0 { snapshot.incidents[Int(assignment.incident)].fill(need: assignment.need) }
            snapshot.units[i].secondsUntilFree =
                assignment.seconds + snapshot.incidents[Int(assignment.incident)].serviceSeconds
            snapshot.units[i].lateSecondsUntilFree = 0
        }
    }
}
