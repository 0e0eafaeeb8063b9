import PatrolDecisions
import PatrolModel
import PatrolSimulation

/// Validates the result of a phase, and accepts or rejects it.
extension Trainer {
    /// Simulates some of the replications for the next look, first those that the policy to beat still lacks.
    func validate(_ candidate: PolicyCandidate, threads: Int) throws(PatrolError) {
        let look = options.acceptance.look(after: validation.done)
        if let rivalTrack, best[rivalTrack].validation.done < look {
            let (policy, validation) = best[rivalTrack]
            let further = try advanced(validation, of: policy, tasksWeighted(by: policy), to: look, threads: threads)
            best[rivalTrack].validation = further
            // Without networks it is the pair of heuristics.
            if policy.isHeuristic { heuristics?.validation = further }
            return
        }
        validation = try advanced(validation, of: candidate, tasks, to: look, threads: threads)
        if validation.done == look { try judge(candidate) }
    }

    private func advanced(
        _ validation: Validation, of policy: PolicyCandidate, _ tasks: [TrainingTask], to look: Int, threads: Int
    ) throws(PatrolError) -> Validation {
        var (validation, engines) = (validation, [DecisionEngine]())
        for task in tasks { engines.append(try policy.engine(task.engine)) }
        let before = validation.eventCount
        try validation.advance(to: look, tasks, engines: engines, options: options, seed: seed, threads: threads)
        eventCount += validation.eventCount - before
        return validation
    }

    /// The tasks with the group weights that a policy was accepted with.
    private func tasksWeighted(by policy: PolicyCandidate) throws(PatrolError) -> [TrainingTask] {
        guard policy.groupWeights != groupWeights else { return tasks }
        var weighted: [TrainingTask] = []
        for task in givenTasks { weighted.append(try GroupWeights.apply(policy.groupWeights, to: task)) }
        return weighted
    }

    /// At a look: accepts the candidate or rejects it, and goes on to the next phase; or leaves it undecided.
    private func judge(_ candidate: PolicyCandidate) throws(PatrolError) {
        var outcome = PhaseOutcome(phases[phase], events: eventCount)
        if let rival {
            let comparison = comparison(of: rival, with: validation)
            let isShown = phases[phase].isLearned
            if isShown {
                let verdict = options.acceptance.verdict(comparison, done: validation.done)
                if verdict == .undecided { return }
                outcome.isAccepted = verdict == .accepted
            } else {
                outcome.isAccepted = comparison.mean < 0
            }
            if comparison.firstMean > 0 {
                let half = isShown ? options.acceptance.halfWidth(comparison) : comparison.halfWidth
                (outcome.difference, outcome.halfWidth) = (
                    comparison.mean / comparison.firstMean, half / comparison.firstMean
                )
            }
        } else {
            outcome.isAccepted = true
            // A task that costs nothing has no scale: its costs count as they are.
            for task in scales.indices {
                let cost = validation.mean(0, task: task, of: tasks.count)
                scales[task] = cost > 0 ? cost : 1
            }
        }
        let scale = scales.count == 1 ? scales[0] : 1
        outcome.meanResponse = validation.mean(Validation.Column.response)
        outcome.cost =
            scale * (0..<scales.count).reduce(0) { $0 + validation.mean(0, task: $1, of: scales.count) / scales[$1] }
            / Double(scales.count)
        outcome.worstGroup = validation.worstGroup.mean
        outcome.goalValue =
            switch options.goal {
            case .cost: outcome.cost
            case .worstGroup: outcome.worstGroup
            case .withinTarget, .p90, .presence: validation.mean(Validation.Column.value)
            }
        outcome.replications = validation.done
        try conclude(candidate, outcome)
    }

    private func conclude(_ candidate: PolicyCandidate, _ outcome: PhaseOutcome) throws(PatrolError) {
        if outcome.isAccepted { accept(candidate) }
        outcomes.append(outcome)
        phase += 1
        hasBegun = false
        self.candidate = nil
        validation = try Validation(most: options.acceptance.limit, groups: validation.groups)
        if !isDone && phases[phase].isFirstAfterHeuristics, let heuristics {
            best = options.variant == .apart ? [heuristics, heuristics] : [heuristics]
        }
    }

    // MARK: Rivals

    /// The difference between two policies in terms of the goal; of presence in patrol alone.
    private func comparison(of first: Validation, with second: Validation) -> PairedComparison {
        let isOfPatrol = !isDone && phases[phase].kind == .patrol
        return switch options.goal {
        case .worstGroup: first.comparisonOfWorstGroups(with: second)
        case .withinTarget, .p90: first.comparisonOfGoal(with: second)
        case .presence where isOfPatrol: first.comparisonOfGoal(with: second)
        case .cost, .presence: first.comparison(with: second, scales: scales)
        }
    }

    /// What the present candidate has to beat.
    private var rival: Validation? {
        if let rivalTrack { return best[rivalTrack].validation }
        return heuristics?.validation
    }

    /// Where it stands in `best`; nil for heuristics, which are compared with heuristics.
    private var rivalTrack: Int? {
        switch phases[phase].kind {
        case .heuristic: nil
        case .dispatch, .patrol: track
        case .combination: betterTrack
        }
    }

    /// Learned apart: the better of the two policies with one learned part.
    private var betterTrack: Int { comparison(of: best[0].validation, with: best[1].validation).mean < 0 ? 1 : 0 }

    private func accept(_ candidate: PolicyCandidate) {
        var candidate = candidate
        candidate.groupWeights = groupWeights
        switch phases[phase].kind {
        case .heuristic: heuristics = (candidate, validation)
        case .dispatch, .patrol: best[track] = (candidate, validation)
        case .combination: best = [(candidate, validation)]
        }
    }

    /// The best policy so far by validation; nil before the first is validated.
    var result: (policy: PolicyCandidate, validation: Validation)? {
        if best.count == 2 { return best[betterTrack] }
        return best.first ?? heuristics
    }
}
