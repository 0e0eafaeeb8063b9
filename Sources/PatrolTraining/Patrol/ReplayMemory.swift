import PatrolModel

/// The last transitions of a semi-Markov decision process, from which training draws (Lin 1992; Mnih et al. 2015).
///
/// A transition is the observation of the candidate that was chosen, the reward until the next decision, the discount of
/// what comes then, e^(−β Δt) or 0 where nothing does, and the observations of the candidates there. Memory is allocated
/// here and nowhere else.
public final class ReplayMemory {
    public let capacity: Int
    /// Features of a candidate.
    public let width: Int
    public let maximumCandidates: Int
    /// Transitions kept; the place the next one takes, the oldest where the memory is full.
    public internal(set) var count = 0
    public internal(set) var next = 0
    /// The chosen candidate and those of the next decision, shape [capacity, 1 + maximumCandidates, width].
    let rows: Buffer<Float>
    /// Shape [capacity].
    let rewards: Buffer<Float>
    let discounts: Buffer<Float>
    let candidateCounts: Buffer<Int32>

    /// - Throws: `outOfMemory`.
    public init(capacity: Int, width: Int, maximumCandidates: Int) throws(PatrolError) {
        self.capacity = capacity
        self.width = width
        self.maximumCandidates = maximumCandidates
        let (cells, overflow) = capacity.multipliedReportingOverflow(by: (1 + maximumCandidates) * width)
        guard !overflow else { throw PatrolError(.outOfMemory, "no memory for \(capacity) transitions") }
        rows = try Buffer(count: cells, repeating: 0)
        rewards = try Buffer(count: capacity, repeating: 0)
        discounts = try Buffer(count: capacity, repeating: 0)
        candidateCounts = try Buffer(count: capacity, repeating: 0)
    }

    /// Keeps a transition in place of the oldest.
    /// - Parameters:
    ///   - chosen: shape [width].
    ///   - candidates: of the next decision, shape [candidateCount, width].
    public func append(
        chosen: UnsafePointer<Float>, reward: Float, discount: Float, candidates: UnsafePointer<Float>, candidateCount: Int
    ) {
        assert(candidateCount <= maximumCandidates)
        let row = rows.base + next * (1 + maximumCandidates) * width
        row.update(from: chosen, count: width)
        (row + width).update(from: candidates, count: candidateCount * width)
        rewards[next] = reward
        discounts[next] = candidateCount > 0 ? discount : 0
        candidateCounts[next] = Int32(candidateCount)
        next = next + 1 < capacity ? next + 1 : 0
        count = min(count + 1, capacity)
    }

    public struct Transition {
        /// Shape [width].
        public let chosen: UnsafePointer<Float>
        public let reward: Float
        public let discount: Float
        /// Shape [candidateCount, width].
        public let candidates: UnsafePointer<Float>
        public let candidateCount: Int
    }

    public subscript(index: Int) -> Transition {
        let row = UnsafePointer(rows.base + index * (1 + maximumCandidates) * width)
        return Transition(
            chosen: row, reward: rewards[index], discount: discounts[index], candidates: row + width,
            candidateCount: Int(candidateCounts[index]))
    }
}
