import CKernels
import PatrolModel
import Testing

/// The loops of the dense assignment by one instruction set.
struct AssignmentLevel: Sendable, CustomStringConvertible {
    typealias Doubles = UnsafePointer<Double>
    typealias Results = UnsafeMutablePointer<Double>
    typealias Rows = UnsafeMutablePointer<Int64>

    let description: String
    let twoLeast: @Sendable (Doubles, Double, Doubles, Doubles, Int) -> kernels_two_least
    let reachColumns:
        @Sendable (Results, Rows, Doubles, Double, Doubles, Doubles, Double, Int64, Int) -> kernels_reached
    let raiseColumns: @Sendable (Results, Rows, Doubles, Double, Int64, Int) -> Void
    let firstBeyond: @Sendable (Doubles, Double, Int) -> Int
    let findTies: @Sendable (UnsafeMutablePointer<UInt64>, Doubles, Double, Doubles, Double, Int) -> Void
    let transpose: @Sendable (Results, Doubles, Int, Int) -> Void

    static let all: [AssignmentLevel] = {
        var levels = [
            AssignmentLevel(
                description: "baseline",
                twoLeast: {
                    var found = kernels_two_least()
                    kernels_two_least_baseline(&found, $0, $1, $2, $3, $4)
                    return found
                },
                reachColumns: {
                    var found = kernels_reached()
                    kernels_reach_columns_baseline(&found, $0, $1, $2, $3, $4, $5, $6, $7, $8)
                    return found
                },
                raiseColumns: { kernels_raise_columns_baseline($0, $1, $2, $3, $4, $5) },
                firstBeyond: { kernels_first_beyond_baseline($0, $1, $2) },
                findTies: { kernels_find_ties_baseline($0, $1, $2, $3, $4, $5) },
                transpose: { kernels_transpose_baseline($0, $1, $2, $3) })
        ]
        #if arch(x86_64)
            if kernels_instruction_set() >= Int32(KERNELS_AVX2) {
                levels.append(
                    AssignmentLevel(
                        description: "AVX2",
                        twoLeast: {
                            var found = kernels_two_least()
                            kernels_two_least_avx2(&found, $0, $1, $2, $3, $4)
                            return found
                        },
                        reachColumns: {
                            var found = kernels_reached()
                            kernels_reach_columns_avx2(&found, $0, $1, $2, $3, $4, $5, $6, $7, $8)
                            return found
                        },
                        raiseColumns: { kernels_raise_columns_avx2($0, $1, $2, $3, $4, $5) },
                        firstBeyond: { kernels_first_beyond_avx2($0, $1, $2) },
                        findTies: { kernels_find_ties_avx2($0, $1, $2, $3, $4, $5) },
                        transpose: { kernels_transpose_avx2($0, $1, $2, $3) }))
            }
        #endif
        return levels
    }()
}

@Suite struct AssignmentLoopTests {
    /// A row, and what is known of its columns; few different numbers, so that many are equal.
    private struct Case {
        let columns: Int, padded: Int
        let values: [Double], least: Double
        let prices, taken, distances: Buffer<Double>
        let from: Buffer<Int64>

        init(_ columns: Int, _ random: inout RandomNumbers) throws {
            self.columns = columns
            padded = (columns + 7) & ~7
            values = (0..<columns).map { _ in random.below(5) == 0 ? -Double.infinity : Double(random.below(7) - 3) }
            least = random.below(2) == 0 ? 0 : -.infinity
            prices = try Buffer(count: padded, repeating: .infinity)
            taken = try Buffer(count: padded, repeating: 0)
            distances = try Buffer(count: padded, repeating: .infinity)
            from = try Buffer(count: padded, repeating: -1)
            for column in 0..<columns {
                prices[column] = random.below(6) == 0 ? .infinity : Double(random.below(4))
                taken[column] = random.below(2) == 0 ? 0 : .infinity
                distances[column] = random.below(3) == 0 ? .infinity : Double(random.below(6))
            }
        }

        var slacks: [Double] { (0..<columns).map { prices[$0] - max(least, values[$0]) } }

        /// The lowest column of the least finite number, or −1.
        static func least(_ numbers: [Double]) -> (number: Double, column: Int64) {
            var found = (number: Double.infinity, column: Int64(-1))
            for (column, number) in numbers.enumerated() where number < found.number { found = (number, Int64(column)) }
            return found
        }
    }

    private let widths = [1, 2, 7, 8, 9, 15, 16, 17, 40, 101]

