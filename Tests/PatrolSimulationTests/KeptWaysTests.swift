import PatrolModel
import TestSupport
import Testing

@testable import PatrolSimulation

@Suite struct KeptWaysTests {
    /// More pairs of nodes than there is room for, each asked for more than once, with right and wrong guesses.
    @Test func waysAreThoseOfTheSearch() throws {
        var random = RandomNumbers(seed: 21)
        let router = try Router(try City(nodeCount: 70, edgeCount: 240, random: &random).area().routing)
        let most = 5
        let ways = try KeptWays(steps: most)
        for _ in 0..<20_000 {
            let (from, to) = (Int32(random.below(70)), Int32(random.below(70)))
            let guess = random.uniform() < 0.5 ? Float.infinity : Float(random.below(100))
            var (found, expected) = ([Int32](), [Int32]())
            var (times, expectedTimes) = ([UInt32](), [UInt32]())
            ways.visit(from: from, to: to, within: guess, by: router) { node, milliseconds in
                found.append(node)
                times.append(milliseconds)
            }
            router.visitPath(from: from, to: to, mode: .patrol) { node, milliseconds in
                expected.append(node)
                expectedTimes.append(milliseconds)
                return expected.count < most
            }
            #expect(found == expected && times == expectedTimes)
        }
    }
}
