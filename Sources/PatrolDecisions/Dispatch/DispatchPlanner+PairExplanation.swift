import PatrolModel

/// Why a decision does not send a unit to a call. The raw values are those of `patrol.h`.
public enum WhyNot: Int32, Sendable, BitwiseCopyable {
    case assigned = 0, worse, offDuty, busy, noDiversion, noUnitMissing, capabilities, needs, stalePosition, shiftEnd
    case unreachable, maximumTravel, otherBeat, notNearest, allOrNone, holdTravel, strictPriority, neverHold, reserve
    case otherCall, noTime, priorities, notYet, substitute, planned
}

/// What a decision says about one unit and one call.
public struct PairExplanation: Sendable {
    public var reason = WhyNot.noTime
    /// The call that the unit is sent to, or −1.
    public var assignedIncident: Int32 = -1
    /// What a decision with the pair loses at most and at least, in weighted seconds; NaN where it is forbidden.
    public var objectiveLoss = Double.nan
    public var leastLoss = Double.nan
    public var seconds = Float.nan
    /// Of the search for a decision with the pair; nil: none was made.
    public var outcome: DispatchOutcome?
}

extension DispatchPlanner {
    /// Explains a pair of the prepared situation. The decision itself may take half of the time.
    func explainPair(unit: Int, incident: Int, _ limits: SolverLimits) throws(PatrolError) -> PairExplanation {
        var own = limits
        own.clock = limits.clock.part(of: 2)
        let isWhole = try decideInTime(own)
        var answer = PairExplanation()
        guard let free = situation.freePlace(unit) else {
            answer.reason = snapshot.units[unit].status == .offDuty ? .offDuty : .busy
            return answer
        }
        if chosen[free] >= 0 { answer.assignedIncident = pairs.pairs[Int(problem.source[Int(chosen[free])])].incident }
        guard snapshot.incidents[incident].unitsMissing > 0 else {
            answer.reason = .noUnitMissing
            return answer
        }
        guard let waiting = situation.waiting(incident) else {
            if snapshot.incidents[incident].isForLater { answer.reason = .notYet }
            return answer
        }
        let (seconds, exclusion) = pairs.look(free, waiting)
        answer.seconds = seconds
        if let exclusion {
            answer.reason = exclusion
            if exclusion == .capabilities || exclusion == .needs,
                situation.wouldTake(snapshot.units[unit].capabilities, incident: incident)
            {
                answer.reason = .substitute
            }
            return answer
        }
        if answer.assignedIncident == Int32(incident) {
            (answer.reason, answer.objectiveLoss, answer.leastLoss) = (.assigned, 0, 0)
            return answer
        }
        try compare(&answer, row: free, waiting: waiting, isWhole: isWhole, limits)
        return answer
    }

    /// Compares the decision with one that has an eligible pair.
    private func compare(
        _ answer: inout PairExplanation, row: Int, waiting: Int, isWhole: Bool, _ limits: SolverLimits
    ) throws(PatrolError) {
        guard problem.row(row).contains(where: { self.call(of: $0) == waiting }) else {
            answer.reason = problem.cannotBeStaffed(waiting) ? .allOrNone : .notNearest
            return
        }
        let best = worthOfDecision()
        for f in 0..<program.rowCount { decided[f] = chosen[f] }
        let (rule, displaced) = swap(row, waiting)
        guard policy.isProgram else {
            if let rule {
                answer.reason = reason(rule, row, waiting)
            } else if let displaced {
                let source = problem.source
                let added =
                    pairs.weightedTravel(Int(source[displaced])) - pairs.weightedTravel(Int(source[Int(starts[row])]))
                (answer.reason, answer.objectiveLoss, answer.leastLoss) = (.worse, added, added)
            } else {
                answer.reason = .otherCall
            }
            return
        }
        guard isWhole, hasValues, !limits.clock.expired, let solver else { return }
        let found = try searchWith(solver, row, waiting, start: rule == nil, limits)
        answer.outcome = outcome
        if found {
            answer.reason = .worse
            answer.objectiveLoss = best.loss(worthOfDecision())
            answer.leastLoss = leastLoss(answer.objectiveLoss)
        } else if outcome == .optimal || outcome == .withinGap {
            answer.reason = reason(rule ?? .strictPriority, row, waiting)
        }
    }

