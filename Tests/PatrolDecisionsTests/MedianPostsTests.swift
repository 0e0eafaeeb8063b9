import PatrolModel
import TestSupport
import Testing

@testable import PatrolDecisions

@Suite struct MedianPostsTests {
    /// Demand-weighted seconds from the nearest of some posts.
    private func cost(_ area: ServiceArea, _ demand: Buffer<Float>, _ posts: [Int]) -> Double {
        (0..<area.pointCount).reduce(0.0) { sum, v in
            let nearest = posts.map { area.secondsToPoints(area.pointNodes[$0])[v] }.min()!
            return sum + Double(demand[v]) * Double(nearest)
        }
    }

    @Test func twoPostsAreCloseToTheBestPair() throws {
        for seed in 0..<6 as Range<UInt64> {
            let area = try City(side: 5, seed: seed).area()
            let demand = try Buffer<Float>(count: area.pointCount, repeating: 0)
            var random = RandomNumbers(seed: seed)
            for v in 0..<area.pointCount { demand[v] = Float(random.uniform()) / 12.5 }
            let posts = try MedianPosts(area: area, demand: demand.base, rows: 4)
            var best = Double.infinity
            for a in 0..<area.pointCount { for b in 0..<a { best = min(best, cost(area, demand, [a, b])) } }
            let found = cost(area, demand, posts.row(2).map(Int.init))
            #expect(abs(found - Double(posts.meanSeconds[1])) < 1e-3 * found)
            #expect(found <= best * 1.02, "exchange stops within 2 % of the best pair here")
            for n in 1...4 {
                let row = posts.row(n).map(Int.init)
                #expect(Set(row).count == n && row == row.sorted())
                if n > 1 { #expect(posts.meanSeconds[n - 1] <= posts.meanSeconds[n - 2]) }
                for leaving in row {
                    for entering in 0..<area.pointCount where !row.contains(entering) {
                        let exchanged = row.filter { $0 != leaving } + [entering]
                        #expect(cost(area, demand, exchanged) >= Double(posts.meanSeconds[n - 1]) * (1 - 1e-5))
                    }
                }
            }
        }
    }

    /// A beat's posts are the best pair of its own places for its own demand.
    @Test func postsOfABeat() throws {
        for seed in 0..<6 as Range<UInt64> {
            let area = try City(side: 5, seed: seed).area()
            let demand = try Buffer<Float>(count: area.pointCount, repeating: 0.04)
            let own = try Buffer<Float>(count: area.pointCount, repeating: 0)
            let places = (0..<area.pointCount).filter { area.beats[$0] == 1 }
            for v in places { own[v] = 0.04 }
            let posts = try MedianPosts(area: area, demand: demand.base, rows: 99, beat: 1)
            #expect(posts.rows == places.count && posts.row(99).map(Int.init) == places)
            var best = Double.infinity
            for a in places { for b in places where b < a { best = min(best, cost(area, own, [a, b])) } }
            #expect(Set(posts.row(2).map(Int.init)).isSubset(of: places))
            #expect(cost(area, own, posts.row(2).map(Int.init)) <= best * 1.02)
        }
        let none = try MedianPosts(
            area: City(side: 3, seed: 1).area(), demand: [Float](repeating: 1, count: 9), rows: 4, beat: 7)
        #expect(none.rows == 0 && none.row(3).isEmpty)
    }

    @Test func moreRowsThanPointsAreCut() throws {
        let area = try City(side: 2, seed: 1).area()
        let demand = try Buffer<Float>(count: 4, repeating: 0.25)
        let posts = try MedianPosts(area: area, demand: demand.base, rows: 9)
        #expect(posts.rows == 4 && posts.row(9).count == 4 && posts.meanSeconds[3] == 0)
    }
}
