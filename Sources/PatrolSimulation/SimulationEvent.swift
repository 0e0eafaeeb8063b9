import PatrolModel

/// What happened, for hosts that look on.
public struct SimulationEvent: BitwiseCopyable, Sendable {
    /// The raw values never change.
    public enum Kind: Int32, BitwiseCopyable, CaseIterable, Sendable {
        case callCame = 0, callLost, callReached, callComplete, callEnded
        case unitSent, unitDiverted, unitOnScene, unitFreed
        case moveBegan, moveEnded, stayEnded
        case shiftBegan, shiftEnded, outOfServiceBegan, outOfServiceEnded
        case selfInitiatedBegan, selfInitiatedEnded, selfInitiatedLeft
        case reassessment, measuringBegan
    }

    public static let noCall = UInt64.max

    public var time = 0.0
    public var kind = Kind.callCame
    /// Index in the fleet, or −1.
    public var unit: Int32 = -1
    /// The call's number, or `noCall`.
    public var call = SimulationEvent.noCall
    /// Of the call; 0 and −1 without one.
    public var priority: Int32 = 0
    public var category: Int32 = -1
    /// Node, or −1; for a move that begins, its destination.
    public var node: Int32 = -1

    public init() {}
}

/// The latest events, in a ring of fixed size; events not fetched in time are overwritten and counted.
public final class EventRing {
    private let events: Buffer<SimulationEvent>
    private var first = 0
    public private(set) var count = 0
    public private(set) var overwritten: UInt64 = 0

    /// - Parameter capacity: at least 1.
    public init(capacity: Int) throws(PatrolError) {
        events = try Buffer(count: max(1, capacity), repeating: SimulationEvent())
    }

    func clear() { (first, count, overwritten) = (0, 0, 0) }

    func append(_ event: SimulationEvent) {
        if count == events.count {
            first = first + 1 == events.count ? 0 : first + 1
            count -= 1
            overwritten += 1
        }
        let slot = first + count
        events[slot < events.count ? slot : slot - events.count] = event
        count += 1
    }

    /// Takes the oldest event out.
    public func next() -> SimulationEvent? {
        guard count > 0 else { return nil }
        let event = events[first]
        first = first + 1 == events.count ? 0 : first + 1
        count -= 1
        return event
    }
}
