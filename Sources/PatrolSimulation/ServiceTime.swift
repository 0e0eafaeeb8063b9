import CKernels
import PatrolModel

/// How the time on scene of a category's calls is distributed.
public struct ServiceTime: BitwiseCopyable, Sendable {
    /// The raw values never change.
    public enum Kind: Int32, BitwiseCopyable, Sendable {
        case exponential = 0, logNormal, gamma
        /// Drawn from samples with equal chance.
        case empirical
    }

    public var kind = Kind.exponential
    /// Seconds, > 0; of `empirical` the samples' mean counts instead.
    public var mean = 0.0
    /// Standard deviation / mean of `logNormal` and `gamma`, 0 ... 100; 0: always the mean.
    public var variation = 1.0
    /// Of `empirical`: its part of `ScenarioArrays.serviceSamples`.
    public var firstSample: Int32 = 0
    public var sampleCount: Int32 = 0

    public init(_ kind: Kind = .exponential, mean: Double, variation: Double = 1) {
        self.kind = kind
        self.mean = mean
        self.variation = variation
    }

    /// One service time in seconds.
    func draw(_ random: inout RandomNumbers, samples: Buffer<Float>) -> Double {
        switch kind {
        case .exponential: return mean * random.exponential()
        case .logNormal:
            let variance = kernels_log(1 + variation * variation)
            return mean * kernels_exp64(variance.squareRoot() * random.normal() - variance / 2)
        case .gamma:
            let scale = variation * variation
            return scale > 0 ? mean * scale * random.gamma(shape: 1 / scale) : mean
        case .empirical: return Double(samples[Int(firstSample) + random.below(Int(sampleCount))])
        }
    }

    /// Expected seconds on scene before anyone has been there.
    func expectation(_ samples: Buffer<Float>) -> Double {
        guard kind == .empirical else { return mean }
        var sum = 0.0
        for k in 0..<Int(sampleCount) { sum += Double(samples[Int(firstSample) + k]) }
        return sum / Double(sampleCount)
    }
}
