import TestSupport
import Testing

@testable import PatrolModel

@Suite struct ServiceAreaTests {
    static let unreachable = ServiceArea.unreachableSeconds

    @Test func aSingleNodeWithoutRoadsIsAnArea() throws {
        let area = try City(nodeCount: 1).area()
        #expect(area.pointCount == 1 && area.locationCount == 1)
        #expect(area.secondsToPoints(0)[0] == 0)
        #expect(Array(area.locationSeconds.elements) == [0])
        #expect(area.neighbors.count == 0)
        #expect(area.emergencyRatio == 1 && area.callsPerHour == 0)
        #expect(area.beatCount == 0 && area.groupCount == 1)
        #expect(area.locationOf[0] == 0 && area.pointOf[0] == 0)
        let clustered = try City(nodeCount: 3).area(points: 1)
        #expect(clustered.pointNodeCounts[0] == 3)
        #expect(Array(clustered.locationOf.elements) == [0, -1, -1])
    }

    @Test(arguments: [(10, 12), (30, 60), (30, 200)])
    func tablesMatchBruteForceWhereEveryNodeIsALocation(nodeCount: Int, edgeCount: Int) throws {
        var random = RandomNumbers(seed: 11, stream: UInt64(edgeCount))
        let city = City(nodeCount: nodeCount, edgeCount: edgeCount, random: &random)
        let area = try city.area()
        let emergency = FloydWarshall(city, .emergency)
        let patrol = FloydWarshall(city, .patrol)

        let demandNodes = city.demandNodes!.map(Int.init).sorted()
        #expect(area.pointNodes.elements.map(Int.init) == demandNodes)
        for node in 0..<nodeCount {
            let row = demandNodes.map { min(emergency[node, $0], Self.unreachable) }
            #expect((0..<row.count).map { area.secondsToPoints(Int32(node))[$0] } == row)
            #expect(Int(area.pointOf[node]) == row.firstIndex(of: row.min()!))
            #expect(Int(area.locationOf[node]) == node)
            for other in 0..<nodeCount {
                #expect(area.locationSeconds[node * nodeCount + other] == min(patrol[node, other], Self.unreachable))
            }
            var edges: [Int: Float] = [:]
            for edge in 0..<edgeCount where city.edges[2 * edge] == node && city.edges[2 * edge + 1] != node {
                let head = Int(city.edges[2 * edge + 1])
                edges[head] = min(edges[head] ?? .infinity, city.patrolSeconds[edge])
            }
            let entries = Int(area.neighborOffsets[node])..<Int(area.neighborOffsets[node + 1])
            #expect(entries.map { Int(area.neighbors[$0]) } == edges.keys.sorted())
            #expect(entries.map { area.neighborSeconds[$0] } == edges.keys.sorted().map { edges[$0]! })
            #expect(entries.map { area.neighborNextNodes[$0] } == edges.keys.sorted().map { Int32($0) })
        }
        for beat in 0..<area.beatCount {
            for node in 0..<nodeCount {
                let home = (0..<nodeCount).filter { city.beats![$0] == Int32(beat) }.map { patrol[node, $0] }.min()
                #expect(area.homewardSeconds[beat * nodeCount + node] == min(home ?? .infinity, Self.unreachable))
            }
        }
        let ratio = city.emergencySeconds!.reduce(0, +) / city.patrolSeconds.reduce(0, +)
        #expect(abs(area.emergencyRatio - ratio) < 1e-6)
        #expect(abs(area.callsPerHour - Double(city.demand.reduce(0, +)) / 24) < 1e-9)
    }

