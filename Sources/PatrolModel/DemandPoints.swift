/// The nodes that stand for an area's demand, and the demand each stands for.
///
/// Where there are at most as many demand nodes as points allowed, they are the points. Otherwise they are clustered
/// by emergency driving on roads taken both ways (a one-way street's ends are near each other):
///
/// 1. Every connected part of the roads with at least half of a point's mean demand gets a point, at its heaviest node;
///    the heaviest part in any case.
/// 2. The node with the most demand × time to its nearest point becomes a point, until there are enough.
/// 3. In each of eight rounds every demand node goes to its nearest point, and each point moves to that of eight nodes
///    of its cluster, or stays, where Σ demand × time over the cluster is least.
///
/// Demand of a part without points goes to the point nearest in a straight line (point 0 without coordinates).
struct DemandPoints {
    /// Of step 3.
    private static let rounds = 8
    static let candidates = 8

    /// Ascending.
    let nodes: Buffer<Int32>
    /// [points]: demand nodes each stands for, or nodes where the area has no demand nodes.
    let nodeCounts: Buffer<Int32>
    /// [groups, points, categories, period hours]: calls per hour.
    let rates: Buffer<Float>

    init(
        _ description: AreaDescription, _ routing: Routing, groupCount: Int, most: Int
    ) throws(PatrolError) {
        let roads = routing.roads
        let weights = try Self.weights(description)
        var clients = 0
        for node in 0..<roads.nodeCount where weights[node] >= 0 { clients += 1 }
        /// [nodes]: the point a demand node goes to.
        let cells = try Buffer<Int32>(count: roads.nodeCount, repeating: -1)
        if clients <= most {
            nodes = try Buffer(count: clients, repeating: 0)
            var point = 0
            for node in 0..<roads.nodeCount where weights[node] >= 0 {
                nodes[point] = Int32(node)
                cells[node] = Int32(point)
                point += 1
            }
        } else {
            let search = try ShortestPaths(roads)
            let start = try Self.spreadOut(weights, most, search)
            nodes = try Self.medians(start, weights, search, try ClusterCosts(routing, weights), cells)
            try Self.assignStrays(cells, nodes, description)
        }
        nodeCounts = try Buffer(count: nodes.count, repeating: 0)
        for node in 0..<roads.nodeCount where weights[node] >= 0 { nodeCounts[Int(cells[node])] += 1 }
        let row = description.categoryCount * description.periodHours
        rates = try Buffer(count: groupCount * nodes.count * row, repeating: 0)
        for index in 0..<description.demandNodeCount {
            let node = description.demandNode(index)
            let group = Int(description.nodeGroups?[node] ?? 0)
            let start = (group * nodes.count + Int(cells[node])) * row
            for entry in 0..<row { rates[start + entry] += description.demandCallsPerHour[index * row + entry] }
        }
    }

    /// [nodes]: weighted calls per hour, summed over the period; 1 where no volume is stated; -1: not a demand node.
    private static func weights(_ description: AreaDescription) throws(PatrolError) -> Buffer<Double> {
        let isStated = description.demandNodeCount > 0
        let weights = try Buffer<Double>(count: description.nodeCount, repeating: isStated ? -1 : 1)
        var total = 0.0
        for index in 0..<description.demandNodeCount {
            var sum = 0.0
            var entry = index * description.categoryCount * description.periodHours
            for category in 0..<description.categoryCount {
                let weight = Double(description.categoryWeights?[category] ?? 1)
                for _ in 0..<description.periodHours {
                    sum += weight * Double(description.demandCallsPerHour[entry])
                    entry += 1
                }
            }
            weights[description.demandNode(index)] = sum
            total += sum
        }
        if isStated && total == 0 {
            for index in 0..<description.demandNodeCount { weights[description.demandNode(index)] = 1 }
        }
        return weights
    }

