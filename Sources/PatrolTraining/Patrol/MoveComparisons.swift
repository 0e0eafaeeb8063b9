import PatrolModel

/// Comparisons of two moves of a unit, made by one shard of an iteration. Fixed memory.
final class MoveComparisons {
    let width: Int
    let capacity: Int
    private(set) var count = 0
    private(set) var limit = 0
    /// Features of the move that the policy made and of the other one, shape [capacity, 2, width].
    let rows: Buffer<Float>
    /// What the other one saved, in minutes of waiting of a mean call, shape [capacity].
    let savings: Buffer<Float>

    init(width: Int, capacity: Int) throws(PatrolError) {
        (self.width, self.capacity) = (width, capacity)
        rows = try Buffer(count: capacity * 2 * width, repeating: 0)
        savings = try Buffer(count: capacity, repeating: 0)
    }

    var isFull: Bool { count >= limit }

    /// Empties it. - Parameter limit: comparisons wanted, at most `capacity`.
    func clear(limit: Int) { (count, self.limit) = (0, min(limit, capacity)) }

    /// - Parameters:
    ///   - move, other: features, shape [width].
    func append(_ move: UnsafePointer<Float>, _ other: UnsafePointer<Float>, saving: Double) {
        let row = rows.base + count * 2 * width
        row.update(from: move, count: width)
        (row + width).update(from: other, count: width)
        savings[count] = Float(saving)
        count += 1
    }

    /// Takes over comparisons whose numbers were read into the buffers.
    func restore(count: Int) { self.count = count }
}
