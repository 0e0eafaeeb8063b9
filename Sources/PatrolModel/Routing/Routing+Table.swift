import CKernels

extension Routing {
    /// Nodes whose labels are held at a time.
    private static let block = 1024

    /// Writes the seconds from each origin to each destination, infinity where there is no path.
    /// - Parameter seconds: [origins, destinations].
    /// - Throws: `outOfMemory`.
    public func fillSeconds(
        from origins: UnsafeBufferPointer<Int32>, to destinations: UnsafeBufferPointer<Int32>, mode: TravelMode,
        into seconds: UnsafeMutablePointer<Float>
    ) throws(PatrolError) {
        let few = min(origins.count, destinations.count)
        // About what each way costs, in arcs.
        let bySweep = (few + TravelSweep.lanes - 1) / TravelSweep.lanes * hierarchy.arcCount
        let byLabel = (origins.count + destinations.count) * (hierarchy.height * hierarchy.height / TravelSweep.lanes)
        if bySweep < byLabel {
            try sweep(origins, destinations, mode, seconds)
        } else {
            try meet(origins, destinations, mode, seconds)
        }
    }

    /// One sweep for sixteen origins or destinations, whichever are fewer.
    private func sweep(
        _ origins: UnsafeBufferPointer<Int32>, _ destinations: UnsafeBufferPointer<Int32>, _ mode: TravelMode,
        _ seconds: UnsafeMutablePointer<Float>
    ) throws(PatrolError) {
        let router = try Router(self)
        let sweep = try TravelSweep(self)
        let backward = destinations.count < origins.count
        let (few, many) = backward ? (destinations, origins) : (origins, destinations)
        let columns = destinations.count
        for first in stride(from: 0, to: few.count, by: TravelSweep.lanes) {
            let lanes = min(TravelSweep.lanes, few.count - first)
            sweep.run(
                UnsafeBufferPointer(rebasing: few[first..<first + lanes]), backward: backward, mode: mode, by: router)
            for other in 0..<many.count {
                let times = sweep[Int(many[other])]
                for lane in 0..<lanes {
                    let place = backward ? other * columns + first + lane : (first + lane) * columns + other
                    seconds[place] = Milliseconds.seconds(times[lane])
                }
            }
        }
    }

    /// Labels of both, block by block.
    private func meet(
        _ origins: UnsafeBufferPointer<Int32>, _ destinations: UnsafeBufferPointer<Int32>, _ mode: TravelMode,
        _ seconds: UnsafeMutablePointer<Float>
    ) throws(PatrolError) {
        let router = try Router(self)
        let matrix = try TravelMatrix(
            self, origins: min(Self.block, origins.count), destinations: min(Self.block, destinations.count))
        let columns = destinations.count
        seconds.update(repeating: .infinity, count: origins.count * columns)
        for row in stride(from: 0, to: origins.count, by: Self.block) {
            let rows = UnsafeBufferPointer(rebasing: origins[row..<min(row + Self.block, origins.count)])
            for column in stride(from: 0, to: columns, by: Self.block) {
                let part = UnsafeBufferPointer(rebasing: destinations[column..<min(column + Self.block, columns)])
                matrix.fill(from: rows, to: part, mode: mode, by: router) { origin, destination, time in
                    seconds[(row + origin) * columns + column + destination] = Milliseconds.seconds(time)
                }
            }
        }
    }
}
