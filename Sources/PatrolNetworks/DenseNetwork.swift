import CKernels
import PatrolModel

/// A multilayer perceptron: dense layers with ReLU after each but the last, which is linear.
///
///     let network = try DenseNetwork(layers: [hidden, output])
///     let scratch = try NetworkScratch(for: network, maximumRows: 64)
///     try network.evaluate(rows: 25, input: features, output: values, scratch: scratch)
///
/// Immutable: any number of threads may evaluate one network, each with a scratch of its own. A row's outputs are
/// the same bits in whatever batch it stands and on whatever processor. Sums run over a layer's inputs in order
/// with fused multiply-adds, from the bias on; a layer of one output sums in sixteen lanes (see CKernels).
public final class DenseNetwork: Sendable {
    /// Layers 1 … 16, each 1 … 4096 wide.
    public static var maximumLayers: Int { 16 }
    public static var maximumWidth: Int { 4096 }

    /// A layer's shape and the place of its packed parameters.
    private struct Step {
        var inputs: Int
        var outputs: Int
        var offset: Int
    }

    /// Values in an input row.
    public let inputs: Int
    /// Values in an output row.
    public let outputs: Int
    /// The widest row between two steps; 1 if there is none.
    package let widestBetween: Int

    private let steps: [Step]
    /// The packed layers one after the other; mean and scale of the normalization behind them.
    private let parameters: Buffer<Float>
    private let normalizationOffset: Int?
    /// Inputs whose weights in the first layer are all 0: nothing depends on them.
    private let ignored: Buffer<Bool>

    /// Copies the weights; the layers are not kept.
    ///
    /// - Throws: `invalidFile` where sizes are out of range or do not fit together, `invalidNumber` where a value is
    ///   not finite, `outOfMemory`. The message names the layer, counted from 0, and the shape expected.
    public init(layers: [DenseLayer], normalization: InputNormalization? = nil) throws(PatrolError) {
        try Self.check(layers, normalization)

        var steps: [Step] = []
        var offset = 0
        var widest = normalization == nil ? 1 : layers[0].inputs
        for (index, layer) in layers.enumerated() {
            steps.append(Step(inputs: layer.inputs, outputs: layer.outputs, offset: offset))
            offset += kernels_dense_packed_count(layer.inputs, layer.outputs)
            if index < layers.count - 1 { widest = max(widest, layer.outputs) }
        }
        inputs = layers[0].inputs
        outputs = layers[layers.count - 1].outputs
        widestBetween = widest
        self.steps = steps
        normalizationOffset = normalization == nil ? nil : offset
        parameters = try Buffer(count: offset + (normalization == nil ? 0 : 2 * inputs), repeating: 0)

        let first = layers[0]
        ignored = try Buffer(count: first.inputs, repeating: true)
        for place in 0..<first.weights.count where first.weights[place] != 0 { ignored[place % first.inputs] = false }
        for (step, layer) in zip(steps, layers) {
            kernels_dense_pack(
                layer.weights.base, layer.bias.base, step.inputs, step.outputs, parameters.base + step.offset)
        }
        if let normalization {
            (parameters.base + offset).update(from: normalization.mean.base, count: inputs)
            (parameters.base + offset + inputs).update(from: normalization.scale.base, count: inputs)
        }
    }

    /// Whether no output depends on an input: a caller need not compute it and may pass 0.
    public func ignores(input: Int) -> Bool { ignored[input] }

    /// Evaluates `rows` rows; allocates nothing.
    ///
    /// Any input is allowed. NaN in a row makes its outputs NaN; infinities follow the arithmetic.
    ///
    /// - Parameter rows: any number; nothing happens below 1.
    /// - Parameter input: shape [rows, inputs].
    /// - Parameter output: shape [rows, outputs], apart from `input`.
    /// - Throws: `capacity` where the scratch was made for a narrower network and does not hold one row of this one.
    public func evaluate(
        rows: Int, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, scratch: NetworkScratch
    ) throws(PatrolError) {
        let rowsAtOnce = scratch.capacity / widestBetween
        guard rowsAtOnce > 0 else {
            throw PatrolError(
                .capacity, "scratch holds rows of \(scratch.capacity) values, the network needs \(widestBetween)")
        }
        var first = 0
        while first < rows {
            let count = min(rowsAtOnce, rows - first)
            evaluatePart(
                rows: count, input: input + first * inputs, output: output + first * outputs, scratch: scratch)
            first += count
        }
    }

    private func evaluatePart(
        rows: Int, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, scratch: NetworkScratch
    ) {
        var from = input
        if let normalizationOffset {
            let normalized = scratch.half(1)
            normalize(rows: rows, input: input, at: normalizationOffset, output: normalized)
            from = UnsafePointer(normalized)
        }
        for index in steps.indices {
            let step = steps[index]
            let last = index == steps.count - 1
            let to = last ? output : scratch.half(index)
            kernels_dense_layer(
                from, rows, step.inputs, parameters.base + step.offset, step.outputs, last ? 0 : 1, to)
            from = UnsafePointer(to)
        }
    }

    @_optimize(speed)
    private func normalize(
        rows: Int, input: UnsafePointer<Float>, at offset: Int, output: UnsafeMutablePointer<Float>
    ) {
        let mean = parameters.base + offset
        let scale = mean + inputs
        for row in 0..<rows {
            let from = input + row * inputs
            let to = output + row * inputs
            for feature in 0..<inputs { to[feature] = (from[feature] - mean[feature]) * scale[feature] }
        }
    }
}
