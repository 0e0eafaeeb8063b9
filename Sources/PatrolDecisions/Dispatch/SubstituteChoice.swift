import PatrolModel

/// Chooses what each call goes by: its own row or one of its substitutes (`patrol.h` says which).
///
/// Units are matched to slots one at a time along augmenting paths: a slot that has a unit never loses it to a later one, and what a
/// call can get beside the calls before it does not depend on which units those have.
final class SubstituteChoice {
    private let situation: Situation
    private let urgent: MostUrgentCalls
    /// Shape [4, units].
    private let cells: Buffer<Int32>

    init(situation: Situation, urgent: MostUrgentCalls, _ memory: inout WorkingMemory) {
        self.situation = situation
        self.urgent = urgent
        cells = memory.buffer(count: 4 * situation.snapshot.maximumUnits, repeating: -1)
    }

    private var snapshot: Snapshot { situation.snapshot }
    private func row(_ index: Int) -> UnsafeMutablePointer<Int32> { cells.base + index * snapshot.maximumUnits }
    /// The slot of each free unit, or −1; the same before the call that is looked at.
    private var slot: UnsafeMutablePointer<Int32> { row(0) }
    private var kept: UnsafeMutablePointer<Int32> { row(1) }
    /// Of a search for one more unit: whose slot each unit would take, −1 for the new one, −2: it was not found; units to go on from.
    private var source: UnsafeMutablePointer<Int32> { row(2) }
    private var queue: UnsafeMutablePointer<Int32> { row(3) }

    /// - Parameters:
    ///   - calls: the waiting calls that there are units for.
    ///   - mayServe: whether the rules on pairs allow a free unit for a waiting call.
    /// - Returns: false where the clock ended it first.
    func choose(_ calls: Range<Int>, _ clock: CallClock, mayServe: (Int, Int) -> Bool) -> Bool {
        var (clock, left) = (clock, 0)
        for j in 0..<snapshot.incidentCount where snapshot.incidents[j].substitute > 0 {
            situation.setSubstitute(0, ofIncident: j)
        }
        for w in calls where snapshot.incidents[Int(situation.waiting[w])].substitutes > 0 { left += 1 }
        for f in 0..<situation.freeCount { slot[f] = -1 }
        urgent.sort()
        for place in 0..<situation.waitingCount where left > 0 && calls.contains(Int(urgent.order[place])) {
            let w = Int(urgent.order[place])
            guard choose(w, &clock, mayServe) else { return false }
            if snapshot.incidents[Int(situation.waiting[w])].substitutes > 0 { left -= 1 }
        }
        return true
    }

    private func choose(_ w: Int, _ clock: inout CallClock, _ mayServe: (Int, Int) -> Bool) -> Bool {
        let j = Int(situation.waiting[w])
        let call = snapshot.incidents[j]
        var partly: Int32 = -1
        kept.update(from: slot, count: situation.freeCount)
        for substitute in 0...call.substitutes {
            if clock.expired(after: situation.freeCount) { return false }
            if call.substitutes > 0 { situation.setSubstitute(substitute, ofIncident: j) }
            let found = fill(w, mayServe)
            if found == snapshot.incidents[j].unitsMissing { return true }
            if found > 0 && partly < 0 && !call.allOrNone { partly = substitute }
            slot.update(from: kept, count: situation.freeCount)
        }
        if call.substitutes > 0 { situation.setSubstitute(max(0, partly), ofIncident: j) }
        if partly >= 0 { _ = fill(w, mayServe) }
        return true
    }

    /// Finds units for what a call goes by. - Returns: how many.
    private func fill(_ w: Int, _ mayServe: (Int, Int) -> Bool) -> Int32 {
        let call = snapshot.incidents[Int(situation.waiting[w])]
        var (found, rest): (Int32, Int32) = (0, call.unitsMissing)
        for k in 0...Incident.maximumNeeds {
            var missing = k < Incident.maximumNeeds ? call.need(k).missing : rest
            rest -= missing
            while missing > 0, findUnit(Int32(w * (Incident.maximumNeeds + 1) + k), mayServe) {
                (found, missing) = (found + 1, missing - 1)
            }
        }
        return found
    }

    /// Finds a unit for one more slot, for which others may change theirs.
    private func findUnit(_ wanted: Int32, _ mayServe: (Int, Int) -> Bool) -> Bool {
        let units = 0..<situation.freeCount
        for f in units { source[f] = -2 }
        var (seeker, sought, first, last): (Int32, Int32, Int, Int) = (-1, wanted, 0, 0)
        while true {
            for f in units where slot[f] < 0 && source[f] == -2 && fits(f, sought, mayServe) {
                source[f] = seeker
                change(f, wanted)
                return true
            }
            for f in units where slot[f] >= 0 && source[f] == -2 && fits(f, sought, mayServe) {
                (source[f], queue[last]) = (seeker, Int32(f))
                last += 1
            }
            guard first < last else { return false }
            (seeker, sought) = (queue[first], slot[Int(queue[first])])
            first += 1
        }
    }

    /// Gives a unit the slot of the one that it was found for, that one the slot of the one before, and the first the new one.
    private func change(_ f: Int, _ wanted: Int32) {
        var f = f
        while source[f] >= 0 {
            slot[f] = slot[Int(source[f])]
            f = Int(source[f])
        }
        slot[f] = wanted
    }

    private func fits(_ f: Int, _ slot: Int32, _ mayServe: (Int, Int) -> Bool) -> Bool {
        let (w, k) = (Int(slot) / (Incident.maximumNeeds + 1), Int(slot) % (Incident.maximumNeeds + 1))
        let unit = snapshot.units[Int(situation.free[f])]
        let call = snapshot.incidents[Int(situation.waiting[w])]
        let need = k < Incident.maximumNeeds ? call.need(k).capabilities : 0
        // A unit that may be diverted may also go on, in a slot that demands nothing.
        if unit.status == .enRoute && unit.incident == situation.waiting[w] { return need == 0 }
        return unit.capabilities & need == need && mayServe(f, w)
    }
}
