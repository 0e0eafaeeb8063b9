import CKernels
import PatrolModel
import Testing

/// Loops over arrival times of many units, or of all but one.
@Suite struct ArrivalLoopTests {
    private let units = 7

    /// Few different times, so that many are equal.
    private func travel(_ random: inout RandomNumbers, _ count: Int) -> [Float] {
        (0..<count).map { _ in Float(random.below(12)) * 10 }
    }

    @Test(arguments: Level.all) func leastOfManyAreThoseOneByOne(level: Level) {
        var random = RandomNumbers(seed: 11)
        for count in edgeCounts where count >= 16 {
            let rows = (0..<units).map { _ in travel(&random, count) }
            let shifts = (0..<units).map { _ in Float(random.below(30)) }
            let marks = (0..<(count + 15) / 16).map { _ in UInt8(random.below(2)) }
            var least = [Float](repeating: -1, count: 4 * count + 1)
            let flat = rows.flatMap { $0 }
            flat.withUnsafeBufferPointer { flat in
                let pointers = (0..<units).map { k in flat.baseAddress.map { $0 + k * count } }
                level.leastArrivals(&least, count, marks, pointers, shifts, units, 0.7, 80)
            }
            for v in 0..<count {
                let arrivals = (0..<units).map { min(rows[$0][v] * 0.7 as Float + shifts[$0], 80) }
                let expected = (arrivals + [80, 80, 80, 80]).sorted()
                let isFound = marks[v / 16] != 0 || v >= count - 16 && marks[marks.count - 1] != 0
                for rank in 0..<4 { #expect(least[rank * count + v] == (isFound ? expected[rank] : -1)) }
            }
            #expect(least.last == -1)
        }
    }

    @Test(arguments: Level.all) func blocksAreMarkedWhereAUnitWasNear(level: Level) {
        var random = RandomNumbers(seed: 12)
        for count in edgeCounts {
            let (limits, seconds) = (travel(&random, count), travel(&random, count).map { $0 + 60 })
            var marks = [UInt8](repeating: 0, count: count / 16 + 2)
            level.markArrivals(&marks, limits, seconds, 1, 5, count)
            for block in 0..<marks.count {
                let isNear = (16 * block..<max(16 * block, min(16 * block + 16, count))).contains {
                    seconds[$0] + 5 <= limits[$0]
                }
                // Beyond the end, a block may be looked at in vain.
                let isPart = block == count / 16 && count % 16 > 0
                #expect(isPart ? !isNear || marks[block] != 0 : isNear == (marks[block] != 0))
            }
        }
    }

    @Test(arguments: Level.all, [1, 3]) func withoutOneTheNextMoveUp(level: Level, ranks: Int) {
        var random = RandomNumbers(seed: 13)
        for count in edgeCounts {
            let rows = (0..<units).map { _ in travel(&random, count) }
            func arrivals(_ v: Int, without unit: Int = -1) -> [Float] {
                (0..<units).filter { $0 != unit }.map { rows[$0][v] * 1.5 as Float + 2 }.sorted()
            }
            let least = (0...ranks).flatMap { rank in (0..<count).map { arrivals($0)[rank] } }
            for unit in 0..<units {
                var others = [Float](repeating: -1, count: ranks * count + 1)
                level.arrivalsWithout(&others, least, count, ranks, rows[unit], 1.5, 2)
                let expected = (0..<ranks).flatMap { rank in
                    (0..<count).map { arrivals($0, without: unit)[rank] }
                }
                #expect(others == expected + [-1])
            }
        }
    }

    @Test(arguments: Level.all) func gainsAreThoseOneByOne(level: Level) {
        let rows = 3
        var random = RandomNumbers(seed: 14)
        for count in edgeCounts {
            let (demand, seconds) = (random.floats(count, in: 0...1), random.floats(count, in: 0...900))
            let arrivals = random.floats(rows * count, in: 0...900)
            var gains = [Float](repeating: -1, count: rows + 1)
            level.coverageGains(&gains, demand, arrivals, seconds, 0.9, count)
            let expected = (0..<rows).map { k in
                arrivals.withUnsafeBufferPointer {
                    level.coverageGain(demand, $0.baseAddress.map { $0 + k * count }, seconds, 0.9, 0, count)
                }
            }
            #expect(gains == expected + [-1])
        }
    }
}
