import CKernels

/// Times inside routing: whole milliseconds, so that sums are exact and the same in any order.
public enum Milliseconds {
    /// Stands for no way and caps every sum: 2³¹ − 1, some 24 days. Two of them add up without overflow.
    public static let unreachable = UInt32(KERNELS_UNREACHABLE)

    /// To the nearest millisecond, halves up; the seconds are >= 0 or infinite.
    @inline(__always)
    public static func rounded(_ seconds: Float) -> UInt32 {
        let milliseconds = Double(seconds) * 1000 + 0.5
        return milliseconds < Double(unreachable) ? UInt32(milliseconds) : unreachable
    }

    /// The nearest float; infinity where unreachable.
    @inline(__always)
    public static func seconds(_ milliseconds: UInt32) -> Float {
        milliseconds < unreachable ? Float(Double(milliseconds) / 1000) : .infinity
    }

    @inline(__always)
    public static func sum(_ a: UInt32, _ b: UInt32) -> UInt32 { min(a &+ b, unreachable) }

    /// No fewer milliseconds than those that `seconds` gave this time for, `unreachable` at most; that also for NaN.
    package static func roundedUp(_ seconds: Float) -> UInt32 {
        let milliseconds = Double(seconds) * (1000 + 0x1p-10) + 1
        return milliseconds < Double(unreachable) ? UInt32(max(0, milliseconds)) : unreachable
    }
}
