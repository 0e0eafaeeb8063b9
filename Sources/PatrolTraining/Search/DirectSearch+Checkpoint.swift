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
        let counters = try file.tensor(named: ByteText(name + ".counters"), shape: [4]).integers(Int64.self)
        guard counters[0] == Int64(bitPattern: seed) else {
            throw PatrolError(
                .mismatch, "the checkpoint's seed is \(UInt64(bitPattern: counters[0])), the search's is \(seed)")
        }
        guard counters[1] >= 0, counters[1] <= 1_000_000, counters[2] >= 0, counters[2] <= Int64(options.generations) else {
            throw PatrolError(.invalidFile, "tensor \"\(ByteText(name)).counters\": a counter is out of range")
        }
        for (part, values) in vectors {
            let saved = try file.tensor(named: ByteText(name + part), shape: [values.count]).floats()
            values.base.update(from: saved.base, count: values.count)
        }
        (phase, generation) = (Int(counters[1]), Int(counters[2]))
        eventCount = UInt64(bitPattern: counters[3])
    }

    private var vectors: [(String, Buffer<Float>)] {
        [(".mean", strategy.mean), (".deviation", strategy.deviation), (".units", units), (".summed", summed)]
    }
}
