/// An order of a skeleton's nodes by nested dissection: what parts a part of the roads stands above both sides.
///
/// A part is cut where the least edges lead from the first quarter of its nodes to the last (inertial flow: Schild & Sommer
/// 2015): of the nodes sorted to the east, the north and the two diagonals, or, without coordinates, by how much nearer they
/// are to one end of the part than to the other. Parts of up to 32 nodes are ordered by minimum degree.
struct NestedDissection {
    private static let leaf = 32
    /// A part with more edges a node than this has no small separators, and keeps its order.
    private static let densest = 8
    private static let grid = 0x1p20

    private let skeleton: RoadSkeleton
    /// [nodes, 2] in 0 ... 2²⁰.
    private let places: Buffer<Int32>?
    /// [nodes]: the lowest in the hierarchy first.
    let order: Buffer<Int32>

    private var cut: MinimumCut
    private let numbers: Buffer<Int32>
    private let scratch: Buffer<Int32>
    private let steps: (Buffer<Int32>, Buffer<Int32>)
    private let keys: Buffer<Int64>
    private let selection: Buffer<Int64>

    /// - Parameter places: [nodes, 2]: coordinates on a plane.
    init(_ skeleton: RoadSkeleton, places: Buffer<Double>?) throws(PatrolError) {
        let count = skeleton.nodeCount
        self.skeleton = skeleton
        if let places { self.places = try Self.onGrid(places) } else { self.places = nil }
        order = try Buffer(count: count, repeating: 0)
        cut = try MinimumCut(skeleton)
        numbers = try Buffer(count: count, repeating: 0)
        scratch = try Buffer(count: count, repeating: 0)
        steps = (try Buffer(count: count, repeating: 0), try Buffer(count: count, repeating: 0))
        keys = try Buffer(count: count, repeating: 0)
        selection = try Buffer(count: count, repeating: 0)
        try run()
    }

    private static func onGrid(_ places: Buffer<Double>) throws(PatrolError) -> Buffer<Int32> {
        let cells = try Buffer<Int32>(count: places.count, repeating: 0)
        // Halves, so that no difference is infinite.
        var (least, most) = ((Double.infinity, Double.infinity), (-Double.infinity, -Double.infinity))
        for node in 0..<places.count / 2 {
            let (x, y) = (places[2 * node] / 2, places[2 * node + 1] / 2)
            (least, most) = ((min(least.0, x), min(least.1, y)), (max(most.0, x), max(most.1, y)))
        }
        let scale = grid / max(most.0 - least.0, most.1 - least.1)
        /// Not a number where all nodes stand in one place.
        func cell(_ distance: Double) -> Int32 { distance * scale >= 0 ? Int32(min(distance * scale, grid)) : 0 }
        for node in 0..<places.count / 2 {
            cells[2 * node] = cell(places[2 * node] / 2 - least.0)
            cells[2 * node + 1] = cell(places[2 * node + 1] / 2 - least.1)
        }
        return cells
    }

    private mutating func run() throws(PatrolError) {
        for node in 0..<order.count { order[node] = Int32(node) }
        /// Parts that are not ordered yet: nodes `order[start ..< end]`, ascending.
        let parts = try Buffer<(start: Int32, end: Int32)>(count: order.count + 1, repeating: (0, 0))
        parts[0] = (0, Int32(order.count))
        var count = 1
        while count > 0 {
            count -= 1
            let part = Int(parts[count].start)..<Int(parts[count].end)
            for node in part { scratch[node - part.lowerBound] = order[node] }
            cut.load(
                UnsafeBufferPointer(start: order.base + part.lowerBound, count: part.count), of: skeleton,
                numbers: numbers)
            if part.count <= Self.leaf {
                orderLeaf(part)
                continue
            }
            guard Int(cut.offsets[part.count]) <= 2 * Self.densest * part.count else { continue }
            findCut()
            guard cut.isFound else { continue }
            var start = part.lowerBound
            for side in MinimumCut.near...MinimumCut.separator {
                let first = start
                for node in 0..<part.count where cut.sides[node] == side {
                    order[start] = scratch[node]
                    start += 1
                }
                guard side != MinimumCut.separator, start > first + 1 else { continue }
                parts[count] = (Int32(first), Int32(start))
                count += 1
            }
        }
    }

    private mutating func findCut() {
        if let places {
            let nodes = scratch
            for direction in 0..<4 {
                cutAlong { node in
                    let (x, y) = (places[2 * Int(nodes[node])], places[2 * Int(nodes[node]) + 1])
                    return direction == 0 ? x : direction == 1 ? y : direction == 2 ? x + y : x - y
                }
            }
        } else {
            let (near, far) = steps
            var start = 0
            for _ in 0..<2 {
                let end = cut.spread(from: cut.spread(from: start, into: near), into: near)
                _ = cut.spread(from: end, into: far)
                cutAlong { near[$0] - far[$0] }
                // Then between the ends of what is far from both.
                start = 0
                for node in 1..<cut.nodeCount where min(near[node], far[node]) > min(near[start], far[start]) {
                    start = node
                }
            }
        }
    }

    private mutating func cutAlong(_ place: (Int) -> Int32) {
        let count = cut.nodeCount
        for node in 0..<count {
            keys[node] = Int64(place(node)) << 32 | Int64(node)
            selection[node] = keys[node]
        }
        let quarter = count / 4
        let low = select(quarter - 1, from: 0)
        cut.cut(keys, low: low, high: select(count - quarter, from: quarter))
    }

    /// The key of a rank among those from `first` on, all before which are lower (quickselect, median of three).
    private func select(_ rank: Int, from first: Int) -> Int64 {
        var (low, high) = (first, cut.nodeCount - 1)
        while low < high {
            let (a, b, c) = (selection[low], selection[(low + high) / 2], selection[high])
            let pivot = max(min(a, b), min(max(a, b), c))
            var (left, right) = (low, high)
            while left <= right {
                while selection[left] < pivot { left += 1 }
                while selection[right] > pivot { right -= 1 }
                if left <= right {
                    (selection[left], selection[right]) = (selection[right], selection[left])
                    left += 1
                    right -= 1
                }
            }
            if rank <= right { high = right } else if rank >= left { low = left } else { break }
        }
        return selection[rank]
    }

    /// Minimum degree, the lowest number on ties; an eliminated node joins its neighbors.
    private func orderLeaf(_ part: Range<Int>) {
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: Self.leaf) { neighbors in
            for node in 0..<part.count {
                neighbors[node] = 0
                for half in cut.row(node) { neighbors[node] |= 1 << UInt32(cut.heads[half]) }
            }
            var left = part.count == 32 ? UInt32.max : 1 << UInt32(part.count) - 1
            for place in part {
                var (best, least) = (-1, Int.max)
                for node in 0..<part.count where left >> UInt32(node) & 1 == 1 {
                    let degree = (neighbors[node] & left).nonzeroBitCount
                    if degree < least { (best, least) = (node, degree) }
                }
                left &= ~(1 << UInt32(best))
                for node in 0..<part.count where (neighbors[best] & left) >> UInt32(node) & 1 == 1 {
                    neighbors[node] |= neighbors[best] & left & ~(1 << UInt32(node))
                }
                order[place] = scratch[best]
            }
        }
    }
}
