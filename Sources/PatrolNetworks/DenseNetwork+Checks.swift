import PatrolModel

/// Checks of parameters from outside before they become a network.
extension DenseNetwork {
    static func check(_ layers: [DenseLayer], _ normalization: InputNormalization?) throws(PatrolError) {
        guard layers.count >= 1, layers.count <= maximumLayers else {
            throw PatrolError(.invalidFile, "\(layers.count) layers, expected 1 to \(maximumLayers)")
        }
        for index in layers.indices {
            let layer = layers[index]
            guard (1...maximumWidth).contains(layer.inputs), (1...maximumWidth).contains(layer.outputs) else {
                throw PatrolError(
                    .invalidFile,
                    "layer \(index) is [\(layer.outputs), \(layer.inputs)], expected widths of 1 to \(maximumWidth)")
            }
            if index > 0, layer.inputs != layers[index - 1].outputs {
                throw PatrolError(
                    .invalidFile,
                    "layer \(index) is [\(layer.outputs), \(layer.inputs)], "
                        + "expected [\(layer.outputs), \(layers[index - 1].outputs)] after layer \(index - 1)")
            }
            try check(layer.weights, count: layer.outputs * layer.inputs, "layer \(index) weights")
            try check(layer.bias, count: layer.outputs, "layer \(index) bias")
        }
        if let normalization {
            try check(normalization.mean, count: layers[0].inputs, "normalization mean")
            try check(normalization.scale, count: layers[0].inputs, "normalization scale")
        }
    }

    private static func check(_ values: Buffer<Float>, count: Int, _ name: ByteText) throws(PatrolError) {
        guard values.count == count else {
            throw PatrolError(.invalidFile, "\(name): \(values.count) values, expected \(count)")
        }
        for index in 0..<count where !values[index].isFinite {
            throw PatrolError(.invalidNumber, "\(name): value \(index) is not finite")
        }
    }
}
