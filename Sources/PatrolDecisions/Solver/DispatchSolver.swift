import CKernels
import PatrolModel

/// Exact, anytime branch and bound for dispatch programs.
///
/// Bounds are assignment problems (`LagrangianDual`), of which rules are no part: what these leave no choice about
/// is required before (`Domain.propagate`). At each node the bound's slacks fix pairs, rows and columns
/// that no better assignment can use or leave; what remains is listed if that is short (`Enumeration`), or split:
/// on a rule's column, on the sign of a neuron whose chord is loose, or on the most divided column, row or pair. Loose
/// chords are tightened first, and rows that are alike (units at one place) are branched on as one. Nodes are taken
/// best bound first, each followed by a dive. Every assignment met is tried as an incumbent, and promising ones are
/// improved by `LocalSearch`.
///
/// All memory is declared at creation: `solve` allocates nothing. The answer depends on the program, the
/// options and the starts alone, unless the clock or the flag ends the search.
public final class DispatchSolver {
    public struct Options {
        /// When the answer is due.
        public var clock = CallClock()
        /// Nodes expanded at most; a repeatable budget.
        public var nodeLimit = Int.max
        /// Ends when (bound − objective) / max(1, objective − value of holding all) is at most this.
        public var gap = 0.0
        /// Whether a gap is relative to the gain over holding all, or absolute.
        public var gapIsRelative = true

        public init() {}
    }

    public enum Status: Int32, Sendable {
        /// The gap is at most `DispatchSolver.proven`.
        case optimal = 0
        /// The gap is at most what was asked, or what rounding hides of it: the search is complete.
        case withinGap = 1
        case deadline = 2
        /// The node limit, or the pool of open nodes, ended the search.
        case nodeLimit = 3
        case cancelled = 4
        case infeasible = 5
    }

    public struct Result: Sendable {
        public var status = Status.infeasible
        /// Whether `assignment` holds a feasible assignment. If not, `objective` is −∞.
        public var hasAssignment = false
        public var objective = -Double.infinity
        /// No feasible assignment is worth more.
        public var bound = Double.infinity
        /// Relative, as `Options.gap`; +∞ without an assignment.
        public var gap = Double.infinity
        public var nodes = 0
        /// Assignment problems solved.
        public var evaluations = 0
    }

    /// The greatest gap of a decision that counts as optimal. Rounding hides smaller ones where numbers differ much in size.
    static let proven = 1e-6
    /// Memory for open nodes, where nothing else is asked for.
    public static let nodeBytes = 8 << 20

    public let limits: DispatchProgram.Limits
    let problem: ReducedProgram
    let domain: Domain
    let dual: LagrangianDual
    let search: LocalSearch
    let enumeration: Enumeration
    let pool: NodePool
    /// Shape [rows]: the incumbent, in the program's pairs.
    let incumbent: UnsafeMutablePointer<Int32>
    /// Scratch of branching (the first is the local search's too), shape [pairs], [rows], [columns], [neurons].
    let pairShare, rowShare, columnShare, meanActivation, anchorActivation: UnsafeMutablePointer<Double>
    let scratchPairs: UnsafeMutablePointer<Int32>
    private let memory: SolverMemory

    /// How much is tried before a node is split: rounds of bounding and fixing, assignment problems in each round,
    /// visits of a listing, and the least share of the gap that makes a chord worth tightening. Chosen by measurement.
    struct Effort {
        var rootVisits = 4_000, nodeVisits = 200
        /// Programs of no more combinations are listed without a bound, or as soon as there is one.
        var tinyProgram = 200, smallProgram = 10_000
        var rootRounds = 4, nodeRounds = 3, rootSteps = 10, nodeSteps = 4
        var rootShare = 0.01, nodeShare = 0.05
    }

    var effort = Effort()
    /// Visits of a listing at the root of this program.
    var rootVisits = 0
    var options = Options()
    var clock = CallClock()
    /// When `mustStop` looked at the clock last, and the longest time between two looks.
    private var lastLook: Int64 = 0, longestStep: Int64 = 0
    var result = Result()
    /// The incumbent's value, that of holding all, and the greatest bound of what was closed so far; all scaled.
    var best = -Double.infinity, holdingAll = 0.0, closedBound = -Double.infinity
    var stopped: Status?
    /// Whether the last bound can hardly be lowered by further steps.
    var converged = false

    /// - Parameter nodeBytes: memory for open nodes.
    /// - Throws: `outOfMemory`.
    public convenience init(
        limits: DispatchProgram.Limits, nodeBytes: Int = DispatchSolver.nodeBytes
    ) throws(PatrolError) {
        let memory = SolverMemory()
        self.init(limits: limits, nodeBytes: nodeBytes, memory)
        try memory.check()
    }

    init(limits: DispatchProgram.Limits, nodeBytes: Int, _ memory: SolverMemory) {
        self.memory = memory
        self.limits = limits
        problem = ReducedProgram(limits: limits, memory)
        domain = Domain(problem: problem, limits: limits, memory)
        dual = LagrangianDual(problem: problem, domain: domain, limits: limits, memory)
        pairShare = memory.unwritten(limits.pairs, of: Double.self)
        search = LocalSearch(problem: problem, promise: pairShare, limits: limits, memory)
        enumeration = Enumeration(problem: problem, domain: domain, dual: dual, limits: limits, memory)
        pool = NodePool(bytes: nodeBytes, slots: 16384, limits: limits, memory)
        incumbent = memory.array(limits.rows, repeating: -1)
        rowShare = memory.array(limits.rows, repeating: 0)
        columnShare = memory.array(limits.columns, repeating: 0)
        meanActivation = memory.array(
            ReducedProgram.padded(limits.hidden &+ limits.reserves), repeating: 0)
        anchorActivation = memory.array(
            ReducedProgram.padded(limits.hidden &+ limits.reserves), repeating: 0)
        scratchPairs = memory.unwritten(max(limits.rows, limits.pairs), of: Int32.self)
    }

