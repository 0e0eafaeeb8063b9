extension ShortestPaths {
    /// Divides the nodes among sources: each belongs to the source that it is nearest to, the lowest index of equally
    /// near ones; a source belongs to itself. Afterwards `seconds` gives the time to it.
    /// - Parameters:
    ///   - direction: `forward`: the source that reaches the node soonest; `backward`: that the node reaches soonest.
    ///   - cells: [nodes]; receives an index of `sources`, or -1 where no source is connected.
    /// - Throws: `outOfMemory`.
    func divide(
        among sources: UnsafeBufferPointer<Int32>, _ direction: Direction, mode: TravelMode, into cells: Buffer<Int32>
    ) throws(PatrolError) {
        let stack = try Buffer<Int32>(count: roads.nodeCount, repeating: 0)
        run(fromEach: sources, direction, mode: mode)
        for node in 0..<roads.nodeCount { cells[node] = -1 }
        // From each source in turn along the edges that lie on shortest paths: the first to come has the lowest index.
        for index in 0..<sources.count where cells[Int(sources[index])] < 0 {
            let cell = Int32(index)
            stack[0] = sources[index]
            cells[Int(sources[index])] = cell
            var height = 1
            while height > 0 {
                height -= 1
                let node = Int(stack[height])
                let time = milliseconds(node)
                func claim(_ arcs: UnsafeBufferPointer<RoadGraph.Arc>) {
                    for arc in arcs where cells[Int(arc.node)] < 0 {
                        let there = milliseconds(Int(arc.node))
                        guard there < Milliseconds.unreachable, time + arc.milliseconds(mode) == there else { continue }
                        cells[Int(arc.node)] = cell
                        stack[height] = arc.node
                        height += 1
                    }
                }
                if direction != .backward { claim(roads.outgoing[node]) }
                if direction != .forward { claim(roads.incoming[node]) }
            }
        }
        for index in 0..<sources.count { cells[Int(sources[index])] = Int32(index) }
    }
}

/// The nodes of each cell, ascending: `cells` turned round by a counting sort.
struct CellMembers {
    private let offsets: Buffer<Int32>
    private let nodes: Buffer<Int32>

    /// - Parameter cells: [nodes]: the node's cell, below `cellCount`; negative: none.
    init(_ cells: Buffer<Int32>, cellCount: Int) throws(PatrolError) {
        offsets = try Buffer(count: cellCount + 1, repeating: 0)
        let next = try Buffer<Int32>(count: cellCount, repeating: 0)
        for node in 0..<cells.count where cells[node] >= 0 { offsets[Int(cells[node]) + 1] += 1 }
        for cell in 0..<cellCount {
            next[cell] = offsets[cell]
            offsets[cell + 1] += offsets[cell]
        }
        nodes = try Buffer(count: Int(offsets[cellCount]), repeating: 0)
        for node in 0..<cells.count where cells[node] >= 0 {
            let cell = Int(cells[node])
            nodes[Int(next[cell])] = Int32(node)
            next[cell] += 1
        }
    }

    subscript(cell: Int) -> UnsafeBufferPointer<Int32> {
        let start = Int(offsets[cell])
        return UnsafeBufferPointer(start: nodes.base + start, count: Int(offsets[cell + 1]) - start)
    }
}
