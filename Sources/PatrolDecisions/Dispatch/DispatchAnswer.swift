import PatrolModel

/// Why a call gets fewer units than it needs. The raw values are those of `patrol.h`.
public enum WaitReason: Int32, Sendable, BitwiseCopyable {
    case noEligibleUnit = 0, unitsTaken, held, strictPriority, reserve, allOrNone, leftOut, noTime, notYet, planned
}

/// How a dispatch decision ended. The raw values are those of `patrol.h`.
public enum DispatchOutcome: Int32, Sendable, BitwiseCopyable {
    case optimal = 0, withinGap, deadline, cancelled, nodeLimit, heuristic, noTime
}

/// Where the time of a dispatch decision went, nanoseconds.
public struct DispatchPhases: Sendable {
    /// Travel times from units to calls; pairs, values and the program; heuristics and branch and bound.
    public var routing: Int64 = 0, setup: Int64 = 0, solver: Int64 = 0

    public init() {}
}

/// What may end the solver before it has proven its answer best.
public struct SolverLimits {
    public var clock = CallClock()
    /// 0: none.
    public var nodeLimit: UInt64 = 0
    public var relativeGap = 1e-6

    public init() {}
}

/// One unit's part of a dispatch decision.
public struct DispatchAssignment: BitwiseCopyable, Sendable {
    /// Indices in the snapshot.
    public var unit: Int32 = 0
    public var incident: Int32 = 0
    /// The call it is taken off, or −1.
    public var divertedFrom: Int32 = -1
    /// First node on the way; the call's node if the unit is there already, −1 if no road leads there.
    public var nextNode: Int32 = -1
    public var seconds: Float = 0
    public var reward = 0.0
    /// The call's need that it fills, or −1.
    public var need: Int32 = -1
    /// 1 + the place in the snapshot of the substitute that the call goes by; 0: its own row.
    public var substitute: Int32 = 0

    public init() {}
}

/// Why an assignment is made: what the decision would be without it.
public struct DispatchExplanation: BitwiseCopyable, Sendable {
    public var assignment = DispatchAssignment()
    /// The unit that would serve the call instead, or −1, and its travel time.
    public var runnerUp: Int32 = -1
    public var runnerUpSeconds = Float.nan
    /// The loss if the unit may not serve the call, in weighted seconds; `patrol.h` defines it for each policy.
    public var objectiveLoss = 0.0
    /// It is no less than this, whatever a search cut short has missed.
    public var leastLoss = 0.0
    /// The assignment's effect on the objective apart from its reward.
    public var valueChange = 0.0
    public var outcome = DispatchOutcome.heuristic
}

/// A unit that a dispatcher could choose for a call.
public struct RankedUnit: BitwiseCopyable, Sendable {
    public var unit: Int32 = 0
    public var seconds: Float = 0
    /// Objective of this assignment alone minus that of holding all calls.
    public var worth = 0.0
}
