/// Minimum cuts through one part of a skeleton after another, in the same memory: Dinic's algorithm with an edge's
/// capacity 1 both ways.
struct MinimumCut {
    /// Side of a node. What is cut stands on neither.
    static let near: UInt8 = 0, far: UInt8 = 1, separator: UInt8 = 2

    private(set) var nodeCount = 0
    /// [nodes + 1], [half edges]: the part's own numbers, rows ascending.
    let offsets: Buffer<Int32>
    let heads: Buffer<Int32>
    private let twins: Buffer<Int32>
    /// [half edges]: -1, 0 or 1.
    private let flow: Buffer<Int8>
    /// [nodes]: 1: a source, 2: a sink.
    private let terminals: Buffer<UInt8>
    private let levels: Buffer<Int32>
    private let next: Buffer<Int32>
    private let queue: Buffer<Int32>
    private let path: Buffer<Int32>
    /// [nodes]: of the best cut since `load`.
    let sides: Buffer<UInt8>
    /// Of that cut.
    private var separatorCount = 0
    /// Nodes on its smaller side; 0: no cut was found.
    private var smallerSide = 0
    var isFound: Bool { smallerSide > 0 }

    init(_ skeleton: RoadSkeleton) throws(PatrolError) {
        let (most, halves) = (skeleton.nodeCount, skeleton.heads.count)
        offsets = try Buffer(count: most + 1, repeating: 0)
        heads = try Buffer(count: halves, repeating: 0)
        twins = try Buffer(count: halves, repeating: 0)
        flow = try Buffer(count: halves, repeating: 0)
        terminals = try Buffer(count: most, repeating: 0)
        levels = try Buffer(count: most, repeating: 0)
        next = try Buffer(count: most, repeating: 0)
        queue = try Buffer(count: most, repeating: 0)
        path = try Buffer(count: most, repeating: 0)
        sides = try Buffer(count: most, repeating: 0)
    }

    /// Takes the part of these nodes in hand.
    /// - Parameters:
    ///   - nodes: ascending.
    ///   - numbers: [nodes of the skeleton]; receives the part's numbers of its nodes.
    mutating func load(_ nodes: UnsafeBufferPointer<Int32>, of skeleton: RoadSkeleton, numbers: Buffer<Int32>) {
        (nodeCount, smallerSide) = (nodes.count, 0)
        for number in 0..<nodeCount { numbers[Int(nodes[number])] = Int32(number) }
        var half = 0
        for number in 0..<nodeCount {
            next[number] = Int32(half)
            for head in skeleton[Int(nodes[number])] {
                let other = Int(numbers[Int(head)])
                guard other < nodeCount, nodes[other] == head else { continue }
                heads[half] = Int32(other)
                half += 1
            }
            offsets[number + 1] = Int32(half)
        }
        // Tails come in ascending order, as the rows are: each row's next half is the twin.
        for number in 0..<nodeCount {
            for half in row(number) {
                let head = Int(heads[half])
                twins[half] = next[head]
                next[head] += 1
            }
        }
    }

    @inline(__always)
    func row(_ node: Int) -> Range<Int> { Int(offsets[node])..<Int(offsets[node + 1]) }

    /// Steps from a node to each; a component that is not joined to it follows on the farthest node so far.
    /// - Returns: the node found last.
    func spread(from start: Int, into steps: Buffer<Int32>) -> Int {
        for node in 0..<nodeCount { steps[node] = -1 }
        var (first, end, unseen) = (0, 1, 0)
        queue[0] = Int32(start)
        steps[start] = 0
        while true {
            while first < end {
                let node = Int(queue[first])
                first += 1
                for half in row(node) where steps[Int(heads[half])] < 0 {
                    steps[Int(heads[half])] = steps[node] + 1
                    queue[end] = heads[half]
                    end += 1
                }
            }
            let last = Int(queue[end - 1])
            guard end < nodeCount else { return last }
            while steps[unseen] >= 0 { unseen += 1 }
            steps[unseen] = steps[last] + 1
            queue[end] = Int32(unseen)
            end += 1
        }
    }

