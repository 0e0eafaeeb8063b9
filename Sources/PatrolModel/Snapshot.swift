public enum UnitStatus: Int32, Sendable, BitwiseCopyable {
    case offDuty = 0
    /// Free: standing at a node or heading to one.
    case patrolling = 1
    case enRoute = 2
    /// At a call, or busy with other work at its node.
    case onScene = 3
}

/// A patrol unit as the host knows it now. Checked and resolved: every index is one of the area's.
public struct PatrolUnit: BitwiseCopyable, Sendable {
    public var id: UInt64 = 0
    public var capabilities: UInt64 = 0
    public var status = UnitStatus.patrolling
    /// Bit p − 1: it may be sent to calls of priority p.
    public var priorities: UInt8 = .max
    /// Whether it may be taken off a call where it is on scene, as if it were on its way.
    public var mayLeaveScene = false
    /// Where it stands, or the node it reaches next.
    public var node: Int32 = 0
    /// Present patrol target, or −1.
    public var target: Int32 = -1
    /// Home beat, or −1.
    public var homeBeat: Int32 = -1
    /// Index in the snapshot of the call it is on, or −1 (none, or one that is not in the snapshot).
    public var incident: Int32 = -1
    /// Until it reaches `node`, in seconds of the driving it does now.
    public var secondsToNode: Float = 0
    public var positionAge: Float = 0
    /// Expected, travel included; NaN: not known.
    public var secondsUntilFree: Float = .nan
    /// Nine times in ten it is free by then; 0: not known.
    public var lateSecondsUntilFree: Float = 0
    public var secondsUntilShiftEnd: Float = .infinity
    public var secondsUntilDue: Float = 0

    public init() {}
}

/// Units with certain capabilities that a call must have among its units.
public struct CapabilityNeed: BitwiseCopyable, Sendable {
    public var capabilities: UInt64 = 0
    public var missing: Int32 = 0

    public init() {}
}

/// The units that a call asks for, or that it may get in their place: a substitute.
public struct Requirement: BitwiseCopyable, Sendable {
    /// Of one call at most.
    public static let mostSubstitutes = 3

    /// 1 + its place among the substitutes of the snapshot; 0: it is the call's own.
    public var number: Int32 = 0
    public var units: Int32 = 1
    public var capabilities: UInt64 = 0
    public var needs: (CapabilityNeed, CapabilityNeed, CapabilityNeed, CapabilityNeed) =
        (CapabilityNeed(), CapabilityNeed(), CapabilityNeed(), CapabilityNeed())

    public init() {}
}

/// A call for service as the host knows it now. Checked and resolved like `PatrolUnit`.
public struct Incident: BitwiseCopyable, Sendable {
    public static let maximumNeeds = 4
    public static let priorities = 8
    /// Units that one call may require.
    public static let mostUnits = 64

    public var id: UInt64 = 0
    /// Capabilities that every unit on it must have.
    public var requiredCapabilities: UInt64 = 0
    public var node: Int32 = 0
    public var category: Int32 = 0
    /// 1 is the most urgent, `priorities` the least.
    public var priority: Int32 = 1
    public var allOrNone = false
    /// Scheduled, and its units are not to be sent yet.
    public var isForLater = false
    public var secondsWaited: Float = 0
    /// Cost of a second of waiting, the group's multiplier included.
    public var weight: Float = 1
    /// Expected time on scene.
    public var serviceSeconds: Float = 0
    public var unitsRequired: Int32 = 1
    public var unitsMissing: Int32 = 1
    public var needs: (CapabilityNeed, CapabilityNeed, CapabilityNeed, CapabilityNeed) =
        (CapabilityNeed(), CapabilityNeed(), CapabilityNeed(), CapabilityNeed())
    /// How many substitutes it has, and which of them it goes by, counted from 1; 0: by its own row.
    public var substitutes: Int32 = 0
    public var substitute: Int32 = 0

    public init() {}

