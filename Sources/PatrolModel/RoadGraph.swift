/// How a unit drives: ordinary patrol driving, or with lights and sirens.
public enum TravelMode: Sendable {
    case patrol, emergency
}

/// A directed road graph as two adjacency lists, by tail and by head of the edges.
///
/// Parallel edges and self loops are kept. Edges of a node stand in the order in which they were given.
public final class RoadGraph: Sendable {
    /// One end of an edge as seen from the other, with the edge's travel times rounded to milliseconds.
    public struct Arc: BitwiseCopyable, Sendable {
        public let node: Int32
        let patrol: UInt32
        let emergency: UInt32

        @inline(__always)
        public func milliseconds(_ mode: TravelMode) -> UInt32 { mode == .patrol ? patrol : emergency }

        @inline(__always)
        public func seconds(_ mode: TravelMode) -> Float { Milliseconds.seconds(milliseconds(mode)) }
    }

    /// Compressed rows: the arcs of a node are `arcs[offsets[node] ..< offsets[node + 1]]`.
    public struct Adjacency: Sendable {
        public let offsets: Buffer<Int32>
        public let arcs: Buffer<Arc>

        @inline(__always)
        public subscript(node: Int) -> UnsafeBufferPointer<Arc> {
            let start = Int(offsets[node])
            return UnsafeBufferPointer(start: arcs.base + start, count: Int(offsets[node + 1]) - start)
        }
    }

    public let nodeCount: Int
    public let edgeCount: Int
    /// By tail; an arc's node is the edge's head.
    public let outgoing: Adjacency
    /// By head; an arc's node is the edge's tail.
    public let incoming: Adjacency

    /// - Parameters:
    ///   - edges: [edges, 2]: from, to; each below `nodeCount` (the caller has checked).
    ///   - patrolSeconds: [edges], finite, >= 0.
    ///   - emergencySeconds: [edges], finite, >= 0; nil: as patrol.
    /// - Throws: `outOfMemory`.
    public init(
        nodeCount: Int, edges: UnsafeBufferPointer<UInt32>, patrolSeconds: UnsafeBufferPointer<Float>,
        emergencySeconds: UnsafeBufferPointer<Float>?
    ) throws(PatrolError) {
        let emergencySeconds = emergencySeconds ?? patrolSeconds
        self.nodeCount = nodeCount
        edgeCount = patrolSeconds.count
        outgoing = try Self.adjacency(nodeCount, edges, 0, patrolSeconds, emergencySeconds)
        incoming = try Self.adjacency(nodeCount, edges, 1, patrolSeconds, emergencySeconds)
    }

    /// The same roads taken in both directions. - Throws: `outOfMemory`.
    init(bothWays roads: RoadGraph) throws(PatrolError) {
        nodeCount = roads.nodeCount
        edgeCount = 2 * roads.edgeCount
        let offsets = try Buffer<Int32>(count: nodeCount + 1, repeating: 0)
        let arcs = try Buffer<Arc>(count: edgeCount, repeating: Arc(node: 0, patrol: 0, emergency: 0))
        var count = 0
        func append(_ side: UnsafeBufferPointer<Arc>) {
            for arc in side {
                arcs[count] = arc
                count += 1
            }
        }
        for node in 0..<nodeCount {
            append(roads.outgoing[node])
            append(roads.incoming[node])
            offsets[node + 1] = Int32(count)
        }
        outgoing = Adjacency(offsets: offsets, arcs: arcs)
        incoming = outgoing
    }

    /// Counting sort of the edges by one end (0: tail, 1: head), stable.
    private static func adjacency(
        _ nodeCount: Int, _ edges: UnsafeBufferPointer<UInt32>, _ end: Int, _ patrolSeconds: UnsafeBufferPointer<Float>,
        _ emergencySeconds: UnsafeBufferPointer<Float>
    ) throws(PatrolError) -> Adjacency {
        let edgeCount = patrolSeconds.count
        let offsets = try Buffer<Int32>(count: nodeCount + 1, repeating: 0)
        let none = Arc(node: 0, patrol: 0, emergency: 0)
        let arcs = try Buffer<Arc>(count: edgeCount, repeating: none)
        let next = try Buffer<Int32>(count: nodeCount, repeating: 0)
        for edge in 0..<edgeCount { offsets[Int(edges[2 * edge + end]) + 1] += 1 }
        for node in 0..<nodeCount {
            next[node] = offsets[node]
            offsets[node + 1] += offsets[node]
        }
        for edge in 0..<edgeCount {
            let node = Int(edges[2 * edge + end])
            arcs[Int(next[node])] = Arc(
                node: Int32(edges[2 * edge + 1 - end]), patrol: Milliseconds.rounded(patrolSeconds[edge]),
                emergency: Milliseconds.rounded(emergencySeconds[edge]))
            next[node] += 1
        }
        return Adjacency(offsets: offsets, arcs: arcs)
    }
}
