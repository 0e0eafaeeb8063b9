/// xoshiro256++ (Blackman & Vigna 2021): a small, fast generator whose stream is the same on every machine.
///
/// Every random choice in the package draws from one of these, passed in by the caller.
public struct RandomNumbers: RandomNumberGenerator, BitwiseCopyable, Sendable {
    var state: (UInt64, UInt64, UInt64, UInt64)

    /// The state is filled by splitmix64 from `seed`; `stream` gives independent generators of one seed.
    public init(seed: UInt64, stream: UInt64 = 0) {
        var mixer = seed &+ stream &* 0xD1B5_4A32_D192_ED03
        func next() -> UInt64 {
            mixer = mixer &+ 0x9E37_79B9_7F4A_7C15
            var z = mixer
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
        state = (next(), next(), next(), next())
    }

    @inline(__always)
    public mutating func next() -> UInt64 {
        @inline(__always) func rotated(_ x: UInt64, _ k: UInt64) -> UInt64 { (x << k) | (x >> (64 &- k)) }
        let result = rotated(state.0 &+ state.3, 23) &+ state.0
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = rotated(state.3, 45)
        return result
    }

    /// Uniform in [0, 1), 53 bits.
    @inline(__always)
    public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Uniform in 0 ..< bound (Lemire's multiply-shift; its bias is below 2⁻³² for bounds below 2³²). `bound` > 0.
    @inline(__always)
    public mutating func below(_ bound: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }
    /// Puts numbers in random order, all orders equally likely (Fisher & Yates).
    public mutating func shuffle(_ order: Buffer<UInt64>) {
        for k in stride(from: order.count - 1, to: 0, by: -1) {
            let other = below(k + 1)
            (order[k], order[other]) = (order[other], order[k])
        }
    }
}
