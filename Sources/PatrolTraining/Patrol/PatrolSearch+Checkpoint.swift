import PatrolFiles
import PatrolModel
import PatrolNetworks

/// A search between two generations as tensors. Random numbers need no place: they follow from the seed and the counters.
extension PatrolSearch {
    /// Adds the whole state to a checkpoint file, under names that begin with `patrol_search.`.
    public func save(to writer: TensorFileWriter) throws(PatrolError) {
        let counters = try Buffer<Int64>(count: 4, repeating: 0)
        counters[0] = Int64(bitPattern: seed)
        counters[1] = Int64(phase)
        counters[2] = Int64(generation)
        counters[3] = Int64(bitPattern: eventCount)
        try writer.add("patrol_search.counters", shape: [4], counters.elements)
        for (name, values) in vectors { try writer.add(name, shape: [values.count], values.elements) }
    }

    /// Takes over a state that a search of the same options, seed and tasks has saved: what follows is the same, byte for byte.
    ///
    /// - Throws: `invalidFile` where something is missing or has another size, `mismatch` for another seed.
    public func restore(from file: TensorFile) throws(PatrolError) {
        let counters = try file.tensor(named: "patrol_search.counters", shape: [4]).integers(Int64.self)
        guard counters[0] == Int64(bitPattern: seed) else {
            throw PatrolError(
                .mismatch, "the checkpoint's seed is \(UInt64(bitPattern: counters[0])), the search's is \(seed)")
        }
        guard counters[1] >= 0, counters[1] <= 1_000_000, counters[2] >= 0, counters[2] <= Int64(options.generations) else {
            throw PatrolError(.invalidFile, "tensor \"patrol_search.counters\": a counter is out of range")
        }
        for (name, values) in vectors {
            let saved = try file.tensor(named: ByteText(name), shape: [values.count]).floats()
            values.base.update(from: saved.base, count: values.count)
        }
        (phase, generation) = (Int(counters[1]), Int(counters[2]))
        eventCount = UInt64(bitPattern: counters[3])
    }

    private var vectors: [(String, Buffer<Float>)] {
        [
            ("patrol_search.mean", strategy.mean), ("patrol_search.deviation", strategy.deviation),
            ("patrol_search.scales", scales), ("patrol_search.summed", summed),
        ]
    }
}
