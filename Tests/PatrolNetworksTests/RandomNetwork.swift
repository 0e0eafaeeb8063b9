import PatrolModel
import PatrolNetworks

extension Buffer where Element == Float {
    static func of(_ values: [Float]) throws -> Buffer<Float> {
        let buffer = try Buffer(count: values.count, repeating: 0)
        for (index, value) in values.enumerated() { buffer[index] = value }
        return buffer
    }
}

extension RandomNumbers {
    mutating func floats(_ count: Int) -> [Float] { (0..<count).map { _ in Float(2 * uniform() - 1) } }
}

func evaluate(_ network: DenseNetwork, _ x: [Float], maximumRows: Int = 64) throws -> [Float] {
    let rows = x.count / network.inputs
    var y = [Float](repeating: 777, count: rows * network.outputs)
    let scratch = try NetworkScratch(for: network, maximumRows: maximumRows)
    try network.evaluate(rows: rows, input: x, output: &y, scratch: scratch)
    return y
}

/// A network with its parameters kept, to compute it again in `Double`.
struct RandomNetwork {
    let network: DenseNetwork
    let layers: [DenseLayer]
    let normalization: InputNormalization?

    /// Weights uniform in ±1/√inputs, as `nn.Linear` starts.
    init(widths: [Int], normalized: Bool, _ random: inout RandomNumbers) throws {
        var layers: [DenseLayer] = []
        for (inputs, outputs) in zip(widths, widths.dropFirst()) {
            let bound = 1 / Float(inputs).squareRoot()
            layers.append(
                DenseLayer(
                    inputs: inputs, outputs: outputs,
                    weights: try .of(random.floats(inputs * outputs).map { $0 * bound }),
                    bias: try .of(random.floats(outputs).map { $0 * bound })))
        }
        let mean = try Buffer.of(random.floats(widths[0]))
        let scale = try Buffer.of(random.floats(widths[0]).map { 1 + $0 / 2 })
        normalization = normalized ? InputNormalization(mean: mean, scale: scale) : nil
        self.layers = layers
        network = try DenseNetwork(layers: layers, normalization: normalization)
    }

    func evaluate(_ x: [Float], maximumRows: Int = 64) throws -> [Float] {
        try PatrolNetworksTests.evaluate(network, x, maximumRows: maximumRows)
    }

    /// One row, in `Double` throughout.
    func reference(_ x: [Float]) -> [Double] {
        var values = x.map(Double.init)
        if let normalization {
            for index in values.indices {
                values[index] = (values[index] - Double(normalization.mean[index])) * Double(normalization.scale[index])
            }
        }
        for (index, layer) in layers.enumerated() {
            values = (0..<layer.outputs).map { output in
                let sum = (0..<layer.inputs).reduce(Double(layer.bias[output])) {
                    $0 + values[$1] * Double(layer.weights[output * layer.inputs + $1])
                }
                return index == layers.count - 1 ? sum : max(0, sum)
            }
        }
        return values
    }
}
