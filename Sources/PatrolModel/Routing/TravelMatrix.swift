import CKernels

/// Travel times from each of some origins to each of some destinations; working memory for one thread.
public final class TravelMatrix {
    private let origins: RouteLabels
    private let destinations: RouteLabels
    /// Origins (their index) and destinations (-1 - index) by ascending rank, and how many ancestors each has in common
    /// with the next.
    private let places: Buffer<Int32>
    private let common: Buffer<Int32>

    /// - Throws: `outOfMemory`.
    public convenience init(_ routing: Routing, origins: Int, destinations: Int) throws(PatrolError) {
        var memory = WorkingMemory()
        self.init(routing, origins: origins, destinations: destinations, &memory)
        try memory.check()
    }

    package init(
        _ routing: Routing, origins originCount: Int, destinations destinationCount: Int,
        _ memory: inout WorkingMemory
    ) {
        origins = RouteLabels(routing.hierarchy, capacity: originCount, &memory)
        destinations = RouteLabels(routing.hierarchy, capacity: destinationCount, &memory)
        places = memory.buffer(count: originCount + destinationCount, repeating: 0)
        common = memory.buffer(count: originCount + destinationCount, repeating: 0)
    }

    /// Calls `take` with the indices of an origin and a destination and the milliseconds between them, for every pair that
    /// has a path, in an order of its own.
    /// - Parameters:
    ///   - slots: a number of each origin's own, below the capacity, by which it is known again; nil: its index.
    ///   - clock: what may end the work before its time.
    /// - Returns: whether it was done in time.
    @discardableResult
    public func fill(
        from originNodes: UnsafeBufferPointer<Int32>, slots: UnsafePointer<Int32>? = nil,
        to destinationNodes: UnsafeBufferPointer<Int32>, mode: TravelMode,
        by router: Router, clock: CallClock = CallClock(), _ take: (Int, Int, UInt32) -> Void
    ) -> Bool {
        var clock = clock
        let columns = RoadMetric.Columns(mode)
        guard origins.fill(originNodes, slots: slots, column: columns.up, by: router, clock: clock),
            destinations.fill(destinationNodes, column: columns.down, by: router, clock: clock)
        else { return false }
        let count = merge()
        for place in 0..<count where places[place] < 0 {
            if clock.expired(after: 16 * origins.count) { return false }
            let destination = Int(-1 - places[place])
            let label = destinations[destination]
            func meet(_ other: Int, _ shared: Int32) {
                let origin = Int(places[other])
                let time = kernels_route_meet(origins[origin], label, Int(shared))
                if time < Milliseconds.unreachable { take(origin, destination, time) }
            }
            // Outward from the destination: what is shared grows less.
            var shared = Int32.max
            for other in stride(from: place - 1, through: 0, by: -1) {
                shared = min(shared, common[other])
                guard shared > 0 else { break }
                if places[other] >= 0 { meet(other, shared) }
            }
            shared = .max
            for other in place + 1..<max(count, place + 1) {
                shared = min(shared, common[other - 1])
                guard shared > 0 else { break }
                if places[other] >= 0 { meet(other, shared) }
            }
        }
        return true
    }

    private func merge() -> Int {
        var (a, b, count) = (0, 0, 0)
        var last: Int32 = -1
        while a < origins.count || b < destinations.count {
            let origin = a < origins.count ? origins.rank(Int(origins.order[a])) : .max
            let destination = b < destinations.count ? destinations.rank(Int(destinations.order[b])) : .max
            let takesOrigin = origin <= destination
            places[count] = takesOrigin ? origins.order[a] : -1 - destinations.order[b]
            if takesOrigin { a += 1 } else { b += 1 }
            let rank = min(origin, destination)
            if count > 0 {
                common[count - 1] = Int32(truncatingIfNeeded: origins.hierarchy.commonAncestors(last, rank))
            }
            last = rank
            count += 1
        }
        return count
    }
}
