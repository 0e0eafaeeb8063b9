import PatrolModel

/// A patrol unit of the fleet.
public struct FleetUnit: BitwiseCopyable, Sendable {
    public var id: UInt64 = 0
    public var capabilities: UInt64 = 0
    /// Where it stands at the beginning, and at the start of each shift.
    public var startNode: Int32 = 0
    /// Or −1.
    public var homeBeat: Int32 = -1

    public init() {}
}

/// A shift of one unit, in hours since Monday 00:00, every week. A shift may run past the end of the week (`end` > 168).
///
/// Where one shift ends when the next of the same unit begins, a relief takes the car over where it stands.
public struct Shift: BitwiseCopyable, Sendable {
    public var unit: Int32 = 0
    /// 0 ..< 168.
    public var start: Float = 0
    /// Above `start`, at most `start` + 168.
    public var end: Float = 0

    public init(unit: Int32, start: Float, end: Float) {
        self.unit = unit
        self.start = start
        self.end = end
    }
}

/// What calls of one category are like.
public struct CallCategory: BitwiseCopyable, Sendable {
    public var service = ServiceTime(mean: 0)
    /// Cost of a second of waiting.
    public var weight: Float = 1
    /// 1 (the most urgent) ... 8.
    public var priority: Int32 = 1
    /// 1 ... 64.
    public var unitsRequired: Int32 = 1
    /// Of every unit on the call.
    public var requiredCapabilities: UInt64 = 0

    public init() {}
}

/// A time in which calls come faster or slower.
public struct Storm: BitwiseCopyable, Sendable {
    /// Seconds since a Monday 00:00, as all times of a simulation.
    public var start = 0.0
    public var end = 0.0
    /// Of all rates, ≥ 0. Storms at one time multiply.
    public var multiplier = 1.0

    public init(start: Double, end: Double, multiplier: Double) {
        self.start = start
        self.end = end
        self.multiplier = multiplier
    }
}

/// Work that units find for themselves: stops, reports, breaks.
public struct SelfInitiatedWork: Sendable {
    /// Beginnings per hour of a free unit, by hour of the day or the week: 1, 24 or 168 rates.
    public var ratesPerHour: Buffer<Float>
    /// Of an exponential duration.
    public var meanSeconds = 900.0
    /// A unit leaves such work for a call of this priority or a more urgent one; 0: for none.
    public var interruptiblePriority: Int32 = 0

    public init(ratesPerHour: Buffer<Float>) { self.ratesPerHour = ratesPerHour }
}

/// Times in which a unit cannot be used: repairs, court, meals off duty.
public struct OutOfService: Sendable {
    /// Per hour of one unit.
    public var ratePerHour = 0.0
    /// Of an exponential duration.
    public var meanSeconds = 1800.0

    public init() {}
}

/// What is simulated besides the service area: a city's fleet and calls, whatever the policies are.
///
/// Begin with the defaults and change what is known. Buffers are shared by copies: replace them, or fill them before
/// the scenario is used.
public struct ScenarioArrays: Sendable {
    public static let mostUnits = Snapshot.mostUnits
    public static let mostQueued = Snapshot.mostIncidents
    public static let mostShifts = 65_536
    public static let mostStorms = 1000
    /// Most calls an hour at any time, storms included. With more, times late in a simulation could no longer be told apart
    /// in double precision, and time would stand still.
    public static let mostCallsPerHour = 3_600_000.0

    /// At least one.
    public var units: Buffer<FleetUnit>
    /// In any order; units without any are always on duty.
    public var shifts: Buffer<Shift>
    /// [categories].
    public var categories: Buffer<CallCategory>
    /// Seconds, of all `empirical` service times.
    public var serviceSamples: Buffer<Float>
    /// [groups]: multiplier of the cost of waiting. (Decisions use the engine's group weights.)
    public var groupWeights: Buffer<Float>
    public var storms: Buffer<Storm>
    /// Multiplier of the area's demand.
    public var rateScale = 1.0
    /// Calls that can wait without any unit, 0 ... 4096. The default is so large that it never fills at a stable load.
    public var queueCapacity = 1000
    /// P: what a lost call costs, in seconds of waiting.
    public var overflowSeconds = 3600.0
    /// Seconds from the call, by priority (index 0 is priority 1), in which waiting costs nothing: with the response targets
    /// here, the cost is lateness.
    public var graceSeconds = SIMD8<Float>(repeating: 0)
    /// Chance that a unit follows a patrol move; else it picks staying or a neighboring location at random.
    public var compliance = 1.0
    public var selfInitiated: SelfInitiatedWork
    public var outOfService = OutOfService()
    /// While calls wait and units are free, dispatch is decided again after this time.
    public var reassessmentSeconds = 60.0
    /// Seconds from call to the first unit on scene, by priority (index 0 is priority 1).
    public var responseTargets = SIMD8<Float>(repeating: .infinity)
    /// What a call costs, by priority, that no unit has reached by its response target, or that is lost before it: seconds of the
    /// waiting of a call of weight 1.
    public var latePrices = SIMD8<Float>(repeating: 0)
    /// How long a patrol location counts as visited after a unit was there.
    public var presenceSeconds: Float = 3600
    /// What a second costs in which no patrol location counts as visited, in seconds of the waiting of a call of weight 1; in
    /// proportion to their demand where some do.
    public var absencePrice: Float = 0
    /// Begin of the simulation, seconds since a Monday 00:00.
    public var start = 0.0
    /// Seconds that are simulated before anything is measured.
    public var warmUp = 0.0
    /// Decisions are told when busy units will be free, given the time that they have been on scene.
    public var knowsTimeLeft = false
    /// So long before a call is over its units say so.
    public var noticeSeconds: Float = 0

    /// Units 0, 1, ... spread over the demand points and at home in their beats; exponential service times with the area's
    /// means; one unit a call; priorities in the order of the area's weights.
    public init(area: ServiceArea, unitCount: Int) throws(PatrolError) {
        units = try Buffer(count: max(0, unitCount), repeating: FleetUnit())
        for u in 0..<units.count {
            let node = area.pointNodes[u * area.pointCount / units.count]
            units[u].id = UInt64(u)
            units[u].startNode = node
            units[u].homeBeat = area.beats[Int(node)]
        }
        shifts = try Buffer(count: 0, repeating: Shift(unit: 0, start: 0, end: 0))
        categories = try Buffer(count: area.categoryCount, repeating: CallCategory())
        for c in 0..<area.categoryCount {
            var heavier: Int32 = 0
            for other in 0..<area.categoryCount where area.categoryWeights[other] > area.categoryWeights[c] {
                heavier += 1
            }
            categories[c].service = ServiceTime(mean: Double(area.categoryServiceSeconds[c]))
            categories[c].weight = area.categoryWeights[c]
            categories[c].priority = min(1 + heavier, Int32(Incident.priorities))
        }
        serviceSamples = try Buffer(count: 0, repeating: 0)
        groupWeights = try Buffer(count: area.groupCount, repeating: 1)
        storms = try Buffer(count: 0, repeating: Storm(start: 0, end: 0, multiplier: 1))
        selfInitiated = SelfInitiatedWork(ratesPerHour: try Buffer(count: 1, repeating: 0))
    }
}
