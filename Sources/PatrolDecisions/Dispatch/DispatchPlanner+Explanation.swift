import PatrolModel

/// Answers a dispatcher's questions: why this unit, and who else?
extension DispatchPlanner {
    /// Explains each assignment of the decision for the prepared situation, into `explanations`. The decision may take half of the
    /// time; the others share what is left of it. Those for which none is left say what is known of their losses.
    /// - Parameter incident: the one call that is asked about; nil: all.
    func explain(_ limits: SolverLimits, incident: Int?) throws(PatrolError) {
        let clock = limits.clock
        var own = limits
        own.clock = clock.part(of: 2)
        let isWhole = try decideInTime(own)
        let best = worthOfDecision()
        let room = bound - objective
        explanationCount = 0
        for f in 0..<situation.freeCount {
            remember(row: f)
            guard chosen[f] >= 0, !problem.continues(Int(chosen[f])) else { continue }
            let pair = pairs.pairs[Int(decided[f])]
            guard incident.map({ Int32($0) == pair.incident }) ?? true else { continue }
            var explanation = DispatchExplanation()
            explanation.assignment = assignment(of: pair, onTheWay: false)
            explanation.valueChange = clock.expired ? .nan : changeWithout(row: f) - pairs.reward(pair)
            explanations[explanationCount] = explanation
            explanationCount += 1
        }
        for k in 0..<explanationCount {
            own.clock = clock.part(of: explanationCount - k)
            if isWhole, !own.clock.expired {
                try explain(&explanations[k], own, best: best, room: room)
            } else {
                leave(&explanations[k], own, room: room)
            }
        }
    }

    /// - Parameter room: what a better decision than that explained could gain at most.
    private func explain(
        _ explanation: inout DispatchExplanation, _ limits: SolverLimits, best: Worth, room: Double
    ) throws(PatrolError) {
        let assignment = explanation.assignment
        var forbidden: Int32 = -1
        for f in 0..<situation.freeCount
        where decided[f] >= 0 && pairs.pairs[Int(decided[f])].unit == assignment.unit {
            forbidden = decided[f]
        }
        guard try choose(limits, without: forbidden) else { return leave(&explanation, limits, room: room) }
        let runnerUp = newcomer(on: assignment.incident)
        explanation.objectiveLoss =
            policy.isProgram ? best.loss(worthOfDecision()) : extraTravel(of: runnerUp, beyond: Int(forbidden))
        explanation.leastLoss = leastLoss(explanation.objectiveLoss)
        explanation.outcome = outcome
        if let runnerUp {
            explanation.runnerUp = pairs.pairs[runnerUp].unit
            explanation.runnerUpSeconds = pairs.pairs[runnerUp].seconds
        }
    }

    /// What is known without another decision: none is better than that explained by more than `room`.
    private func leave(_ explanation: inout DispatchExplanation, _ limits: SolverLimits, room: Double) {
        (explanation.objectiveLoss, explanation.leastLoss) = (.infinity, policy.isProgram ? -room : -.infinity)
        explanation.outcome = limits.clock.cancelled ? .cancelled : .noTime
    }

    /// What a better decision without the pair than the one found would make of the loss.
    func leastLoss(_ loss: Double) -> Double {
        guard policy.isProgram, outcome != .optimal else { return loss }
        return loss.isInfinite ? -.infinity : loss - (bound - objective)
    }

    private func remember(row f: Int) {
        (decided[f], decidedSlot[f]) = (-1, 0)
        guard chosen[f] >= 0 else { return }
        decided[f] = problem.source[Int(chosen[f])]
        for p in problem.row(f).lowerBound..<Int(chosen[f]) where problem.source[p] == decided[f] {
            decidedSlot[f] += 1
        }
    }

    /// Starts a search without a pair from the decision minus that pair, which saves finding the exact heuristic. Where limits may
    /// end the search early the heuristic is needed, since such a decision must not be worse.
    /// - Returns: whether this start exists and keeps every rule.
    func startsFromDecision(_ limits: SolverLimits, without forbidden: Int32) -> Bool {
        guard forbidden >= 0, limits.clock.deadline == .max, limits.nodeLimit == 0 else { return false }
        let start = starts.base + program.rowCount
        for f in 0..<program.rowCount {
            start[f] = -1
            guard decided[f] >= 0, decided[f] != forbidden else { continue }
            var slot = decidedSlot[f]
            for p in problem.row(f) where problem.source[p] == decided[f] {
                if slot == 0 { start[f] = Int32(p) }
                slot -= 1
            }
        }
        return program.violation(start) == nil
    }

    /// What the policy maximizes; minimum_weighted_travel first maximizes the number of assignments.
    func worthOfDecision() -> Worth {
        var worth = Worth(units: 0, objective: objective)
        guard policy == .minimumWeightedTravel else { return worth }
        for f in 0..<program.rowCount where chosen[f] >= 0 {
            worth.units += 1
            worth.objective += values.charge(Int(chosen[f]))
        }
        return worth
    }

    /// Weighted seconds by which another unit's travel is longer; infinite if there is none.
    private func extraTravel(of other: Int?, beyond pair: Int) -> Double {
        guard let other else { return .infinity }
        return pairs.weightedTravel(pair) - pairs.weightedTravel(other)
    }

    /// What the chosen pair of a row adds to the objective, all else equal.
    private func changeWithout(row f: Int) -> Double {
        let pair = chosen[f]
        let with = program.evaluate(chosen.base)
        chosen[f] = -1
        let without = program.evaluate(chosen.base)
        chosen[f] = pair
        return with - without - (policy == .minimumWeightedTravel ? values.excess(Int(pair)) : 0)
    }

    /// The pair of the nearest unit that serves a call now but did not in the decision.
    private func newcomer(on incident: Int32) -> Int? {
        var nearest: Int?
        for f in 0..<situation.freeCount where chosen[f] >= 0 {
            let p = problem.source[Int(chosen[f])]
            let pair = pairs.pairs[Int(p)]
            guard pair.incident == incident, decided[f] < 0 || pairs.pairs[Int(decided[f])].incident != incident else {
                continue
            }
            if pair.seconds < nearest.map({ pairs.pairs[$0].seconds }) ?? .infinity { nearest = Int(p) }
        }
        return nearest
    }
}

/// A decision as its policy ranks it: by the number of units sent, where that comes first, then by the objective.
struct Worth {
    var units: Int
    var objective: Double

    /// How much worse another decision is; infinite if it sends fewer units.
    func loss(_ other: Worth) -> Double {
        units == other.units ? objective - other.objective : units > other.units ? .infinity : -.infinity
    }
}
