import Testing
import PatrolModel

@Suite struct ShortestPathsTests {
    /// Sparse cities fall apart, dense ones have many ties.
    static let shapes = [(1, 0), (1, 2), (2, 1), (12, 9), (30, 45), (30, 120), (40, 400)]

    @Test(arguments: shapes) func fullSearchesMatchFloydWarshall(nodeCount: Int, edgeCount: Int) throws {
        var random = RandomNumbers(seed: 1, stream: UInt64(edgeCount))
        let city = City(nodeCount: nodeCount, edgeCount: edgeCount, random: &random)
        let search = try ShortestPaths(try city.roads())
        for mode in [TravelMode.patrol, .emergency] {
            let reference = FloydWarshall(city, mode)
            for source in 0..<nodeCount {
                search.run(from: source, mode: mode)
                for node in 0..<nodeCount { #expect(search.seconds(node) == reference[source, node]) }
                search.run(from: source, .backward, mode: mode)
                for node in 0..<nodeCount { #expect(search.seconds(node) == reference[node, source]) }
            }
        }
    }

    @Test func eitherDirectionTakesEveryEdgeBothWays() throws {
        var random = RandomNumbers(seed: 2)
        let city = City(nodeCount: 30, edgeCount: 40, random: &random)
        var twoWay = city
        for edge in 0..<city.edgeCount { twoWay.edges += [city.edges[2 * edge + 1], city.edges[2 * edge]] }
        twoWay.patrolSeconds += city.patrolSeconds
        twoWay.emergencySeconds? += city.emergencySeconds!
        let reference = FloydWarshall(twoWay, .patrol)
        let search = try ShortestPaths(try city.roads())
        for source in 0..<30 {
            search.run(from: source, .either, mode: .patrol)
            for node in 0..<30 { #expect(search.seconds(node) == reference[source, node]) }
        }
    }

    @Test func overlaysChangeEveryParallelEdge() throws {
        var random = RandomNumbers(seed: 3)
        let city = City(nodeCount: 25, edgeCount: 120, random: &random)
        var changes: [Edge: Float] = [:]
        let overlay = try EdgeOverlay(capacity: 60)
        for edge in 0..<60 {
            let key = Edge(from: Int(city.edges[2 * edge]), to: Int(city.edges[2 * edge + 1]))
            let seconds = [Float.infinity, 0, 0.25, 100][edge % 4]
            let isNew = try overlay.insert(
                from: key.from, to: key.to, patrolSeconds: seconds, emergencySeconds: seconds + 1)
            #expect(isNew == (changes[key] == nil))
            if isNew { changes[key] = seconds }
        }
        #expect(overlay.count == changes.count)
        let patrol = FloydWarshall(city, .patrol, changes: changes)
        let emergency = FloydWarshall(city, .emergency, changes: changes.mapValues { $0 + 1 })
        let search = try ShortestPaths(try city.roads())
        for source in 0..<25 {
            search.run(from: source, mode: .patrol, overlay: overlay)
            for node in 0..<25 { #expect(search.seconds(node) == patrol[source, node]) }
            search.run(from: source, .backward, mode: .emergency, overlay: overlay)
            for node in 0..<25 { #expect(search.seconds(node) == emergency[node, source]) }
        }
        try overlay.reset(capacity: 60)
        let unchanged = FloydWarshall(city, .patrol)
        search.run(from: 0, mode: .patrol, overlay: overlay)
        for node in 0..<25 { #expect(search.seconds(node) == unchanged[0, node]) }
    }

    @Test func overlaysGrowOnDemandAndRefuseBeyond() throws {
        let overlay = try EdgeOverlay(capacity: 0)
        while overlay.count < overlay.capacity {
            _ = try overlay.insert(from: overlay.count, to: 0, patrolSeconds: 1, emergencySeconds: 1)
        }
        #expect(throws: PatrolError.self) {
            _ = try overlay.insert(from: 99, to: 0, patrolSeconds: 1, emergencySeconds: 1)
        }
        try overlay.reset(capacity: 1000)
        for from in 0..<1000 {
            #expect(try overlay.insert(from: from, to: 7, patrolSeconds: Float(from), emergencySeconds: 0))
        }
        #expect(overlay.seconds(from: 600, to: 7, mode: .patrol, usual: -1) == 600)
        #expect(overlay.seconds(from: 7, to: 600, mode: .patrol, usual: -1) == -1)
    }

    @Test func boundsAndTargetsCutASearchShort() throws {
        var random = RandomNumbers(seed: 4)
        let city = City(nodeCount: 40, edgeCount: 100, random: &random)
        let reference = FloydWarshall(city, .patrol)
        let search = try ShortestPaths(try city.roads())
        for source in 0..<40 {
            search.run(from: source, mode: .patrol, within: 12)
            for node in 0..<40 {
                let seconds = reference[source, node]
                #expect(search.seconds(node) == (seconds <= 12 ? seconds : .infinity))
            }
            let targets = (0..<4).map { _ in Int32(random.below(40)) }
            targets.withUnsafeBufferPointer { search.run(from: source, mode: .patrol, targets: $0) }
            let farthest = targets.map { reference[source, Int($0)] }.max()!
            for node in 0..<40 {
                let seconds = reference[source, node]
                // Ties with the farthest target may be settled or not; nothing beyond it is.
                if search.seconds(node) != .infinity || seconds < farthest {
                    #expect(search.seconds(node) == seconds)
                }
                if seconds > farthest { #expect(search.seconds(node) == .infinity) }
            }
            for target in targets { #expect(search.seconds(Int(target)) == reference[source, Int(target)]) }
        }
    }

    @Test func sourcesAddedLaterGiveTheNearestOfAll() throws {
        var random = RandomNumbers(seed: 5)
        let city = City(nodeCount: 40, edgeCount: 100, random: &random)
        let reference = FloydWarshall(city, .emergency)
        let search = try ShortestPaths(try city.roads())
        let sources: [Int32] = [31, 4, 17]
        search.clear()
        for source in sources { search.extend(from: Int(source), .backward, mode: .emergency) }
        let oneByOne = (0..<40).map { search.seconds($0) }
        sources.withUnsafeBufferPointer { search.run(fromEach: $0, .backward, mode: .emergency) }
        for node in 0..<40 {
            #expect(oneByOne[node] == sources.map { reference[node, Int($0)] }.min()!)
            #expect(search.seconds(node) == oneByOne[node])
        }
    }

    @Test func pathsRunAlongEdgesAndLastAsLongAsTheySay() throws {
        var random = RandomNumbers(seed: 6)
        let city = City(nodeCount: 30, edgeCount: 60, random: &random)
        let area = try city.area()
        let search = try ShortestPaths(area.roads)
        let direct = FloydWarshall(city, .patrol)
        var nodes = [Int32](repeating: -1, count: 30)
        for from in 0..<30 {
            for to in 0..<30 {
                let found = nodes.withUnsafeMutableBufferPointer {
                    area.path(from: from, to: to, mode: .patrol, search: search, into: $0)
                }
                guard let found else {
                    #expect(direct[from, to] == .infinity)
                    continue
                }
                #expect(found.seconds == direct[from, to])
                #expect(nodes[0] == from && nodes[found.count - 1] == to)
                var sum: Float = 0
                for (tail, head) in zip(nodes[..<found.count], nodes[1..<max(1, found.count)]) {
                    sum += area.roads.outgoing[Int(tail)].filter { $0.node == head }.map(\.patrolSeconds).min()!
                }
                #expect(sum == found.seconds)
            }
        }
    }

    @Test func aPathThatDoesNotFitIsStillCounted() throws {
        var city = City(nodeCount: 4)
        city.edges = [0, 1, 1, 2, 2, 3]
        city.patrolSeconds = [1, 2, 4]
        let area = try city.area()
        var nodes: [Int32] = [-1, -1]
        let found = nodes.withUnsafeMutableBufferPointer {
            area.path(from: 0, to: 3, mode: .patrol, search: try! ShortestPaths(area.roads), into: $0)
        }
        #expect(found?.count == 4 && found?.seconds == 7)
        #expect(nodes == [0, 1])
    }

    @Test func equallyLongPathsGoThroughTheLowestNode() throws {
        var city = City(nodeCount: 5)
        city.edges = [0, 3, 0, 2, 0, 1, 3, 4, 2, 4, 1, 4]
        city.patrolSeconds = [1, 1, 1, 1, 1, 1]
        let search = try ShortestPaths(try city.roads())
        search.run(from: 0, mode: .patrol)
        #expect(search.parent(4) == 1)
        #expect(search.parent(0) == -1)
    }
}