    @Test func givenLocationsAreNeighborsWhereTheirCellsMeet() throws {
        // A ring of eight nodes, one way, 10 s an edge, and a spur from node 5 to node 8.
        var city = City(nodeCount: 9)
        city.edges = (0..<8).flatMap { [UInt32($0), UInt32(($0 + 1) % 8)] } + [5, 8]
        city.patrolSeconds = [Float](repeating: 10, count: 9)
        city.beats = [0, 0, 0, 1, 1, 1, 1, -1, 3]
        city.locations = [4, 0, 6]
        let area = try city.area()
        #expect(Array(area.locationNodes.elements) == [0, 4, 6])
        #expect(Array(area.locationOf.elements) == [0, 1, 1, 1, 1, 2, 2, 0, -1])
        #expect(Array(area.neighborOffsets.elements) == [0, 1, 2, 3])
        #expect(Array(area.neighbors.elements) == [1, 2, 0])
        #expect(Array(area.neighborSeconds.elements) == [40, 20, 20])
        #expect(Array(area.neighborNextNodes.elements) == [1, 5, 7])
        #expect(Array(area.locationSeconds.elements) == [0, 40, 60, 40, 0, 20, 20, 60, 0])
        let far = Self.unreachable
        #expect(area.beatCount == 4)
        #expect(Array(area.homewardSeconds.elements) == [0, 40, 20, 40, 0, 0, far, far, far, far, far, far])
    }

    @Test func chosenLocationsCoverTheRoadsAndAreNoTraps() throws {
        var random = RandomNumbers(seed: 12)
        var city = City(grid: 12, random: &random)
        // Node 0 becomes a source that nothing leads to; a one-way spur ends at a new node; an island lies apart.
        let kept = (0..<city.edgeCount).filter { city.edges[2 * $0 + 1] != 0 }
        city.edges = kept.flatMap { [city.edges[2 * $0], city.edges[2 * $0 + 1]] } + [143, 144, 145, 146, 146, 145]
        city.patrolSeconds = kept.map { city.patrolSeconds[$0] } + [5, 5, 5]
        city.nodeCount = 148
        city.coordinates! += [1200, 1100, 5000, 0, 5100, 0, 9000, 0]
        let area = try city.area(points: 20, spacing: 40)
        let patrol = FloydWarshall(city, .patrol)
        let locations = area.locationNodes.elements.map(Int.init)
        #expect(!locations.contains(0) && !locations.contains(144) && !locations.contains(147))
        #expect(locations.contains(145))
        for (index, node) in locations.enumerated() {
            #expect(locations[..<index].allSatisfy { patrol[$0, node] > 40 })
        }
        for node in 1..<147 where node != 144 {
            #expect(locations.contains { patrol[$0, node] <= 40 })
        }
        for node in 0..<148 {
            let times = locations.map { patrol[node, $0] }
            let soonest = times.min()!
            #expect(Int(area.locationOf[node]) == (soonest < .infinity ? times.firstIndex(of: soonest)! : -1))
        }
        for from in locations.indices {
            for entry in Int(area.neighborOffsets[from])..<Int(area.neighborOffsets[from + 1]) {
                let (to, next) = (locations[Int(area.neighbors[entry])], Int(area.neighborNextNodes[entry]))
                #expect(to != locations[from])
                #expect(area.neighborSeconds[entry] == patrol[locations[from], to])
                let edge = area.roads.outgoing[locations[from]].filter { $0.node == next }.map { $0.seconds(.patrol) }
                    .min()
                #expect(try #require(edge) + patrol[next, to] == patrol[locations[from], to])
            }
            for to in locations.indices {
                let seconds = area.locationSeconds[from * locations.count + to]
                let isConnected = patrol[locations[from], locations[to]] < .infinity
                #expect((seconds < Self.unreachable) == isConnected)
                #expect(seconds >= min(patrol[locations[from], locations[to]], Self.unreachable))
            }
        }
    }

