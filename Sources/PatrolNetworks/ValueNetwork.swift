import PatrolModel

/// V(φ) = skip·φ + c + Σ_k output_k · ReLU(hidden_k·φ + b_k), the value of the state after a dispatch decision
/// (after Delarue, Anderson & Tjandraatmadja 2020, arXiv 2010.12001).
///
/// Without positive output weights it is concave in φ, and its program needs no binaries for the ReLUs. Kept in
/// double precision, as the solver computes; any input normalization is folded into the weights.
public final class ValueNetwork: Sendable {
    public static let maximumHidden = 256
    /// Hidden neurons over all inputs, and of the block that anchors share, of a policy's value network.
    public static let mostDense = 64
    public static let mostShared = 16

    public let inputCount: Int
    public let hiddenCount: Int
    /// Shape [inputs].
    public let skip: Buffer<Double>
    public let constant: Double
    /// Shape [hidden, inputs].
    public let hidden: Buffer<Double>
    /// The same and, behind it, the skip weights, transposed: shape [inputs, columnWidth], which is a multiple of 8.
    package let columns: Buffer<Double>
    package let columnWidth: Int
    public let hiddenBias: Buffer<Double>
    /// Shape [hidden].
    public let output: Buffer<Double>
    public let isConcave: Bool

    /// - Parameters: shapes as the properties; `normalization` gives mean and scale of each input, applied as (x − mean) · scale.
    /// - Throws: `mismatch` where sizes do not chain.
    public init(
        skip: Buffer<Double>, constant: Double, hidden: Buffer<Double>, hiddenBias: Buffer<Double>,
        output: Buffer<Double>,
        normalization: InputNormalization?
    ) throws(PatrolError) {
        let (inputs, neurons) = (skip.count, output.count)
        guard neurons <= ValueNetwork.maximumHidden, hiddenBias.count == neurons, hidden.count == neurons * inputs
        else {
            throw PatrolError(
                .mismatch,
                "value network: \(neurons) output weights, \(hiddenBias.count) biases and \(hidden.count) hidden weights "
                    + "for \(inputs) inputs")
        }
        inputCount = inputs
        hiddenCount = neurons
        columnWidth = (neurons + 1 + 7) & ~7
        columns = try Buffer(count: inputs * columnWidth, repeating: 0)
        var offset = constant
        var concave = true
        if let normalization {
            for f in 0..<inputs {
                skip[f] *= Double(normalization.scale[f])
                offset -= skip[f] * Double(normalization.mean[f])
            }
        }
        for k in 0..<neurons {
            if output[k] > 0 { concave = false }
            guard let normalization else { continue }
            for f in 0..<inputs {
                hidden[k * inputs + f] *= Double(normalization.scale[f])
                hiddenBias[k] -= hidden[k * inputs + f] * Double(normalization.mean[f])
            }
        }
        for f in 0..<inputs {
            for k in 0..<neurons { columns[f * columnWidth + k] = hidden[k * inputs + f] }
            columns[f * columnWidth + neurons] = skip[f]
        }
        self.skip = skip
        self.constant = offset
        self.hidden = hidden
        self.hiddenBias = hiddenBias
        self.output = output
        isConcave = concave
    }

    /// The value of one input, shape [inputs].
    public func evaluate(_ input: UnsafePointer<Float>) -> Double {
        var value = constant
        for f in 0..<inputCount { value += skip[f] * Double(input[f]) }
        for k in 0..<hiddenCount {
            var z = hiddenBias[k]
            for f in 0..<inputCount { z += hidden[k * inputCount + f] * Double(input[f]) }
            // `max` keeps a NaN out; a NaN input must stay one.
            value += output[k] * (z > 0 || z.isNaN ? z : 0)
        }
        return value
    }
}
