/// A 4-ary implicit min-heap of search keys, in memory that someone else owns.
///
/// A key holds the milliseconds above the node, so that one integer comparison orders by time and,
/// on equal times, by node. Outdated entries stay in until they surface ("lazy deletion"): roads have so few
/// edges a node that this is faster than moving entries, which needs their positions.
struct SearchQueue {
    private let keys: UnsafeMutablePointer<UInt64>
    private var count = 0

    init(keys: UnsafeMutablePointer<UInt64>) { self.keys = keys }

    @inline(__always)
    static func key(_ milliseconds: UInt32, _ node: Int) -> UInt64 {
        UInt64(milliseconds) << 32 | UInt64(truncatingIfNeeded: node)
    }

    @inline(__always)
    static func milliseconds(_ key: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: key >> 32) }

    @inline(__always)
    static func node(_ key: UInt64) -> Int { Int(truncatingIfNeeded: key & 0xFFFF_FFFF) }

    @inline(__always)
    mutating func push(_ key: UInt64) {
        var hole = count
        count += 1
        while hole > 0 {
            let parent = (hole &- 1) >> 2
            guard key < keys[parent] else { break }
            keys[hole] = keys[parent]
            hole = parent
        }
        keys[hole] = key
    }

    @inline(__always)
    mutating func pop() -> UInt64? {
        guard count > 0 else { return nil }
        let top = keys[0]
        count -= 1
        let last = keys[count]
        var hole = 0
        while true {
            let first = 4 &* hole &+ 1
            guard first < count else { break }
            var child = first
            var least = keys[first]
            var sibling = first &+ 1
            let end = min(first &+ 4, count)
            while sibling < end {
                if keys[sibling] < least {
                    child = sibling
                    least = keys[sibling]
                }
                sibling &+= 1
            }
            guard least < last else { break }
            keys[hole] = least
            hole = child
        }
        keys[hole] = last
        return top
    }
}
