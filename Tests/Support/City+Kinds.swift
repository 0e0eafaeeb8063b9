import PatrolModel

extension City {
    /// One place where everything happens: no travel.
    public init(callsPerHour: Float, serviceSeconds: Float = 600) {
        self.init(nodeCount: 1)
        self.serviceSeconds = [serviceSeconds]
        demand = [callsPerHour]
    }

    /// Streets of a square grid, each with the next of `seconds`, row by row, the one to the east before the one to the south.
    public init(streets side: Int, seconds: () -> Float) {
        self.init(nodeCount: side * side)
        for node in 0..<nodeCount {
            if node % side + 1 < side { addStreet(node, node + 1, seconds: seconds()) }
            if node + side < nodeCount { addStreet(node, node + side, seconds: seconds()) }
        }
    }

    /// A grid in two beats, the columns left and right of the middle, and two groups, top and bottom. Two categories of calls,
    /// demand the same everywhere.
    public init(side: Int, edgeSeconds: Float = 60, callsPerHour: Float, serviceSeconds: [Float] = [1500, 900]) {
        self.init(streets: side) { edgeSeconds }
        emergencySeconds = patrolSeconds.map { 0.7 * $0 }
        beats = (0..<nodeCount).map { $0 % side < side / 2 ? 0 : 1 }
        groups = (0..<nodeCount).map { $0 / side < side / 2 ? 0 : 1 }
        self.serviceSeconds = serviceSeconds
        weights = serviceSeconds.indices.map { $0 == 0 ? 3 : 1 }
        let cells = nodeCount * serviceSeconds.count
        demand = Array(repeating: callsPerHour / Float(cells), count: cells)
    }

    /// A grid in two beats, the columns left and right of the middle, and two groups, the top row and the rest. Two categories of
    /// calls, demand at random by hour of the day.
    public init(side: Int, seed: UInt64, emergencyRatio: Float = 1) {
        var random = RandomNumbers(seed: seed)
        self.init(streets: side) { 60 }
        emergencySeconds = patrolSeconds.map { emergencyRatio * $0 }
        beats = (0..<nodeCount).map { $0 % side < (side + 1) / 2 ? 0 : 1 }
        groups = (0..<nodeCount).map { $0 < side ? 1 : 0 }
        serviceSeconds = [1500, 900]
        weights = [3, 1]
        periodHours = 24
        demand = (0..<nodeCount * 2 * 24).map { _ in Float(random.uniform() * 0.1) }
    }

    /// A grid, the seconds of each street at random; planar coordinates 100 m apart.
    public init(grid side: Int, random: inout RandomNumbers) {
        self.init(streets: side) { 10 + Float(random.below(40)) / 4 }
        coordinateSystem = .planar
        coordinates = (0..<side * side).flatMap { [Double($0 % side) * 100, Double($0 / side) * 100] }
    }

    /// Edges at random, parallel ones and self loops among them, with times in whole quarters so that sums are exact
    /// and ties are many; a few edges of no length.
    public init(nodeCount: Int, edgeCount: Int, random: inout RandomNumbers) {
        self.init(nodeCount: nodeCount)
        var emergency: [Float] = []
        for _ in 0..<edgeCount {
            edges += [UInt32(random.below(nodeCount)), UInt32(random.below(nodeCount))]
            patrolSeconds.append(Float(random.below(80)) / 4)
            emergency.append(Float(random.below(60)) / 4)
        }
        emergencySeconds = emergency
        beats = (0..<nodeCount).map { _ in Int32(random.below(4)) - 1 }
        groups = (0..<nodeCount).map { _ in Int32(random.below(2)) }
        serviceSeconds = [900, 1500]
        weights = [3, 1]
        periodHours = 24
        demandNodes = (0..<nodeCount / 2).map { UInt32(nodeCount - 1 - 2 * $0) }
        demand = (0..<nodeCount / 2 * 48).map { _ in Float(random.below(100)) / 64 }
    }

    /// Streets of random length on a ring with chords, demand by hour of the day.
    public init(random: inout RandomNumbers) {
        self.init(nodeCount: 6 + random.below(30))
        func add(_ a: Int, _ b: Int) { addStreet(a, b, seconds: Float(5 + random.below(120))) }
        for node in 0..<nodeCount { add(node, (node + 1) % nodeCount) }
        for _ in 0..<nodeCount / 3 { add(random.below(nodeCount), random.below(nodeCount)) }
        emergencySeconds = patrolSeconds.map { 0.6 * $0 }
        beats = (0..<nodeCount).map { _ in Int32(random.below(4)) - 1 }
        groups = (0..<nodeCount).map { _ in Int32(random.below(3)) }
        serviceSeconds = [900, 1800, 600]
        weights = [4, 2, 1]
        periodHours = 24
        demand = (0..<nodeCount * 3 * 24).map { _ in Float(random.below(100)) / Float(100 * nodeCount) }
        if random.below(2) == 0 { locations = stride(from: 0, to: nodeCount, by: 3).map { UInt32($0) } }
    }
}