    @Test func aSpacingThatIsTooSmallGrowsUntilTheLocationsFit() throws {
        var random = RandomNumbers(seed: 13)
        var city = City(grid: 65, random: &random)
        (city.demandNodes, city.demand) = ([0], [1])
        let area = try city.area(points: 4, spacing: 1)
        #expect(area.locationCount > 1 && area.locationCount <= AreaDescription.mostPatrolLocations)
        let spacings = (1..<60).reduce(into: [Float(1)]) { all, _ in all.append(all.last! * 1.25) }
        let larger = try spacings.lazy.map { try city.area(points: 4, spacing: $0) }
            .first { Array($0.locationNodes.elements) == Array(area.locationNodes.elements) }
        #expect(larger != nil)
        #expect(try city.area(points: 4, spacing: 1e-9).locationCount > 1)
    }

    @Test func ofMoreSeparatePartsThanLocationsTheFirstGetOne() throws {
        var city = City(nodeCount: 10_000)
        for node in stride(from: 0, to: 10_000, by: 2) { city.addStreet(node, node + 1, seconds: 60) }
        let area = try city.area(points: 4)
        #expect(area.locationCount == AreaDescription.mostPatrolLocations)
        #expect(area.locationNodes.elements.elementsEqual((0..<Int32(area.locationCount)).map { 2 * $0 }))
        #expect(area.locationOf[8191] == 4095 && area.locationOf[8192] == -1)
    }

    @Test func nodesWithoutARowShareThatOfTheOwnerTheyReachSoonest() throws {
        var random = RandomNumbers(seed: 29)
        var city = City(grid: 12, random: &random)
        // A node that reaches nothing.
        city.nodeCount += 1
        city.coordinates?.append(contentsOf: [0, 0])
        city.beats?.append(-1)
        city.groups?.append(0)
        let area = try city.area(points: 6, spacing: 200)
        let all = try PointTimes(area.pointNodes, locations: area.locationNodes, area.routing)
        let few = try PointTimes(
            area.pointNodes, locations: area.locationNodes, area.routing, most: 1,
            few: (area.locationCount + 26) * area.pointCount)
        let (rows, owners) = (try #require(few.rows), try #require(few.owners))
        let emergency = FloydWarshall(city, .emergency)
        let places = owners.elements.dropLast().map(Int.init)
        #expect(all.rows == nil && owners[places.count] == -1 && places.count < 60)
        let named = Array(area.pointNodes.elements) + Array(area.locationNodes.elements)
        #expect(Set(named.map(Int.init)).isSubset(of: places))
        for node in 0..<city.nodeCount {
            #expect(few.nearest[node] == all.nearest[node])
            let owner = Int(owners[Int(rows[node])])
            let soonest = places.map { emergency[node, $0] }.min()!
            #expect(owner < 0 ? soonest == .infinity : emergency[node, owner] == soonest)
            for point in 0..<area.pointCount {
                let seconds = few.seconds[Int(rows[node]) * area.pointCount + point]
                let own = owner < 0 ? Self.unreachable : all.seconds[owner * area.pointCount + point]
                #expect(seconds == own)
            }
        }
    }

    @Test func theHourOfTheWeekFollowsFromAnyTime() {
        #expect(ServiceArea.hour(ofWeekAt: 0, period: 168) == 0)
        #expect(ServiceArea.hour(ofWeekAt: 3599.9, period: 168) == 0)
        #expect(ServiceArea.hour(ofWeekAt: 3600, period: 168) == 1)
        #expect(ServiceArea.hour(ofWeekAt: 167 * 3600, period: 168) == 167)
        #expect(ServiceArea.hour(ofWeekAt: 168 * 3600, period: 168) == 0)
        #expect(ServiceArea.hour(ofWeekAt: 30 * 3600, period: 24) == 6)
        #expect(ServiceArea.hour(ofWeekAt: 1e9, period: 1) == 0)
        for seconds in [Double.greatestFiniteMagnitude, .infinity, .nan, -1, 0x1p63] {
            #expect(ServiceArea.hour(ofWeekAt: seconds, period: 168) == 0)
        }
    }
}