    /// Cuts the nodes of low keys from those of high ones, and keeps the cut where it is the best so far: its separator
    /// the smallest for the smaller side.
    /// - Parameters:
    ///   - low, high: nodes with keys up to `low` and from `high` on are never parted from each other.
    mutating func cut(_ keys: Buffer<Int64>, low: Int64, high: Int64) {
        for half in 0..<Int(offsets[nodeCount]) { flow[half] = 0 }
        for node in 0..<nodeCount { terminals[node] = keys[node] <= low ? 1 : keys[node] >= high ? 2 : 0 }
        let limit = isFound ? min(2 * separatorCount, nodeCount / 4) : nodeCount / 4
        var total = 0
        while layer() {
            total += augment()
            if total > limit { return }
        }
        consider(levels)
        reach()
        consider(levels)
    }

    /// Levels by steps from the sources along edges with capacity left. - Returns: whether a sink is among them.
    private func layer() -> Bool {
        var end = 0
        for node in 0..<nodeCount {
            levels[node] = terminals[node] == 1 ? 0 : -1
            next[node] = offsets[node]
            if terminals[node] == 1 {
                queue[end] = Int32(node)
                end += 1
            }
        }
        var first = 0
        var last = Int32.max
        while first < end {
            let node = Int(queue[first])
            first += 1
            let level = levels[node] + 1
            guard level <= last else { break }
            for half in row(node) where flow[half] < 1 && levels[Int(heads[half])] < 0 {
                let head = Int(heads[half])
                levels[head] = level
                if terminals[head] == 2 {
                    last = level
                } else {
                    queue[end] = heads[half]
                    end += 1
                }
            }
        }
        return last < .max
    }

    /// A blocking flow: as many disjoint ways as there are, each a level a step. - Returns: their number.
    private func augment() -> Int {
        var total = 0
        for source in 0..<nodeCount where terminals[source] == 1 {
            var (length, node) = (0, source)
            while true {
                if terminals[node] == 2 {
                    for step in 0..<length {
                        flow[Int(path[step])] += 1
                        flow[Int(twins[Int(path[step])])] -= 1
                    }
                    total += 1
                    (length, node) = (0, source)
                }
                var half = Int(next[node])
                let end = Int(offsets[node + 1])
                while half < end && (flow[half] >= 1 || levels[Int(heads[half])] != levels[node] + 1) { half += 1 }
                next[node] = Int32(half)
                if half < end {
                    path[length] = Int32(half)
                    length += 1
                    node = Int(heads[half])
                } else if length > 0 {
                    length -= 1
                    node = Int(heads[Int(twins[Int(path[length])])])
                    next[node] += 1
                } else {
                    break
                }
            }
        }
        return total
    }

    /// Levels 0 for the nodes from which a sink can still be reached, turned round: -1 for these, 0 for all others.
    private func reach() {
        var end = 0
        for node in 0..<nodeCount {
            levels[node] = terminals[node] == 2 ? -1 : 0
            if terminals[node] == 2 {
                queue[end] = Int32(node)
                end += 1
            }
        }
        var first = 0
        while first < end {
            let node = Int(queue[first])
            first += 1
            for half in row(node) where levels[Int(heads[half])] == 0 && flow[Int(twins[half])] < 1 {
                levels[Int(heads[half])] = -1
                queue[end] = heads[half]
                end += 1
            }
        }
    }

    /// Of the nodes at the edges between levels >= 0 and the rest, those of the side where they are fewer part both.
    private mutating func consider(_ levels: Buffer<Int32>) {
        /// Near nodes; those of either side at the border.
        var near = 0
        var border = (near: 0, far: 0)
        for node in 0..<nodeCount {
            let isNear = levels[node] >= 0
            let isBorder = row(node).contains { (levels[Int(heads[$0])] >= 0) != isNear }
            if isNear { near += 1 }
            if isBorder && isNear { border.near += 1 }
            if isBorder && !isNear { border.far += 1 }
        }
        let takesNear = border.near <= border.far
        let count = takesNear ? border.near : border.far
        let smaller = takesNear ? min(near - count, nodeCount - near) : min(near, nodeCount - near - count)
        guard smaller > 0, !isFound || count * smallerSide < separatorCount * smaller else { return }
        (separatorCount, smallerSide) = (count, smaller)
        for node in 0..<nodeCount {
            let isNear = levels[node] >= 0
            let isBorder = isNear == takesNear && row(node).contains { (levels[Int(heads[$0])] >= 0) != isNear }
            sides[node] = isBorder ? Self.separator : isNear ? Self.near : Self.far
        }
    }
}
