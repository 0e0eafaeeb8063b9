import PatrolModel

/// What a unit does. Standing and driving units are free.
enum UnitPhase: Int32, BitwiseCopyable {
    case offDuty = 0, outOfService, standing, moving, enRoute, onScene, selfInitiated

    static let count = 7

    var isFree: Bool { self == .standing || self == .moving }
}

struct SimulatedUnit: BitwiseCopyable {
    var phase = UnitPhase.offDuty
    /// Where it stands, or the node it reaches next, and when it does (in the past: it stands there, or has left it on
    /// the way to its destination and was not asked for its position since).
    var node: Int32 = 0
    var nodeTime = 0.0
    /// Of a patrol move.
    var target: Int32 = -1
    /// Slot of its call, or −1.
    var call: Int32 = -1
    /// Number of times it was sent to a call since the start.
    var timesSent: UInt32 = 0
    /// When the phase began, and when it ends if nothing interferes; infinite if another event ends it.
    var phaseStart = 0.0
    var phaseEnd = Double.infinity
    var isOnShift = true
    /// How often it has ceased to be free.
    var timesTaken = 0
    var shiftEnd = Double.infinity
    /// Seconds out of service that begin when it is free next.
    var pendingOutage = 0.0
    /// The hours of the week whose factors hold for its trip, and for what is left of its edge: those of departure.
    var tripHour: Int32 = 0
    var edgeHour: Int32 = 0
    /// The known waypoints of its trip; those from `nextWaypoint` on lie ahead.
    var nextWaypoint: Int32 = 0
    var waypointCount: Int32 = 0
    /// Its own random numbers: following advice, self-initiated work, times out of service.
    var adviceNumbers = RandomNumbers(seed: 0)
    var workNumbers = RandomNumbers(seed: 0)
    var outageNumbers = RandomNumbers(seed: 0)
}

struct SimulatedCall: BitwiseCopyable {
    /// As the dispatcher sees it; waiting time and missing units are filled in for each decision.
    var incident = Incident()
    var time = 0.0
    /// Actual seconds on scene, never shown to a policy.
    var serviceSeconds = 0.0
    /// Measured cost of a second of waiting, and the time up to which it is in `Simulator.cost`: at first the end of its grace.
    var costWeight = 0.0
    var chargedUntil = 0.0
    /// The wait after which it is charged for being late; infinite where it has no such price, was charged, or was reached in time.
    var lateAfter = Double.infinity
    var group: Int32 = 0
    var beat: Int32 = -1
    /// Of the day, as `Scenario.shiftStarts` has them; −1: none.
    var shift: Int32 = -1
    var assigned: Int32 = 0
    var onScene: Int32 = 0
    /// The unit that came first, whose time on scene is the call's; −1: none yet.
    var leader: Int32 = -1
    /// When it came.
    var reached = 0.0
    /// It came after the warm-up.
    var isMeasured = false

    var needsUnits: Bool { assigned < incident.unitsRequired }
}

/// A node on a unit's way and when it is reached.
struct Waypoint: BitwiseCopyable {
    var node: Int32 = 0
    var time = 0.0
}