    @Test(arguments: AssignmentLevel.all) func theTwoLeastAreThoseOfAPlainLoop(level: AssignmentLevel) throws {
        var random = RandomNumbers(seed: 41)
        for _ in 0..<40 {
            for width in widths {
                let given = try Case(width, &random)
                let found = level.twoLeast(given.values, given.least, given.prices.base, given.taken.base, width)
                var slacks = given.slacks
                let openSlacks: [Double] = (0..<width).map { slacks[$0] + given.taken[$0] }
                let open = Case.least(openSlacks)
                let first = Case.least(slacks)
                if first.column >= 0 { slacks[Int(first.column)] = .infinity }
                let second = Case.least(slacks)
                #expect((found.first, found.at) == first)
                guard first.column >= 0 else {
                    #expect(found.instead == -1)
                    continue
                }
                #expect(found.second == second.number)
                let price = given.prices[Int(first.column)], rises = price + (second.number - first.number) > price
                #expect(found.instead == (rises ? -1 : open.number <= first.number ? open.column : second.column))
            }
        }
    }

    @Test(arguments: AssignmentLevel.all) func tiesAreBits(level: AssignmentLevel) throws {
        var random = RandomNumbers(seed: 44)
        for width in widths + [64, 130] {
            let given = try Case(width, &random)
            let slacks = given.slacks, ties = try Buffer<UInt64>(count: (width + 63) / 64, repeating: .max)
            let wanted = Case.least(slacks).number
            guard wanted < .infinity else { continue }
            level.findTies(ties.base, given.values, given.least, given.prices.base, wanted, width)
            for column in 0..<64 * ties.count {
                let isTied = column < width && slacks[column] == wanted
                #expect((ties[column / 64] >> UInt64(column % 64) & 1 == 1) == isTied)
            }
        }
    }

    @Test(arguments: AssignmentLevel.all) func matricesAreTurned(level: AssignmentLevel) throws {
        for (rows, columns) in [(1, 1), (3, 5), (4, 4), (9, 4), (4, 9), (50, 20), (7, 33)] {
            let values = (0..<rows * columns).map { Double($0) }
            let turned = try Buffer<Double>(count: rows * columns, repeating: -1)
            level.transpose(turned.base, values, rows, columns)
            for row in 0..<rows {
                for column in 0..<columns { #expect(turned[column * rows + row] == values[row * columns + column]) }
            }
        }
    }

    @Test(arguments: AssignmentLevel.all) func distancesComeDown(level: AssignmentLevel) throws {
        var random = RandomNumbers(seed: 42)
        for _ in 0..<40 {
            for width in widths {
                let given = try Case(width, &random)
                let before = (0..<width).map { given.distances[$0] }
                let reach = given.slacks.map { $0 + 0.5 }
                let found = level.reachColumns(
                    given.distances.base, given.from.base, given.values, given.least, given.prices.base,
                    given.taken.base, 0.5, 9,
                    width)
                let after = (0..<width).map { min(before[$0], reach[$0]) }
                let distances = (0..<width).map { given.distances[$0] }, from = (0..<width).map { given.from[$0] }
                #expect(distances == after)
                let expected: [Int64] = (0..<width).map { reach[$0] < before[$0] ? 9 : -1 }
                #expect(from == expected)
                #expect((found.nearest, found.at) == Case.least(after))
                let open: [Double] = (0..<width).map { after[$0] + given.taken[$0] }
                #expect(found.open == Case.least(open).number)
                #expect((width..<given.padded).allSatisfy { given.distances[$0] == .infinity })
            }
        }
    }

    @Test(arguments: AssignmentLevel.all) func columnsRise(level: AssignmentLevel) throws {
        var random = RandomNumbers(seed: 43)
        for width in widths {
            let given = try Case(width, &random)
            let before = (0..<width).map { given.distances[$0] - 2 }
            for column in 0..<width { given.distances[column] = before[column] }
            level.raiseColumns(given.distances.base, given.from.base, given.values, given.least, 3, width)
            let values = given.values.map { max(given.least, $0) }
            let highest = (0..<width).map { given.distances[$0] }, from = (0..<width).map { given.from[$0] }
            #expect(highest == (0..<width).map { max(before[$0], values[$0]) })
            let expected: [Int64] = (0..<width).map { values[$0] > before[$0] ? 3 : -1 }
            #expect(from == expected)
        }
    }

    @Test(arguments: AssignmentLevel.all) func whatIsBeyondTheLimitIsFound(level: AssignmentLevel) {
        for width in widths {
            var values = [Double](repeating: -.infinity, count: width)
            for column in 0..<width where column % 3 != 0 { values[column] = Double(column % 5 - 2) }
            #expect(level.firstBeyond(values, 2, width) == width)
            #expect(level.firstBeyond(values, 2, 0) == 0)
            let bad: [(place: Int, value: Double)] = [(width - 1, .nan), (width / 2, .infinity), (0, -2.5)]
            for fault in bad {
                values[fault.place] = fault.value
                #expect(level.firstBeyond(values, 2, width) == fault.place)
            }
        }
    }
}
