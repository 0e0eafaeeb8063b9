import PatrolModel

/// A set of units, one bit each, that is listed in ascending index without looking at the others.
final class UnitSet {
    private let units: Int
    private let words: Buffer<UInt64>
    private(set) var count = 0

    /// - Throws: `outOfMemory`.
    init(units: Int) throws(PatrolError) {
        self.units = units
        words = try Buffer(count: (units + 63) / 64, repeating: 0)
    }

    func clear() {
        words.base.update(repeating: 0, count: words.count)
        count = 0
    }

    /// Has all units in it.
    func fill() { for u in 0..<units { set(u, true) } }

    func copy(_ other: UnitSet) {
        words.copy(other.words)
        count = other.count
    }

    @inline(__always)
    func contains(_ u: Int) -> Bool { words.base[u >> 6] & bit(u) != 0 }

    @inline(__always)
    func set(_ u: Int, _ isMember: Bool) {
        guard contains(u) != isMember else { return }
        words.base[u >> 6] ^= bit(u)
        count += isMember ? 1 : -1
    }

    /// Whether a member satisfies the condition; asks each, ascending, until one does.
    @inline(__always)
    func contains(where condition: (Int) -> Bool) -> Bool {
        for word in 0..<words.count {
            var left = words.base[word]
            while left != 0 {
                if condition(word << 6 + left.trailingZeroBitCount) { return true }
                left &= left &- 1
            }
        }
        return false
    }

    /// Calls `body` with each member, ascending; it may take that member out.
    @inline(__always)
    func forEach(_ body: (Int) -> Void) {
        _ = contains { u in
            body(u)
            return false
        }
    }

    @inline(__always)
    private func bit(_ u: Int) -> UInt64 { 1 << UInt64(truncatingIfNeeded: u & 63) }
}
