import PatrolModel

/// The open nodes: domains, slopes and prices packed into memory declared at creation, best bound first.
///
/// When the pool is full the node of the lowest bound is dropped and its bound kept, which stays valid.
final class NodePool {
    /// Greatest bound of the nodes dropped.
    private(set) var droppedBound = -Double.infinity
    private(set) var count = 0

    private let bytes: Int
    private let store: UnsafeMutablePointer<UInt8>
    private let heap: UnsafeMutablePointer<Int32>
    /// Slots given back; those from `untouched` on have not been used since the reset.
    private let released: UnsafeMutablePointer<Int32>
    private let bound: UnsafeMutablePointer<Double>
    private let serial: UnsafeMutablePointer<Int>
    private let branching: UnsafeMutablePointer<Branching>
    private let slotLimit: Int
    private var slots = 0, releasedCount = 0, untouched = 0, nextSerial = 0, recordBytes = 64
    private let memory: SolverMemory

    /// - Parameters:
    ///   - bytes: memory for the nodes; made large enough for sixteen of the largest.
    ///   - slots: nodes held at most.
    init(bytes: Int, slots: Int, limits: DispatchProgram.Limits, _ memory: SolverMemory) {
        self.memory = memory
        let largest = Self.recordBytes(
            pairs: limits.pairs, rows: limits.rows, columns: limits.columns,
            stride: ReducedProgram.padded(limits.hidden &+ limits.reserves))
        self.bytes = max(bytes, 16 &* largest)
        slotLimit = max(16, slots)
        store = memory.unwritten(self.bytes, of: UInt8.self)
        heap = memory.unwritten(slotLimit, of: Int32.self)
        released = memory.unwritten(slotLimit, of: Int32.self)
        bound = memory.unwritten(slotLimit, of: Double.self)
        serial = memory.unwritten(slotLimit, of: Int.self)
        branching = memory.unwritten(slotLimit, of: Branching.self)
    }

    private static func recordBytes(pairs: Int, rows: Int, columns: Int, stride: Int) -> Int {
        (3 &* stride &+ columns) &* 8 &+ columns &* 4 &+ (pairs &+ 7) / 8 &+ rows &+ columns &+ stride &+ 64
    }

    /// Empties the pool for nodes of the problem's present size.
    func reset(_ problem: ReducedProgram) {
        recordBytes =
            Self.recordBytes(
                pairs: problem.pairs, rows: problem.rows, columns: problem.columns, stride: problem.stride) & ~63
        slots = min(slotLimit, bytes / recordBytes)
        (count, releasedCount, untouched, nextSerial, droppedBound) = (0, 0, 0, 0, -.infinity)
    }

    /// Greatest bound of the open nodes, −∞ for none.
    var bestBound: Double { count > 0 ? bound[Int(heap[0])] : -.infinity }

    /// Stores the domain, to be split by `branching` when it is taken.
    func push(_ domain: Domain, _ dual: LagrangianDual, bound value: Double, branching split: Branching) {
        if count == slots {
            let worst = worstOpen()
            let slot = Int(heap[worst])
            if bound[slot] >= value {
                droppedBound = max(droppedBound, value)
                return
            }
            droppedBound = max(droppedBound, bound[slot])
            remove(at: worst)
        }
        let slot = takeSlot()
        (bound[slot], branching[slot], serial[slot]) = (value, split, nextSerial)
        nextSerial += 1
        var writer = Cursor(store + slot * recordBytes)
        writer.write(domain.low, domain.problem.stride)
        writer.write(domain.high, domain.problem.stride)
        writer.write(dual.best, domain.problem.stride)
        writer.write(dual.bestPrice, domain.problem.columns)
        writer.write(domain.capacity, domain.problem.columns)
        writer.write(domain.rowMust, domain.problem.rows)
        writer.write(domain.columnMust, domain.problem.columns)
        writer.write(domain.phase, domain.problem.stride)
        writer.writeBits(domain.alive, domain.problem.pairs)
        heap[count] = Int32(slot)
        count += 1
        rise(count - 1)
    }