    /// What it goes by. A unit that is missed beside it still is when it changes.
    public var requirement: Requirement {
        get {
            var requirement = Requirement()
            (requirement.capabilities, requirement.units, requirement.needs) = (
                requiredCapabilities, unitsRequired, needs
            )
            return requirement
        }
        set {
            unitsMissing += newValue.units - unitsRequired
            (requiredCapabilities, unitsRequired, needs) = (newValue.capabilities, newValue.units, newValue.needs)
        }
    }

    public func need(_ index: Int) -> CapabilityNeed {
        switch index {
        case 0: needs.0
        case 1: needs.1
        case 2: needs.2
        default: needs.3
        }
    }

    /// One unit fewer is missing for a need.
    public mutating func fill(need index: Int32) {
        switch index {
        case 0: needs.0.missing -= 1
        case 1: needs.1.missing -= 1
        case 2: needs.2.missing -= 1
        default: needs.3.missing -= 1
        }
    }

    /// Whether a unit with these capabilities is one that it still needs.
    public func hasSlot(for capabilities: UInt64) -> Bool {
        var rest = unitsMissing
        for k in 0..<Incident.maximumNeeds where need(k).missing > 0 {
            if capabilities & need(k).capabilities == need(k).capabilities { return true }
            rest -= need(k).missing
        }
        return rest > 0
    }

    /// Whether it misses units and takes any.
    public var takesAnyUnit: Bool {
        !hasNeeds && requiredCapabilities == 0 && unitsMissing > 0
    }

    /// Whether it misses units with certain capabilities.
    public var hasNeeds: Bool {
        for k in 0..<Incident.maximumNeeds where need(k).missing > 0 { return true }
        return false
    }

    /// Whether a unit with these capabilities may serve it and is one of those that it misses.
    public func takes(_ capabilities: UInt64) -> Bool {
        capabilities & requiredCapabilities == requiredCapabilities && hasSlot(for: capabilities)
    }

    /// The part of its units that it misses, in 0 … 1.
    public var missingShare: Float { Float(unitsMissing) / Float(unitsRequired) }
}

/// What travel counts for more or less, by pair: rows of the caller that are read in place, as `patrol.h` has them.
public struct PairCosts: BitwiseCopyable {
    public var start: UnsafeRawPointer?
    public var count = 0
    public var stride = 16

    public init() {}
}

/// Units and calls at one instant: what every policy sees, from a host and from the simulator alike.
///
/// Nothing here tells the future: service times are expectations, and calls that have not come are absent.
public final class Snapshot {
    /// Of a host's session.
    public static let mostUnits = 4096
    public static let mostIncidents = 4096

    public let maximumUnits: Int
    public let maximumIncidents: Int
    public let units: Buffer<PatrolUnit>
    public let incidents: Buffer<Incident>
    public var unitCount = 0
    public var incidentCount = 0
    /// Since a Monday 00:00, ≥ 0.
    public var time: Double = 0
    /// The host's own travel seconds, shape [units, incidents]; NaN: none for this pair.
    public var hostTravelSeconds: UnsafePointer<Float>?
    /// Seconds since the last visit, shape [patrol locations].
    public var locationIdleSeconds: UnsafePointer<Float>?
    public var pairCosts = PairCosts()
    /// Shape [incidents, `Requirement.mostSubstitutes`], and whether there are any.
    private let substitutes: Buffer<Requirement>
    public private(set) var hasSubstitutes = false
    /// Edges that are slower or closed for now.
    public let overlay: EdgeOverlay
    /// Unit indices in ascending id: the order in which units decide.
    public let unitOrder: Buffer<Int32>

    /// The host's travel seconds for a pair, or NaN: none, or an invalid time.
    public func hostSeconds(unit: Int, incident: Int) -> Float {
        guard let hostTravelSeconds else { return .nan }
        let seconds = hostTravelSeconds[unit * incidentCount + incident]
        return Snapshot.isTime(seconds) || seconds == .infinity ? seconds : .nan
    }

