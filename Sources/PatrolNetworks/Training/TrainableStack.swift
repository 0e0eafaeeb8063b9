import PatrolModel

/// The parameters of a stack in training.
public final class TrainableStack {
    public let shape: StackShape
    /// Shape [parameterCount], laid out as `shape` says.
    public let parameters: Buffer<Float>

    /// - Throws: `outOfMemory`.
    public init(_ shape: StackShape, _ random: inout RandomNumbers) throws(PatrolError) {
        self.shape = shape
        parameters = try Buffer(count: shape.parameterCount, repeating: 0)
        shape.initialize(parameters.base, &random)
    }

    /// A stack with the parameters of another.
    public init(copying other: TrainableStack) throws(PatrolError) {
        shape = other.shape
        parameters = try Buffer(copying: other.parameters)
    }

    /// Begins as a linear function of a row before normalization, Σ_k weights[k] · row[k], which training starts from: two neurons of
    /// each hidden layer carry it and its negative through the ReLUs, and no other neuron counts yet.
    ///
    /// Where values hardly differ between candidates, and much between states, a network that starts from nothing takes
    /// long to learn the small differences that decide.
    public func begin(linear weights: Buffer<Float>, normalization: InputNormalization) {
        guard shape.layerCount > 1 else { return }
        let last = shape.layerCount - 1
        for layer in 0...last {
            let (inputs, outputs) = (shape.widths[layer], shape.widths[layer + 1])
            let (matrix, bias) = (shape.weights(ofLayer: layer).lowerBound, shape.bias(ofLayer: layer).lowerBound)
            for neuron in 0..<min(2, outputs) {
                let sign: Float = neuron == 0 ? 1 : -1
                for i in 0..<inputs { parameters[matrix + neuron * inputs + i] = 0 }
                parameters[bias + neuron] = 0
                if layer == 0 {
                    // In terms of normalized features: f = x / scale + mean.
                    for i in 0..<inputs {
                        parameters[matrix + neuron * inputs + i] = sign * weights[i] / normalization.scale[i]
                        parameters[bias + neuron] += sign * weights[i] * normalization.mean[i]
                    }
                } else if layer < last {
                    parameters[matrix + neuron * inputs + neuron] = 1
                } else {
                    parameters[matrix] = 1
                    parameters[matrix + 1] = -1
                }
            }
        }
    }

    public func layers() throws(PatrolError) -> [DenseLayer] { try shape.layers(parameters.base) }

    /// The network as the runtime has it: its outputs are those of `StackPass` on normalized rows, bit for bit.
    public func network(normalization: InputNormalization?) throws(PatrolError) -> DenseNetwork {
        try DenseNetwork(layers: try layers(), normalization: normalization)
    }
}

extension Buffer {
    public convenience init(copying other: Buffer<Element>) throws(PatrolError)
    where Element: ExpressibleByIntegerLiteral {
        try self.init(count: other.count, repeating: 0)
        base.update(from: other.base, count: count)
    }
}
