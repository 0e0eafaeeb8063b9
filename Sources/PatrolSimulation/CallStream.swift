import PatrolModel

/// A call with its actual service time, which nobody knows before it is over.
public struct Call: BitwiseCopyable, Sendable {
    /// Counts from 0 in order of time.
    public var number: UInt64 = 0
    /// Seconds; infinite: no more calls come.
    public var time = Double.infinity
    public var node: Int32 = 0
    public var category: Int32 = 0
    public var group: Int32 = 0
    public var priority: Int32 = 1
    /// Seconds on scene.
    public var serviceSeconds = 0.0
}

/// The calls of one replication, in order of time: drawn, or replayed from a log.
///
/// Times, places and service times come from generators of their own and depend on nothing but model and seed, so every
/// policy meets the same calls (common random numbers).
public struct CallStream {
    private let model: Scenario
    private var times: RandomNumbers
    private var places: RandomNumbers
    private var services: RandomNumbers
    private var number: UInt64 = 0
    private var time: Double

    /// - Parameter start: no call comes before; nil: the scenario's.
    public init(_ model: Scenario, seed: UInt64, start: Double? = nil) {
        self.model = model
        times = RandomNumbers(seed: seed, stream: 1)
        places = RandomNumbers(seed: seed, stream: 2)
        services = RandomNumbers(seed: seed, stream: 3)
        time = start ?? model.scenario.start
    }

    /// The next call; its time is infinite where there is none.
    public mutating func next() -> Call {
        var call = Call()
        if let log = model.log {
            guard let entry = nextEntry(log) else { return call }
            call.time = entry.time
            call.node = entry.node
            call.category = entry.category
            call.group = model.area.groups[Int(entry.node)]
            call.priority = entry.priority
            // Drawn in any case, so that a time in the log leaves the other calls as they are.
            let drawn = model.drawService(category: Int(entry.category), &services)
            call.serviceSeconds = entry.serviceSeconds.isNaN ? drawn : Double(entry.serviceSeconds)
        } else {
            time = model.rates.time(after: time, amount: times.exponential())
            guard time < .infinity else { return call }
            let source = model.rates.source(at: time, places.uniform())
            call.time = time
            call.node = model.area.pointNodes[Int(source.point)]
            call.category = source.category
            call.group = source.group
            call.priority = 0
            call.serviceSeconds = model.drawService(category: Int(source.category), &services)
        }
        call.number = number
        if call.priority == 0 { call.priority = model.scenario.categories[Int(call.category)].priority }
        number += 1
        return call
    }

    /// Goes on after `time` with other random numbers, in place of the call that was drawn last. A log goes on as it is.
    mutating func renew(seed: UInt64, after time: Double, next call: Call) {
        times = RandomNumbers(seed: seed, stream: 1)
        places = RandomNumbers(seed: seed, stream: 2)
        services = RandomNumbers(seed: seed, stream: 3)
        guard call.time < .infinity else { return }
        number = call.number
        self.time = time
    }

    /// The next entry of the log that is not before the replication's start.
    private mutating func nextEntry(_ log: CallLog) -> CallLog.Entry? {
        while number < log.entries.count {
            let entry = log.entries[Int(number)]
            if entry.time >= time { return entry }
            number += 1
        }
        return nil
    }
}
