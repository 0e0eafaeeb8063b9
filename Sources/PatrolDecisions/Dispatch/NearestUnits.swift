import PatrolModel

/// The pairs that a decision considers when there are too many: each call's k nearest units, ties to the lowest index.
final class NearestUnits {
    /// Travel seconds of each call's k-th nearest unit, as bits, and how many units at that distance are still to be taken.
    private let reach: Buffer<UInt32>
    private let room: Buffer<Int32>
    private let closer: Buffer<Int32>

    init(maximumCalls: Int, _ memory: inout WorkingMemory) {
        reach = memory.buffer(count: maximumCalls, repeating: .max)
        room = memory.buffer(count: maximumCalls, repeating: 0)
        closer = memory.buffer(count: maximumCalls, repeating: 0)
    }

    func keepAll(calls: Int) {
        for w in 0..<calls { reach[w] = .max }
    }

    /// Finds each call's k-th smallest travel time bit by bit: non-negative floats sort like their bit patterns.
    /// - Parameter forEach: calls with the call and the travel seconds of every pair, more than once.
    /// - Returns: whether that was done in time.
    func keep(_ k: Int, calls: Int, _ clock: CallClock, of forEach: ((Int, Float) -> Void) -> Void) -> Bool {
        for w in 0..<calls { reach[w] = 0 }
        for bit in stride(from: 30, through: 0, by: -1) {
            if clock.expired { return false }
            let step = UInt32(1) << UInt32(bit)
            for w in 0..<calls { closer[w] = 0 }
            forEach { w, seconds in if bits(seconds) < reach[w] + step { closer[w] += 1 } }
            for w in 0..<calls where closer[w] < Int32(k) { reach[w] += step }
        }
        for w in 0..<calls { room[w] = Int32(k) }
        forEach { w, seconds in if bits(seconds) < reach[w] { room[w] -= 1 } }
        return true
    }

    /// Whether a pair is among the nearest of its call. Pairs are asked for once each, in order.
    @inline(__always)
    func takes(_ w: Int, _ seconds: Float) -> Bool {
        if bits(seconds) < reach[w] { return true }
        guard bits(seconds) == reach[w], room[w] > 0 else { return false }
        room[w] -= 1
        return true
    }

    /// Adding 0 turns −0 into 0.
    @inline(__always)
    private func bits(_ seconds: Float) -> UInt32 { (seconds + 0).bitPattern }
}
