import PatrolModel
import PatrolNetworks

/// A policy file: the networks in it, and the file itself for inspection. Format in `Formats.md`.
public final class PolicyFile: Sendable {
    public let file: TensorFile
    public let policy: TrainedPolicy

    /// - Throws: `invalidFile`, `unsupported`, `outOfMemory`.
    public init(_ file: TensorFile) throws(PatrolError) {
        self.file = file
        var reader = try FileReader(file, format: "libpatrol policy", version: "1")
        try PolicyFile.checkMetadata(file)
        let backup = "\(CandidateTable.nameWithBackup)" as ByteText
        let hasBackup = file.metadata(named: "patrol.features")?.elementsEqual(backup.bytes) ?? false
        let patrol =
            hasBackup
            ? try PolicyFile.stack(
                "patrol", inputs: CandidateTable.widthWithBackup, CandidateTable.nameWithBackup, &reader)
            : try PolicyFile.stack("patrol", inputs: CandidateTable.width, CandidateTable.name, &reader)
        let pair = try PolicyFile.stack("pair", inputs: PairTable.width, PairTable.name, &reader)
        let value = try PolicyFile.value(&reader)
        guard patrol != nil || pair != nil || value != nil else {
            throw PatrolError(.invalidFile, "the file has no network: expected \"patrol.…\", \"pair.…\" or \"value.…\"")
        }
        let mostForPatrol = patrol != nil ? try PolicyFile.mostFreeShare("patrol", &reader) : 1
        let mostForDispatch = pair != nil || value != nil ? try PolicyFile.mostFreeShare("dispatch", &reader) : 1
        let unit = pair != nil || value != nil ? try PolicyFile.dispatchUnit(&reader) : .minute
        var hash = ContentHash()
        hash.combine(file.bytes.elements)
        policy = TrainedPolicy(
            patrol: patrol, pair: pair, value: value, dispatchUnit: unit, mostFreeShareForPatrol: mostForPatrol,
            mostFreeShareForDispatch: mostForDispatch,
            requiredCategories: Int(try reader.number("requires_categories", digits: 4) ?? 0),
            requiredArea: try reader.number("requires_area", radix: 16, digits: 16) ?? 0,
            contentHash: hash.value)
        try reader.finish()
    }

    public static func load(path: UnsafePointer<CChar>) throws(PatrolError) -> PolicyFile {
        try PolicyFile(try TensorFile.load(path: path))
    }

    /// C callers see the metadata, where a NUL would end the value.
    private static func checkMetadata(_ file: TensorFile) throws(PatrolError) {
        for index in 0..<file.metadataCount {
            let entry = file.metadata(at: index)
            for byte in entry.value where byte == 0 {
                throw PatrolError(
                    .invalidFile, "metadata \(entry.key.quoted) is \(entry.value.quoted), which contains NUL")
            }
        }
    }

    /// A stack of dense layers with one output, or nil where the file has none of that name.
    private static func stack(
        _ name: ByteText, inputs: Int, _ table: StaticString, _ reader: inout FileReader
    ) throws(PatrolError) -> DenseNetwork? {
        var layers: [DenseLayer] = []
        var width = inputs
        for number in 0..<64 where reader.has("\(name).\(number).weight") {
            let weight = try reader.tensor("\(name).\(number).weight", [nil, width])
            let bias = try reader.tensor("\(name).\(number).bias", [weight.shape[0]])
            layers.append(
                DenseLayer(
                    inputs: width, outputs: weight.shape[0], weights: try weight.floats(), bias: try bias.floats()))
            width = weight.shape[0]
        }
        guard !layers.isEmpty else { return nil }
        guard width == 1 else {
            throw PatrolError(.invalidFile, "the last layer of network \"\(name)\" has \(width) outputs, expected 1")
        }
        try reader.expect("\(name).features", "\(table)", otherwise: .unsupported)
        return try DenseNetwork(layers: layers, normalization: try normalization(name, inputs: inputs, &reader))
    }

    /// While a larger share of the units on duty is free, the policy abstains; 1: never.
    private static func mostFreeShare(_ task: ByteText, _ reader: inout FileReader) throws(PatrolError) -> Float {
        guard let most = try reader.floats("\(task).most_free_share", [1]) else { return 1 }
        guard most[0] >= 0, most[0] <= 1 else {
            throw PatrolError(
                .invalidFile, "tensor \"\(task).most_free_share\" is \(most[0].text), expected 0 to 1")
        }
        return most[0]
    }

    private static func dispatchUnit(_ reader: inout FileReader) throws(PatrolError) -> DispatchUnit {
        guard let given: Buffer<Int32> = try reader.integers("dispatch.unit", [1]) else { return .minute }
        guard let unit = DispatchUnit(rawValue: given[0]) else {
            throw PatrolError(
                .unsupported,
                "tensor \"dispatch.unit\" is \(given[0]), expected 0, a minute, or 1, a post's travel time")
        }
        return unit
    }

    private static func normalization(
        _ name: ByteText, inputs: Int, _ reader: inout FileReader
    ) throws(PatrolError) -> InputNormalization? {
        guard reader.has("\(name).mean") || reader.has("\(name).scale") else { return nil }
        return InputNormalization(
            mean: try reader.tensor("\(name).mean", [inputs]).floats(),
            scale: try reader.tensor("\(name).scale", [inputs]).floats())
    }

    private static func value(_ reader: inout FileReader) throws(PatrolError) -> ValueNetwork? {
        guard reader.has("value.skip.weight") else { return nil }
        let skip = try reader.tensor("value.skip.weight", [1, StateTable.width]).doubles()
        let constant = try reader.tensor("value.skip.bias", [1]).doubles()
        let dense = try block(
            "value.hidden", inputs: StateTable.width, output: "value.output", most: ValueNetwork.mostDense, &reader)
        let shared = try block(
            "value.anchor", inputs: StateTable.anchorWidth, output: "value.anchor.output",
            most: ValueNetwork.mostShared, &reader)
        let network = try ValueNetwork(
            skip: skip, constant: constant[0], dense: dense, shared: shared, anchors: StateTable.anchors,
            normalization: try normalization("value", inputs: StateTable.width, &reader))
        try reader.expect("value.features", "\(StateTable.name)", otherwise: .unsupported)
        if let form = reader.file.metadata(named: "value.form"), form.equals("general") { return network }
        try reader.expect("value.form", "concave")
        guard network.isConcave else {
            throw PatrolError(.invalidFile, "metadata \"value.form\" is \"concave\", but an output weight is positive")
        }
        return network
    }

    /// A hidden layer and its output weights, or nil where the file has none.
    private static func block(
        _ name: ByteText, inputs: Int, output: ByteText, most: Int, _ reader: inout FileReader
    ) throws(PatrolError) -> ValueNetwork.Block? {
        guard reader.has("\(name).weight") else { return nil }
        let weight = try reader.tensor("\(name).weight", [nil, inputs])
        let count = weight.shape[0]
        guard count <= most else {
            throw PatrolError(
                .unsupported, "tensor \"\(name).weight\" has \(count) neurons, at most \(most) are supported")
        }
        return ValueNetwork.Block(
            inputs: inputs, weights: try weight.doubles(), bias: try reader.tensor("\(name).bias", [count]).doubles(),
            output: try reader.tensor("\(output).weight", [1, count]).doubles())
    }
}
