import PatrolModel

/// Calls that were logged, to be replayed instead of drawn.
public final class CallLog: Sendable {
    public struct Entry: BitwiseCopyable, Sendable {
        /// Seconds since a Monday 00:00, ascending through the log.
        public var time = 0.0
        public var node: Int32 = 0
        public var category: Int32 = 0
        /// 1 ... 8; 0: the category's.
        public var priority: Int32 = 0
        /// On scene; NaN: drawn from the category's distribution.
        public var serviceSeconds: Float = .nan

        public init() {}
    }

    public let entries: Buffer<Entry>

    public init(_ entries: Buffer<Entry>) { self.entries = entries }

    /// - Throws: `outOfRange`, `invalidNumber`, `invalidArgument`.
    func validate(in area: ServiceArea) throws(PatrolError) {
        var last = 0.0
        for k in 0..<entries.count {
            let entry = entries[k]
            try check(
                entry.time >= last && entry.time <= latestTime, .invalidNumber,
                "calls[\(k)].time_seconds is \(entry.time), expected \(last), the time of the call before, to 1e12")
            last = entry.time
            try checkIndex(Int(entry.node), below: area.nodeCount, "calls[\(k)].node")
            try checkIndex(Int(entry.category), below: area.categoryCount, "calls[\(k)].category")
            try checkCount(Int(entry.priority), in: 0...Incident.priorities, "calls[\(k)].priority")
            if entry.serviceSeconds.isNaN { continue }
            try checkNonNegative(entry.serviceSeconds, "calls[\(k)].service_seconds")
        }
    }
}
