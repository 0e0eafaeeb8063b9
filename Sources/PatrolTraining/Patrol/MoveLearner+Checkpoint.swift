import PatrolDecisions
import PatrolFiles
import PatrolModel
import PatrolNetworks

/// A learner between two steps as tensors: search, network, comparisons and counters. Random numbers need no place: they follow
/// from the seed and the counters.
extension MoveLearner {
    /// Adds the whole state to a checkpoint file, under names that begin with `patrol_`.
    public func save(to writer: TensorFileWriter) throws(PatrolError) {
        let counters = try Buffer<Int64>(count: 8, repeating: 0)
        counters[0] = Int64(bitPattern: seed)
        counters[1] = Int64(phase)
        counters[2] = Int64(iteration)
        counters[3] = Int64(shardsDone)
        counters[4] = Int64(bitPattern: comparisonEvents)
        counters[5] = Int64(bitPattern: explained.bitPattern)
        counters[6] = Int64(recent.count)
        counters[7] = isWarm ? 1 : 0
        try writer.add("patrol_moves.counters", shape: [8], counters.elements)
        for (name, values) in vectors {
            try writer.add("patrol_moves." + name, shape: [values.count], values.elements)
        }
        for (k, parameters) in recent.enumerated() {
            try writer.add(
                "patrol_moves.recent." + k.description, shape: [parameters.count], parameters.elements)
        }
        for (s, set) in sets.enumerated() {
            for (k, comparisons) in set.enumerated() where comparisons.count > 0 {
                try comparisons.save(to: writer, MoveLearner.name(s, k))
            }
        }
        try search.save(to: writer)
    }

    /// Takes over a state that a learner of the same options, seed and tasks has saved: what follows is the same, byte for byte.
    ///
    /// - Throws: `invalidFile` where something is missing or has another size, `mismatch` for another seed. After a failure
    ///   the learner is not to be used.
    public func restore(from file: TensorFile) throws(PatrolError) {
        let counters = try CheckpointCounters(file, "patrol_moves.counters", count: 8, seed: seed)
        phase = try counters.number(1, atMost: Int(Int32.max))
        iteration = try counters.number(2, atMost: options.iterations)
        shardsDone = try counters.number(3, atMost: options.shards)
        comparisonEvents = UInt64(try counters.number(4, atMost: .max))
        explained = Double(bitPattern: counters.bits(5))
        let recentCount = try counters.number(6, atMost: options.averagedNetworks)
        isWarm = try counters.number(7, atMost: 1) == 1
        for (name, values) in vectors { values.copy(try MoveLearner.read(file, name, values.count)) }
        recent = []
        for k in 0..<recentCount {
            recent.append(try MoveLearner.read(file, "recent." + k.description, stack.parameters.count))
        }
        for (s, set) in sets.enumerated() {
            for (k, comparisons) in set.enumerated() {
                try comparisons.restore(from: file, MoveLearner.name(s, k))
            }
        }
        try search.restore(from: file)
    }

    private static func read(_ file: TensorFile, _ name: String, _ count: Int) throws(PatrolError) -> Buffer<Float> {
        try file.tensor(named: ByteText("patrol_moves." + name), shape: [count]).floats()
    }

    private static func name(_ set: Int, _ shard: Int) -> String {
        "patrol_moves.set." + set.description + "." + shard.description + "."
    }

    private var vectors: [(String, Buffer<Float>)] {
        [("network", stack.parameters), ("mean", normalization.mean), ("scale", normalization.scale)]
    }
}

extension MoveComparisons {
    fileprivate func save(to writer: TensorFileWriter, _ name: String) throws(PatrolError) {
        try writer.add(
            name + "rows", shape: [count, 2 * width],
            UnsafeBufferPointer(start: rows.base, count: count * 2 * width))
        try writer.add(name + "savings", shape: [count], UnsafeBufferPointer(start: savings.base, count: count))
    }

    /// - Throws: `invalidFile`. A shard that is not in the file is empty.
    fileprivate func restore(from file: TensorFile, _ name: String) throws(PatrolError) {
        restore(count: 0)
        guard let tensor = file.tensor(named: ByteText(name + "savings")) else { return }
        guard tensor.count <= capacity else {
            throw PatrolError(
                .invalidFile, "\(ByteText(name))savings has \(tensor.count) values, at most \(capacity) fit")
        }
        let count = tensor.count
        let saved = try file.tensor(named: ByteText(name + "rows"), shape: [count, 2 * width]).floats()
        rows.base.update(from: saved.base, count: saved.count)
        let values = try file.tensor(named: ByteText(name + "savings"), shape: [count]).floats()
        savings.base.update(from: values.base, count: count)
        restore(count: count)
    }
}
