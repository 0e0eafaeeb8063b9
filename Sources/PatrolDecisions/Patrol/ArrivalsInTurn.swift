import CKernels
import PatrolModel

/// The least arrival times of all units but one at every point, while units decide one after the other.
///
/// Those that have decided count where they go, those behind where they were. Of the first a running minimum is kept, of
/// the others one from the end of each block of units, so that the whole takes O(units · points), not the square of it.
final class ArrivalsInTurn {
    private static let block = 32

    /// When a unit would be at each point: travel seconds [points] times a factor, after an offset.
    struct Arrivals {
        var seconds: UnsafePointer<Float>
        var factor: Float
        var offset: Float
    }

    /// How many of the least arrival times are kept: 1 or 3.
    private let levels: Int
    private let points: Int
    /// A row is of shape [levels, points]: of the units that have decided; of those in each block and behind it; of those
    /// behind each unit of the present block.
    private let decided: Buffer<Float>
    private let fromBlock: Buffer<Float>
    private let behind: Buffer<Float>
    private var count = 0
    private var turn = 0

    init(units: Int, points: Int, levels: Int, _ memory: inout WorkingMemory) {
        (self.levels, self.points) = (levels, points)
        let blocks = (units + ArrivalsInTurn.block - 1) / ArrivalsInTurn.block
        decided = memory.buffer(count: levels * points, repeating: 0)
        fromBlock = memory.buffer(count: (blocks + 1) * levels * points, repeating: 0)
        behind = memory.buffer(count: ArrivalsInTurn.block * levels * points, repeating: 0)
    }

    private var row: Int { levels * points }

    /// Begins with the first of `count` units.
    /// - Parameters:
    ///   - cap: arrival time where there is no unit.
    ///   - arrival: of the k-th unit, from where it counts.
    func begin(count: Int, cap: Float, _ arrival: (Int) -> Arrivals) {
        (self.count, turn) = (count, 0)
        decided.base.update(repeating: cap, count: row)
        let blocks = (count + ArrivalsInTurn.block - 1) / ArrivalsInTurn.block
        (fromBlock.base + blocks * row).update(repeating: cap, count: row)
        for b in stride(from: blocks - 1, through: 0, by: -1) {
            let here = fromBlock.base + b * row
            here.update(from: here + row, count: row)
            for k in b * ArrivalsInTurn.block..<min((b + 1) * ArrivalsInTurn.block, count) { add(arrival(k), to: here) }
        }
        beginBlock(arrival)
    }

    private func beginBlock(_ arrival: (Int) -> Arrivals) {
        guard turn < count else { return }
        let next = turn / ArrivalsInTurn.block + 1
        let last = min(next * ArrivalsInTurn.block, count) - 1
        (behind.base + (last - turn) * row).update(from: fromBlock.base + next * row, count: row)
        for k in stride(from: last, to: turn, by: -1) {
            let here = behind.base + (k - 1 - turn) * row
            here.update(from: here + row, count: row)
            add(arrival(k), to: here)
        }
    }

    /// Writes the arrival times of the others than the unit whose turn it is, shape [levels, points].
    func writeOthers(into others: UnsafeMutablePointer<Float>) {
        others.update(from: decided.base, count: row)
        let later = behind.base + turn % ArrivalsInTurn.block * row
        for level in 0..<levels {
            add(Arrivals(seconds: UnsafePointer(later + level * points), factor: 1, offset: 0), to: others)
        }
    }

    /// Goes on to the next unit. - Parameter arrival: as for `begin`; the last unit counts where it goes now.
    func pass(_ arrival: (Int) -> Arrivals) {
        add(arrival(turn), to: decided.base)
        turn += 1
        if turn % ArrivalsInTurn.block == 0 { beginBlock(arrival) }
    }

    private func add(_ arrival: Arrivals, to row: UnsafeMutablePointer<Float>) {
        if levels == 1 {
            kernels_min_shifted(row, arrival.seconds, arrival.factor, arrival.offset, points)
        } else {
            kernels_insert_arrival(
                row, row + points, row + 2 * points, arrival.seconds, arrival.factor, arrival.offset, points)
        }
    }
}
