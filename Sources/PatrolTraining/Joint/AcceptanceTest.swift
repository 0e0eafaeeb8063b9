import PatrolSimulation

/// When a candidate counts as better than what it has to beat: a paired test that is looked at several times.
///
/// The first look is after `first` replications, each other one after twice as many as the one before, the last after `limit`. Each
/// look has an interval of its own, and all of them together miss the true difference with a chance of 5 % at most, since each misses it
/// with 5 % divided by the number of looks (Bonferroni): looking again takes nothing from what the interval says. A candidate is
/// accepted at the first look whose interval lies below zero, and rejected where its mean is not below zero, or at the last look.
struct AcceptanceTest {
    enum Verdict { case accepted, rejected, undecided }

    let first: Int
    let limit: Int

    init(first: Int, limit: Int) {
        self.first = first
        self.limit = max(first, limit)
    }

    /// Replications of the first look that takes more than `done`; the last one's where there is none.
    func look(after done: Int) -> Int {
        var look = first
        while look <= done && look < limit { look = min(2 * look, limit) }
        return look
    }

    /// The chance of each look's interval to miss.
    var error: Double {
        var (looks, look) = (1, first)
        while look < limit { (looks, look) = (looks + 1, min(2 * look, limit)) }
        return 0.05 / Double(looks)
    }

    func halfWidth(_ comparison: PairedComparison) -> Double { comparison.halfWidth(error: error) }

    /// - Parameters:
    ///   - comparison: what the candidate has more than what it has to beat, at a look.
    ///   - done: replications of this look.
    func verdict(_ comparison: PairedComparison, done: Int) -> Verdict {
        if comparison.mean + halfWidth(comparison) < 0 { return .accepted }
        return comparison.mean < 0 && done < limit ? .undecided : .rejected
    }
}