    /// Shape [rows]: the pair of each row, −1 for none; valid until the next solve.
    public var assignment: UnsafePointer<Int32> { UnsafePointer(incumbent) }

    /// - Parameters:
    ///   - starts: assignments to begin with, shape [startCount, rows]; those that break a rule are passed over.
    /// - Throws: `capacity` where the program exceeds the limits, `invalidNumber`, `outOfRange`.
    public func solve(
        _ program: DispatchProgram, options: Options = Options(), starts: UnsafePointer<Int32>? = nil,
        startCount: Int = 0
    ) throws(PatrolError) -> Result {
        guard program.rowCount <= limits.rows, program.columnCount <= limits.columns,
            program.pairCount <= limits.pairs, program.prerequisiteCount <= limits.prerequisites,
            program.hiddenCount + program.reserveCount
                <= ReducedProgram.padded(limits.hidden &+ limits.reserves)
        else { throw PatrolError(.capacity, "the program exceeds the sizes the solver was created for") }
        self.options = options
        clock = options.clock
        (result, best, closedBound, stopped) = (Result(), -.infinity, -.infinity, nil)
        (lastLook, longestStep) = (clock.isUnlimited ? 0 : kernels_monotonic_nanoseconds(), 0)
        problem.program = program
        dual.load()
        guard try program.validate(clock), problem.load(program, clock) else {
            stop()
            tryStarts(starts, startCount)
            result.status = stopped ?? .deadline
            return result
        }
        domain.reset()
        tryStarts(starts, startCount)
        run()
        return conclude()
    }

    /// What a bound must not exceed for its node to be closed.
    var target: Double {
        guard result.hasAssignment else { return -.infinity }
        return best + max(slip, options.gap * range)
    }

    /// What a gap is relative to: one unit of the program's value at least.
    private var range: Double { max(problem.objectiveScale, options.gapIsRelative ? best - holdingAll : 0) }

    /// What counts as equal to the incumbent: a billionth of what a gap is relative to, or what bounds allow for rounding.
    private var slip: Double { max(1e-9 * range, 2 * dual.rounding) }

    /// Whether the search must end now. As much time must be left as the longest step took, for the next or to come to an end.
    func mustStop() -> Bool {
        if stopped != nil || clock.isUnlimited { return stopped != nil }
        let now = kernels_monotonic_nanoseconds()
        longestStep = max(longestStep, now - lastLook)
        lastLook = now
        if clock.expired(at: now + longestStep) { stop() }
        return stopped != nil
    }

    /// Ends the search, and notes why.
    func stop() {
        if stopped == nil { stopped = clock.cancelled ? .cancelled : .deadline }
    }

    private func run() {
        pool.reset(problem)
        // The last look was before the program was loaded, which takes longer than what comes until the next.
        if mustStop() {
            closedBound = .infinity
            return
        }
        guard domain.propagate(), domain.narrowIntervals(clock) else { return }
        if settledByAssignment() { return }
        if mustStop() {
            closedBound = .infinity
            return
        }
        problem.findTwins()
        var combinations = 1
        for row in 0..<problem.rows { combinations = min(1 << 20, combinations * Int(1 + domain.rowAlive[row])) }
        if combinations <= effort.tinyProgram, listAll(visits: 4 * combinations) { return }
        rootVisits = combinations <= effort.smallProgram ? 4 * combinations : effort.rootVisits
        startFromGradients()
        var open = expand(.infinity)
        while stopped == nil {
            if open == nil, pool.count == 0 { return }
            if let bound = open, bound <= target {
                closedBound = max(closedBound, bound)
                open = nil
                continue
            }
            if open == nil {
                if pool.bestBound <= target { return }
                open = pool.pop(into: domain, dual)
            }
            guard let bound = open else { return }
            if result.nodes >= options.nodeLimit { stopped = .nodeLimit }
            if mustStop() {
                closedBound = max(closedBound, bound)
                return
            }
            open = expand(bound)
        }
    }

    private func conclude() -> Result {
        result.evaluations = dual.evaluations
        let bound = max(closedBound, pool.bestBound, pool.droppedBound)
        guard result.hasAssignment else {
            result.bound = bound / problem.objectiveScale
            result.status = stopped ?? (bound > -.infinity ? .nodeLimit : .infeasible)
            return result
        }
        result.bound = max(result.objective, bound / problem.objectiveScale)
        result.gap = max(0, bound - best) / range
        if result.gap <= Self.proven && bound - best <= 2 * slip {
            result.status = .optimal
        } else if bound <= target || bound - best <= 2 * slip {
            result.status = .withinGap
            if bound <= best + options.gap * range { result.gap = min(result.gap, options.gap) }
        } else {
            result.status = stopped ?? .nodeLimit
        }
        return result
    }
}
