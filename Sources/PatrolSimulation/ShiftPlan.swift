import PatrolModel

/// The shifts of each unit.
struct ShiftPlan: Sendable {
    private let shifts: Buffer<Shift>
    /// Indices of shifts by unit, those of one unit in the order given; a unit's are `offsets[u] ..< offsets[u + 1]`.
    private let order: Buffer<Int32>
    private let offsets: Buffer<Int32>

    /// - Parameter shifts: each of a unit below `units`.
    init(_ shifts: Buffer<Shift>, units: Int) throws(PatrolError) {
        self.shifts = shifts
        order = try Buffer(count: shifts.count, repeating: 0)
        offsets = try Buffer(count: units + 1, repeating: 0)
        for k in 0..<shifts.count { offsets[Int(shifts[k].unit) + 1] += 1 }
        for u in 0..<units { offsets[u + 1] += offsets[u] }
        let next = try Buffer<Int32>(count: units, repeating: 0)
        for u in 0..<units { next[u] = offsets[u] }
        for k in 0..<shifts.count {
            let unit = Int(shifts[k].unit)
            order[Int(next[unit])] = Int32(k)
            next[unit] += 1
        }
    }

    /// Hours of the day at which shifts begin, ascending; empty where there are more than 24 such times.
    static func starts(_ shifts: Buffer<Shift>) -> [Double] {
        var starts: [Double] = []
        for k in 0..<shifts.count {
            let hour = Double(shifts[k].start).truncatingRemainder(dividingBy: 24)
            var place = 0
            while place < starts.count && starts[place] < hour { place += 1 }
            if place < starts.count && starts[place] == hour { continue }
            starts.insert(hour, at: place)
            if starts.count > 24 { return [] }
        }
        return starts
    }

    /// Two shifts of one unit that overlap, as indices.
    func overlap(ofUnit u: Int) -> (Int, Int)? {
        for later in Int(offsets[u])..<Int(offsets[u + 1]) {
            let b = shifts[Int(order[later])]
            for earlier in Int(offsets[u])..<later {
                let a = shifts[Int(order[earlier])]
                for week: Float in [-168, 0, 168] where a.start + week < b.end && b.start < a.end + week {
                    return (Int(order[earlier]), Int(order[later]))
                }
            }
        }
        return nil
    }

    /// Whether a unit is on duty at a time, and when that shift or time off ends.
    func state(ofUnit u: Int, at time: Double) -> (isOn: Bool, end: Double) {
        let (first, last) = (Int(offsets[u]), Int(offsets[u + 1]))
        guard first < last else { return (true, .infinity) }
        let week = 168.0 * 3600
        let before = (time / week).rounded(.down) - 1
        var (isOn, end) = (false, Double.infinity)
        for k in first..<last {
            let shift = shifts[Int(order[k])]
            for ahead in 0..<3 {
                let monday = (before + Double(ahead)) * week
                let (from, to) = (monday + Double(shift.start) * 3600, monday + Double(shift.end) * 3600)
                if from <= time && time < to {
                    isOn = true
                    end = to
                } else if !isOn && from > time {
                    end = min(end, from)
                }
            }
        }
        return (isOn, end)
    }
}
