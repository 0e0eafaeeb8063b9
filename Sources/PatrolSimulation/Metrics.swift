import PatrolModel

/// Response times of one class of calls: from the call to the first unit on scene, seconds.
///
/// A mean or quantile over no calls is NaN.
public struct ResponseSummary: BitwiseCopyable, Sendable {
    /// Calls that came, those that a unit reached, that were lost to a full queue, and that no unit has reached yet.
    public var calls = 0
    public var reached = 0
    public var lost = 0
    public var waiting = 0
    /// Over the calls reached.
    public var mean = Double.nan
    public var median = Double.nan
    public var p90 = Double.nan
    public var p95 = Double.nan
    /// Over all calls, a lost one charged with `ScenarioArrays.overflowSeconds`, a waiting one with its wait so far: losing calls
    /// never looks like speed.
    public var chargedMean = Double.nan
    public var chargedMedian = Double.nan
    public var chargedP90 = Double.nan
    public var chargedP95 = Double.nan
    /// Share of all calls that were reached within the target of their priority.
    public var withinTarget = Double.nan

    public init() {}
}

/// Kinds of classes that calls fall into. The raw values never change.
public enum CallClass: Int32, CaseIterable, Sendable {
    /// Row 0 is priority 1.
    case priority = 0
    /// Of calls in a beat.
    case beat
    case group
    case category
    /// Of the day, in which calls came: 24 rows.
    case hour
    /// Calls came between one time of the day at which shifts begin and the next, see `Scenario.shiftStarts`.
    case shift
}

/// How one unit spent its time, seconds.
public struct UnitSummary: BitwiseCopyable, Sendable {
    public var offDuty = 0.0
    public var outOfService = 0.0
    /// Free: standing, and driving on patrol.
    public var standing = 0.0
    public var driving = 0.0
    public var enRoute = 0.0
    public var onScene = 0.0
    public var selfInitiated = 0.0
    public var dispatches = 0

    public init() {}

    /// On duty and in service.
    public var available: Double { standing + driving + enRoute + onScene + selfInitiated }
    /// Share of that spent on calls; 0 where there is none.
    public var utilization: Double { available > 0 ? (enRoute + onScene) / available : 0 }
}

/// What a simulation measured since its warm-up. Response times concern the calls that came since.
public struct Metrics: Sendable {
    /// Length of the time measured.
    public var seconds = 0.0
    /// Calls that came since the warm-up, and how they ended; those neither served nor lost are open.
    public var calls = 0
    public var served = 0
    public var lost = 0
    public var open = 0

    public var response = ResponseSummary()
    /// Index 0 is priority 1; shape [8].
    public let byPriority: Buffer<ResponseSummary>
    /// Of calls in a beat, shape [beats].
    public let byBeat: Buffer<ResponseSummary>
    public let byGroup: Buffer<ResponseSummary>
    public let byCategory: Buffer<ResponseSummary>

    /// Until the unit that came first was sent, and its way: over the calls reached.
    public var meanQueueWait = Double.nan
    public var p90QueueWait = Double.nan
    public var meanTravel = Double.nan
    public var p90Travel = Double.nan
    /// From the call until all units required were on scene, over the calls that had all of them.
    public var meanUntilComplete = Double.nan

    /// `Simulator.cumulativeCost` per second: the mean cost rate.
    public var costRate = Double.nan
    public let units: Buffer<UnitSummary>
    /// Of all units' time together, and the Gini coefficient of the units' own utilizations.
    public var utilization = 0.0
    public var utilizationGini = 0.0
    public var dispatches = 0
    public var diversions = 0
    /// Share of dispatches to another beat than the unit's, of those where both have one.
    public var acrossBeats = Double.nan
    /// Expected coverage: share of calls that found, when they came, a free unit within their response target's drive.
    /// (Poisson calls see time averages, at the places where demand is.)
    public var coverage = Double.nan
    /// Mean share of patrol locations, by the calls expected there, that count as visited: where a unit stands, or was within
    /// `ScenarioArrays.presenceSeconds`.
    public var presence = Double.nan
    /// Largest less smallest, and largest over smallest, of the groups' charged mean response times.
    public var equityDifference = Double.nan
    public var equityRatio = Double.nan
    /// Of the whole run, warm-up included.
    public var events: UInt64 = 0
    public var decisions: UInt64 = 0
}