    /// Takes the node of the greatest bound into `domain` and `dual`, applies its branching, and gives its bound.
    func pop(into domain: Domain, _ dual: LagrangianDual) -> Double {
        let slot = Int(heap[0])
        var reader = Cursor(store + slot * recordBytes)
        reader.read(domain.low, domain.problem.stride)
        reader.read(domain.high, domain.problem.stride)
        reader.read(dual.slope, domain.problem.stride)
        reader.read(domain.problem.assignment.columnPrice, domain.problem.columns)
        reader.read(domain.capacity, domain.problem.columns)
        reader.read(domain.rowMust, domain.problem.rows)
        reader.read(domain.columnMust, domain.problem.columns)
        reader.read(domain.phase, domain.problem.stride)
        reader.readBits(domain.alive, domain.problem.pairs)
        domain.apply(branching[slot])
        remove(at: 0)
        return bound[slot]
    }

    /// A slot that is not in use: there is one. Resetting the pool costs the same for any number of slots.
    private func takeSlot() -> Int {
        if releasedCount > 0 {
            releasedCount -= 1
            return Int(released[releasedCount])
        }
        untouched += 1
        return untouched - 1
    }

    private func worstOpen() -> Int {
        var worst = 0
        for index in 1..<max(1, count) where before(heap[worst], heap[index]) { worst = index }
        return worst
    }

    private func remove(at index: Int) {
        released[releasedCount] = heap[index]
        releasedCount += 1
        count -= 1
        guard index < count else { return }
        heap[index] = heap[count]
        sink(index)
        rise(index)
    }

    /// Greater bound first; among equals the newer, which is deeper.
    private func before(_ a: Int32, _ b: Int32) -> Bool {
        bound[Int(a)] != bound[Int(b)] ? bound[Int(a)] > bound[Int(b)] : serial[Int(a)] > serial[Int(b)]
    }

    private func rise(_ start: Int) {
        var index = start
        while index > 0, before(heap[index], heap[(index - 1) / 2]) {
            swap(&heap[index], &heap[(index - 1) / 2])
            index = (index - 1) / 2
        }
    }

    private func sink(_ start: Int) {
        var index = start
        while 2 * index + 1 < count {
            var child = 2 * index + 1
            if child + 1 < count, before(heap[child + 1], heap[child]) { child += 1 }
            guard before(heap[child], heap[index]) else { return }
            swap(&heap[index], &heap[child])
            index = child
        }
    }
}

/// Reads and writes a node's record front to back.
private struct Cursor {
    var position: UnsafeMutablePointer<UInt8>

    init(_ start: UnsafeMutablePointer<UInt8>) { position = start }

    mutating func write<Element: BitwiseCopyable>(_ source: UnsafePointer<Element>, _ count: Int) {
        let bytes = count * MemoryLayout<Element>.stride
        UnsafeMutableRawPointer(position).copyMemory(from: source, byteCount: bytes)
        position += bytes
    }

    mutating func read<Element: BitwiseCopyable>(_ target: UnsafeMutablePointer<Element>, _ count: Int) {
        let bytes = count * MemoryLayout<Element>.stride
        UnsafeMutableRawPointer(target).copyMemory(from: position, byteCount: bytes)
        position += bytes
    }

    mutating func writeBits(_ flags: UnsafePointer<UInt8>, _ count: Int) {
        for first in Swift.stride(from: 0, to: count, by: 8) {
            var byte: UInt8 = 0
            for bit in 0..<min(8, count - first) where flags[first + bit] != 0 { byte |= 1 << UInt8(bit) }
            position.pointee = byte
            position += 1
        }
    }

    mutating func readBits(_ flags: UnsafeMutablePointer<UInt8>, _ count: Int) {
        for first in Swift.stride(from: 0, to: count, by: 8) {
            let byte = position.pointee
            for bit in 0..<min(8, count - first) { flags[first + bit] = byte >> UInt8(bit) & 1 }
            position += 1
        }
    }
}
