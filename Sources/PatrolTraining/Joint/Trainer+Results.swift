import PatrolDecisions
import PatrolFiles
import PatrolModel
import PatrolSimulation

/// How far training is.
public struct TrainingProgress: Sendable {
    /// The phase under way, of `phases`; nil when done.
    public var phase: TrainingPhase?
    public var phaseIndex = 0
    public var phases = 0
    /// Of the present phase: its share that is done, and whether its result is being validated.
    public var share = 0.0
    public var isValidating = false
    /// While validating: replications that are done, and those after which it is looked at next.
    public var replications = 0
    public var nextLook = 0
    /// Simulated in all.
    public var events: UInt64 = 0
    /// What the last phase that ended came to.
    public var last: PhaseOutcome?
    /// Validated cost of the best policy so far; NaN before there is one.
    public var bestCost = Double.nan
}

extension Trainer {
    public var progress: TrainingProgress {
        var progress = TrainingProgress()
        progress.phase = isDone ? nil : phases[phase]
        (progress.phaseIndex, progress.phases, progress.events) = (phase, phases.count, eventCount)
        progress.last = outcomes.last
        if let result { progress.bestCost = result.validation.mean(0) }
        guard let present = progress.phase else { return progress }
        if candidate != nil {
            progress.isValidating = true
            (progress.replications, progress.nextLook) = (
                validation.done, options.acceptance.look(after: validation.done)
            )
            progress.share = Double(progress.replications) / Double(progress.nextLook)
        } else if hasBegun {
            progress.share = present.kind == .dispatch ? dispatch.share : patrol.share
        }
        return progress
    }

    /// The best policy so far by validation, with the given engine's area and options.
    /// - Throws: `invalidArgument` before there is one.
    public func engine(_ base: DecisionEngine) throws(PatrolError) -> DecisionEngine {
        guard let result else { throw PatrolError(.invalidArgument, "nothing has been validated yet") }
        let weights = result.policy.groupWeights
        guard !weights.isEmpty else { return try result.policy.engine(base) }
        return try result.policy.engine(try GroupWeights.engine(base, weights))
    }

    /// The names of the best pair: heuristics', or "learned".
    /// - Throws: `invalidArgument` before there is one.
    public func policyNames() throws(PatrolError) -> (patrol: StaticString, dispatch: StaticString) {
        guard let policy = result?.policy else { throw PatrolError(.invalidArgument, "nothing has been validated yet") }
        return (
            policy.patrolFile == nil ? policy.patrol.name : PatrolPolicyKind.learned.name,
            policy.dispatchFile == nil ? policy.dispatch.name : DispatchPolicyKind.learned.name
        )
    }

    /// A policy file of the best networks so far, with its provenance: seed, events, what validation found, and which policies
    /// belong together (metadata `patrol_policy` and `dispatch_policy`: a heuristic's name where none that was learned is
    /// better).
    ///
    /// - Parameter describe: adds further entries: scenario, version.
    /// - Throws: `invalidArgument` where nothing that was learned was accepted.
    public func policyFile(
        _ describe: (PolicyFileWriter) throws(PatrolError) -> Void
    ) throws(PatrolError) -> Buffer<UInt8> {
        guard let result, result.policy.patrolFile != nil || result.policy.dispatchFile != nil else {
            throw PatrolError(
                .invalidArgument, "no phase has learned networks better than the heuristics: there are none to write")
        }
        let names = try policyNames()
        return try result.policy.file { (writer) throws(PatrolError) in
            try describe(writer)
            try writer.addMetadata("patrol_policy", names.patrol.description)
            try writer.addMetadata("dispatch_policy", names.dispatch.description)
            try writer.addMetadata("training_seed", seed.description)
            try writer.addMetadata("training_events", eventCount.description)
            try writer.addMetadata("training_variant", options.variant.name.description)
            try writer.addMetadata("validation_cost", result.validation.mean(0).description)
            if let heuristics {
                let comparison = heuristics.validation.comparison(with: result.validation, scales: scales)
                try writer.addMetadata("validation_replications", comparison.count.description)
                try writer.addMetadata("validation_difference", (comparison.mean / comparison.firstMean).description)
                try writer.addMetadata(
                    "validation_half_width", (comparison.halfWidth / comparison.firstMean).description)
                try writer.addMetadata("validation_against", heuristics.policy.name)
            }
            if options.goal != .cost { try describeGoal(of: result.validation, writer) }
            guard !result.policy.groupWeights.isEmpty else { return }
            var text = ""
            for weight in result.policy.groupWeights { text += (text.isEmpty ? "" : " ") + weight.description }
            try writer.addMetadata("group_weights", text)
        }
    }

    private func describeGoal(of validation: Validation, _ writer: PolicyFileWriter) throws(PatrolError) {
        try writer.addMetadata("training_goal", options.goal.name.description)
        if options.goalPriority > 0 { try writer.addMetadata("goal_priority", options.goalPriority.description) }
        guard options.goal != .worstGroup else { return }
        try writer.addMetadata("validation_goal", validation.mean(Validation.Column.value).description)
        if let heuristics {
            let before = heuristics.validation.mean(Validation.Column.value)
            try writer.addMetadata("validation_goal_before", before.description)
        }
    }
}

extension PolicyCandidate {
    fileprivate var name: String { patrol.name.description + " + " + dispatch.name.description }
}

extension TrainingGoal {
    public var name: StaticString {
        switch self {
        case .cost: "cost"
        case .worstGroup: "worst_group"
        case .withinTarget: "within_target"
        case .p90: "p90"
        case .presence: "presence"
        }
    }
}

extension TrainingVariant {
    public var name: StaticString {
        switch self {
        case .joint: "joint"
        case .apart: "apart"
        case .patrolOnly: "patrol_only"
        case .dispatchOnly: "dispatch_only"
        }
    }
}
