import PatrolModel

/// The parameters of a value function as policy files hold them; a part that the shape lacks is nil.
public struct ValueLayers {
    /// A hidden layer, and its output weights as a layer [1, neurons] whose bias is 0.
    public struct Block {
        public var hidden: DenseLayer
        public var output: DenseLayer
    }

    /// [1, inputs], with c as bias.
    public var skip: DenseLayer
    /// [hidden, inputs].
    public var dense: Block?
    /// [block, anchor width].
    public var shared: Block?
}

extension ValueShape {
    public func layers(_ parameters: UnsafePointer<Float>) throws(PatrolError) -> ValueLayers {
        func block(_ stack: StackShape?, _ offset: Int) throws(PatrolError) -> ValueLayers.Block? {
            guard let layers = try stack?.layers(parameters + offset) else { return nil }
            return ValueLayers.Block(hidden: layers[0], output: layers[1])
        }
        return ValueLayers(
            skip: try skip.layers(parameters)[0], dense: try block(dense, denseOffset),
            shared: try block(anchor, anchorOffset))
    }

    /// The function as the runtime has it: the network that a policy file of these parameters gives.
    public func network(
        _ parameters: UnsafePointer<Float>, normalization: InputNormalization?
    ) throws(PatrolError) -> ValueNetwork {
        let layers = try layers(parameters)
        func block(_ block: ValueLayers.Block?) throws(PatrolError) -> ValueNetwork.Block? {
            guard let block else { return nil }
            return ValueNetwork.Block(
                inputs: block.hidden.inputs, weights: try doubles(block.hidden.weights),
                bias: try doubles(block.hidden.bias), output: try doubles(block.output.weights))
        }
        return try ValueNetwork(
            skip: try doubles(layers.skip.weights), constant: Double(layers.skip.bias[0]),
            dense: try block(layers.dense),
            shared: try block(layers.shared), anchors: anchors, normalization: normalization)
    }
}

private func doubles(_ values: Buffer<Float>) throws(PatrolError) -> Buffer<Double> {
    let result = try Buffer<Double>(count: values.count, repeating: 0)
    for k in 0..<values.count { result[k] = Double(values[k]) }
    return result
}
