import PatrolModel

/// Adam (Kingma & Ba 2015, arXiv 1412.6980, algorithm 1) on a flat parameter vector.
public final class Adam {
    public struct Rates: Sendable {
        /// Decay of the first and second moment.
        public var beta1: Float = 0.9
        public var beta2: Float = 0.999
        public var epsilon: Float = 1e-8

        public init() {}
    }

    public let rates: Rates
    /// m and v, shape [parameters]; with `stepCount` they are the whole state.
    public let firstMoment: Buffer<Float>
    public let secondMoment: Buffer<Float>
    public var stepCount = 0
    /// Places kept at or below 0: projected after each step, as an input-concave value function needs.
    public let nonPositive: [Range<Int>]

    /// - Throws: `outOfMemory`.
    public init(parameterCount: Int, nonPositive: [Range<Int>] = [], rates: Rates = Rates()) throws(PatrolError) {
        self.rates = rates
        self.nonPositive = nonPositive
        firstMoment = try Buffer(count: parameterCount, repeating: 0)
        secondMoment = try Buffer(count: parameterCount, repeating: 0)
    }

    /// Forgets all steps.
    public func restart() {
        for k in 0..<firstMoment.count { (firstMoment[k], secondMoment[k]) = (0, 0) }
        stepCount = 0
    }

    /// One step against `gradient`. - Parameter rate: α, the step size.
    public func step(
        _ parameters: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>, rate: Float
    ) {
        stepCount += 1
        let correction1 = 1 / Float(1 - power(Double(rates.beta1), stepCount))
        let correction2 = 1 / Float(1 - power(Double(rates.beta2), stepCount))
        let (keep1, take1) = (rates.beta1, 1 - rates.beta1)
        let (keep2, take2) = (rates.beta2, 1 - rates.beta2)
        let (m, v) = (firstMoment.base, secondMoment.base)
        let count = firstMoment.count
        typealias Lanes = SIMD8<Float>
        var k = 0
        while k + Lanes.scalarCount <= count {
            let g = lanes(gradient + k)
            let first = lanes(m + k) * keep1 + g * take1
            let second = lanes(v + k) * keep2 + g * g * take2
            let root = (second * correction2).squareRoot() + rates.epsilon
            store(lanes(parameters + k) - rate * (first * correction1) / root, parameters + k)
            store(first, m + k)
            store(second, v + k)
            k += Lanes.scalarCount
        }
        while k < count {
            m[k] = m[k] * keep1 + gradient[k] * take1
            v[k] = v[k] * keep2 + gradient[k] * gradient[k] * take2
            parameters[k] -= rate * (m[k] * correction1) / ((v[k] * correction2).squareRoot() + rates.epsilon)
            k += 1
        }
        for range in nonPositive {
            for place in range where parameters[place] > 0 { parameters[place] = 0 }
        }
    }
}

/// base^exponent by repeated squaring: the same bits on every machine.
private func power(_ base: Double, _ exponent: Int) -> Double {
    var (result, square, left) = (1.0, base, exponent)
    while left > 0 {
        if left & 1 == 1 { result *= square }
        square *= square
        left >>= 1
    }
    return result
}

@inline(__always)
private func lanes(_ from: UnsafePointer<Float>) -> SIMD8<Float> {
    UnsafeRawPointer(from).loadUnaligned(as: SIMD8<Float>.self)
}

@inline(__always)
private func store(_ value: SIMD8<Float>, _ to: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(to).storeBytes(of: value, as: SIMD8<Float>.self)
}
