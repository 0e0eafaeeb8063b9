import PatrolModel
import PatrolNetworks

/// A session that goes on with another engine.
extension DecisionSession {
    /// Decides with another engine from now on.
    /// - Throws: `mismatch` where it is of another area or needs other memory; the session is then as it was.
    public func move(to other: DecisionEngine) throws(PatrolError) {
        try check(other.area === engine.area, .mismatch, "the engine is of another area, expected that of the session")
        let (own, needed) = (engine.memoryShape, other.memoryShape)
        for k in 0..<own.scalarCount where own[k] != needed[k] {
            throw PatrolError(
                .mismatch, "the engine needs memory for \(needed[k]) \(memoryName(k)), the session has it for \(own[k])"
            )
        }
        situation.engine = other
        patrol.choices.engine = other
        // Demand may count otherwise.
        dispatch.values.stateObservation.scale = TimeScale()
        patrol.observation.surroundings.forgetDemand()
    }
}

extension DecisionEngine {
    /// Whether patrol decisions look at the second and third nearest units: by `backup_coverage`, also where it decides
    /// instead of networks, or by `candidate/2`.
    var seesBackup: Bool {
        guard options.patrolPolicy == .learned, let policy else { return options.patrolPolicy == .backupCoverage }
        return policy.patrol?.inputs == CandidateTable.widthWithBackup || policy.mostFreeShareForPatrol < 1
    }

    /// On what, beside the area and the numbers of units and calls, the size of a session's memory depends.
    fileprivate var memoryShape: SIMD8<Int> {
        let rows = complianceRows
        var beatRows = 0
        for posts in beatPosts { beatRows += min(posts.rows, rows) }
        return SIMD8(
            policy?.value?.hiddenCount ?? 0, policy?.pair?.widestBetween ?? 0, policy?.patrol?.widestBetween ?? 0,
            options.dispatchPolicy.isProgram ? 1 : 0, options.rules.reservePerBeat > 0 ? 1 : 0, holdRows,
            rows + beatRows, seesBackup ? 3 : 1)
    }
}

/// In the order of `memoryShape`.
private func memoryName(_ k: Int) -> StaticString {
    switch k {
    case 0: "neurons of \"value\""
    case 1: "neurons in a layer of \"pair\""
    case 2: "neurons in a layer of \"patrol\""
    case 3: "programs at a time"
    case 4: "reserves in each beat"
    case 5: "rows of hold_travel_seconds"
    case 6: "rows of posts"
    default: "arrivals at a demand point"
    }
}
