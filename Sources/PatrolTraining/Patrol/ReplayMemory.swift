import PatrolModel

/// How a Q-network sees a decision. Either one row of features for each candidate and one output, or one row for the whole
/// state and an output for each candidate: the candidates' values are the outputs read in order, in both.
public struct DecisionForm: Sendable, Equatable {
    /// Features of a row.
    public let width: Int
    public let maximumCandidates: Int
    public let hasRowPerCandidate: Bool

    public init(width: Int, maximumCandidates: Int, hasRowPerCandidate: Bool) {
        (self.width, self.maximumCandidates, self.hasRowPerCandidate) = (width, maximumCandidates, hasRowPerCandidate)
    }

    /// Of the network.
    public var outputs: Int { hasRowPerCandidate ? 1 : maximumCandidates }

    public func rows(candidates: Int) -> Int { hasRowPerCandidate ? candidates : min(candidates, 1) }
}

/// The last transitions of a semi-Markov decision process, from which training draws (Lin 1992; Mnih et al. 2015).
///
/// A transition is the row that the chosen candidate's value was read from and the output it was, the reward until the next
/// decision, the discount of what comes then (e^(−β Δt), 0 where nothing does), and the rows of that decision. Memory is
/// allocated here and nowhere else.
public final class ReplayMemory {
    public let form: DecisionForm
    public let capacity: Int
    /// Transitions kept; the place the next one takes, the oldest where the memory is full.
    public internal(set) var count = 0
    public internal(set) var next = 0
    /// The chosen row and those of the next decision, shape [capacity, rows of a transition, width].
    let rows: Buffer<Float>
    /// Shape [capacity].
    let rewards: Buffer<Float>
    let discounts: Buffer<Float>
    let outputs: Buffer<Int32>
    let candidateCounts: Buffer<Int32>

    /// - Throws: `outOfMemory`.
    public init(_ form: DecisionForm, capacity: Int) throws(PatrolError) {
        self.form = form
        self.capacity = capacity
        let (cells, overflow) = capacity.multipliedReportingOverflow(by: ReplayMemory.stride(form))
        guard !overflow else { throw PatrolError(.outOfMemory, "no memory for \(capacity) transitions") }
        rows = try Buffer(count: cells, repeating: 0)
        rewards = try Buffer(count: capacity, repeating: 0)
        discounts = try Buffer(count: capacity, repeating: 0)
        outputs = try Buffer(count: capacity, repeating: 0)
        candidateCounts = try Buffer(count: capacity, repeating: 0)
    }

    /// Floats of a transition.
    static func stride(_ form: DecisionForm) -> Int { (1 + form.rows(candidates: form.maximumCandidates)) * form.width }

    public func clear() {
        // What is left in unused places of rows would show in checkpoints.
        rows.base.update(repeating: 0, count: count * (rows.count / max(1, capacity)))
        (count, next) = (0, 0)
    }

    /// Keeps a transition in place of the oldest.
    /// - Parameters:
    ///   - chosen: shape [width].
    ///   - output: that of the network that was the chosen candidate's value.
    ///   - candidates: of the next decision; 0: there is none.
    ///   - observed: rows of the next decision.
    public func append(
        chosen: UnsafePointer<Float>, output: Int, reward: Float, discount: Float, candidates: Int,
        observed: UnsafePointer<Float>
    ) {
        assert(candidates <= form.maximumCandidates && output < form.outputs)
        let row = rows.base + next * ReplayMemory.stride(form)
        row.update(from: chosen, count: form.width)
        (row + form.width).update(from: observed, count: form.rows(candidates: candidates) * form.width)
        rewards[next] = reward
        discounts[next] = candidates > 0 ? discount : 0
        outputs[next] = Int32(output)
        candidateCounts[next] = Int32(candidates)
        next = next + 1 < capacity ? next + 1 : 0
        count = min(count + 1, capacity)
    }

    /// Appends the transitions of another memory, oldest first.
    public func append(_ other: ReplayMemory) {
        for k in 0..<other.count {
            let transition = other[(other.next + other.capacity - other.count + k) % other.capacity]
            append(
                chosen: transition.chosen, output: transition.output, reward: transition.reward,
                discount: transition.discount, candidates: transition.candidates, observed: transition.observed)
        }
    }

    public struct Transition {
        /// Shape [width].
        public let chosen: UnsafePointer<Float>
        public let output: Int
        public let reward: Float
        public let discount: Float
        /// Candidates of the next decision, and its rows.
        public let candidates: Int
        public let observed: UnsafePointer<Float>
    }

    public subscript(index: Int) -> Transition {
        let row = UnsafePointer(rows.base + index * ReplayMemory.stride(form))
        return Transition(
            chosen: row, output: Int(outputs[index]), reward: rewards[index], discount: discounts[index],
            candidates: Int(candidateCounts[index]), observed: row + form.width)
    }
}
