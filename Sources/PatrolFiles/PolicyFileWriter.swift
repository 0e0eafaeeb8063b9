import PatrolModel
import PatrolNetworks

/// Builds a policy file that `PolicyFile` reads: the same calls give the same bytes.
public final class PolicyFileWriter {
    private let writer: TensorFileWriter

    public init() throws(PatrolError) {
        writer = try TensorFileWriter()
        try writer.addMetadata("format", "libpatrol policy")
        try writer.addMetadata("format_version", "1")
    }

    /// Adds an entry of provenance, or `requires_categories` or `requires_area`.
    /// - Throws: `invalidArgument`, also for a value with NUL, which `PolicyFile` would refuse.
    public func addMetadata(_ key: String, _ value: String) throws(PatrolError) {
        for byte in value.utf8 where byte == 0 {
            throw PatrolError(.invalidArgument, "the value of metadata \(quoted(key)) contains NUL")
        }
        try writer.addMetadata(key, value)
    }

    /// The same of C strings of any length.
    /// - Throws: `invalidArgument`, also for a value that is not UTF-8.
    public func addMetadata(_ key: UnsafePointer<CChar>, _ value: UnsafePointer<CChar>) throws(PatrolError) {
        let (key, value) = (bytes(of: key), bytes(of: value))
        guard key.count <= Limits.nameBytes else {
            throw PatrolError(
                .invalidArgument,
                "the metadata key \(key.quoted()) has \(key.count) bytes, expected at most \(Limits.nameBytes)")
        }
        guard value.firstInvalidUTF8() == nil else {
            throw PatrolError(.invalidArgument, "the value of metadata \(key.quoted()) is not UTF-8")
        }
        try writer.addMetadata(String(decoding: key, as: UTF8.self), utf8: value)
    }

    /// Adds the network that scores candidate moves; its width says of which table, `candidate/1` or `candidate/2`.
    public func add(patrol layers: [DenseLayer], normalization: InputNormalization?) throws(PatrolError) {
        let hasBackup = layers.first?.inputs == CandidateTable.widthWithBackup
        try addStack("patrol", hasBackup ? CandidateTable.nameWithBackup : CandidateTable.name, layers, normalization)
    }

    /// Adds the network that scores pairs of unit and call (table `pair/1`).
    public func add(pair layers: [DenseLayer], normalization: InputNormalization?) throws(PatrolError) {
        try addStack("pair", PairTable.name, layers, normalization)
    }

    /// Adds the value function (table `state/1`). - Parameter concave: no output weight is positive.
    public func add(
        value layers: ValueLayers, normalization: InputNormalization?, concave: Bool
    ) throws(PatrolError) {
        try addMetadata("value.features", StateTable.name)
        try writer.addMetadata("value.form", concave ? "concave" : "general")
        try add("value.skip", layers.skip)
        if let dense = layers.dense { try add("value.hidden", dense, output: "value.output") }
        if let shared = layers.shared { try add("value.anchor", shared, output: "value.anchor.output") }
        try add("value", normalization)
    }

    /// Adds what share of the units on duty may be free where the network `patrol` decides: while a larger one is, the policy
    /// abstains.
    public func add(mostFreeShareForPatrol most: Float) throws(PatrolError) { try add("patrol.most_free_share", most) }

    /// The same of the networks `pair` and `value`.
    public func add(mostFreeShareForDispatch most: Float) throws(PatrolError) {
        try add("dispatch.most_free_share", most)
    }

    /// Adds what an output of 1 of the networks `pair` and `value` is worth; without it, a minute.
    public func add(dispatchUnit unit: DispatchUnit) throws(PatrolError) { try add("dispatch.unit", unit.rawValue) }

    private func add(_ name: String, _ number: Float) throws(PatrolError) {
        try add(name, shape: [1], try Buffer(count: 1, repeating: number))
    }

    private func add(_ name: String, _ number: Int32) throws(PatrolError) {
        try add(name, shape: [1], try Buffer(count: 1, repeating: number))
    }

    private func add(_ name: String, shape: [Int], _ values: Buffer<Float>) throws(PatrolError) {
        // An unsafe pointer does not keep what it points into.
        defer { withExtendedLifetime(values) {} }
        try writer.add(name, shape: shape, values.elements)
    }

    private func add(_ name: String, shape: [Int], _ values: Buffer<Int32>) throws(PatrolError) {
        defer { withExtendedLifetime(values) {} }
        try writer.add(name, shape: shape, values.elements)
    }

    /// Adds the networks of another policy file, and when they abstain; none of them may have been added before.
    public func add(networksOf file: TensorFile) throws(PatrolError) {
        for key in ["patrol.features", "pair.features", "value.features", "value.form"] {
            guard let value = file.metadata(named: ByteText(key)) else { continue }
            try writer.addMetadata(key, String(decoding: value, as: UTF8.self))
        }
        for index in 0..<file.count {
            let tensor = file[index]
            var shape: [Int] = []
            for axis in 0..<tensor.shape.rank { shape.append(tensor.shape[axis]) }
            let name = String(decoding: tensor.name, as: UTF8.self)
            if tensor.type == .i32 {
                try add(name, shape: shape, try tensor.integers(Int32.self))
            } else {
                try add(name, shape: shape, try tensor.floats())
            }
        }
    }

    /// The bytes of the file.
    public func finish() throws(PatrolError) -> Buffer<UInt8> { try writer.finish() }

    /// Replaces the file at `path`, or leaves it unchanged on failure. - Throws: `io`.
    public func write(path: UnsafePointer<CChar>) throws(PatrolError) { try writer.write(path: path) }

    private func addStack(
        _ name: String, _ table: StaticString, _ layers: [DenseLayer], _ normalization: InputNormalization?
    ) throws(PatrolError) {
        try addMetadata(name + ".features", table)
        // Numbered as in a PyTorch `nn.Sequential`, where the ReLUs between layers count.
        for (index, layer) in layers.enumerated() { try add(name + "." + (2 * index).description, layer) }
        try add(name, normalization)
    }

    private func addMetadata(_ key: String, _ value: StaticString) throws(PatrolError) {
        try writer.addMetadata(key, ("\(value)" as ByteText).string)
    }

    private func add(_ name: String, _ layer: DenseLayer) throws(PatrolError) {
        try add(name + ".weight", shape: [layer.outputs, layer.inputs], layer.weights)
        try add(name + ".bias", shape: [layer.outputs], layer.bias)
    }

    private func add(_ name: String, _ block: ValueLayers.Block, output: String) throws(PatrolError) {
        try add(name, block.hidden)
        try add(output + ".weight", shape: [1, block.output.inputs], block.output.weights)
    }

    private func add(_ name: String, _ normalization: InputNormalization?) throws(PatrolError) {
        guard let normalization else { return }
        try add(name + ".mean", shape: [normalization.mean.count], normalization.mean)
        try add(name + ".scale", shape: [normalization.scale.count], normalization.scale)
    }
}
