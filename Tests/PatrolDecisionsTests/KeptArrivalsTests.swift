import PatrolModel
import Testing

@testable import PatrolDecisions

/// What is kept of earlier decisions leaves the arrival times what they are.
@Suite struct KeptArrivalsTests {
    private let units = 40
    private let points = 17
    private let nodes = 9

    /// Units come, go and move, alone or many at once; few places, so that many are equally near.
    @Test(arguments: [1, 3], [1, 2, 30]) func theyAreThoseOfAllUnitsAtOnce(levels: Int, changes: Int) throws {
        var random = RandomNumbers(seed: UInt64(levels), stream: UInt64(changes))
        var memory = WorkingMemory()
        let kept = KeptArrivals(units: units, points: points, levels: levels, &memory)
        let seconds = try Buffer<Float>(count: nodes * points, repeating: 0)
        for k in 0..<seconds.count { seconds[k] = Float(random.below(40)) }
        seconds[3] = ServiceArea.unreachableSeconds
        var isFree = (0..<units).map { _ in random.uniform() < 0.7 }
        var places = (0..<units).map { _ in KeptArrivals.Place(node: Int32(random.below(nodes)), offset: 0) }
        var (factor, cap): (Float, Float) = (1, 30)
        for round in 0..<400 {
            for _ in 0..<random.below(changes + 1) {
                let u = random.below(units)
                if random.uniform() < 0.3 { isFree[u].toggle() }
                places[u].node = Int32(random.below(nodes))
                places[u].offset = random.uniform() < 0.3 ? Float(random.below(6)) : 0
            }
            if round % 90 == 89 { isFree = isFree.map { _ in round % 180 == 89 } }
            if round % 50 == 49 { (factor, cap) = (Float(1 + random.below(3)) / 2, Float(10 + random.below(40))) }
            let free = (0..<units).filter { isFree[$0] }.map { Int32($0) }
            let unit = random.below(units)
            var found = [Float](repeating: -1, count: levels * points)
            free.withUnsafeBufferPointer {
                kept.writeOthers(
                    than: unit, free: $0, factor: factor, cap: cap, place: { places[Int($0)] },
                    seconds: { UnsafePointer(seconds.base + Int($0) * points) }, into: &found)
            }
            for v in 0..<points {
                var arrivals = free.filter { $0 != unit }.map { i in
                    seconds[Int(places[Int(i)].node) * points + v] * factor + places[Int(i)].offset
                }
                arrivals = (arrivals.filter { $0 < cap } + Array(repeating: cap, count: 3)).sorted()
                for level in 0..<levels { #expect(found[level * points + v] == arrivals[level]) }
            }
        }
    }
}
