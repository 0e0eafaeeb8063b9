import CKernels
import PatrolModel
import Testing

/// The documented order, written out: element i in lane i mod 16, lanes added up by halves.
private func sumInLanes(_ count: Int, _ term: (Int) -> (Float, Float)) -> Float {
    var lanes = [Float](repeating: 0, count: 16)
    for index in 0..<count {
        let (a, b) = term(index)
        lanes[index % 16].addProduct(a, b)
    }
    for half in [8, 4, 2, 1] {
        for lane in 0..<half { lanes[lane] += lanes[lane + half] }
    }
    return lanes[0]
}

@Suite struct LoopTests {
    @Test(arguments: Level.all) func dotProducts(level: Level) {
        var random = RandomNumbers(seed: 5)
        for count in edgeCounts {
            let (a, b, c) = (random.floats(count), random.floats(count), random.floats(count))
            #expect(level.dot(a, b, count) == sumInLanes(count) { (a[$0], b[$0]) })
            #expect(level.dot3(a, b, c, count) == sumInLanes(count) { (a[$0] * b[$0], c[$0]) })
            let exact = (0..<count).reduce(0.0) { $0 + Double(a[$1]) * Double(b[$1]) }
            #expect(abs(Double(level.dot(a, b, count)) - exact) <= 1e-6 * Double(max(1, count)))
        }
    }

    @Test(arguments: Level.all) func coverageGain(level: Level) {
        var random = RandomNumbers(seed: 6)
        for count in edgeCounts {
            let demand = random.floats(count, in: 0...1)
            let nearest = random.floats(count, in: 0...900)
            var travel = random.floats(count, in: 0...900)
            if count > 2 { travel[count / 2] = .infinity }
            for (factor, shift): (Float, Float) in [(1, 0), (1, 45.5), (0.7, 45.5)] {
                let gain = level.coverageGain(demand, nearest, travel, factor, shift, count)
                #expect(gain == sumInLanes(count) { (demand[$0], max(0, nearest[$0] - (travel[$0] * factor + shift))) })
                let exact = (0..<count).reduce(0.0) {
                    let arrival = Double(travel[$1]) * Double(factor) + Double(shift)
                    return $0 + Double(demand[$1]) * max(0, Double(nearest[$1]) - arrival)
                }
                #expect(abs(Double(gain) - exact) <= 1e-5 * max(1, exact))
            }
        }
    }

    @Test(arguments: Level.all) func minShifted(level: Level) {
        var random = RandomNumbers(seed: 7)
        for count in edgeCounts {
            let before = random.floats(count, in: 0...900)
            var travel = random.floats(count, in: 0...900)
            if count > 2 {
                travel[0] = .infinity
                travel[count - 1] = .nan
            }
            var after = before + [777]
            level.minShifted(&after, travel, 1.3, 30, count)
            #expect(after.removeLast() == 777)
            let shifted = travel.map { $0 * 1.3 + 30 as Float }
            #expect(after == (0..<count).map { shifted[$0] < before[$0] ? shifted[$0] : before[$0] })
        }
    }

    @Test(arguments: Level.all) func arrivalsKeepTheirRanks(level: Level) {
        var random = RandomNumbers(seed: 10)
        for count in edgeCounts {
            var first = [Float](repeating: 900, count: count + 1)
            var (second, third) = (first, first)
            var expected = [[Float]](repeating: [900, 900, 900], count: count)
            for round in 0..<5 {
                var travel = random.floats(count, in: 0...1200)
                if count > 2 && round == 1 { travel[count / 2] = .nan }
                if count > 2 && round == 3 { travel[0] = .infinity }
                level.insertArrival(&first, &second, &third, travel, 0.7, 20, count)
                for v in 0..<count where !travel[v].isNaN {
                    expected[v] = Array((expected[v] + [travel[v] * 0.7 as Float + 20]).sorted()[..<3])
                }
            }
            for (rank, values) in [first, second, third].enumerated() {
                #expect(values == expected.map { $0[rank] } + [900])
            }
        }
    }

    /// Views into larger arrays start anywhere.
    @Test(arguments: Level.all) func alignmentDoesNotMatter(level: Level) {
        var random = RandomNumbers(seed: 8)
        let (a, b) = (random.floats(100), random.floats(100))
        let expected = level.dot(a, b, 100)
        for offset in 1..<16 {
            let moved = [Float](repeating: .nan, count: offset) + a
            let result = moved.withUnsafeBufferPointer { level.dot($0.baseAddress! + offset, b, 100) }
            #expect(result == expected)
        }
    }

    @Test func theMachinesLevelIsKnown() {
        let level = kernels_instruction_set()
        #expect((Int32(KERNELS_BASELINE)...Int32(KERNELS_AVX512)).contains(level))
        #expect(kernels_instruction_set() == level)
    }
}