    /// Steps 1 and 2: at most `most` distinct nodes; fewer where fewer have demand.
    private static func spreadOut(
        _ weights: Buffer<Double>, _ most: Int, _ search: ShortestPaths
    ) throws(PatrolError) -> Buffer<Int32> {
        let nodeCount = weights.count
        let points = try Buffer<Int32>(count: most, repeating: 0)
        var count = 0
        search.clear()
        func add(_ node: Int) {
            points[count] = Int32(node)
            count += 1
            search.extend(from: node, .either, mode: .emergency)
        }
        /// The first node of the highest score above 0.
        func best(_ score: (Int) -> Double) -> Int? {
            var (best, highest) = (-1, 0.0)
            for node in 0..<nodeCount {
                let value = score(node)
                if value > highest { (best, highest) = (node, value) }
            }
            return best < 0 ? nil : best
        }

        let parts = try search.roads.connectedParts()
        let partWeights = try Buffer<Double>(count: nodeCount, repeating: 0)
        var total = 0.0
        for node in 0..<nodeCount {
            partWeights[Int(parts[node])] += max(0, weights[node])
            total += max(0, weights[node])
        }
        while count < most, let part = best({ partWeights[$0] }) {
            guard count == 0 || 2 * partWeights[part] * Double(most) >= total else { break }
            partWeights[part] = 0
            if let node = best({ Int(parts[$0]) == part ? weights[$0] : 0 }) { add(node) }
        }
        while count < most {
            let next = best { node in
                let seconds = search.seconds(node)
                return seconds < .infinity ? weights[node] * Double(seconds) : 0
            }
            guard let next else { break }
            add(next)
        }
        return try points.prefix(count)
    }

    /// Step 3. `cells` receives each node's point, -1 where none is connected.
    /// - Returns: the points, ascending.
    private static func medians(
        _ start: Buffer<Int32>, _ weights: Buffer<Double>, _ search: ShortestPaths, _ costs: ClusterCosts,
        _ cells: Buffer<Int32>
    ) throws(PatrolError) -> Buffer<Int32> {
        let clients = try Buffer<Int32>(count: weights.count, repeating: -1)
        var points = try start.ascending(below: weights.count)
        for round in 0...rounds {
            try search.divide(among: points.elements, .either, mode: .emergency, into: cells)
            guard round < rounds else { break }
            for node in 0..<weights.count { clients[node] = weights[node] > 0 ? cells[node] : -1 }
            let clusters = try CellMembers(clients, cellCount: points.count)
            for point in 0..<points.count {
                let members = clusters[point]
                costs.begin(members)
                costs.add(points[point])
                for candidate in 0..<min(candidates, members.count) {
                    // Evenly through the cluster, at other places in every round.
                    costs.add(members[(candidate * rounds + round) * members.count / (candidates * rounds)])
                }
                points[point] = costs.best()
            }
            points = try points.ascending(below: weights.count)
        }
        return points
    }

    private static func assignStrays(
        _ cells: Buffer<Int32>, _ points: Buffer<Int32>, _ description: AreaDescription
    ) throws(PatrolError) {
        guard let coordinates = description.coordinates else {
            for node in 0..<cells.count where cells[node] < 0 { cells[node] = 0 }
            return
        }
        let places = try Buffer<Double>(count: 2 * points.count, repeating: 0)
        for point in 0..<points.count {
            places[2 * point] = coordinates[2 * Int(points[point])]
            places[2 * point + 1] = coordinates[2 * Int(points[point]) + 1]
        }
        let index = try NodeIndex(places.elements, description.coordinateSystem)
        for node in 0..<cells.count where cells[node] < 0 {
            cells[node] = Int32(index.nearest(x: coordinates[2 * node], y: coordinates[2 * node + 1]).node)
        }
    }
}

extension Buffer where Element == Int32 {
    func prefix(_ count: Int) throws(PatrolError) -> Buffer<Int32> {
        let copy = try Buffer(count: count, repeating: 0)
        for index in 0..<count { copy[index] = self[index] }
        return copy
    }

    /// The same distinct numbers, all in 0 ..< bound, in ascending order.
    func ascending(below bound: Int) throws(PatrolError) -> Buffer<Int32> {
        let isThere = try Buffer<Bool>(count: bound, repeating: false)
        for index in 0..<count { isThere[Int(self[index])] = true }
        let sorted = try Buffer(count: count, repeating: 0)
        var next = 0
        for number in 0..<bound where isThere[number] {
            sorted[next] = Int32(number)
            next += 1
        }
        return sorted
    }
}
