import TestSupport
import Testing
@testable import PatrolModel

@Suite struct RoutingTests {
    /// Sparse cities fall apart, dense ones have many ties, and all have edges of no length.
    static let shapes = [(1, 0), (1, 2), (2, 1), (12, 9), (30, 45), (70, 150), (120, 230), (100, 1500)]

    @Test(arguments: shapes) func everyPairMatchesDijkstra(nodeCount: Int, edgeCount: Int) throws {
        var random = RandomNumbers(seed: 11, stream: UInt64(edgeCount))
        let roads = try City(nodeCount: nodeCount, edgeCount: edgeCount, random: &random).roads()
        let everywhere = try Buffer<Double>(count: 2 * nodeCount, repeating: 0)
        for k in 0..<2 * nodeCount { everywhere[k] = Double(random.below(50)) }
        try expectDijkstra(try Router(try Routing(roads)), roads)
        try expectDijkstra(try Router(try Routing(roads, places: everywhere)), roads)
    }

    @Test(arguments: [false, true]) func gridsMatchDijkstra(withPlaces: Bool) throws {
        var random = RandomNumbers(seed: 12)
        let city = City(grid: 16, random: &random)
        let places = try Buffer<Double>(count: 512, repeating: 0)
        for k in 0..<512 { places[k] = city.coordinates![k] }
        let roads = try city.roads()
        let routing = try Routing(roads, places: withPlaces ? places : nil)
        try expectDijkstra(try Router(routing), roads)
        // Separators of a grid are its side, twice that in a tree of halves, and a little for diagonal ones.
        #expect(routing.hierarchy.height < 64)
        #expect(routing.hierarchy.arcCount < 3000)
    }

    @Test func chainsAndStarsAreLow() throws {
        var chain = City(nodeCount: 1024)
        for node in 0..<1023 { chain.edges += [UInt32(node), UInt32(node + 1)] }
        chain.patrolSeconds = Array(repeating: 1, count: 1023)
        let chained = try Routing(try chain.roads())
        #expect(chained.hierarchy.height <= 21)
        #expect(try Router(chained).milliseconds(from: 3, to: 1000, mode: .patrol) == 997_000)

        var star = City(nodeCount: 3000)
        for node in 1..<3000 { star.edges += [UInt32(node), 0, 0, UInt32(node)] }
        star.patrolSeconds = Array(repeating: 2.5, count: 5998)
        let starred = try Routing(try star.roads())
        #expect(starred.hierarchy.height == 2)
        #expect(try Router(starred).milliseconds(from: 1, to: 2999, mode: .patrol) == 5000)
    }

    @Test func completeGraphsWork() throws {
        var random = RandomNumbers(seed: 13)
        var city = City(nodeCount: 70)
        for from in 0..<70 {
            for to in 0..<70 where from != to {
                city.edges += [UInt32(from), UInt32(to)]
                city.patrolSeconds.append(Float(random.below(1000)))
            }
        }
        let roads = try city.roads()
        try expectDijkstra(try Router(try Routing(roads)), roads)
    }

    @Test func entangledRoadsAreRefusedAtTheLimit() throws {
        var random = RandomNumbers(seed: 14)
        let skeleton = try RoadSkeleton(try City(nodeCount: 100, edgeCount: 500, random: &random).roads())
        let order = try Buffer<Int32>(count: 100, repeating: 0)
        for place in 0..<100 { order[place] = Int32(place) }
        let tree = try EliminationTree(skeleton, order: order)
        let arcs = try tree.fill(skeleton, most: .max).heads.count
        #expect(try tree.fill(skeleton, most: arcs).heads.count == arcs)
        #expect(throws: PatrolError.self) { _ = try tree.fill(skeleton, most: arcs - 1) }
        #expect(RoadHierarchy.mostArcs(nodes: 4_000_000, edges: 16_000_000) < Int(Int32.max) / 2)
    }

    @Test(arguments: [0, 1, 40]) func pathsRunAlongEdgesAndLastAsLongAsTheySay(longest: Int) throws {
        var random = RandomNumbers(seed: 15, stream: UInt64(longest))
        var city = City(nodeCount: 60, edgeCount: 170, random: &random)
        city.emergencySeconds = city.emergencySeconds!.map { _ in Float(random.below(longest + 1)) }
        let roads = try city.roads()
        let router = try Router(try Routing(roads))
        let dijkstra = try ShortestPaths(roads)
        for from: Int32 in 0..<60 {
            dijkstra.run(from: Int(from), mode: .emergency)
            for to: Int32 in 0..<60 {
                var (last, soFar, passed) = (from, UInt32(0), Set([from]))
                let whole = router.visitPath(from: from, to: to, mode: .emergency) { node, milliseconds in
                    let step = roads.outgoing[Int(last)].filter { $0.node == node }.map { $0.milliseconds(.emergency) }
                        .min()
                    #expect(step.map { soFar + $0 } == milliseconds)
                    #expect(passed.insert(node).inserted)
                    (last, soFar) = (node, milliseconds)
                    return true
                }
                #expect(whole == dijkstra.milliseconds(Int(to)))
                guard whole < Milliseconds.unreachable else {
                    #expect(passed.count == 1)
                    continue
                }
                #expect(last == to && soFar == whole)
                var first: Int32?
                router.visitPath(from: from, to: to, mode: .emergency) { node, _ in
                    first = node
                    return false
                }
                #expect(router.firstStep(from: from, to: to, mode: .emergency) == first ?? from)
            }
        }
    }

