import PatrolFiles
import PatrolModel
import PatrolNetworks

/// A search between two generations as tensors. Random numbers need no place: they follow from the seed and the counters.
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
    }

    private var vectors: [(String, Buffer<Float>)] {
        [(".mean", strategy.mean), (".deviation", strategy.deviation), (".units", scales), (".summed", summed)]
    }
}
