/// The tree in which each node hangs under the first of its higher neighbors, once all lower nodes are contracted, and the
/// arcs of that contraction.
struct EliminationTree {
    /// [nodes]: rank in a postorder of the tree, which has the same arcs as the order that was given.
    let rankOf: Buffer<Int32>
    let nodeOf: Buffer<Int32>
    /// [ranks].
    let parents: Buffer<Int32>
    let depths: Buffer<Int32>
    let height: Int

    /// - Parameter order: [nodes]: the first to be contracted first.
    init(_ skeleton: RoadSkeleton, order: Buffer<Int32>) throws(PatrolError) {
        let count = skeleton.nodeCount
        let places = try Buffer<Int32>(count: count, repeating: 0)
        for place in 0..<count { places[Int(order[place])] = Int32(place) }
        let above = try Self.parents(skeleton, order, places)
        let postorder = try Self.postorder(above)
        parents = try Buffer(count: count, repeating: -1)
        depths = try Buffer(count: count, repeating: 0)
        (rankOf, nodeOf) = (places, order)
        // Places turn into ranks, in the same memory.
        let byPlace = try Buffer(copying: order.elements)
        for place in 0..<count {
            let rank = Int(postorder[place])
            nodeOf[rank] = byPlace[place]
            rankOf[Int(byPlace[place])] = Int32(rank)
            parents[rank] = above[place] < 0 ? -1 : postorder[Int(above[place])]
        }
        var height: Int32 = 0
        for rank in stride(from: count - 1, through: 0, by: -1) {
            depths[rank] = parents[rank] < 0 ? 0 : depths[Int(parents[rank])] + 1
            height = max(height, depths[rank] + 1)
        }
        self.height = Int(height)
    }

    /// Liu's algorithm (1990), with shortened ways to the roots.
    private static func parents(
        _ skeleton: RoadSkeleton, _ order: Buffer<Int32>, _ places: Buffer<Int32>
    ) throws(PatrolError) -> Buffer<Int32> {
        let parents = try Buffer<Int32>(count: order.count, repeating: -1)
        let shortcuts = try Buffer<Int32>(count: order.count, repeating: -1)
        for place in 0..<order.count {
            for neighbor in skeleton[Int(order[place])] where places[Int(neighbor)] < Int32(place) {
                var below = Int(places[Int(neighbor)])
                while shortcuts[below] >= 0 && shortcuts[below] != Int32(place) {
                    let next = Int(shortcuts[below])
                    shortcuts[below] = Int32(place)
                    below = next
                }
                if shortcuts[below] < 0 {
                    shortcuts[below] = Int32(place)
                    parents[below] = Int32(place)
                }
            }
        }
        return parents
    }

    /// [places]: numbers such that each subtree's are consecutive and end with its root's; parents come after children.
    private static func postorder(_ parents: Buffer<Int32>) throws(PatrolError) -> Buffer<Int32> {
        let sizes = try Buffer<Int32>(count: parents.count, repeating: 1)
        for place in 0..<parents.count where parents[place] >= 0 { sizes[Int(parents[place])] += sizes[place] }
        let numbers = try Buffer<Int32>(count: parents.count, repeating: 0)
        /// Where the next subtree under a place ends.
        let ends = try Buffer<Int32>(count: parents.count, repeating: 0)
        var rootEnd = Int32(parents.count)
        for place in stride(from: parents.count - 1, through: 0, by: -1) {
            let end: Int32
            if parents[place] < 0 {
                end = rootEnd
                rootEnd -= sizes[place]
            } else {
                end = ends[Int(parents[place])]
                ends[Int(parents[place])] -= sizes[place]
            }
            // The place itself comes last in its range; its children's ranges end before it.
            numbers[place] = end - 1
            ends[place] = end - 1
        }
        return numbers
    }

    struct Fill {
        let offsets: Buffer<Int32>
        let heads: Buffer<Int32>
        let lowerOffsets: Buffer<Int32>
        let lowerTails: Buffer<Int32>
        let lowerArcs: Buffer<Int32>
    }

    /// The arcs: a rank's heads are its higher neighbors and its children's heads above it.
    func fill(_ skeleton: RoadSkeleton, most: Int) throws(PatrolError) -> Fill {
        let count = nodeOf.count
        let offsets = try Buffer<Int32>(count: count + 1, repeating: 0)
        var heads = try Buffer<Int32>(count: 2 * skeleton.heads.count + height, repeating: 0)
        let seen = try Buffer<Int32>(count: count, repeating: -1)
        /// A rank's children: the first, and each one's next; the last to be found first.
        let firstChild = try Buffer<Int32>(count: count, repeating: -1)
        let nextChild = try Buffer<Int32>(count: count, repeating: -1)
        var total = 0
        for rank in 0..<count {
            if total + height > heads.count {
                let larger = try Buffer<Int32>(count: 2 * heads.count + height, repeating: 0)
                larger.base.update(from: heads.base, count: total)
                heads = larger
            }
            func add(_ head: Int32) {
                guard head > Int32(rank), seen[Int(head)] != Int32(rank) else { return }
                seen[Int(head)] = Int32(rank)
                heads[total] = head
                total += 1
            }
            for neighbor in skeleton[Int(nodeOf[rank])] { add(rankOf[Int(neighbor)]) }
            var child = firstChild[rank]
            while child >= 0 {
                for arc in Int(offsets[Int(child)])..<Int(offsets[Int(child) + 1]) { add(heads[arc]) }
                child = nextChild[Int(child)]
            }
            guard total <= most else {
                throw PatrolError(
                    .unsupported,
                    "the road graph is too dense for routing: the hierarchy of its \(count) nodes has more than \(most) arcs"
                )
            }
            offsets[rank + 1] = Int32(total)
            if parents[rank] >= 0 {
                nextChild[rank] = firstChild[Int(parents[rank])]
                firstChild[Int(parents[rank])] = Int32(rank)
            }
        }
        return try Self.sorted(offsets, heads, total)
    }

    /// Turns the rows round, which sorts them, and back.
    private static func sorted(_ offsets: Buffer<Int32>, _ unsorted: Buffer<Int32>, _ total: Int) throws(PatrolError)
        -> Fill
    {
        let count = offsets.count - 1
        let lowerOffsets = try Buffer<Int32>(count: count + 1, repeating: 0)
        let lowerTails = try Buffer<Int32>(count: total, repeating: 0)
        let lowerArcs = try Buffer<Int32>(count: total, repeating: 0)
        let heads = try Buffer<Int32>(count: total, repeating: 0)
        let next = try Buffer<Int32>(count: count, repeating: 0)
        for arc in 0..<total { lowerOffsets[Int(unsorted[arc]) + 1] += 1 }
        for rank in 0..<count {
            next[rank] = lowerOffsets[rank]
            lowerOffsets[rank + 1] += lowerOffsets[rank]
        }
        for tail in 0..<count {
            for arc in Int(offsets[tail])..<Int(offsets[tail + 1]) {
                let head = Int(unsorted[arc])
                lowerTails[Int(next[head])] = Int32(tail)
                next[head] += 1
            }
        }
        for rank in 0..<count { next[rank] = offsets[rank] }
        for head in 0..<count {
            for entry in Int(lowerOffsets[head])..<Int(lowerOffsets[head + 1]) {
                let tail = Int(lowerTails[entry])
                heads[Int(next[tail])] = Int32(head)
                lowerArcs[entry] = next[tail]
                next[tail] += 1
            }
        }
        return Fill(
            offsets: offsets, heads: heads, lowerOffsets: lowerOffsets, lowerTails: lowerTails, lowerArcs: lowerArcs)
    }
}