    @Test func changedEdgesAreAsIfTheyHadAlwaysBeenSo() throws {
        var random = RandomNumbers(seed: 16)
        let city = City(nodeCount: 60, edgeCount: 160, random: &random)
        let usual = try city.roads()
        let router = try Router(try Routing(usual))
        let overlay = try EdgeOverlay(capacity: 0)
        for count in [3, 3, 40, 0, 1, 160, 7] {
            var changed = city
            try overlay.reset(capacity: count)
            for _ in 0..<count {
                let edge = random.below(city.edgeCount)
                let (from, to) = (city.edges[2 * edge], city.edges[2 * edge + 1])
                let seconds = [Float.infinity, 0, 0.25, 100][random.below(4)]
                guard
                    try overlay.insert(
                        from: Int(from), to: Int(to), patrolSeconds: seconds, emergencySeconds: seconds + 1)
                else { continue }
                for other in 0..<city.edgeCount where city.edges[2 * other] == from && city.edges[2 * other + 1] == to {
                    changed.patrolSeconds[other] = seconds
                    changed.emergencySeconds![other] = seconds + 1
                }
            }
            for _ in 0..<2 {
                try router.use(overlay)
                try expectDijkstra(router, try changed.roads())
            }
            // The changes are the router's own now.
            try overlay.reset(capacity: 0)
            try expectDijkstra(router, try changed.roads())
        }
    }

    @Test func timesAreRoundedToTheNearestMillisecond() throws {
        #expect(Milliseconds.rounded(0) == 0)
        #expect(Milliseconds.rounded(0.0005) == 1)
        #expect(Milliseconds.rounded(0.0004) == 0)
        #expect(Milliseconds.rounded(12.3456) == 12346)
        #expect(Milliseconds.rounded(2_147_483) == 2_147_483_000)
        #expect(Milliseconds.rounded(2_147_484) == Milliseconds.unreachable)
        #expect(Milliseconds.rounded(.infinity) == Milliseconds.unreachable)
        #expect(Milliseconds.seconds(Milliseconds.unreachable) == .infinity)
        for milliseconds in stride(from: UInt32(0), to: 8_000_000, by: 997) {
            let seconds = Float(Double(milliseconds) / 1000)
            #expect(Milliseconds.rounded(seconds) == milliseconds && Milliseconds.seconds(milliseconds) == seconds)
        }
    }

    @Test func waysThatTakeTooLongAreNone() throws {
        var city = City(nodeCount: 4)
        city.edges = [0, 1, 1, 2, 2, 3, 3, 3]
        city.patrolSeconds = [2_000_000, 147_483.5, 1, 1e9]
        let roads = try city.roads()
        let router = try Router(try Routing(roads))
        #expect(router.milliseconds(from: 0, to: 2, mode: .patrol) == 2_147_483_500)
        #expect(router.milliseconds(from: 0, to: 3, mode: .patrol) == Milliseconds.unreachable)
        try expectDijkstra(router, roads)
    }

    /// All pairs in both modes: by labels, by sweeps, one by one and as a table.
    private func expectDijkstra(_ router: Router, _ roads: RoadGraph) throws {
        let count = roads.nodeCount
        let dijkstra = try ShortestPaths(roads)
        let matrix = try TravelMatrix(router.routing, origins: count, destinations: count)
        let sweep = try TravelSweep(router.routing)
        let nodes = try Buffer<Int32>(count: count, repeating: 0)
        for node in 0..<count { nodes[node] = Int32(count - 1 - node) }
        for mode in [TravelMode.patrol, .emergency] {
            var expected = [UInt32](repeating: 0, count: count * count)
            for from in 0..<count {
                dijkstra.run(from: from, mode: mode)
                for to in 0..<count { expected[from * count + to] = dijkstra.milliseconds(to) }
            }
            var met = [UInt32](repeating: Milliseconds.unreachable, count: count * count)
            matrix.fill(from: nodes.elements, to: nodes.elements, mode: mode, by: router) {
                met[Int(nodes[$0]) * count + Int(nodes[$1])] = $2
            }
            #expect(met == expected)
            var walks = met
            for from in 0..<count {
                for to in 0..<count {
                    met[from * count + to] = router.milliseconds(from: Int32(from), to: Int32(to), mode: mode)
                    var walked = from == to ? 0 : Milliseconds.unreachable
                    router.visitPath(from: Int32(from), to: Int32(to), mode: mode) {
                        walked = $1
                        return true
                    }
                    walks[from * count + to] = walked
                }
            }
            #expect(met == expected)
            #expect(walks == expected)
            for backward in [false, true] {
                for first in stride(from: 0, to: count, by: 16) {
                    let lanes = UnsafeBufferPointer(rebasing: nodes.elements[first..<min(first + 16, count)])
                    sweep.run(lanes, backward: backward, mode: mode, by: router)
                    for lane in 0..<lanes.count {
                        for node in 0..<count {
                            let place = backward ? node * count + Int(lanes[lane]) : Int(lanes[lane]) * count + node
                            met[place] = sweep[node][lane]
                        }
                    }
                }
                #expect(met == expected)
            }
        }
    }
}