    /// Seconds since the last visit of a patrol location; 0 where they are not known or no time.
    public func idleSeconds(location: Int) -> Float {
        guard let seconds = locationIdleSeconds?[location], Snapshot.isTime(seconds) else { return 0 }
        return seconds
    }

    /// A row of the pair costs, or nil: an invalid one.
    public func pairCost(_ row: Int) -> (unit: Int32, incident: Int32, seconds: Float)? {
        guard let place = pairCosts.start?.advanced(by: row * pairCosts.stride) else { return nil }
        let cells = place.loadUnaligned(as: SIMD4<UInt32>.self)
        let seconds = Float(bitPattern: cells[2])
        guard cells[0] < UInt32(unitCount), cells[1] < UInt32(incidentCount), Snapshot.isTime(abs(seconds)),
            cells[3] == 0
        else { return nil }
        return (Int32(cells[0]), Int32(cells[1]), seconds)
    }

    /// Lets a call that has fewer than the most have one more substitute.
    public func add(_ substitute: Requirement, to incident: Int) {
        let count = Int(incidents[incident].substitutes)
        substitutes[incident * Requirement.mostSubstitutes + count] = substitute
        incidents[incident].substitutes += 1
        hasSubstitutes = true
    }

    /// The row of a call (0) or one of its substitutes, counted from 1.
    public func requirement(_ incident: Int, _ substitute: Int32) -> Requirement {
        substitute == 0
            ? incidents[incident].requirement
            : substitutes[incident * Requirement.mostSubstitutes + Int(substitute) - 1]
    }

    /// Has no more substitutes: the calls that come are others.
    public func dropSubstitutes() { hasSubstitutes = false }

    /// Has no more travel times, idle times, costs and substitutes of the caller's.
    package func dropTables() {
        (hostTravelSeconds, locationIdleSeconds) = (nil, nil)
        pairCosts = PairCosts()
        dropSubstitutes()
    }

    /// Whether a number can be a time: 0 … 10⁹.
    public static func isTime(_ seconds: Float) -> Bool { seconds >= 0 && seconds <= Float(largestNumber) }

    package init(maximumUnits: Int, maximumIncidents: Int, _ memory: inout WorkingMemory) {
        self.maximumUnits = maximumUnits
        self.maximumIncidents = maximumIncidents
        units = memory.buffer(count: maximumUnits, repeating: PatrolUnit())
        incidents = memory.buffer(count: maximumIncidents, repeating: Incident())
        substitutes = memory.buffer(unwritten: maximumIncidents * Requirement.mostSubstitutes)
        overlay = EdgeOverlay(capacity: 64, &memory)
        unitOrder = memory.buffer(count: maximumUnits, repeating: 0)
    }

    /// A snapshot that a decision may write in: rows of its own for `take`, the rest is the other's.
    package init(toWorkOn other: Snapshot, _ memory: inout WorkingMemory) {
        maximumUnits = other.maximumUnits
        maximumIncidents = other.maximumIncidents
        units = memory.buffer(count: maximumUnits, repeating: PatrolUnit())
        incidents = memory.buffer(count: maximumIncidents, repeating: Incident())
        (overlay, unitOrder, substitutes) = (other.overlay, other.unitOrder, other.substitutes)
    }

    /// Takes over what the other shows. - Precondition: this one was made to work on it.
    package func take(_ other: Snapshot) {
        (unitCount, incidentCount, time) = (other.unitCount, other.incidentCount, other.time)
        (hostTravelSeconds, locationIdleSeconds) = (other.hostTravelSeconds, other.locationIdleSeconds)
        (pairCosts, hasSubstitutes) = (other.pairCosts, other.hasSubstitutes)
        units.base.update(from: other.units.base, count: unitCount)
        incidents.base.update(from: other.incidents.base, count: incidentCount)
    }
}
