import PatrolFiles
import PatrolModel
import PatrolNetworks

/// A search as tensors, between two generations or within one. Random numbers need no place: they follow from the seed and the
/// counters.
extension DirectSearch {
    /// Adds the whole state to a checkpoint file, under names that begin with `name`.
    func save(to writer: TensorFileWriter, _ name: String) throws(PatrolError) {
        let counters = try Buffer<Int64>(count: 4, repeating: 0)
        counters[0] = Int64(bitPattern: seed)
        counters[1] = Int64(phase)
        counters[2] = Int64(generation)
        counters[3] = Int64(bitPattern: eventCount)
        try writer.add(name + ".counters", shape: [4], counters.elements)
        for (part, values) in vectors { try writer.add(name + part, shape: [values.count], values.elements) }
        try saveTrials(to: writer, name)
    }

    /// How many simulations of the generation under way are done, and of each its cost (as bits) and its events.
    private func saveTrials(to writer: TensorFileWriter, _ name: String) throws(PatrolError) {
        guard let trials else { return }
        let values = try Buffer<Int64>(count: 1 + 2 * trials.costs.count, repeating: 0)
        values[0] = Int64(trials.done)
        for k in 0..<trials.done {
            values[1 + 2 * k] = Int64(bitPattern: trials.costs[k].bitPattern)
            values[2 + 2 * k] = Int64(bitPattern: trials.events[k])
        }
        try writer.add(name + ".trials", shape: [values.count], values.elements)
    }

    private func restoreTrials(from file: TensorFile, _ name: String) throws(PatrolError) {
        trials = nil
        let tensor = ByteText(name + ".trials")
        guard !isDone, file.tensor(named: tensor) != nil else { return }
        var begun = try beginGeneration()
        let values = try file.tensor(named: tensor, shape: [1 + 2 * begun.costs.count]).integers(Int64.self)
        begun.done = Int(values[0])
        try checkCount(begun.done, in: 1...begun.costs.count - 1, "tensor \"\(tensor)\": value 0", .invalidFile)
        for k in 0..<begun.done {
            begun.costs[k] = Double(bitPattern: UInt64(bitPattern: values[1 + 2 * k]))
            begun.events[k] = UInt64(bitPattern: values[2 + 2 * k])
            try check(
                begun.costs[k] >= 0 && begun.costs[k] < .infinity, .invalidFile,
                "tensor \"\(tensor)\": value \(1 + 2 * k) is no cost")
        }
        trials = begun
    }

    /// Takes over a state that a search of the same options and seed has saved.
    ///
    /// - Throws: `invalidFile` where something is missing or has another size, `mismatch` for another seed.
    func restore(from file: TensorFile, _ name: String) throws(PatrolError) {
        let counters = try CheckpointCounters(file, ByteText(name + ".counters"), count: 4, seed: seed)
        phase = try counters.number(1, atMost: 1_000_000)
        generation = try counters.number(2, atMost: options.generations)
        eventCount = counters.bits(3)
        for (part, values) in vectors {
            let saved = try file.tensor(named: ByteText(name + part), shape: [values.count]).floats()
            values.base.update(from: saved.base, count: values.count)
        }
        try restoreTrials(from: file, name)
    }

    private var vectors: [(String, Buffer<Float>)] {
        [(".mean", strategy.mean), (".deviation", strategy.deviation), (".units", scales), (".summed", summed)]
    }
}
