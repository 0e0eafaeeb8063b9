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
