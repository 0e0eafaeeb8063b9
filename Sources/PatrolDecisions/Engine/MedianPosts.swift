import PatrolModel

/// p-median posts: the n demand points that minimize the demand-weighted travel time from the nearest of them.
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
    ///   - rows: largest n wanted; fewer if there are fewer places for posts.
    ///   - beat: posts are in this beat, for its demand alone; nil: everywhere.
    init(area: ServiceArea, demand: UnsafePointer<Float>, rows: Int, beat: Int32? = nil) throws(PatrolError) {
        let search = try MedianSearch(area: area, demand: demand, beat: beat)
        self.rows = min(rows, search.places)
        points = try Buffer(count: self.rows * (self.rows + 1) / 2, repeating: 0)
        meanSeconds = try Buffer(count: self.rows, repeating: 0)
        for n in 1..<self.rows + 1 {
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

    /// The posts for n units; at least one if the area has any.
    func row(_ n: Int) -> UnsafeBufferPointer<Int32> {
        let n = min(max(n, 1), rows)
        return UnsafeBufferPointer(start: points.base + n * (n - 1) / 2, count: n)
    }
}

extension ServiceArea {
    /// The patrol location for a post at a demand point, or −1.
    func postLocation(_ point: Int32) -> Int32 { locationOf[Int(pointNodes[Int(point)])] }

    /// The beat of that location, or −1.
    fileprivate func postBeat(_ point: Int32) -> Int32 {
        let location = postLocation(point)
        return location >= 0 ? beats[Int(locationNodes[Int(location)])] : -1
    }
}

/// The state of one p-median search.
private final class MedianSearch {
    let area: ServiceArea
    let demand: Buffer<Float>
    /// Demand points that may be posts, and how many they are.
    private let isPlace: Buffer<Bool>
    let places: Int
    let isPost: Buffer<Bool>
    /// Nearest post of each demand point, and the travel seconds from it and from the second nearest.
    let nearest: Buffer<Int32>
    let first: Buffer<Float>
    let second: Buffer<Float>
    let loss: Buffer<Double>
    var cost = Double.infinity

    init(area: ServiceArea, demand given: UnsafePointer<Float>, beat: Int32?) throws(PatrolError) {
        self.area = area
        demand = try Buffer(count: area.pointCount, repeating: 0)
        isPlace = try Buffer(count: area.pointCount, repeating: true)
        var count = 0
        for v in 0..<area.pointCount {
            if beat == nil || area.beats[Int(area.pointNodes[v])] == beat { demand[v] = given[v] }
            isPlace[v] = beat == nil || area.postBeat(Int32(v)) == beat
            if isPlace[v] { count += 1 }
        }
        places = count
        isPost = try Buffer(count: area.pointCount, repeating: false)
        nearest = try Buffer(count: area.pointCount, repeating: -1)
        first = try Buffer(count: area.pointCount, repeating: 2 * ServiceArea.unreachableSeconds)
        second = try Buffer(count: area.pointCount, repeating: 2 * ServiceArea.unreachableSeconds)
        loss = try Buffer(count: area.pointCount, repeating: 0)
    }

    /// Travel seconds from demand point `a` to every demand point.
    func seconds(from a: Int) -> UnsafePointer<Float> {
        area.secondsToPoints(area.pointNodes[a])
    }

    func addBest() {
        var best = -1
        var bestGain = -Double.infinity
        for a in 0..<area.pointCount where isPlace[a] && !isPost[a] {
            let t = seconds(from: a)
            var gain = 0.0
            for v in 0..<area.pointCount { gain += Double(demand[v]) * Double(max(0, first[v] - t[v])) }
            if gain > bestGain { (best, bestGain) = (a, gain) }
        }
        if best >= 0 { isPost[best] = true }
        update()
    }

    /// Makes the most profitable exchange of one post. - Returns: whether any exchange paid off.
    func exchangeBest() -> Bool {
        var bestProfit = 1e-6 * max(1, cost)
        var entering = -1
        var leaving = -1
        for a in 0..<area.pointCount where isPlace[a] && !isPost[a] {
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
