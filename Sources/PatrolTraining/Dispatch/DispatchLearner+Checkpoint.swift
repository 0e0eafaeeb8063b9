import PatrolDecisions
import PatrolFiles
import PatrolModel
import PatrolNetworks

/// A learner between two steps as tensors: networks, comparisons and counters. Random numbers need no place: they follow from
/// the seed and the counters.
extension DispatchLearner {
    /// Adds the whole state to a checkpoint file, under names that begin with `dispatch.`.
    public func save(to writer: TensorFileWriter) throws(PatrolError) {
        let counters = try Buffer<Int64>(count: 8, repeating: 0)
        counters[0] = Int64(bitPattern: seed)
        counters[1] = Int64(phase)
        counters[2] = Int64(iteration)
        counters[3] = Int64(shardsDone)
        counters[4] = Int64(bitPattern: comparisonEvents)
        counters[5] = Int64(bitPattern: explained.bitPattern)
        counters[6] = Int64(recent.count)
        counters[7] = Int64(firstIteration)
        try writer.add("dispatch.counters", shape: [8], counters.elements)
        func add(_ name: String, _ values: Buffer<Float>) throws(PatrolError) {
            try writer.add("dispatch." + name, shape: [values.count], values.elements)
        }
        try add("pair", networks.pair)
        try add("value", networks.value)
        for (k, parameters) in recent.enumerated() {
            try add("recent." + k.description + ".pair", parameters.pair)
            try add("recent." + k.description + ".value", parameters.value)
        }
        func add(_ name: String, _ normalization: InputNormalization?) throws(PatrolError) {
            guard let normalization else { return }
            try add(name + ".mean", normalization.mean)
            try add(name + ".scale", normalization.scale)
        }
        try add("pair", networks.pairNormalization)
        try add("value", networks.valueNormalization)
        try search?.search.save(to: writer, "dispatch_search")
        for (s, set) in sets.enumerated() {
            for (k, shard) in set.enumerated() where shard.count > 0 {
                try shard.save(to: writer, DispatchLearner.name(s, k))
            }
        }
    }

    /// Takes over a state that a learner of the same options, seed and tasks has saved: what follows is the same, byte for byte.
    ///
    /// - Throws: `invalidFile` where something is missing or has another size, `mismatch` for another seed. After a failure
    ///   the learner is not to be used.
    public func restore(from file: TensorFile) throws(PatrolError) {
        let counters = try CheckpointCounters(file, "dispatch.counters", count: 8, seed: seed)
        phase = try counters.number(1, atMost: Int(Int32.max))
        iteration = try counters.number(2, atMost: options.iterations + 1)
        shardsDone = try counters.number(3, atMost: options.shards)
        comparisonEvents = UInt64(try counters.number(4, atMost: .max))
        explained = Double(bitPattern: counters.bits(5))
        let recentCount = try counters.number(6, atMost: options.averagedNetworks)
        firstIteration = try counters.number(7, atMost: iteration)
        func read(_ name: String, _ count: Int) throws(PatrolError) -> Buffer<Float> {
            try file.tensor(named: ByteText("dispatch." + name), shape: [count]).floats()
        }
        networks.pair.copy(try read("pair", networks.pair.count))
        networks.value.copy(try read("value", networks.value.count))
        recent = []
        for k in 0..<recentCount {
            recent.append(
                (
                    try read("recent." + k.description + ".pair", networks.pair.count),
                    try read("recent." + k.description + ".value", networks.value.count)
                ))
        }
        func normalization(_ name: String, _ width: Int) throws(PatrolError) -> InputNormalization? {
            guard file.tensor(named: ByteText("dispatch." + name + ".mean")) != nil else { return nil }
            return InputNormalization(mean: try read(name + ".mean", width), scale: try read(name + ".scale", width))
        }
        networks.pairNormalization = try normalization("pair", PairTable.width)
        networks.valueNormalization = try normalization("value", StateTable.width)
        for (s, set) in sets.enumerated() {
            for (k, shard) in set.enumerated() { try shard.restore(from: file, DispatchLearner.name(s, k)) }
        }
        try search?.search.restore(from: file, "dispatch_search")
    }

    private static func name(_ set: Int, _ shard: Int) -> String {
        "dispatch.set." + set.description + "." + shard.description + "."
    }
}

extension ComparisonShard {
    fileprivate func save(to writer: TensorFileWriter, _ name: String) throws(PatrolError) {
        func add<Element: TensorElement>(_ part: String, _ values: Buffer<Element>, _ used: Int) throws(PatrolError) {
            try writer.add(name + part, shape: [used], UnsafeBufferPointer(start: values.base, count: used))
        }
        try add("targets", targets, count)
        try add("states", states, states.count > 0 ? count * 2 * StateTable.width : 0)
        try add("pairs", pairs, pairCount * PairTable.width)
        try add("first_pair", firstPair, count + 1)
        try add("decision_pairs", decisionPairs, count)
    }

    /// - Throws: `invalidFile`. A shard that is not in the file is empty.
    fileprivate func restore(from file: TensorFile, _ name: String) throws(PatrolError) {
        restore(count: 0)
        guard let tensor = file.tensor(named: ByteText(name + "targets")) else { return }
        guard tensor.count <= capacity else {
            throw PatrolError(
                .invalidFile, "\(ByteText(name))targets has \(tensor.count) values, at most \(capacity) fit")
        }
        let count = tensor.count
        let most = Int32(2 * ComparisonShard.maximumPairs)
        let starts = try file.tensor(named: ByteText(name + "first_pair"), shape: [count + 1])
            .integers(Int32.self, from: 0, through: Int32(pairs.count / PairTable.width))
        let ofDecision = try file.tensor(named: ByteText(name + "decision_pairs"), shape: [count])
            .integers(Int32.self, from: 0, through: most)
        for k in 0..<count {
            guard starts[0] == 0, starts[k + 1] >= starts[k], starts[k + 1] - starts[k] <= most,
                ofDecision[k] <= starts[k + 1] - starts[k]
            else { throw PatrolError(.invalidFile, "\(ByteText(name))first_pair does not count pairs from 0 up") }
        }
        func copy(_ part: String, _ target: Buffer<Float>, _ used: Int) throws(PatrolError) {
            let values = try file.tensor(named: ByteText(name + part), shape: [used]).floats()
            target.base.update(from: values.base, count: used)
        }
        try copy("targets", targets, count)
        try copy("states", states, states.count > 0 ? count * 2 * StateTable.width : 0)
        try copy("pairs", pairs, Int(starts[count]) * PairTable.width)
        firstPair.base.update(from: starts.base, count: count + 1)
        decisionPairs.base.update(from: ofDecision.base, count: count)
        restore(count: count)
    }
}
