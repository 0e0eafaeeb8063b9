/// Takes dead ends and chains out of a road skeleton, the first nodes of the order.
///
/// A node with at most two neighbors goes, and its neighbors become each other's. What goes in one round is
/// not adjacent, so that a chain of n nodes goes in log n rounds and stands as low in the hierarchy as it can.
struct ChainElimination {
    /// Nodes in the order in which they go.
    let order: Buffer<Int32>
    private(set) var count = 0
    /// [nodes].
    let isGone: Buffer<Bool>

    private let offsets: Buffer<Int32>
    /// Half an edge: its head (-1: gone) and the place of the other half.
    private let heads: Buffer<Int32>
    private let twins: Buffer<Int32>
    private let degrees: Buffer<Int32>

    /// Beyond this many half edges a node is not searched for a parallel one: it only stays a little longer.
    private static let longestSearch = 16

    init(_ skeleton: RoadSkeleton) throws(PatrolError) {
        let nodeCount = skeleton.nodeCount
        offsets = skeleton.offsets
        order = try Buffer(count: nodeCount, repeating: 0)
        isGone = try Buffer(count: nodeCount, repeating: false)
        heads = try Buffer(copying: skeleton.heads.elements)
        twins = try Buffer(count: heads.count, repeating: 0)
        degrees = try Buffer(count: nodeCount, repeating: 0)
        let next = try Buffer<Int32>(count: nodeCount, repeating: 0)
        for node in 0..<nodeCount { next[node] = offsets[node] }
        // Rows are ascending and so are the tails: each row's next half is the twin.
        for node in 0..<nodeCount {
            degrees[node] = offsets[node + 1] - offsets[node]
            for half in Int(offsets[node])..<Int(offsets[node + 1]) {
                let head = Int(heads[half])
                twins[half] = next[head]
                next[head] += 1
            }
        }
        try run()
    }

    private mutating func run() throws(PatrolError) {
        var candidates = try Buffer<Int32>(count: degrees.count, repeating: 0)
        var waiting = try Buffer<Int32>(count: degrees.count, repeating: 0)
        /// The last round in which a neighbor went, and for which the node is a candidate.
        let touched = try Buffer<Int32>(count: degrees.count, repeating: 0)
        let listed = try Buffer<Int32>(count: degrees.count, repeating: 0)
        var candidateCount = 0
        for node in 0..<degrees.count where degrees[node] <= 2 {
            candidates[candidateCount] = Int32(node)
            candidateCount += 1
        }
        var round: Int32 = 0
        while candidateCount > 0 {
            round += 1
            var waitingCount = 0
            func wait(_ node: Int) {
                guard degrees[node] <= 2, listed[node] < round else { return }
                listed[node] = round
                waiting[waitingCount] = Int32(node)
                waitingCount += 1
            }
            for index in 0..<candidateCount {
                let node = Int(candidates[index])
                guard !isGone[node] else { continue }
                guard touched[node] < round else {
                    wait(node)
                    continue
                }
                let (a, b) = remove(node)
                if a >= 0 {
                    touched[a] = round
                    wait(a)
                }
                if b >= 0 {
                    touched[b] = round
                    wait(b)
                }
            }
            swap(&candidates, &waiting)
            candidateCount = waitingCount
        }
    }

    /// - Returns: the neighbors, -1: none.
    private mutating func remove(_ node: Int) -> (Int, Int) {
        order[count] = Int32(node)
        count += 1
        isGone[node] = true
        var halves = (-1, -1)
        for half in Int(offsets[node])..<Int(offsets[node + 1]) where heads[half] >= 0 {
            halves = (half, halves.0)
        }
        guard halves.0 >= 0 else { return (-1, -1) }
        let (there, a) = (Int(twins[halves.0]), Int(heads[halves.0]))
        guard halves.1 >= 0 else {
            drop(there, of: a)
            return (a, -1)
        }
        let (back, b) = (Int(twins[halves.1]), Int(heads[halves.1]))
        if a == b || areJoined(a, b) {
            drop(there, of: a)
            drop(back, of: b)
        } else {
            (heads[there], twins[there]) = (Int32(b), Int32(back))
            (heads[back], twins[back]) = (Int32(a), Int32(there))
        }
        return (a, b)
    }

    private func drop(_ half: Int, of node: Int) {
        heads[half] = -1
        degrees[node] -= 1
    }

    private func areJoined(_ a: Int, _ b: Int) -> Bool {
        let (few, other) = offsets[a + 1] - offsets[a] <= offsets[b + 1] - offsets[b] ? (a, b) : (b, a)
        guard Int(offsets[few + 1] - offsets[few]) <= Self.longestSearch else { return false }
        for half in Int(offsets[few])..<Int(offsets[few + 1]) where heads[half] == Int32(other) { return true }
        return false
    }

    /// What is left, with its nodes numbered anew in their order.
    /// - Returns: the skeleton and the old numbers of its nodes.
    func remainder() throws(PatrolError) -> (skeleton: RoadSkeleton, nodes: Buffer<Int32>) {
        let nodes = try Buffer<Int32>(count: isGone.count - count, repeating: 0)
        let numbers = try Buffer<Int32>(count: isGone.count, repeating: -1)
        var number = 0
        for node in 0..<isGone.count where !isGone[node] {
            nodes[number] = Int32(node)
            numbers[node] = Int32(number)
            number += 1
        }
        let skeleton = try RoadSkeleton(
            nodeCount: nodes.count, rowCount: { Int(offsets[Int(nodes[$0]) + 1] - offsets[Int(nodes[$0])]) },
            head: { number, entry in
                let head = heads[Int(offsets[Int(nodes[number])]) + entry]
                return head < 0 ? -1 : numbers[Int(head)]
            })
        return (skeleton, nodes)
    }
}
