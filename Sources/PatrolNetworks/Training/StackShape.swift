import PatrolModel

/// The layers of a stack, and where their parameters lie in one flat vector: for each layer its weights [outputs, inputs],
/// row-major, then its bias. So optimizers, averages and checkpoints deal with plain vectors.
public struct StackShape: Sendable, Equatable {
    /// Of the input, the hidden layers and the output.
    public let widths: [Int]

    /// - Throws: `invalidArgument` where there is no layer, there are too many, or a width is out of range.
    public init(_ widths: [Int]) throws(PatrolError) {
        try checkCount(widths.count - 1, in: 1...DenseNetwork.maximumLayers, "number of layers")
        for (index, width) in widths.enumerated() {
            try checkCount(width, in: 1...DenseNetwork.maximumWidth, "width \(index)")
        }
        self.widths = widths
    }

    public var layerCount: Int { widths.count - 1 }
    public var inputs: Int { widths[0] }
    public var outputs: Int { widths[widths.count - 1] }
    public var parameterCount: Int { offset(ofLayer: layerCount) }

    func offset(ofLayer layer: Int) -> Int {
        var offset = 0
        for index in 0..<layer { offset += widths[index + 1] * (widths[index] + 1) }
        return offset
    }

    /// Places of a layer's weights in the vector.
    public func weights(ofLayer layer: Int) -> Range<Int> {
        let first = offset(ofLayer: layer)
        return first..<first + widths[layer] * widths[layer + 1]
    }

    public func bias(ofLayer layer: Int) -> Range<Int> {
        let first = weights(ofLayer: layer).upperBound
        return first..<first + widths[layer + 1]
    }

    /// He initialization (He, Zhang, Ren & Sun 2015, arXiv 1502.01852), uniform: variance 2 / inputs before a ReLU and
    /// 1 / inputs in the linear last layer; biases 0.
    public func initialize(_ parameters: UnsafeMutablePointer<Float>, _ random: inout RandomNumbers) {
        for layer in 0..<layerCount {
            let variance = (layer < layerCount - 1 ? 2 : 1) / Float(widths[layer])
            let bound = (3 * variance).squareRoot()
            for place in weights(ofLayer: layer) { parameters[place] = bound * Float(2 * random.uniform() - 1) }
            for place in bias(ofLayer: layer) { parameters[place] = 0 }
        }
    }

    /// The layers, their parameters copied.
    public func layers(_ parameters: UnsafePointer<Float>) throws(PatrolError) -> [DenseLayer] {
        var layers: [DenseLayer] = []
        for layer in 0..<layerCount {
            layers.append(
                DenseLayer(
                    inputs: widths[layer], outputs: widths[layer + 1],
                    weights: try copy(parameters, weights(ofLayer: layer)),
                    bias: try copy(parameters, bias(ofLayer: layer))))
        }
        return layers
    }
}

/// A part of a vector, in a buffer of its own.
func copy(_ vector: UnsafePointer<Float>, _ range: Range<Int>) throws(PatrolError) -> Buffer<Float> {
    let part = try Buffer<Float>(count: range.count, repeating: 0)
    part.base.update(from: vector + range.lowerBound, count: range.count)
    return part
}
