import PatrolModel

/// One layer as it is stored in files and trained: `y = W·x + b`.
///
/// The layout is that of PyTorch's `nn.Linear`, so its `weight` and `bias` can be taken as they are.
public struct DenseLayer {
    public let inputs: Int
    public let outputs: Int
    /// Shape [outputs, inputs], row-major.
    public let weights: Buffer<Float>
    /// Shape [outputs].
    public let bias: Buffer<Float>

    public init(inputs: Int, outputs: Int, weights: Buffer<Float>, bias: Buffer<Float>) {
        self.inputs = inputs
        self.outputs = outputs
        self.weights = weights
        self.bias = bias
    }
}

/// What a network does to its input before the first layer: `x'[i] = (x[i] − mean[i]) · scale[i]`, in that order,
/// each step rounded to `Float`.
///
/// It is computed as written for every row. Folding it into the first layer's weights would be cheaper and would
/// change the last bits, more so the farther a feature's mean is from 0.
public struct InputNormalization {
    /// Shape [inputs].
    public let mean: Buffer<Float>
    /// Shape [inputs]; usually one over the standard deviation.
    public let scale: Buffer<Float>

    public init(mean: Buffer<Float>, scale: Buffer<Float>) {
        self.mean = mean
        self.scale = scale
    }
}
