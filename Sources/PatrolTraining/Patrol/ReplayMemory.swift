import PatrolModel

/// How a Q-network sees a decision: one row of features for each candidate, and one output, its value.
public struct DecisionForm: Sendable, Equatable {
    /// Features of a row.
    public let width: Int
    public let maximumCandidates: Int

    public init(width: Int, maximumCandidates: Int) {
        (self.width, self.maximumCandidates) = (width, maximumCandidates)
    }
}

/// The last transitions of a semi-Markov decision process, from which training draws (Lin 1992; Mnih et al. 2015).
///
/// A transition is the rows of a decision and which candidate was chosen, the reward until the next decision, the discount of
/// what comes then (e^(−β Δt), 0 where nothing does), and the rows of that decision. Memory is allocated here and nowhere else.
public final class ReplayMemory {
    public let form: DecisionForm
    public let capacity: Int
    /// Transitions kept; the place the next one takes, the oldest where the memory is full.
    public internal(set) var count = 0
    public internal(set) var next = 0
    /// The rows of a decision and of the next one, shape [capacity, 2, rows of a decision, width].
    let rows: Buffer<Float>
    /// Shape [capacity].
    let rewards: Buffer<Float>
    let discounts: Buffer<Float>
    /// Candidates of the decision, which of them was chosen, and candidates of the next decision.
    let candidateCounts: Buffer<Int32>
    let chosen: Buffer<Int32>
    let nextCounts: Buffer<Int32>

    /// - Throws: `outOfMemory`.
    public init(_ form: DecisionForm, capacity: Int) throws(PatrolError) {
        self.form = form
        self.capacity = capacity
        let (cells, overflow) = capacity.multipliedReportingOverflow(by: ReplayMemory.stride(form))
        guard !overflow else { throw PatrolError(.outOfMemory, "no memory for \(capacity) transitions") }
        rows = try Buffer(count: cells, repeating: 0)
        rewards = try Buffer(count: capacity, repeating: 0)
        discounts = try Buffer(count: capacity, repeating: 0)
        candidateCounts = try Buffer(count: capacity, repeating: 0)
        chosen = try Buffer(count: capacity, repeating: 0)
        nextCounts = try Buffer(count: capacity, repeating: 0)
    }

    /// Floats of a transition.
    static func stride(_ form: DecisionForm) -> Int { 2 * half(form) }

    private static func half(_ form: DecisionForm) -> Int { form.maximumCandidates * form.width }

    public func clear() { (count, next) = (0, 0) }

    /// Keeps a transition in place of the oldest.
    /// - Parameters:
    ///   - rows, candidates, chosen: the decision, and the index of the candidate that was chosen.
    ///   - nextRows, nextCandidates: the next decision; no candidate: there is none.
    public func append(
        rows: UnsafePointer<Float>, candidates: Int, chosen: Int, reward: Float, discount: Float,
        nextRows: UnsafePointer<Float>, nextCandidates: Int
    ) {
        assert(chosen < candidates && candidates <= form.maximumCandidates && nextCandidates <= form.maximumCandidates)
        let kept = self.rows.base + next * ReplayMemory.stride(form)
        keep(rows, candidates, at: kept)
        keep(nextRows, nextCandidates, at: kept + ReplayMemory.half(form))
        rewards[next] = reward
        discounts[next] = nextCandidates > 0 ? discount : 0
        candidateCounts[next] = Int32(candidates)
        self.chosen[next] = Int32(chosen)
        nextCounts[next] = Int32(nextCandidates)
        next = next + 1 < capacity ? next + 1 : 0
        count = min(count + 1, capacity)
    }

    /// Unused places are cleared: what was there before would show in checkpoints.
    private func keep(_ rows: UnsafePointer<Float>, _ candidates: Int, at place: UnsafeMutablePointer<Float>) {
        let used = candidates * form.width
        place.update(from: rows, count: used)
        (place + used).update(repeating: 0, count: ReplayMemory.half(form) - used)
    }

    /// Appends the transitions of another memory, oldest first.
    public func append(_ other: ReplayMemory) {
        for k in 0..<other.count {
            let transition = other[(other.next + other.capacity - other.count + k) % other.capacity]
            append(
                rows: transition.rows, candidates: transition.candidates, chosen: transition.chosen,
                reward: transition.reward, discount: transition.discount, nextRows: transition.nextRows,
                nextCandidates: transition.nextCandidates)
        }
    }

    public struct Transition {
        /// Shape [rows of the decision, width].
        public let rows: UnsafePointer<Float>
        public let candidates: Int
        public let chosen: Int
        public let reward: Float
        public let discount: Float
        public let nextRows: UnsafePointer<Float>
        public let nextCandidates: Int
    }

    public subscript(index: Int) -> Transition {
        let kept = UnsafePointer(rows.base + index * ReplayMemory.stride(form))
        return Transition(
            rows: kept, candidates: Int(candidateCounts[index]), chosen: Int(chosen[index]), reward: rewards[index],
            discount: discounts[index], nextRows: kept + ReplayMemory.half(form), nextCandidates: Int(nextCounts[index])
        )
    }
}
