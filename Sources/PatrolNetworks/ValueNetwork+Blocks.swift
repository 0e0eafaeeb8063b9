import PatrolModel

extension ValueNetwork {
    /// A hidden layer with its output weights.
    public struct Block {
        public var inputs: Int
        /// [neurons, inputs].
        public var weights: Buffer<Double>
        /// [neurons].
        public var bias: Buffer<Double>
        public var output: Buffer<Double>

        public init(inputs: Int, weights: Buffer<Double>, bias: Buffer<Double>, output: Buffer<Double>) {
            self.inputs = inputs
            self.weights = weights
            self.bias = bias
            self.output = output
        }

        var count: Int { output.count }
    }

    /// A network whose hidden neurons are those of a block over all inputs, and, for each anchor, those of a block that all
    /// anchors share: that of anchor a is fed the inputs from a · `shared.inputs` on.
    ///
    /// - Throws: `mismatch` where sizes do not chain.
    public convenience init(
        skip: Buffer<Double>, constant: Double, dense: Block?, shared: Block?, anchors: Int,
        normalization: InputNormalization?
    ) throws(PatrolError) {
        let inputs = skip.count
        let denseCount = dense?.count ?? 0
        let sharedCount = shared?.count ?? 0
        let neurons = denseCount + anchors * sharedCount
        let hidden = try Buffer<Double>(count: neurons * inputs, repeating: 0)
        let bias = try Buffer<Double>(count: neurons, repeating: 0)
        let output = try Buffer<Double>(count: neurons, repeating: 0)
        func place(_ block: Block, neuron first: Int, input: Int) {
            for k in 0..<block.count {
                for f in 0..<block.inputs {
                    hidden[(first + k) * inputs + input + f] = block.weights[k * block.inputs + f]
                }
                bias[first + k] = block.bias[k]
                output[first + k] = block.output[k]
            }
        }
        if let dense { place(dense, neuron: 0, input: 0) }
        if let shared {
            for a in 0..<anchors { place(shared, neuron: denseCount + a * sharedCount, input: a * shared.inputs) }
        }
        try self.init(
            skip: skip, constant: constant, hidden: hidden, hiddenBias: bias, output: output,
            normalization: normalization)
    }
}
