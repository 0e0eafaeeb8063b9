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
    /// Units without a slot.
    private var left = 0

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
    /// Of a search for one more unit: whose slot each unit would take, −1 for the new one, −2: it was not found, −3: it leads to no
    /// unit without a slot, whatever else is filled; units to go on from.
    private var source: UnsafeMutablePointer<Int32> { row(2) }
    private var queue: UnsafeMutablePointer<Int32> { row(3) }

    /// - Parameters:
    ///   - calls: the waiting calls that there are units for.
    ///   - mayServe: whether the rules on pairs allow a free unit for a waiting call.
    /// - Returns: false where the clock ended it first.
    func choose(_ calls: Range<Int>, _ clock: CallClock, mayServe: (Int, Int) -> Bool) -> Bool {
        var (clock, choosing) = (clock, 0)
        for j in 0..<snapshot.incidentCount where snapshot.incidents[j].substitute > 0 {
            situation.setSubstitute(0, ofIncident: j)
        }
        for w in calls where snapshot.incidents[Int(situation.waiting[w])].substitutes > 0 { choosing += 1 }
        for f in 0..<situation.freeCount { (slot[f], source[f]) = (-1, -2) }
        left = situation.freeCount
        urgent.sort()
        for place in 0..<situation.waitingCount where choosing > 0 && calls.contains(Int(urgent.order[place])) {
            let w = Int(urgent.order[place])
            guard choose(w, &clock, mayServe) else { return false }
            if snapshot.incidents[Int(situation.waiting[w])].substitutes > 0 { choosing -= 1 }
        }
        return true
    }

    private func choose(_ w: Int, _ clock: inout CallClock, _ mayServe: (Int, Int) -> Bool) -> Bool {
        let j = Int(situation.waiting[w])
        let call = snapshot.incidents[j]
        var partly: Int32 = -1
        let keptLeft = left
        kept.update(from: slot, count: situation.freeCount)
        for substitute in 0...call.substitutes {
            if clock.expired(after: situation.freeCount) { return false }
            if call.substitutes > 0 { situation.setSubstitute(substitute, ofIncident: j) }
            // Where there are too few units, one tells that there is one at all.
            let missing = snapshot.incidents[j].unitsMissing
            let found = fill(w, most: Int(missing) > left ? 1 : missing, mayServe)
            if found == missing { return true }
            if found > 0 && partly < 0 && !call.allOrNone { partly = substitute }
            slot.update(from: kept, count: situation.freeCount)
            left = keptLeft
        }
        if call.substitutes > 0 { situation.setSubstitute(max(0, partly), ofIncident: j) }
        if partly >= 0 { _ = fill(w, most: .max, mayServe) }
        return true
    }

    /// Finds units for what a call goes by. - Returns: how many.
    private func fill(_ w: Int, most: Int32, _ mayServe: (Int, Int) -> Bool) -> Int32 {
        let call = snapshot.incidents[Int(situation.waiting[w])]
        var (found, rest): (Int32, Int32) = (0, call.unitsMissing)
        for k in 0...Incident.maximumNeeds {
            var missing = k < Incident.maximumNeeds ? call.need(k).missing : rest
            rest -= missing
            while missing > 0, found < most,
                findUnit(Int32(w * (Incident.maximumNeeds + 1) + k), isFirst: found == 0, mayServe)
            {
                (found, missing, left) = (found + 1, missing - 1, left - 1)
            }
        }
        return found
    }

    /// Finds a unit for one more slot, for which others may change theirs. If there is none for a call's first, the units that were
    /// found lead nowhere for later calls either: whatever could take their slots is among them.
    private func findUnit(_ wanted: Int32, isFirst: Bool, _ mayServe: (Int, Int) -> Bool) -> Bool {
        guard left > 0 else { return false }
        let units = 0..<situation.freeCount
        for f in units where source[f] != -3 { source[f] = -2 }
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
            guard first < last else {
                if isFirst { for k in 0..<last { source[Int(queue[k])] = -3 } }
                return false
            }
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
