import CKernels
import PatrolModel

/// The least arrival times of all free units but one, kept from one decision to the next: most units count where they counted.
///
/// Kept are the four least of all free units, and which unit is left out is seen when three of them, or one, are asked for. Points are
/// looked at again, sixteen at a time, only where a unit that counts somewhere else now is, or was, among the nearest. The least times
/// are the same whichever way they were found: what is kept never changes an answer.
final class KeptArrivals {
    /// With fewer free units, looking at all of them takes no longer.
    static let fewestUnits = 24
    /// What the loop over points takes at a time.
    static let fewestPoints = 16

    /// Where a unit counts, and from when on.
    struct Place: Equatable {
        var node: Int32
        var offset: Float
    }

    /// How many of the least times are asked for: 1 or 3.
    private let levels: Int
    private let points: Int
    /// Shape [4, points].
    private let least: Buffer<Float>
    /// Blocks of sixteen points that are to be looked at again, shape [blocks].
    private let marks: Buffer<UInt8>
    /// Units that count, ascending, and those that did; shape [units].
    private let members: Buffer<Int32>
    private let before: Buffer<Int32>
    private var memberCount = 0
    /// Of each unit that counts: where, and the times from there to the points; shape [units].
    private let places: Buffer<Place>
    private let rows: Buffer<UnsafePointer<Float>>
    /// Times and offsets of the units that count, in their order; shape [units].
    private let memberRows: Buffer<UnsafePointer<Float>?>
    private let memberOffsets: Buffer<Float>
    private var isChanged = false
    private var (factor, cap): (Float, Float) = (1, -1)

    init(units: Int, points: Int, levels: Int, _ memory: inout WorkingMemory) {
        (self.levels, self.points) = (levels, points)
        let units = units >= KeptArrivals.fewestUnits && points >= KeptArrivals.fewestPoints ? units : 0
        least = memory.buffer(count: units > 0 ? 4 * points : 0, repeating: 0)
        marks = memory.buffer(count: (points + 15) / 16, repeating: 0)
        members = memory.buffer(count: units, repeating: 0)
        before = memory.buffer(count: units, repeating: 0)
        places = memory.buffer(count: units, repeating: Place(node: -1, offset: 0))
        rows = memory.buffer(unwritten: units)
        memberRows = memory.buffer(unwritten: units)
        memberOffsets = memory.buffer(unwritten: units)
    }

    /// Writes the least arrival times of the free units other than `unit`, ascending, at most `cap`: shape [levels, points].
    /// - Parameters:
    ///   - free: the free units, ascending.
    ///   - factor: what `seconds` are multiplied by, before the offset is added.
    @inline(__always)
    func writeOthers(
        than unit: Int, free: UnsafeBufferPointer<Int32>, factor: Float, cap: Float, place: (Int32) -> Place,
        seconds: (Int32) -> UnsafePointer<Float>, into others: UnsafeMutablePointer<Float>
    ) {
        if factor != self.factor || cap != self.cap {
            (self.factor, self.cap) = (factor, cap)
            memberCount = 0
            least.base.update(repeating: cap, count: least.count)
        }
        let isFree = compare(free, with: Int32(truncatingIfNeeded: unit), place, seconds)
        if isChanged { findAgain() }
        if isFree {
            kernels_arrivals_without(
                others, least.base, points, levels, rows.base[unit], factor, places.base[unit].offset)
        } else {
            others.update(from: least.base, count: levels * points)
        }
    }

    /// Finds who has left and who has come. - Returns: whether `unit` counts.
    @inline(__always)
    private func compare(
        _ free: UnsafeBufferPointer<Int32>, with unit: Int32, _ place: (Int32) -> Place,
        _ seconds: (Int32) -> UnsafePointer<Float>
    ) -> Bool {
        before.base.update(from: members.base, count: memberCount)
        let (beforeCount, members, before) = (memberCount, members.base, before.base)
        let (places, rows) = (places.base, rows.base)
        var (old, count, isFree) = (0, 0, false)
        for i in free {
            while old < beforeCount && before[old] < i {
                mark(before[old])
                old += 1
            }
            if i == unit { isFree = true }
            let present = place(i)
            let wasThere = old < beforeCount && before[old] == i
            if wasThere { old += 1 }
            members[count] = i
            count += 1
            if wasThere && places[Int(i)] == present { continue }
            if wasThere { mark(i) }
            places[Int(i)] = present
            rows[Int(i)] = seconds(present.node)
            mark(i)
        }
        memberCount = count
        while old < beforeCount {
            mark(before[old])
            old += 1
        }
        return isFree
    }

    /// Marks the points that a unit is, or was, among the nearest to.
    private func mark(_ unit: Int32) {
        kernels_mark_arrivals(
            marks.base, least.base + 3 * points, rows.base[Int(unit)], factor, places.base[Int(unit)].offset,
            points)
        isChanged = true
    }

    /// Looks at all members again at the marked points.
    @_optimize(speed)
    private func findAgain() {
        for k in 0..<memberCount {
            let unit = Int(members.base[k])
            (memberRows.base[k], memberOffsets.base[k]) = (rows.base[unit], places.base[unit].offset)
        }
        kernels_least_arrivals(
            least.base, points, marks.base, memberRows.base, memberOffsets.base, memberCount, factor, cap)
        marks.base.update(repeating: 0, count: marks.count)
        isChanged = false
    }
}
