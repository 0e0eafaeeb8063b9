import CKernels
import PatrolModel

/// Forward and backward pass of a stack over a batch, by the kernels that the runtime evaluates networks with: the outputs
/// are those of the exported `DenseNetwork`, bit for bit.
///
///     let output = pass.forward(parameters, rows: 256, input: rows)
///     pass.backward(outputGradient: slopes, into: gradient)
///
/// Working memory of one thread. Sums over rows run in order, so that equal batches give equal bytes.
public final class StackPass {
    public let shape: StackShape
    public let maximumRows: Int
    /// Outputs of every layer, shape [maximumRows, width] each, one after the other.
    private let activations: Buffer<Float>
    /// Gradients in the outputs of two neighboring layers.
    private let slopes: Buffer<Float>
    private let widest: Int
    private let packed: Buffer<Float>
    /// Of the last forward pass.
    private var rows = 0
    private var input: UnsafePointer<Float>?
    private var parameters: UnsafePointer<Float>?

    /// - Throws: `outOfMemory`.
    public init(_ shape: StackShape, maximumRows: Int) throws(PatrolError) {
        self.shape = shape
        self.maximumRows = maximumRows
        var sum = 0
        var widest = 0
        var largest = 0
        for layer in 0..<shape.layerCount {
            let (inputs, outputs) = (shape.widths[layer], shape.widths[layer + 1])
            sum += outputs
            widest = max(widest, outputs)
            largest = max(
                largest, kernels_dense_packed_count(inputs, outputs), kernels_dense_packed_count(outputs, inputs))
        }
        self.widest = widest
        activations = try Buffer(count: sum * maximumRows, repeating: 0)
        slopes = try Buffer(count: 2 * widest * maximumRows, repeating: 0)
        packed = try Buffer(count: largest, repeating: 0)
    }

    private func output(ofLayer layer: Int) -> UnsafeMutablePointer<Float> {
        var offset = 0
        for index in 0..<layer { offset += shape.widths[index + 1] * maximumRows }
        return activations.base + offset
    }

    /// - Parameters:
    ///   - parameters: laid out as `shape` says. They and `input` must stay as they are until the backward pass is over.
    ///   - rows: 0 … `maximumRows`.
    ///   - input: shape [rows, inputs].
    /// - Returns: shape [rows, outputs], valid until the next pass.
    @discardableResult
    public func forward(
        _ parameters: UnsafePointer<Float>, rows: Int, input: UnsafePointer<Float>
    ) -> UnsafePointer<Float> {
        assert(rows <= maximumRows)
        (self.rows, self.input, self.parameters) = (rows, input, parameters)
        var from = input
        for layer in 0..<shape.layerCount {
            let (inputs, outputs) = (shape.widths[layer], shape.widths[layer + 1])
            let to = output(ofLayer: layer)
            let weights = parameters + shape.offset(ofLayer: layer)
            kernels_dense_pack(weights, weights + inputs * outputs, inputs, outputs, packed.base)
            kernels_dense_layer(from, rows, inputs, packed.base, outputs, layer < shape.layerCount - 1 ? 1 : 0, to)
            from = UnsafePointer(to)
        }
        return from
    }

    /// The gradient of a loss in the parameters of the last forward pass.
    /// - Parameters:
    ///   - outputGradient: that in the outputs, shape [rows, outputs].
    ///   - gradient: written, shape [parameterCount].
    public func backward(outputGradient: UnsafePointer<Float>, into gradient: UnsafeMutablePointer<Float>) {
        guard let input, let parameters else { return }
        var slope = outputGradient
        for layer in stride(from: shape.layerCount - 1, through: 0, by: -1) {
            let (inputs, outputs) = (shape.widths[layer], shape.widths[layer + 1])
            let from = layer == 0 ? input : UnsafePointer(output(ofLayer: layer - 1))
            let to = gradient + shape.offset(ofLayer: layer)
            kernels_dense_gradient(from, slope, rows, inputs, outputs, to, to + inputs * outputs)
            guard layer > 0 else { return }
            let before = slopes.base + (layer & 1) * widest * maximumRows
            kernels_dense_pack_transposed(parameters + shape.offset(ofLayer: layer), inputs, outputs, packed.base)
            kernels_dense_layer(slope, rows, outputs, packed.base, inputs, 0, before)
            for place in 0..<rows * inputs where !(from[place] > 0) { before[place] = 0 }
            slope = UnsafePointer(before)
        }
    }
}
