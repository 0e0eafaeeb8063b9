import CKernels
import Foundation
import PatrolModel
import Testing

@Suite struct ElementaryTests {
    static func relativeError(_ value: Double, _ exact: Double) -> Double {
        value == exact ? 0 : abs(value - exact) / abs(exact)
    }

    @Test(arguments: Level.all) func decayIsWithinItsBound(level: Level) {
        for scale: Float in [1, 1 / 180, 0.0123, 7] {
            let t = stride(from: 0, to: 87.2, by: 0.0037).map { Float($0) / scale }
            var out = [Float](repeating: 0, count: t.count)
            level.expDecay(t, scale, &out, t.count)
            var worst = 0.0
            for (t, out) in zip(t, out) {
                worst = max(worst, Self.relativeError(Double(out), exp(-Double(t) * Double(scale))))
            }
            #expect(worst < 3e-7)
        }
    }

    @Test(arguments: Level.all) func decayAtItsEnds(level: Level) {
        let t: [Float] = [0, -0.0, .infinity, .nan, 87, 88, 1e30, .greatestFiniteMagnitude, .leastNonzeroMagnitude]
        var out = t
        level.expDecay(t, 1, &out, t.count)
        #expect(bits(out) == bits([1, 1, 0, .nan, kernels_exp(-87), 0, 0, 0, 1]))
        var inPlace = t
        inPlace.withUnsafeMutableBufferPointer { level.expDecay($0.baseAddress, 1, $0.baseAddress, $0.count) }
        #expect(bits(inPlace) == bits(out))
    }

    @Test func decayIsTheSameInEveryLevelAndPlace() {
        var random = RandomNumbers(seed: 9)
        for count in edgeCounts {
            let t = random.floats(count, in: 0...2000)
            let results = Level.all.map { level in
                var out = [Float](repeating: 777, count: count + 1)
                level.expDecay(t, 1 / 300, &out, count)
                return bits(out)
            }
            for result in results { #expect(result == results[0]) }
            #expect(results[0].last == Float(777).bitPattern)
            let oneByOne = t.map { t in
                var out: Float = 0
                kernels_exp_decay([t], 1 / 300, &out, 1)
                return out
            }
            #expect(Array(results[0].dropLast()) == bits(oneByOne))
        }
    }

    @Test func singleExponential() {
        var worst = 0.0
        for x in stride(from: -87.33, through: 88.72, by: 0.00113) {
            worst = max(worst, Self.relativeError(Double(kernels_exp(Float(x))), exp(Double(Float(x)))))
        }
        #expect(worst < 2e-7)
        #expect(kernels_exp(0) == 1)
        #expect(kernels_exp(-87.4) == 0)
        #expect(kernels_exp(-.infinity) == 0)
        #expect(kernels_exp(88.73) == .infinity)
        #expect(kernels_exp(.infinity) == .infinity)
        #expect(kernels_exp(.nan).isNaN)
    }

    @Test func doubleExponential() {
        var worst = 0.0
        for x in stride(from: -708.3, through: 709.7, by: 0.00731) {
            worst = max(worst, Self.relativeError(kernels_exp64(x), exp(x)))
        }
        for exponent in -60..<0 {
            let x = Double(sign: .minus, exponent: exponent, significand: 1.2345)
            worst = max(worst, Self.relativeError(kernels_exp64(x), exp(x)))
        }
        #expect(worst < 4e-16)
        #expect(kernels_exp64(0) == 1)
        #expect(kernels_exp64(-709) == 0)
        #expect(kernels_exp64(710) == .infinity)
        #expect(kernels_exp64(-.infinity) == 0)
        #expect(kernels_exp64(.infinity) == .infinity)
        #expect(kernels_exp64(.nan).isNaN)
    }

    @Test func logarithm() {
        var random = RandomNumbers(seed: 10)
        var worst = 0.0
        func check(_ x: Double) { worst = max(worst, Self.relativeError(kernels_log(x), log(x))) }
        for _ in 0..<200_000 {
            check(random.uniform() + 0x1p-60)
            check(Double(bitPattern: random.next() >> 1 % 0x7FF0_0000_0000_0000))
        }
        for step in -100_000...100_000 { check(1 + Double(step) * 5e-6) }
        for exponent in -53..<0 {
            check(1 + Double(sign: .plus, exponent: exponent, significand: 1))
            check(1 - Double(sign: .plus, exponent: exponent, significand: 1))
        }
        #expect(worst < 4e-16)
        #expect(kernels_log(1) == 0)
        #expect(kernels_log(0) == -.infinity)
        #expect(kernels_log(-0.0) == -.infinity)
        #expect(kernels_log(-1).isNaN)
        #expect(kernels_log(.infinity) == .infinity)
        #expect(kernels_log(.nan).isNaN)
    }

    /// The bytes themselves, so that a compiler or a machine that changes them is noticed.
    @Test func bytesAreFixed() {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func add(_ bits: UInt64) { hash = (hash ^ bits) &* 0x100_0000_01B3 }
        for step in 1...1000 {
            let x = Double(step) * 0.0371
            add(kernels_log(x).bitPattern)
            add(kernels_exp64(-x).bitPattern)
            add(UInt64(kernels_exp(Float(-x)).bitPattern))
        }
        #expect(hash == 8_212_969_640_669_360_475)
    }
}
