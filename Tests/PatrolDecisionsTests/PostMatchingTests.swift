import PatrolModel
import Testing

@testable import PatrolDecisions

/// What is kept of earlier matchings leaves a matching what the assignment solver makes of it, ties included.
@Suite struct PostMatchingTests {
    private let most = 21
    private let locations = 9

    /// Units move, come and go, alone or many at once; few places and few different times, so that many matchings are equally
    /// good.
    @Test(arguments: [1, 3, 30]) func itIsThatOfTheAssignmentSolver(changes: Int) throws {
        var random = RandomNumbers(seed: 5, stream: UInt64(changes))
        var memory = WorkingMemory()
        let matching = PostMatching(rows: most, columns: most, &memory)
        try memory.check()
        let seconds = try Buffer<Float>(count: locations * locations, repeating: 0)
        for k in 0..<seconds.count { seconds[k] = Float(random.below(7)) / 4 }
        seconds[5] = ServiceArea.unreachableSeconds
        var units = [Int32](repeating: 0, count: 12)
        var posts = [Int32](repeating: 1, count: 12)
        for _ in 0..<600 {
            for _ in 0..<random.below(changes + 1) {
                units[random.below(units.count)] = Int32(random.below(locations + 1)) - 1
            }
            if random.uniform() < 0.1 {
                posts = (0...random.below(most)).map { _ in Int32(random.below(locations + 1)) - 1 }
                units = (0..<posts.count).map { _ in Int32(random.below(locations)) }
            } else if random.uniform() < 0.1, units.count > 1 {
                units.removeLast(random.below(2))
            }
            guard !units.isEmpty else { continue }
            let isDone = units.withUnsafeBufferPointer { units in
                posts.withUnsafeBufferPointer { posts in
                    matching.match(units, with: posts, CallClock()) {
                        UnsafePointer(seconds.base + Int($0) * locations)
                    }
                }
            }
            #expect(isDone)
            let expected = try solved(units, posts, seconds)
            for row in 0..<units.count { #expect(matching.columnOfRow[row] == expected[row]) }
        }
    }

    private func solved(_ units: [Int32], _ posts: [Int32], _ seconds: Buffer<Float>) throws -> [Int32] {
        let pairs = units.count * posts.count
        let assignment = try Assignment(rows: units.count, columns: posts.count, pairs: pairs)
        for pair in 0..<pairs {
            let (row, column) = (pair / posts.count, pair % posts.count)
            let (unit, post) = (units[row], posts[column])
            assignment.pairRow[pair] = Int32(row)
            assignment.pairColumn[pair] = Int32(column)
            let travel =
                unit >= 0 && post >= 0 ? seconds[Int(unit) * locations + Int(post)] : ServiceArea.unreachableSeconds
            assignment.value[pair] = -Double(travel)
            assignment.rowMandatory[row] = 1
        }
        assignment.indexPairs(rows: units.count, columns: posts.count, pairs: pairs)
        #expect(assignment.solve() == .solved)
        return (0..<units.count).map { assignment.pairColumn[Int(assignment.pairOfRow[$0])] }
    }
}
