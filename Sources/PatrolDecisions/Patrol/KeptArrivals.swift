import PatrolModel

/// The least arrival times of all free units but one, kept from one decision to the next: most units count where they counted.
///
/// Of each point it is known whose the least times are, so that only points near to where a unit no longer counts are looked at
/// again. The least times are the same whichever way they were found: what is kept never changes an answer.
final class KeptArrivals {
    /// With fewer free units, looking at all of them takes no longer.
    static let fewestUnits = 24

    /// Where a unit counts, and from when on.
    struct Place: Equatable {
        var node: Int32
        var offset: Float
    }

    /// How many of the least times are kept: 1 or 3.
    private let levels: Int
    private let points: Int
    /// Shape [levels, points]: the least arrival times, and the units whose they are, −1: none is there before the cap.
    private let least: Buffer<Float>
    private let nearest: Buffer<Int32>
    /// Units that count, ascending, and those that did; shape [units].
    private let members: Buffer<Int32>
    private let before: Buffer<Int32>
    private var memberCount = 0
    /// Of each unit that counts: where, and the times from there to the points; shape [units].
    private let places: Buffer<Place>
    private let rows: Buffer<UnsafePointer<Float>>
    /// Of each unit: it does not count anymore where it did; it counts somewhere new. And the units that do; shape [units].
    private let hasLeft: Buffer<Bool>
    private let isNew: Buffer<Bool>
    private let came: Buffer<Int32>
    private var (leftCount, cameCount) = (0, 0)
    private var (factor, cap): (Float, Float) = (1, -1)

    init(units: Int, points: Int, levels: Int, _ memory: inout WorkingMemory) {
        (self.levels, self.points) = (levels, points)
        let units = units >= KeptArrivals.fewestUnits ? units : 0
        least = memory.buffer(count: units > 0 ? levels * points : 0, repeating: 0)
        nearest = memory.buffer(count: units > 0 ? levels * points : 0, repeating: -1)
        members = memory.buffer(count: units, repeating: 0)
        before = memory.buffer(count: units, repeating: 0)
        places = memory.buffer(count: units, repeating: Place(node: -1, offset: 0))
        rows = memory.buffer(unwritten: units)
        hasLeft = memory.buffer(count: units, repeating: false)
        isNew = memory.buffer(count: units, repeating: false)
        came = memory.buffer(count: units, repeating: 0)
    }

    /// Shape [levels, points]: the least arrival times of the free units other than `unit`, ascending, at most `cap`.
    /// - Parameters:
    ///   - free: the free units, ascending.
    ///   - factor: what `seconds` are multiplied by, before the offset is added.
    @inline(__always)
    func others(
        than unit: Int, free: UnsafeBufferPointer<Int32>, factor: Float, cap: Float, place: (Int32) -> Place,
        seconds: (Int32) -> UnsafePointer<Float>
    ) -> UnsafePointer<Float> {
        if factor != self.factor || cap != self.cap {
            (self.factor, self.cap) = (factor, cap)
            memberCount = 0
            least.base.update(repeating: cap, count: least.count)
            nearest.base.update(repeating: -1, count: nearest.count)
        }
        compare(free, without: Int32(truncatingIfNeeded: unit), place, seconds)
        if leftCount > 0 { findAgain() }
        for k in 0..<cameCount { add(came[k]) }
        return UnsafePointer(least.base)
    }

    /// Finds who has left and who has come.
    @inline(__always)
    private func compare(
        _ free: UnsafeBufferPointer<Int32>, without unit: Int32, _ place: (Int32) -> Place,
        _ seconds: (Int32) -> UnsafePointer<Float>
    ) {
        before.base.update(from: members.base, count: memberCount)
        let (beforeCount, places, rows) = (memberCount, places.base, rows.base)
        var old = 0
        (memberCount, leftCount, cameCount) = (0, 0, 0)
        for i in free where i != unit {
            while old < beforeCount && before.base[old] < i {
                leave(before.base[old])
                old += 1
            }
            let present = place(i)
            let wasThere = old < beforeCount && before.base[old] == i
            if wasThere { old += 1 }
            members.base[memberCount] = i
            memberCount += 1
            if wasThere && places[Int(i)] == present { continue }
            if wasThere { leave(i) }
            places[Int(i)] = present
            rows[Int(i)] = seconds(present.node)
            come(i)
        }
        while old < beforeCount {
            leave(before.base[old])
            old += 1
        }
    }

    private func leave(_ unit: Int32) {
        hasLeft[Int(unit)] = true
        leftCount += 1
    }

    private func come(_ unit: Int32) {
        came.base[cameCount] = unit
        cameCount += 1
        isNew[Int(unit)] = true
    }

    /// Looks at all members but the new ones again at points that one who has left was among the nearest to.
    @_optimize(speed)
    private func findAgain() {
        for v in 0..<points where hasLostUnit(v) {
            for level in 0..<levels { (least.base[level * points + v], nearest.base[level * points + v]) = (cap, -1) }
            for k in 0..<memberCount where !isNew.base[Int(members.base[k])] { insert(members.base[k], at: v) }
        }
        hasLeft.base.update(repeating: false, count: hasLeft.count)
    }

    @inline(__always)
    private func hasLostUnit(_ v: Int) -> Bool {
        for level in 0..<levels {
            let unit = nearest.base[level * points + v]
            if unit >= 0 && hasLeft.base[Int(unit)] { return true }
        }
        return false
    }

    @_optimize(speed)
    private func add(_ unit: Int32) {
        isNew.base[Int(unit)] = false
        for v in 0..<points { insert(unit, at: v) }
    }

    /// The one that gives way moves on to the next level.
    @inline(__always)
    private func insert(_ unit: Int32, at v: Int) {
        let (least, nearest) = (least.base + v, nearest.base + v)
        let arrival = rows.base[Int(unit)][v] * factor + places.base[Int(unit)].offset
        var level = levels - 1
        guard arrival < least[level * points] else { return }
        while level > 0 && arrival < least[(level - 1) * points] {
            (least[level * points], nearest[level * points]) = (
                least[(level - 1) * points], nearest[(level - 1) * points]
            )
            level -= 1
        }
        (least[level * points], nearest[level * points]) = (arrival, unit)
    }
}
