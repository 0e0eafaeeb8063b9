import PatrolModel

/// The shape of a value function V(φ) = skip·φ + c + Σ_k u_k ReLU(W_k·φ + b_k), as policy files have it: the second sum may
/// consist of a dense block over all features and of one small block that all anchors share, each fed its own features.
///
/// The flat parameter vector holds three stacks: `skip` [inputs, 1] with c as bias, `dense` [inputs, hidden, 1] and
/// `anchor` [anchor width, block, 1], whose last biases stay 0.
public struct ValueShape: Sendable, Equatable {
    public let inputs: Int
    /// Anchors, each with `anchorWidth` features, which come first in φ.
    public let anchors: Int
    public let anchorWidth: Int
    let skip: StackShape
    let dense: StackShape?
    let anchor: StackShape?

    /// - Parameters:
    ///   - hidden: neurons of the dense block, 0: none.
    ///   - block: hidden neurons of the block shared by anchors, 0: none.
    /// - Throws: `invalidArgument`.
    public init(inputs: Int, hidden: Int, anchors: Int = 0, anchorWidth: Int = 0, block: Int = 0) throws(PatrolError) {
        guard anchors >= 0, anchorWidth >= 0, anchors * anchorWidth <= inputs else {
            throw PatrolError(
                .invalidArgument, "\(anchors) anchors of \(anchorWidth) features are more than \(inputs) inputs")
        }
        self.inputs = inputs
        self.anchors = anchors
        self.anchorWidth = anchorWidth
        skip = try StackShape([inputs, 1])
        dense = hidden > 0 ? try StackShape([inputs, hidden, 1]) : nil
        anchor = block > 0 && anchors > 0 ? try StackShape([anchorWidth, block, 1]) : nil
    }

    var denseOffset: Int { skip.parameterCount }
    var anchorOffset: Int { denseOffset + (dense?.parameterCount ?? 0) }
    public var parameterCount: Int { anchorOffset + (anchor?.parameterCount ?? 0) }
    public var hidden: Int { dense?.widths[1] ?? 0 }
    public var block: Int { anchor?.widths[1] ?? 0 }

    /// Places of the output weights u, which must not be positive where V is to be concave.
    public var outputWeights: [Range<Int>] {
        var ranges: [Range<Int>] = []
        if let dense { ranges.append(dense.weights(ofLayer: 1).shifted(by: denseOffset)) }
        if let anchor { ranges.append(anchor.weights(ofLayer: 1).shifted(by: anchorOffset)) }
        return ranges
    }

    /// He initialization of both blocks, output weights made ≤ 0 where `concave`; no linear part.
    public func initialize(_ parameters: UnsafeMutablePointer<Float>, concave: Bool, _ random: inout RandomNumbers) {
        for place in 0..<skip.parameterCount { parameters[place] = 0 }
        dense?.initialize(parameters + denseOffset, &random)
        anchor?.initialize(parameters + anchorOffset, &random)
        guard concave else { return }
        for range in outputWeights {
            for place in range { parameters[place] = -abs(parameters[place]) }
        }
    }
}

extension Range<Int> {
    func shifted(by offset: Int) -> Range<Int> { lowerBound + offset..<upperBound + offset }
}

/// Forward and backward pass of a value function over a batch; working memory of one thread.
///
/// For a loss in differences V(φ₂) − V(φ₁), let both stand in the batch and give the slopes of the one with the other sign.
public final class ValuePass {
    public let shape: ValueShape
    public let maximumRows: Int
    private let skip: StackPass
    private let dense: StackPass?
    private let anchor: StackPass?
    private let values: Buffer<Float>
    /// Anchors' features row by row, shape [rows · anchors, anchor width], and the slopes of their outputs.
    private let anchorRows: Buffer<Float>
    private let anchorSlopes: Buffer<Float>
    private var rows = 0

    /// - Throws: `outOfMemory`.
    public init(_ shape: ValueShape, maximumRows: Int) throws(PatrolError) {
        self.shape = shape
        self.maximumRows = maximumRows
        skip = try StackPass(shape.skip, maximumRows: maximumRows)
        if let stack = shape.dense { dense = try StackPass(stack, maximumRows: maximumRows) } else { dense = nil }
        let anchorCount = shape.anchor == nil ? 0 : maximumRows * shape.anchors
        if let stack = shape.anchor { anchor = try StackPass(stack, maximumRows: anchorCount) } else { anchor = nil }
        values = try Buffer(count: maximumRows, repeating: 0)
        anchorRows = try Buffer(count: anchorCount * shape.anchorWidth, repeating: 0)
        anchorSlopes = try Buffer(count: anchorCount, repeating: 0)
    }

    /// - Parameters:
    ///   - parameters, input: must stay as they are until the backward pass is over; `input` has shape [rows, inputs].
    /// - Returns: shape [rows], valid until the next pass.
    @discardableResult
    public func forward(
        _ parameters: UnsafePointer<Float>, rows: Int, input: UnsafePointer<Float>
    ) -> UnsafePointer<Float> {
        self.rows = rows
        let linear = skip.forward(parameters, rows: rows, input: input)
        for row in 0..<rows { values[row] = linear[row] }
        if let dense {
            let outputs = dense.forward(parameters + shape.denseOffset, rows: rows, input: input)
            for row in 0..<rows { values[row] += outputs[row] }
        }
        if let anchor {
            let (count, width) = (shape.anchors, shape.anchors * shape.anchorWidth)
            for row in 0..<rows {
                (anchorRows.base + row * width).update(from: input + row * shape.inputs, count: width)
            }
            let outputs = anchor.forward(
                parameters + shape.anchorOffset, rows: rows * count, input: UnsafePointer(anchorRows.base))
            for row in 0..<rows {
                for a in 0..<count { values[row] += outputs[row * count + a] }
            }
        }
        return UnsafePointer(values.base)
    }

    /// The gradient of a loss in the parameters of the last forward pass.
    /// - Parameters:
    ///   - outputGradient: that in the values, shape [rows].
    ///   - gradient: written, shape [parameterCount].
    public func backward(outputGradient: UnsafePointer<Float>, into gradient: UnsafeMutablePointer<Float>) {
        skip.backward(outputGradient: outputGradient, into: gradient)
        if let dense, let stack = shape.dense {
            dense.backward(outputGradient: outputGradient, into: gradient + shape.denseOffset)
            for place in stack.bias(ofLayer: 1) { gradient[shape.denseOffset + place] = 0 }
        }
        if let anchor, let stack = shape.anchor {
            for row in 0..<rows {
                for a in 0..<shape.anchors { anchorSlopes[row * shape.anchors + a] = outputGradient[row] }
            }
            anchor.backward(outputGradient: UnsafePointer(anchorSlopes.base), into: gradient + shape.anchorOffset)
            for place in stack.bias(ofLayer: 1) { gradient[shape.anchorOffset + place] = 0 }
        }
    }
}
