import PatrolModel
import TestSupport
import Testing

@Suite struct DemandPointsTests {
    static func clusteredCity() -> City {
        var random = RandomNumbers(seed: 21)
        var city = City(grid: 14, random: &random)
        city.nodeCount += 1  // an island without roads, in the north-east
        city.coordinates! += [1400, 1400]
        city.groups = (0..<city.nodeCount).map { Int32($0 % 3) }
        city.serviceSeconds = [900, 600]
        city.weights = [2, 1]
        city.periodHours = 24
        city.demand = (0..<city.nodeCount * 48).map { _ in Float(random.below(64)) / 64 }
        return city
    }

    @Test(arguments: [1, 2, 10, 50, 196]) func clusteringConservesDemandByGroupCategoryAndHour(points: Int) throws {
        let city = Self.clusteredCity()
        let area = try city.area(points: points)
        #expect(area.pointCount == points)
        #expect(area.pointNodeCounts.elements.reduce(0, +) == 197)
        #expect(zip(area.pointNodes.elements, area.pointNodes.elements.dropFirst()).allSatisfy { $0 < $1 })
        for group in 0..<3 {
            for entry in 0..<48 {
                var (given, kept) = (Float(0), Float(0))
                for node in stride(from: group, to: 197, by: 3) { given += city.demand[node * 48 + entry] }
                for point in 0..<points { kept += area.pointRates[(group * points + point) * 48 + entry] }
                #expect(given == kept)
            }
        }
    }

    @Test func clusteringIsNearTheBestOfManyRandomChoices() throws {
        let city = Self.clusteredCity()
        let area = try city.area(points: 10)
        let seconds = FloydWarshall(city, .emergency)
        func weight(_ node: Int) -> Float {
            let rates = city.demand[node * 48..<(node + 1) * 48]
            return 2 * rates.prefix(24).reduce(0, +) + rates.suffix(24).reduce(0, +)
        }
        func cost(_ points: [Int]) -> Float {
            var sum: Float = 0
            for node in 0..<196 { sum += weight(node) * points.map { seconds[node, $0] }.min()! }
            return sum
        }
        var random = RandomNumbers(seed: 22)
        let best = (0..<500).map { _ in cost((0..<10).map { _ in random.below(196) }) }.min()!
        #expect(cost(area.pointNodes.elements.map(Int.init)) < 0.95 * best)
    }

    @Test func partsWithTheirShareOfTheDemandGetAPoint() throws {
        // Two streets that are not connected, one with a quarter of the demand, and a lone node with little.
        var city = City(nodeCount: 9)
        city.edges = [0, 1, 1, 2, 2, 3, 4, 5, 5, 6, 6, 7]
        city.patrolSeconds = [1, 1, 1, 1, 1, 1]
        city.demand = [1, 1, 1, 1, 3, 3, 3, 3, 0.1]
        let area = try city.area(points: 3)
        let points = area.pointNodes.elements.map(Int.init)
        #expect(points.contains { $0 < 4 } && points.contains { (4..<8).contains($0) } && !points.contains(8))
        #expect(abs(area.pointRates.elements.reduce(0, +) - 16.1) < 1e-5)
    }

    @Test func strayDemandGoesToThePointNearestInAStraightLine() throws {
        let city = Self.clusteredCity()
        let area = try city.area(points: 10)
        let distances = area.pointNodes.elements.map { node in
            let (x, y) = (city.coordinates![2 * Int(node)] - 1400, city.coordinates![2 * Int(node) + 1] - 1400)
            return x * x + y * y
        }
        var without = city
        for entry in 0..<48 { without.demand[196 * 48 + entry] = 0 }
        let nearest = distances.firstIndex(of: distances.min()!)!
        let other = try without.area(points: 10)
        #expect(Array(other.pointNodes.elements) == Array(area.pointNodes.elements))
        let changed = (0..<10).filter { point in
            let row = (196 % 3 * 10 + point) * 48
            return (row..<row + 48).contains { area.pointRates[$0] != other.pointRates[$0] }
        }
        #expect(changed == [nearest])
    }

    @Test func withoutDemandEveryNodeCounts() throws {
        var random = RandomNumbers(seed: 23)
        let city = City(grid: 8, random: &random)
        let all = try city.area()
        #expect(all.pointCount == 64 && all.pointNodeCounts.elements.allSatisfy { $0 == 1 })
        #expect(all.pointRates.elements.allSatisfy { $0 == 0 })
        let few = try city.area(points: 6)
        #expect(few.pointCount == 6 && few.pointNodeCounts.elements.reduce(0, +) == 64)
        var silent = city
        silent.demandNodeCount = 40
        silent.demand = [Float](repeating: 0, count: 40)
        let listed = try silent.area(points: 6)
        #expect(listed.pointCount == 6 && listed.pointNodeCounts.elements.reduce(0, +) == 40)
    }

    @Test func equalInputGivesEqualTables() throws {
        let city = Self.clusteredCity()
        let (first, second) = (try city.area(points: 12, spacing: 30), try city.area(points: 12, spacing: 30))
        #expect(Array(first.pointNodes.elements) == Array(second.pointNodes.elements))
        #expect(Array(first.pointRates.elements) == Array(second.pointRates.elements))
        for node in 0..<Int32(first.nodeCount) {
            #expect((0..<12).allSatisfy { first.secondsToPoints(node)[$0] == second.secondsToPoints(node)[$0] })
        }
        #expect(Array(first.locationNodes.elements) == Array(second.locationNodes.elements))
        #expect(Array(first.locationSeconds.elements) == Array(second.locationSeconds.elements))
        #expect(Array(first.neighborNextNodes.elements) == Array(second.neighborNextNodes.elements))
        #expect(first.contentHash == second.contentHash)
    }
}
