import PatrolModel

/// Patrol driving on unchanged roads from places where units stood before: they decide again where they stay, and calls come
/// from the same places.
///
/// A place's row is overwritten by that of another one that falls on it; what is known never depends on what was asked before.
final class KnownWays {
    private static let mostRows = 1024

    private let columns: Int
    /// Shape [rows]; −1: none.
    private let origins: Buffer<Int32>
    /// Milliseconds to the targets of an origin, and the first nodes on the ways, −1: not asked for yet; shape [rows, columns].
    private let times: Buffer<UInt32>
    private let steps: Buffer<Int32>
    /// The row that was opened last.
    private var row = 0

    /// - Parameter targets: most of an origin.
    init(nodes: Int, targets: Int, _ memory: inout WorkingMemory) {
        columns = targets
        let rows = min(nodes, KnownWays.mostRows)
        origins = memory.buffer(count: rows, repeating: -1)
        times = memory.buffer(unwritten: rows * columns)
        steps = memory.buffer(unwritten: rows * columns)
    }

    /// Opens an origin's row. - Returns: whether its times are known; else the caller is to fill `openTimes`.
    func open(_ origin: Int32) -> Bool {
        row = Int(origin) % origins.count
        if origins[row] == origin { return true }
        origins[row] = origin
        (steps.base + row * columns).update(repeating: -1, count: columns)
        return false
    }

    var openTimes: UnsafeMutablePointer<UInt32> { times.base + row * columns }
    var openSteps: UnsafeMutablePointer<Int32> { steps.base + row * columns }
}
