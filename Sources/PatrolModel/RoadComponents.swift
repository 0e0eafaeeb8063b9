/// Which nodes hang together.
extension RoadGraph {
    /// Parts connected by roads, whichever way these run.
    /// - Returns: [nodes]: the lowest node of each node's part.
    func connectedParts() throws(PatrolError) -> Buffer<Int32> {
        let parts = try Buffer<Int32>(count: nodeCount, repeating: 0)
        for node in 0..<nodeCount { parts[node] = Int32(node) }
        func root(_ node: Int32) -> Int32 {
            var node = node
            while parts[Int(node)] != node {
                parts[Int(node)] = parts[Int(parts[Int(node)])]
                node = parts[Int(node)]
            }
            return node
        }
        for node in 0..<nodeCount {
            for arc in outgoing[node] {
                let (a, b) = (root(Int32(node)), root(arc.node))
                parts[Int(max(a, b))] = min(a, b)
            }
        }
        for node in 0..<nodeCount { parts[node] = root(Int32(node)) }
        return parts
    }

    /// Parts in which every node reaches every other: Tarjan's algorithm (1972), without recursion.
    /// - Returns: [nodes]: a number of each node's part.
    func strongParts() throws(PatrolError) -> Buffer<Int32> {
        let parts = try Buffer<Int32>(count: nodeCount, repeating: -1)
        /// Order of discovery, and the earliest discovery known to be reachable.
        let found = try Buffer<Int32>(count: nodeCount, repeating: -1)
        let low = try Buffer<Int32>(count: nodeCount, repeating: 0)
        let nextArc = try Buffer<Int32>(count: nodeCount, repeating: 0)
        /// The path to the node in hand, and the nodes that have no part yet.
        let path = try Buffer<Int32>(count: nodeCount, repeating: 0)
        let open = try Buffer<Int32>(count: nodeCount, repeating: 0)
        var (pathLength, openCount, foundCount, partCount) = (0, 0, Int32(0), Int32(0))

        func enter(_ node: Int) {
            found[node] = foundCount
            low[node] = foundCount
            foundCount += 1
            path[pathLength] = Int32(node)
            pathLength += 1
            open[openCount] = Int32(node)
            openCount += 1
        }
        for start in 0..<nodeCount where found[start] < 0 {
            enter(start)
            while pathLength > 0 {
                let node = Int(path[pathLength - 1])
                let arcs = outgoing[node]
                if Int(nextArc[node]) < arcs.count {
                    let head = Int(arcs[Int(nextArc[node])].node)
                    nextArc[node] += 1
                    if found[head] < 0 {
                        enter(head)
                    } else if parts[head] < 0 {
                        low[node] = min(low[node], found[head])
                    }
                    continue
                }
                pathLength -= 1
                if pathLength > 0 {
                    let before = Int(path[pathLength - 1])
                    low[before] = min(low[before], low[node])
                }
                guard low[node] == found[node] else { continue }
                var member: Int
                repeat {
                    openCount -= 1
                    member = Int(open[openCount])
                    parts[member] = partCount
                } while member != node
                partCount += 1
            }
        }
        return parts
    }
}
