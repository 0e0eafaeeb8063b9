import CKernels
import PatrolModel
import PatrolNetworks

/// From the program and its starts to the decision.
extension DispatchPlanner {
    /// Chooses a pair for each free unit. - Parameter forbidden: a pair that may not be chosen, or −1.
    /// - Returns: false where the clock ended it before there was any choice.
    @discardableResult
    func choose(_ limits: SolverLimits, without forbidden: Int32 = -1) throws(PatrolError) -> Bool {
        let floor = try begin(limits, without: forbidden)
        var start = kernels_monotonic_nanoseconds()
        defer { phases.solver += lap(&start) }
        switch floor {
        case .none: return false
        case .greedyOnly: try takeBestStart(.heuristic)
        case .withoutExact: try takeBestStart(limits.clock.cancelled ? .cancelled : .noTime)
        case .withoutValues: try takeBestStart(limits.clock.cancelled ? .cancelled : .deadline)
        case .found: if let solver { try search(solver, limits) }
        }
        return true
    }

    private func search(_ solver: DispatchSolver, _ limits: SolverLimits) throws(PatrolError) {
        try solve(solver, limits)
        subtractExcess()
    }

    /// Takes the bonus for as many assignments as possible off what was found.
    func subtractExcess() {
        guard policy == .minimumWeightedTravel else { return }
        let excess = chosenExcess()
        objective -= excess
        bound -= excess
        relativeGap = (bound - objective) / max(1, -objective)
        if outcome == .withinGap && relativeGap <= DispatchSolver.proven { outcome = .optimal }
    }

    /// The fallback: none in time; no program; an exact heuristic that was cut short; one that was found, or is the policy
    /// itself, but no time for the program's values; one that was found.
    enum Floor { case none, greedyOnly, withoutExact, withoutValues, found }

    /// Builds the program and finds the solver's starts.
    @discardableResult
    func begin(_ limits: SolverLimits, without forbidden: Int32 = -1) throws(PatrolError) -> Floor {
        var start = kernels_monotonic_nanoseconds()
        hasValues = false
        let fit = try layProgram(without: forbidden, limits.clock)
        phases.setup += lap(&start)
        guard fit != .outOfTime, greedy.decide(policy.isProgram ? .priorityClosest : policy, limits.clock) else {
            return .none
        }
        for f in 0..<program.rowCount { starts[f] = greedy.assignment[f] }
        startCount = 1
        var floor = Floor.greedyOnly
        if fit == .fits, let solver {
            floor = .found
            if startsFromDecision(limits, without: forbidden) {
                startCount = 2
            } else if policy == .learned {
                floor = try findExactHeuristic(solver, limits)
            }
        }
        phases.solver += lap(&start)
        guard floor == .found else { return floor }
        hasValues = try fill(without: forbidden, limits.clock)
        phases.setup += lap(&start)
        return hasValues ? floor : .withoutValues
    }

    /// The exact assignment of least weighted travel under the same rules, as a second start: a decision under a deadline is
    /// then no worse than without learning. If the clock or the flag cuts the search short, the best assignment so far serves.
    private func findExactHeuristic(_ solver: DispatchSolver, _ limits: SolverLimits) throws(PatrolError) -> Floor {
        values.fillTravel(asBefore: false)
        let result = try search(solver, limits, forTravel: true)
        guard result.hasAssignment else { return .found }
        for f in 0..<program.rowCount { starts[program.rowCount + f] = solver.assignment[f] }
        startCount = 2
        return result.status == .deadline || result.status == .cancelled ? .withoutExact : .found
    }

    /// Searches the program's optimum from the starts. - Parameter forTravel: its values are those of least weighted travel.
    private func search(
        _ solver: DispatchSolver, _ limits: SolverLimits, forTravel: Bool
    ) throws(PatrolError) -> DispatchSolver.Result {
        var options = searchOptions(limits)
        // With the bonus of a maximum matching in the values, a relative gap would mean little.
        options.gap = forTravel ? 0 : limits.relativeGap
        options.gapIsRelative = !forTravel
        return try solver.solve(
            program, options: options, starts: UnsafePointer(starts.base), startCount: startCount)
    }

    func searchOptions(_ limits: SolverLimits) -> DispatchSolver.Options {
        var options = DispatchSolver.Options()
        options.clock = limits.clock
        options.nodeLimit = limits.nodeLimit == 0 ? .max : Int(clamping: limits.nodeLimit)
        return options
    }

    private func solve(_ solver: DispatchSolver, _ limits: SolverLimits) throws(PatrolError) {
        let result = try search(solver, limits, forTravel: policy == .minimumWeightedTravel)
        guard result.hasAssignment else {
            // The greedy assignment keeps every rule, so the solver has one too.
            throw PatrolError(.internalError, "the dispatch program has no feasible assignment")
        }
        take(result, of: solver)
    }

    /// Makes what a search found the decision.
    func take(_ result: DispatchSolver.Result, of solver: DispatchSolver) {
        for f in 0..<program.rowCount { chosen[f] = solver.assignment[f] }
        switch result.status {
        case .optimal, .infeasible: outcome = .optimal
        case .withinGap: outcome = .withinGap
        case .deadline: outcome = .deadline
        case .nodeLimit: outcome = .nodeLimit
        case .cancelled: outcome = .cancelled
        }
        (objective, bound, relativeGap, nodes) = (result.objective, result.bound, result.gap, UInt64(result.nodes))
    }
}
