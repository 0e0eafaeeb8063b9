import PatrolModel

/// Beginnings of patrol ways on a simulation's roads, which never change: units drive between the same neighboring places again
/// and again.
///
/// A way is overwritten by another one that falls on its row; what is kept never changes where a unit is when.
final class KeptWays {
    private static let rows = 1024

    private struct Step: BitwiseCopyable {
        var node: Int32
        var milliseconds: UInt32
    }

    /// Of each row: the nodes that its way leads between, −1: none, and its steps; shape [rows].
    private let origins: Buffer<Int32>
    private let destinations: Buffer<Int32>
    private let counts: Buffer<Int32>
    /// Shape [rows, steps].
    private let steps: Buffer<Step>
    private let mostSteps: Int

    /// - Parameter steps: how many of a way are ever asked for.
    init(steps mostSteps: Int) throws(PatrolError) {
        self.mostSteps = mostSteps
        origins = try Buffer(count: KeptWays.rows, repeating: -1)
        destinations = try Buffer(count: KeptWays.rows, repeating: -1)
        counts = try Buffer(count: KeptWays.rows, repeating: 0)
        steps = try Buffer(unwritten: KeptWays.rows * mostSteps)
    }

    /// Calls `visit` with the first nodes after the origin on a quickest patrol way, and the milliseconds from the origin to each.
    /// - Parameter seconds: what the way is expected to take at most; a right guess finds it sooner.
    func visit(
        from origin: Int32, to destination: Int32, within seconds: Float, by router: Router,
        _ visit: (Int32, UInt32) -> Void
    ) {
        let row = Int((UInt32(bitPattern: origin) &* 31 &+ UInt32(bitPattern: destination)) % UInt32(KeptWays.rows))
        let way = steps.base + row * mostSteps
        if origins[row] != origin || destinations[row] != destination {
            (origins[row], destinations[row]) = (origin, destination)
            var count = 0
            router.visitPath(from: origin, to: destination, mode: .patrol, within: seconds) { node, milliseconds in
                way[count] = Step(node: node, milliseconds: milliseconds)
                count += 1
                return count < mostSteps
            }
            counts[row] = Int32(truncatingIfNeeded: count)
        }
        for k in 0..<Int(counts[row]) { visit(way[k].node, way[k].milliseconds) }
    }
}
