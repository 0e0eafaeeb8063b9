import PatrolModel

/// p-median posts: the n demand points that minimise the demand-weighted travel time from the nearest of them.
///
/// Greedy addition to the posts for n − 1, then vertex substitution (Teitz & Bart 1968) in Whitaker's (1983) fast
/// form, which prices every exchange for one entering point in a single pass over the demand points.
struct MedianPosts {
    /// Posts for n units are `points[n(n − 1)/2 ..< n(n + 1)/2]`, ascending demand point indices.
    let points: Buffer<Int32>
    /// Demand-weighted seconds from the nearest of n posts, shape [rows], index n − 1.
    let meanSeconds: Buffer<Float>
    let rows: Int

    /// - Parameters:
    ///   - demand: weight of each demand point, sums to 1.
    ///   - rows: largest n wanted; no more than there are demand points are made.
    init(area: ServiceArea, demand: UnsafePointer<Float>, rows: Int) throws(PatrolError) {
        self.rows = min(rows, area.pointCount)
        points = try Buffer(count: self.rows * (self.rows + 1) / 2, repeating: 0)
        meanSeconds = try Buffer(count: self.rows, repeating: 0)
        let search = try MedianSearch(area: area, demand: demand)
        for n in 1...self.rows {
            search.addBest()
            while search.exchangeBest() {}
            let first = n * (n - 1) / 2
            var next = first
            for point in 0..<area.pointCount where search.isPost[point] {
                points[next] = Int32(point)
                next += 1
            }
            meanSeconds[n - 1] = Float(search.cost)
        }
    }

    func row(_ n: Int) -> UnsafeBufferPointer<Int32> {
        let n = min(max(n, 1), rows)
        return UnsafeBufferPointer(start: points.base + n * (n - 1) / 2, count: n)
    }
}

/// The state of one p-median search.
private final class MedianSearch {
    let area: ServiceArea
    let demand: UnsafePointer<Float>
    let isPost: Buffer<Bool>
    /// Nearest post of each demand point, and the travel seconds from it and from the second nearest.
    let nearest: Buffer<Int32>
    let first: Buffer<Float>
    let second: Buffer<Float>
    let loss: Buffer<Double>
    var cost = Double.infinity

    init(area: ServiceArea, demand: UnsafePointer<Float>) throws(PatrolError) {
        self.area = area
        self.demand = demand
        isPost = try Buffer(count: area.pointCount, repeating: false)
        nearest = try Buffer(count: area.pointCount, repeating: -1)
        first = try Buffer(count: area.pointCount, repeating: 2 * ServiceArea.unreachableSeconds)
        second = try Buffer(count: area.pointCount, repeating: 2 * ServiceArea.unreachableSeconds)
        loss = try Buffer(count: area.pointCount, repeating: 0)
    }

    /// Travel seconds from demand point `a` to every demand point.
    func seconds(from a: Int) -> UnsafePointer<Float> {
        UnsafePointer(area.travelToPoints.base + Int(area.pointNodes[a]) * area.pointCount)
    }

    func addBest() {
        var best = -1
        var bestGain = -Double.infinity
        for a in 0..<area.pointCount where !isPost[a] {
            let t = seconds(from: a)
            var gain = 0.0
            for v in 0..<area.pointCount { gain += Double(demand[v]) * Double(max(0, first[v] - t[v])) }
            if gain > bestGain { (best, bestGain) = (a, gain) }
        }
        if best >= 0 { isPost[best] = true }
        update()
    }

    /// Makes the most profitable exchange of one post. - Returns: whether one was worth making.
    func exchangeBest() -> Bool {
        var bestProfit = 1e-6 * max(1, cost)
        var entering = -1
        var leaving = -1
        for a in 0..<area.pointCount where !isPost[a] {
            let t = seconds(from: a)
            var gain = 0.0
            for r in 0..<area.pointCount { loss[r] = 0 }
            for v in 0..<area.pointCount {
                if t[v] < first[v] {
                    gain += Double(demand[v]) * Double(first[v] - t[v])
                } else {
                    loss[Int(nearest[v])] += Double(demand[v]) * Double(min(second[v], t[v]) - first[v])
                }
            }
            for r in 0..<area.pointCount where isPost[r] && gain - loss[r] > bestProfit {
                (bestProfit, entering, leaving) = (gain - loss[r], a, r)
            }
        }
        guard entering >= 0 else { return false }
        isPost[entering] = true
        isPost[leaving] = false
        let before = cost
        update()
        return cost < before
    }

    private func update() {
        cost = 0
        for v in 0..<area.pointCount {
            first[v] = 2 * ServiceArea.unreachableSeconds
            second[v] = 2 * ServiceArea.unreachableSeconds
        }
        for a in 0..<area.pointCount where isPost[a] {
            let t = seconds(from: a)
            for v in 0..<area.pointCount {
                if t[v] < first[v] {
                    second[v] = first[v]
                    first[v] = t[v]
                    nearest[v] = Int32(a)
                } else if t[v] < second[v] {
                    second[v] = t[v]
                }
            }
        }
        for v in 0..<area.pointCount { cost += Double(demand[v]) * Double(first[v]) }
    }
}
