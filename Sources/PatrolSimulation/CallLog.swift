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
    func check(_ area: ServiceArea) throws(PatrolError) {
        var last = 0.0
        for k in 0..<entries.count {
            let entry = entries[k]
            guard entry.time >= last, entry.time <= 1e12 else {
                throw PatrolError(
                    .invalidNumber,
                    "calls[\(k)].time_seconds is \(entry.time), expected \(last), the time of the call before, to 1e12")
            }
            last = entry.time
            guard entry.node >= 0, Int(entry.node) < area.nodeCount else {
                throw PatrolError(
                    .outOfRange, "calls[\(k)].node is \(entry.node), expected a node below \(area.nodeCount)")
            }
            guard entry.category >= 0, Int(entry.category) < area.categoryCount else {
                throw PatrolError(
                    .outOfRange,
                    "calls[\(k)].category is \(entry.category), expected a category below \(area.categoryCount)")
            }
            guard entry.priority >= 0, entry.priority <= Incident.priorities else {
                throw PatrolError(
                    .invalidArgument, "calls[\(k)].priority is \(entry.priority), expected 0 to \(Incident.priorities)")
            }
            guard entry.serviceSeconds.isNaN || (entry.serviceSeconds >= 0 && entry.serviceSeconds <= 1e9) else {
                throw PatrolError(
                    .invalidNumber, "calls[\(k)].service_seconds is \(entry.serviceSeconds), expected 0 to 10^9 or NaN")
            }
        }
    }
}
