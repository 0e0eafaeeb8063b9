import PatrolModel

/// When each source of events has its next one: a tournament tree over the sources.
///
/// A source (a unit's movement, its shift, the next call, ...) has one next event at a time, so that nothing outdated is
/// ever in the calendar and its memory is fixed. Of equal times the lowest source wins: sources are numbered in the order
/// in which events of one instant are applied.
///
/// - Complexity: `set` O(log sources), `first` O(1).
struct EventCalendar {
    private let leaves: Int
    /// Seconds; infinite: none. Shape [leaves].
    private let times: Buffer<Double>
    /// Source with the least time in each subtree: the root is 1, a node's children 2k and 2k + 1.
    private let winners: Buffer<Int32>

    init(sources: Int) throws(PatrolError) {
        var leaves = 1
        while leaves < sources { leaves *= 2 }
        self.leaves = leaves
        times = try Buffer(count: leaves, repeating: .infinity)
        winners = try Buffer(count: 2 * leaves, repeating: 0)
        clear()
    }

    func clear() {
        for leaf in 0..<leaves {
            times[leaf] = .infinity
            winners[leaves + leaf] = Int32(leaf)
        }
        for node in stride(from: leaves - 1, through: 1, by: -1) { winners[node] = winners[2 * node] }
    }

    func copy(_ other: EventCalendar) {
        times.copy(other.times)
        winners.copy(other.winners)
    }

    /// The source whose event is next.
    @inline(__always)
    var first: Int { Int(winners.base[1]) }

    @inline(__always)
    subscript(source: Int) -> Double { times.base[source] }

    func set(_ source: Int, _ time: Double) {
        let (times, winners) = (times.base, winners.base)
        times[source] = time
        var node = (leaves + source) / 2
        while node > 0 {
            let (left, right) = (winners[2 * node], winners[2 * node + 1])
            let winner = times[Int(right)] < times[Int(left)] ? right : left
            // A subtree that the source neither led nor leads looks the same from above.
            if winners[node] == winner && Int(winner) != source { return }
            winners[node] = winner
            node /= 2
        }
    }
}
