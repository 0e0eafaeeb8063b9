import PatrolModel
import TestSupport
import Testing

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
