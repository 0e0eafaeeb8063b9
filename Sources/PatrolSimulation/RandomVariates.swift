import CKernels
import PatrolModel

/// Random variates from uniform numbers, by logarithms and exponentials of our own: the same bytes on every machine.
extension RandomNumbers {
    /// Exponential with mean 1.
    @inline(__always)
    mutating func exponential() -> Double { -kernels_log(1 - uniform()) }

    /// Standard normal, by Marsaglia's polar method (1964); its second value is not kept.
    mutating func normal() -> Double {
        while true {
            let (x, y) = (2 * uniform() - 1, 2 * uniform() - 1)
            let square = x * x + y * y
            if square > 0 && square < 1 { return x * (-2 * kernels_log(square) / square).squareRoot() }
        }
    }

    /// Gamma with mean `shape` and scale 1 (Marsaglia & Tsang 2000). - Parameter shape: > 0.
    mutating func gamma(shape: Double) -> Double {
        if shape < 1 {
            // G(a) = G(a + 1) · U^(1/a).
            let boost = kernels_exp64(-exponential() / shape)
            return gamma(shape: shape + 1) * boost
        }
        let d = shape - 1.0 / 3
        let c = 1 / (9 * d).squareRoot()
        while true {
            let x = normal()
            let root = 1 + c * x
            guard root > 0 else { continue }
            let v = root * root * root
            if -exponential() < 0.5 * x * x + d * (1 - v + kernels_log(v)) { return d * v }
        }
    }
}
