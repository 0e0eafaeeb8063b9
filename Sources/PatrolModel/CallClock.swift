import CKernels

/// When a call must end: a deadline on the monotonic clock and a flag that another thread may set.
public struct CallClock {
    /// Monotonic nanoseconds; `Int64.max` for none.
    public var deadline = Int64.max
    public var cancelFlag: UnsafePointer<Int32>?
    /// In place of time: how many more looks at the clock find the call in time. Tests count work by it.
    package var looksLeft: UnsafeMutablePointer<Int>?
    /// Steps since the last look at the time, and how many pass between two looks: some microseconds. The first look is at once.
    private var steps = CallClock.mostSteps
    private static let mostSteps = 2048

    public init() {}

    public var isUnlimited: Bool { deadline == .max && cancelFlag == nil && looksLeft == nil }

    public var cancelled: Bool { cancelFlag.map { kernels_load_flag($0) != 0 } ?? false }

    public var expired: Bool { isPast(kernels_monotonic_nanoseconds) || cancelled }

    /// The same after work of so many steps, each a few nanoseconds. A look at the time costs as much as some of them, and
    /// is taken only once enough have come together.
    package mutating func expired(after work: Int) -> Bool {
        steps += work
        guard steps >= CallClock.mostSteps || looksLeft != nil else { return false }
        steps = 0
        return expired
    }

    /// Whether it is over at a time that was or will be.
    package func expired(at nanoseconds: Int64) -> Bool { isPast { nanoseconds } || cancelled }

    /// A clock that ends earlier and so leaves time for what comes after, at most half of what is left.
    package func leaving(_ nanoseconds: Int64) -> CallClock {
        ending { left in max((left + 1) / 2, left - nanoseconds) }
    }

    /// A clock that ends after one of `count` equal parts of what is left.
    package func part(of count: Int) -> CallClock { ending { left in left / Int64(count) } }

    private func ending(after part: (_ left: Int64) -> Int64) -> CallClock {
        var clock = self
        guard deadline != .max else { return clock }
        let now = kernels_monotonic_nanoseconds()
        if now < deadline { clock.deadline = now + part(deadline - now) }
        return clock
    }

    /// What a call says that was ended before it had an answer.
    package static var outOfTime: PatrolError {
        PatrolError(.noTime, "the deadline or the cancel flag ended the call before it had an answer")
    }

    @inline(__always)
    private func isPast(_ now: () -> Int64) -> Bool {
        if let looksLeft {
            looksLeft.pointee -= 1
            return looksLeft.pointee < 0
        }
        return deadline != .max && now() >= deadline
    }
}
