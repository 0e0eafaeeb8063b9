import PatrolModel

/// The calls that a decision without time is about: those that may not be held, those that a unit on its way may be
/// diverted from, and of the others the most urgent, as long as there are not too many pairs.
final class MostUrgentCalls {
    /// Pairs of free units and calls at most, unless there are more that must be looked at.
    static let pairs = 1 << 16

    private let situation: Situation
    /// Calls by priority, then by longest wait.
    let order: Buffer<Int32>
    private let urgency: Buffer<UInt64>
    private let isKept: Buffer<UInt8>

    init(situation: Situation, _ memory: inout WorkingMemory) {
        self.situation = situation
        let incidents = situation.snapshot.maximumIncidents
        order = memory.buffer(count: incidents, repeating: 0)
        urgency = memory.buffer(count: incidents, repeating: 0)
        isKept = memory.buffer(count: incidents, repeating: 0)
    }

    /// Finds the order of the waiting calls.
    func sort() {
        for w in 0..<situation.waitingCount {
            let call = situation.snapshot.incidents[Int(situation.waiting[w])]
            order[w] = Int32(w)
            urgency[w] = UInt64(call.priority) << 32 | UInt64(~call.secondsWaited.bitPattern)
        }
        sortIndices(order.base, count: situation.waitingCount, by: urgency.base)
    }

    /// Lets all other calls wait.
    func keep() {
        let snapshot = situation.snapshot
        for j in 0..<snapshot.incidentCount { isKept[j] = 0 }
        for f in 0..<situation.freeCount {
            let unit = snapshot.units[Int(situation.free[f])]
            if unit.status == .enRoute { isKept[Int(unit.incident)] = 1 }
        }
        var room = MostUrgentCalls.pairs / max(1, situation.freeCount)
        for w in 0..<situation.waitingCount {
            let j = Int(situation.waiting[w])
            let call = snapshot.incidents[j]
            if situation.engine.options.rules.forbidsHolding(call) { isKept[j] = 1 }
            room -= Int(isKept[j])
        }
        sort()
        for place in 0..<situation.waitingCount where room > 0 {
            let j = Int(situation.waiting[Int(order[place])])
            if isKept[j] == 0 { (isKept[j], room) = (1, room - 1) }
        }
        situation.keepWaiting { isKept[Int($0)] != 0 }
    }
}
