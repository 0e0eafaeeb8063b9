/// Edges that are slower, faster or closed for the time being: (from, to) → time, for every parallel edge.
///
/// An open-addressing hash table: about one probe a look-up, however many changes there are.
public final class EdgeOverlay {
    fileprivate struct Change: BitwiseCopyable {
        var edge: UInt64
        var patrol: UInt32
        var emergency: UInt32
    }

    /// No edge: nodes are below 2³².
    fileprivate static let free = UInt64.max

    public private(set) var count = 0
    private var slots: Buffer<Change>

    /// Room for `capacity` changes.
    /// - Throws: `outOfMemory`.
    public convenience init(capacity: Int) throws(PatrolError) {
        var memory = WorkingMemory()
        self.init(capacity: capacity, &memory)
        try memory.check()
    }

    package init(capacity: Int, _ memory: inout WorkingMemory) { slots = Self.slots(for: capacity, &memory) }

    public var capacity: Int { slots.count / 2 }
    public var isEmpty: Bool { count == 0 }

    /// Removes all changes and makes room for `capacity`; allocates only if there was less room before.
    /// - Throws: `outOfMemory`; the overlay is then empty and as large as before.
    public func reset(capacity: Int) throws(PatrolError) {
        if count > 0 {
            for index in 0..<slots.count { slots[index].edge = Self.free }
            count = 0
        }
        guard capacity > self.capacity else { return }
        var memory = WorkingMemory()
        let larger = Self.slots(for: capacity, &memory)
        try memory.check()
        slots = larger
    }

    /// Seconds are >= 0; infinity closes the edge.
    /// - Returns: false, with nothing changed, where this edge is already in the overlay.
    /// - Throws: `capacity` where the overlay is full.
    public func insert(
        from: Int, to: Int, patrolSeconds: Float, emergencySeconds: Float
    ) throws(PatrolError) -> Bool {
        guard count < capacity else {
            throw PatrolError(.capacity, "an overlay for \(capacity) edge changes has no room for another")
        }
        let edge = Self.edge(from, to)
        let slot = Table(slots: slots.base, mask: slots.count - 1).slot(of: edge)
        guard slots[slot].edge == Self.free else { return false }
        slots[slot] = Change(
            edge: edge, patrol: Milliseconds.rounded(patrolSeconds), emergency: Milliseconds.rounded(emergencySeconds))
        count += 1
        return true
    }

    /// For look-ups in a search, valid until the next change; nil where nothing is changed.
    var table: Table? { isEmpty ? nil : Table(slots: slots.base, mask: slots.count - 1) }

    /// Replaces its changes by another overlay's; allocates only if there was less room before.
    func copy(_ other: EdgeOverlay) throws(PatrolError) {
        try reset(capacity: other.count)
        for index in 0..<other.slots.count where other.slots[index].edge != Self.free {
            slots[Table(slots: slots.base, mask: slots.count - 1).slot(of: other.slots[index].edge)] =
                other.slots[index]
        }
        count = other.count
    }

    /// Whether both change the same edges to the same times.
    static func == (a: EdgeOverlay, b: EdgeOverlay) -> Bool {
        guard a.count == b.count else { return false }
        let table = Table(slots: b.slots.base, mask: b.slots.count - 1)
        for index in 0..<a.slots.count where a.slots[index].edge != free {
            let (one, other) = (a.slots[index], b.slots[table.slot(of: a.slots[index].edge)])
            guard one.edge == other.edge, one.patrol == other.patrol, one.emergency == other.emergency else {
                return false
            }
        }
        return true
    }

    /// Calls `body` with the ends of every changed edge.
    func forEach(_ body: (_ from: Int, _ to: Int) -> Void) {
        for index in 0..<slots.count where slots[index].edge != Self.free {
            body(Int(slots[index].edge >> 32), Int(slots[index].edge & 0xFFFF_FFFF))
        }
    }

    struct Table {
        fileprivate let slots: UnsafeMutablePointer<Change>
        fileprivate let mask: Int

        /// Milliseconds on the edge, or `usual` where it is not changed.
        @inline(__always)
        func milliseconds(from: Int, to: Int, mode: TravelMode, usual: UInt32) -> UInt32 {
            let change = slots[slot(of: EdgeOverlay.edge(from, to))]
            guard change.edge != EdgeOverlay.free else { return usual }
            return mode == .patrol ? change.patrol : change.emergency
        }

        /// The edge's slot, or the free slot for it; at least half of the slots are free.
        @inline(__always)
        fileprivate func slot(of edge: UInt64) -> Int {
            var slot = Int(truncatingIfNeeded: (edge &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask
            while slots[slot].edge != edge && slots[slot].edge != EdgeOverlay.free { slot = (slot &+ 1) & mask }
            return slot
        }
    }

    @inline(__always)
    fileprivate static func edge(_ from: Int, _ to: Int) -> UInt64 {
        UInt64(truncatingIfNeeded: from) << 32 | UInt64(truncatingIfNeeded: to)
    }

    private static func slots(for capacity: Int, _ memory: inout WorkingMemory) -> Buffer<Change> {
        var count = 2
        while count / 2 < capacity && count < 1 << 40 { count *= 2 }
        return memory.buffer(count: count, repeating: Change(edge: free, patrol: 0, emergency: 0))
    }
}
