import PatrolModel

/// The units and calls that decisions look at.
package enum PolicySight {
    /// The units they are about; the free units and the waiting calls; all.
    case deciding, free, everything
}

extension EngineOptions {
    /// Of patrol decisions.
    package var patrolSight: PolicySight {
        switch patrolPolicy {
        case .stay, .randomWalk, .demandWalk: .deciding
        case .marginalCoverage, .backupCoverage: .free
        case .learned, .fixedPosts, .complianceTable, .dmexclp: .everything
        }
    }

    /// Of dispatch decisions.
    package var dispatchSight: PolicySight {
        dispatchPolicy == .learned || rules.preemption != 0 || rules.planMargin < .infinity ? .everything : .free
    }
}

/// Decisions for a simulation, which knows what is free and what waits and shows policies no more than they look at.
extension DecisionSession {
    /// Where the caller shows it: the time, the rows of units in sight, and the waiting calls and no others.
    package var seen: Snapshot { situation.snapshot }
    /// How many times a whole snapshot was taken there: what the caller had shown is then gone.
    package var snapshotsTaken: Int { situation.snapshotsTaken }
    /// Where it lists the free units in ascending index; shape [units].
    package var freeSeen: UnsafeMutablePointer<Int32> { situation.free.base }

    /// Units of which patrol decisions are due at once from which on those of `free` sight are listed with all free ones.
    package static var fewestInTurn: Int { CandidateObservation.fewestInTurn }

    /// Decides dispatch for what is shown: the assignments; what else is said about a decision may be left as it was.
    /// - Precondition: `dispatchSight` is `free`.
    package func decideDispatchSeen(_ limits: SolverLimits, onDuty: Int, free: Int) throws(PatrolError) {
        situation.prepareSeen(onDuty: onDuty, free: free)
        if try !dispatch.decideForOneCall() { try dispatch.decide(limits) }
    }

    /// Decides patrol for what is shown.
    /// - Parameter order: in ascending id, the units that are due, or all that are free.
    /// - Precondition: `patrolSight` is not `everything`.
    package func decidePatrolSeen(
        _ order: UnsafeBufferPointer<Int32>, onDuty: Int, free: Int
    ) throws(PatrolError) {
        situation.prepareSeen(onDuty: onDuty, free: free)
        try patrol.decide(order, into: moves.base, isTimed: false)
    }
}
