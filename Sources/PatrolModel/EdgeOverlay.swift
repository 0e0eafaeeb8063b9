/// Edges that are slower, faster or closed for the time being: (from, to) → seconds, for every parallel edge.
///
/// An open-addressing hash table: about one probe a look-up, however many changes there are.
public final class EdgeOverlay {
    fileprivate struct Change: BitwiseCopyable {
        var edge: UInt64
        var patrolSeconds: Float
        var emergencySeconds: Float
    }

    /// No edge: nodes are below 2³².
    fileprivate static let free = UInt64.max

    public private(set) var count = 0
    private var slots: Buffer<Change>

    /// Room for `capacity` changes.
    /// - Throws: `outOfMemory`.
    public init(capacity: Int) throws(PatrolError) {
        slots = try Self.slots(for: capacity)
    }

    public var capacity: Int { slots.count / 2 }
    public var isEmpty: Bool { count == 0 }

    /// Removes all changes and makes room for `capacity`; allocates only where there was less room before.
    /// - Throws: `outOfMemory`; the overlay is then empty and as large as before.
    public func reset(capacity: Int) throws(PatrolError) {
        if count > 0 {
            for index in 0..<slots.count { slots[index].edge = Self.free }
            count = 0
        }
        if capacity > self.capacity { slots = try Self.slots(for: capacity) }
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
        slots[slot] = Change(edge: edge, patrolSeconds: patrolSeconds, emergencySeconds: emergencySeconds)
        count += 1
        return true
    }

    /// For look-ups in a search, valid until the next change; nil where nothing is changed.
    var table: Table? { isEmpty ? nil : Table(slots: slots.base, mask: slots.count - 1) }

    /// Seconds on the edge, or `usual` where it is not changed.
    public func seconds(from: Int, to: Int, mode: TravelMode, usual: Float) -> Float {
        table?.seconds(from: from, to: to, mode: mode, usual: usual) ?? usual
    }

    struct Table {
        fileprivate let slots: UnsafeMutablePointer<Change>
        fileprivate let mask: Int

        @inline(__always)
        func seconds(from: Int, to: Int, mode: TravelMode, usual: Float) -> Float {
            let change = slots[slot(of: EdgeOverlay.edge(from, to))]
            guard change.edge != EdgeOverlay.free else { return usual }
            return mode == .patrol ? change.patrolSeconds : change.emergencySeconds
        }

        /// Where the edge stands, or the free slot where it would; at least half of the slots are free.
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

    private static func slots(for capacity: Int) throws(PatrolError) -> Buffer<Change> {
        var count = 2
        while count / 2 < capacity && count < 1 << 40 { count *= 2 }
        return try Buffer(count: count, repeating: Change(edge: free, patrolSeconds: 0, emergencySeconds: 0))
    }
}
