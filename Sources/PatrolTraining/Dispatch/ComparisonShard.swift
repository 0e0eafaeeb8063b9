import PatrolDecisions
import PatrolModel
import PatrolNetworks

/// The comparisons of two assignments made by one shard of an iteration. Fixed memory.
final class ComparisonShard {
    /// Most pairs kept that only one of the two assignments has.
    static let maximumPairs = 8

    let capacity: Int
    private let pairCapacity: Int
    private(set) var count = 0
    private(set) var limit = 0
    /// The alternative's value minus the decision's, in minutes of waiting of a mean call; shape [capacity].
    let targets: Buffer<Float>
    /// Features `state/1` after the decision and after the alternative, shape [capacity, 2, 64]; empty where no value function
    /// is learned.
    let states: Buffer<Float>
    /// Features `pair/1` of the pairs that only one of the two has, the decision's first; shape [pair capacity, 24].
    let pairs: Buffer<Float>
    /// Row of a comparison's first pair, shape [capacity + 1], and how many of its pairs are the decision's.
    let firstPair: Buffer<Int32>
    let decisionPairs: Buffer<Int32>

    init(capacity: Int, withStates: Bool) throws(PatrolError) {
        self.capacity = capacity
        pairCapacity = ComparisonShard.pairCapacity(capacity)
        targets = try Buffer(count: capacity, repeating: 0)
        states = try Buffer(count: withStates ? capacity * 2 * StateTable.width : 0, repeating: 0)
        pairs = try Buffer(count: pairCapacity * PairTable.width, repeating: 0)
        firstPair = try Buffer(count: capacity + 1, repeating: 0)
        decisionPairs = try Buffer(count: capacity, repeating: 0)
    }

    private static func pairCapacity(_ capacity: Int) -> Int { 4 * capacity + 2 * maximumPairs }

    /// Memory that a shard takes.
    static func bytes(capacity: Int, withStates: Bool) -> Int {
        let numbers = pairCapacity(capacity) * PairTable.width + (withStates ? capacity * 2 * StateTable.width : 0)
        return 4 * (numbers + 3 * capacity + 1)
    }

    /// Empties it. - Parameter limit: comparisons wanted, at most `capacity`.
    func clear(limit: Int) {
        count = 0
        self.limit = limit
    }

    var isFull: Bool { count >= limit || pairCount + 2 * ComparisonShard.maximumPairs > pairCapacity }
    var pairCount: Int { Int(firstPair[count]) }

    /// Adds a comparison, unless too many pairs differ.
    func append(_ alternatives: DispatchAlternatives, target: Double) {
        let most = ComparisonShard.maximumPairs
        let first = pairs.base + pairCount * PairTable.width
        let ofDecision = alternatives.writePairs(ofAlternative: false, maximum: most, into: first)
        guard ofDecision >= 0 else { return }
        let ofAlternative = alternatives.writePairs(
            ofAlternative: true, maximum: most, into: first + ofDecision * PairTable.width)
        guard ofAlternative >= 0 else { return }
        if states.count > 0 {
            let row = states.base + count * 2 * StateTable.width
            alternatives.writeState(ofAlternative: false, into: row)
            alternatives.writeState(ofAlternative: true, into: row + StateTable.width)
        }
        targets[count] = Float(target)
        decisionPairs[count] = Int32(ofDecision)
        firstPair[count + 1] = firstPair[count] + Int32(ofDecision + ofAlternative)
        count += 1
    }

    /// Takes over comparisons that were kept elsewhere.
    func restore(count: Int) { self.count = count }
}