    private func call(of p: Int) -> Int { Int(problem.columnCall[Int(program.pairColumn[p])]) }

    private func pair(_ p: Int) -> DispatchPair { pairs.pairs[Int(problem.source[p])] }

    /// Puts the decision with a unit on a call into the first start: in a free slot, or in place of the unit that drives
    /// farthest to it. - Returns: the rule that it breaks, and the pair that it displaces.
    private func swap(_ row: Int, _ waiting: Int) -> (rule: DispatchRule?, displaced: Int?) {
        var first: (rule: DispatchRule?, displaced: Int?)?
        for p in problem.row(row) where call(of: p) == waiting {
            for f in 0..<program.rowCount { starts[f] = decided[f] }
            starts[row] = Int32(p)
            let column = Int(program.pairColumn[p])
            var displaced: Int?
            if program.held(column, starts.base) > Int(program.capacity[column]) {
                for f in 0..<program.rowCount where f != row && starts[f] >= 0 {
                    let other = Int(starts[f])
                    guard Int(program.pairColumn[other]) == column, !problem.continues(other) else { continue }
                    if displaced.map({ pair($0).seconds < pair(other).seconds }) ?? true { displaced = other }
                }
                if let displaced { leave(displaced) }
            }
            let rule = program.violation(starts.base)
            if rule == nil { return (nil, displaced) }
            if first == nil { first = (rule, displaced) }
        }
        return first ?? (nil, nil)
    }

    /// Takes a pair out of the first start; a unit that may be diverted goes on to its own call.
    private func leave(_ p: Int) {
        let row = Int(program.pairRow[p])
        starts[row] = -1
        for q in problem.row(row) where problem.continues(q) { starts[row] = Int32(q) }
    }

    /// Searches the best decision that has a unit on a call: that is worth more there than all else together.
    /// - Returns: whether there is one. The program's values are then as before.
    private func searchWith(
        _ solver: DispatchSolver, _ row: Int, _ waiting: Int, start: Bool, _ limits: SolverLimits
    ) throws(PatrolError) -> Bool {
        var options = searchOptions(limits)
        (options.gap, options.gapIsRelative) = (limits.relativeGap * max(1, objective.magnitude), false)
        let bonus = 4 * program.reach
        var (usual, slot) = (SIMD8<Double>(), 0)
        for p in problem.row(row) where call(of: p) == waiting {
            (usual[slot], slot) = (program.value[p], slot + 1)
            program.value[p] += bonus
        }
        let result = try solver.solve(
            program, options: options, starts: UnsafePointer(starts.base), startCount: start ? 1 : 0)
        slot = 0
        for p in problem.row(row) where call(of: p) == waiting {
            (program.value[p], slot) = (usual[slot], slot + 1)
        }
        take(result, of: solver)
        guard chosen[row] >= 0, call(of: Int(chosen[row])) == waiting else { return false }
        (objective, bound) = (program.evaluate(chosen.base), bound - bonus)
        subtractExcess()
        return true
    }

    private func reason(_ rule: DispatchRule, _ row: Int, _ waiting: Int) -> WhyNot {
        for p in problem.row(row) where call(of: p) == waiting && problem.unitsNeeded(p) > problem.unitsToSpare {
            return .holdTravel
        }
        return switch rule {
        case .row, .columnCapacity, .strictPriority: .strictPriority
        case .mandatoryRow: .noDiversion
        case .allOrNone: .allOrNone
        case .neverHold: .neverHold
        case .reserve: problem.rules.reservePerBeat > 0 ? .reserve : .holdTravel
        }
    }
}
