import PatrolModel
import PatrolNetworks
import Testing

@Suite struct DenseNetworkChecksTests {
    static func layer(_ outputs: Int, _ inputs: Int) throws -> DenseLayer {
        DenseLayer(
            inputs: inputs, outputs: outputs, weights: try Buffer(count: max(0, inputs * outputs), repeating: 0.5),
            bias: try Buffer(count: max(0, outputs), repeating: 0.25))
    }

    func refused(
        _ layers: [DenseLayer], normalization: InputNormalization? = nil, _ status: Status, _ message: String
    ) {
        let error = #expect(throws: PatrolError.self) {
            _ = try DenseNetwork(layers: layers, normalization: normalization)
        }
        #expect(error?.status == status)
        #expect(error?.message == message)
    }

    @Test func shapesMustChain() throws {
        refused(
            [try Self.layer(32, 28), try Self.layer(1, 31)], .invalidFile,
            "layer 1 is [1, 31], expected [1, 32] after layer 0")
    }

    @Test func sizesHaveLimits() throws {
        refused([], .invalidFile, "0 layers, expected 1 to 16")
        refused(Array(repeating: try Self.layer(2, 2), count: 17), .invalidFile, "17 layers, expected 1 to 16")
        refused([try Self.layer(1, 0)], .invalidFile, "layer 0 is [1, 0], expected widths of 1 to 4096")
        refused([try Self.layer(-1, 3)], .invalidFile, "layer 0 is [-1, 3], expected widths of 1 to 4096")
        refused([try Self.layer(4097, 1)], .invalidFile, "layer 0 is [4097, 1], expected widths of 1 to 4096")
        let largest = try DenseNetwork(layers: [Self.layer(4096, 1), Self.layer(1, 4096)])
        #expect(largest.inputs == 1 && largest.outputs == 1)
        _ = try DenseNetwork(layers: Array(repeating: try Self.layer(2, 2), count: 16))
    }

    @Test func valuesMustFillTheirShape() throws {
        let layer = DenseLayer(inputs: 2, outputs: 3, weights: try .of([1, 2, 3, 4, 5]), bias: try .of([1, 2, 3]))
        refused([layer], .invalidFile, "layer 0 weights: 5 values, expected 6")
        let bias = DenseLayer(inputs: 1, outputs: 2, weights: try .of([1, 2]), bias: try .of([1]))
        refused([try Self.layer(1, 1), bias], .invalidFile, "layer 1 bias: 1 values, expected 2")
        refused(
            [try Self.layer(1, 2)], normalization: InputNormalization(mean: try .of([1, 2]), scale: try .of([1])),
            .invalidFile, "normalization scale: 1 values, expected 2")
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity]) func valuesMustBeFinite(wrong: Float) throws {
        let weights = DenseLayer(inputs: 2, outputs: 1, weights: try .of([1, wrong]), bias: try .of([1]))
        refused([try Self.layer(2, 2), weights], .invalidNumber, "layer 1 weights: value 1 is not finite")
        let bias = DenseLayer(inputs: 2, outputs: 1, weights: try .of([1, 1]), bias: try .of([wrong]))
        refused([bias], .invalidNumber, "layer 0 bias: value 0 is not finite")
        refused(
            [try Self.layer(1, 1)], normalization: InputNormalization(mean: try .of([wrong]), scale: try .of([1])),
            .invalidNumber, "normalization mean: value 0 is not finite")
    }
}
