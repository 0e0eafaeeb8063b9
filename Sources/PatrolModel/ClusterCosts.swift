/// Σ demand × time from each of some places to the nodes of a cluster, on roads taken in both directions.
final class ClusterCosts {
    /// Nodes that times are held of at a time.
    private static let block = 1024

    private let weights: Buffer<Double>
    private let router: Router
    private let matrix: TravelMatrix
    private var members = UnsafeBufferPointer<Int32>(start: nil, count: 0)
    /// The point itself and the candidates to replace it, and the cost of each.
    private let places: Buffer<Int32>
    private let sums: Buffer<Double>
    private var count = 0
    /// [places, block].
    private let times: Buffer<UInt32>

    /// - Parameter weights: [nodes]: demand.
    /// - Throws: `outOfMemory`.
    init(_ routing: Routing, _ weights: Buffer<Double>) throws(PatrolError) {
        self.weights = weights
        let bothWays = try Routing(bothWays: routing)
        let most = DemandPoints.candidates + 1
        router = try Router(bothWays)
        matrix = try TravelMatrix(bothWays, origins: most, destinations: Self.block)
        places = try Buffer(count: most, repeating: 0)
        sums = try Buffer(count: most, repeating: 0)
        times = try Buffer(count: most * Self.block, repeating: 0)
    }

    func begin(_ cluster: UnsafeBufferPointer<Int32>) { (members, count) = (cluster, 0) }

    func add(_ place: Int32) {
        places[count] = place
        count += 1
    }

    /// The place of the least cost, the first of equal ones.
    func best() -> Int32 {
        for place in 0..<count { sums[place] = 0 }
        for first in stride(from: 0, to: members.count, by: Self.block) { addBlock(first) }
        var best = 0
        for place in 0..<count where sums[place] < sums[best] { best = place }
        return places[best]
    }

    private func addBlock(_ first: Int) {
        let block = UnsafeBufferPointer(rebasing: members[first..<min(first + Self.block, members.count)])
        times.base.update(repeating: Milliseconds.unreachable, count: times.count)
        matrix.fill(
            from: UnsafeBufferPointer(start: places.base, count: count), to: block, mode: .emergency, by: router
        ) { place, member, time in times[place * Self.block + member] = time }
        for place in 0..<count {
            for member in 0..<block.count {
                let seconds = Milliseconds.seconds(times[place * Self.block + member])
                sums[place] += weights[Int(block[member])] * Double(seconds)
            }
        }
    }
}
