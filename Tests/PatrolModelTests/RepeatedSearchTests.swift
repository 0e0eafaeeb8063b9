import TestSupport
import Testing
@testable import PatrolModel

/// What makes a search shorter leaves its result alone: rows that were kept, and a guess how long a path may be.
@Suite struct RepeatedSearchTests {
    @Test func aMatrixIsTheSameWhateverItKnewBefore() throws {
        var random = RandomNumbers(seed: 21)
        let routing = try Routing(try City(nodeCount: 90, edgeCount: 260, random: &random).roads())
        let (router, overlay) = (try Router(routing), try EdgeOverlay(capacity: 4))
        let matrix = try TravelMatrix(routing, origins: 12, destinations: 5)
        var nodes = (0..<12).map { _ in Int32(random.below(90)) }
        for round in 0..<60 {
            try overlay.reset(capacity: 4)
            if round % 5 == 4 {
                let arc = routing.roads.outgoing[Int(nodes[0])].first { _ in true }
                if let arc {
                    _ = try overlay.insert(
                        from: Int(nodes[0]), to: Int(arc.node), patrolSeconds: 900, emergencySeconds: .infinity)
                }
            }
            try router.use(overlay)
            for _ in 0..<random.below(4) { nodes[random.below(12)] = Int32(random.below(90)) }
            // Some of the origins, each by its own number.
            let slots = (0..<12).filter { _ in random.below(3) > 0 }.map { Int32($0) }
            let origins = slots.map { nodes[Int($0)] }
            let destinations = (0..<1 + random.below(5)).map { _ in Int32(random.below(90)) }
            let mode: TravelMode = round % 7 == 6 ? .patrol : .emergency
            var found = [UInt32](repeating: Milliseconds.unreachable, count: origins.count * destinations.count)
            _ = origins.withUnsafeBufferPointer { from in
                destinations.withUnsafeBufferPointer { to in
                    matrix.fill(from: from, slots: slots, to: to, mode: mode, by: router) { a, b, time in
                        found[a * to.count + b] = time
                    }
                }
            }
            for (a, origin) in origins.enumerated() {
                for (b, destination) in destinations.enumerated() {
                    #expect(
                        found[a * destinations.count + b]
                            == router.milliseconds(from: origin, to: destination, mode: mode))
                }
            }
        }
    }

    @Test(arguments: [0.5, 0.999, 1, 1.001, 3]) func aPathIsTheSameWhateverItIsExpectedToTake(share: Double) throws {
        var random = RandomNumbers(seed: 22)
        let router = try Router(try Routing(try City(nodeCount: 70, edgeCount: 200, random: &random).roads()))
        func path(_ from: Int32, _ to: Int32, within seconds: Float) -> [Int32] {
            var nodes: [Int32] = []
            router.visitPath(from: from, to: to, mode: .patrol, within: seconds) { node, _ in
                nodes.append(node)
                return true
            }
            return nodes
        }
        for from: Int32 in 0..<70 {
            for to: Int32 in 0..<70 {
                let seconds = Milliseconds.seconds(router.milliseconds(from: from, to: to, mode: .patrol))
                #expect(path(from, to, within: Float(share) * seconds) == path(from, to, within: .infinity))
                #expect(path(from, to, within: -1) == path(from, to, within: .nan))
            }
        }
    }

    /// From every node to some, each expected to be at any distance: too near, just right, too far, anywhere.
    @Test(arguments: [60, 200]) func timesToNearNodesAreTheSameWhateverTheyAreExpectedToBe(edgeCount: Int) throws {
        var random = RandomNumbers(seed: 24)
        let router = try Router(try Routing(try City(nodeCount: 70, edgeCount: edgeCount, random: &random).roads()))
        for origin: Int32 in 0..<70 {
            let nodes = (0..<random.below(9)).map { _ in Int32(random.below(70)) }
            let expected = nodes.map { router.milliseconds(from: origin, to: $0, mode: .patrol) }
            for _ in 0..<8 {
                let bounds = expected.map { time in
                    [0, time / 2, time, Milliseconds.sum(time, 5), Milliseconds.unreachable][random.below(5)]
                }
                var times = [UInt32](repeating: 7, count: nodes.count)
                nodes.withUnsafeBufferPointer {
                    router.fillMilliseconds(from: origin, to: $0, mode: .patrol, within: bounds, into: &times)
                }
                #expect(times == expected)
            }
        }
    }

    @Test func aBoundIsNoLessThanTheTimeItWasMadeOf() {
        var random = RandomNumbers(seed: 23)
        for _ in 0..<10_000 {
            let time = UInt32(random.below(Int(Milliseconds.unreachable)))
            #expect(Milliseconds.roundedUp(Milliseconds.seconds(time)) >= time)
        }
        #expect(Milliseconds.roundedUp(.nan) == Milliseconds.unreachable && Milliseconds.roundedUp(-1) == 0)
    }
}
