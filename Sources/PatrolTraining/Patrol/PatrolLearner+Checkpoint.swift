import PatrolFiles
import PatrolModel
import PatrolNetworks

/// A learner between two rounds as tensors: networks, optimizer, replay memory and counters. Random numbers need no place:
/// they follow from the seed and the counters.
extension PatrolLearner {
    /// Adds the whole state to a checkpoint file, under names that begin with `patrol.`.
    public func save(to writer: TensorFileWriter) throws(PatrolError) {
        let counters = try Buffer<Int64>(count: 7, repeating: 0)
        counters[0] = Int64(bitPattern: seed)
        counters[1] = Int64(phase)
        counters[2] = Int64(round)
        counters[3] = Int64(bitPattern: eventCount)
        counters[4] = Int64(learning.adam.stepCount)
        counters[5] = Int64(memory.count)
        counters[6] = Int64(memory.next)
        try writer.add("patrol.counters", shape: [7], counters.elements)
        for (name, values) in vectors { try writer.add(name, shape: [values.count], values.elements) }

        let count = memory.count
        let stride = ReplayMemory.stride(form)
        try writer.add(
            "patrol.memory.rows", shape: [count, stride],
            UnsafeBufferPointer(start: memory.rows.base, count: count * stride))
        func add<Element: TensorElement>(_ name: String, _ values: Buffer<Element>) throws(PatrolError) {
            try writer.add(name, shape: [count], UnsafeBufferPointer(start: values.base, count: count))
        }
        try add("patrol.memory.rewards", memory.rewards)
        try add("patrol.memory.discounts", memory.discounts)
        try add("patrol.memory.candidates", memory.candidateCounts)
        try add("patrol.memory.chosen", memory.chosen)
        try add("patrol.memory.next_candidates", memory.nextCounts)
    }

    /// Takes over a state that a learner of the same options, seed and tasks has saved: what follows is the same, byte for byte.
    ///
    /// - Throws: `invalidFile` where something is missing or has another size, `mismatch` for another seed. After a failure
    ///   the learner is not to be used.
    public func restore(from file: TensorFile) throws(PatrolError) {
        let counters = try CheckpointCounters(file, "patrol.counters", count: 7, seed: seed)
        let most = Int(Int32.max)
        phase = try counters.number(1, atMost: most)
        round = try counters.number(2, atMost: most)
        eventCount = UInt64(try counters.number(3, atMost: .max))
        learning.adam.stepCount = try counters.number(4, atMost: most)
        let (count, next) = (try counters.number(5, atMost: most), try counters.number(6, atMost: most))
        guard count == memory.capacity ? next < count : count < memory.capacity && next == count else {
            throw PatrolError(
                .invalidFile,
                "tensor \"patrol.counters\": \(count) transitions and the next at \(next) do not fit \(memory.capacity) places"
            )
        }
        for (name, values) in vectors { try copy(file, name, into: values, shape: [values.count]) }

        try copy(file, "patrol.memory.rows", into: memory.rows, shape: [count, ReplayMemory.stride(form)])
        try copy(file, "patrol.memory.rewards", into: memory.rewards, shape: [count])
        try copy(file, "patrol.memory.discounts", into: memory.discounts, shape: [count])
        func copyIntegers(_ name: ByteText, into target: Buffer<Int32>, below bound: Int) throws(PatrolError) {
            let values = try file.tensor(named: name, shape: [count]).integers(
                Int32.self, from: 0, through: Int32(bound - 1))
            target.base.update(from: values.base, count: count)
        }
        let candidates = form.maximumCandidates
        try copyIntegers("patrol.memory.candidates", into: memory.candidateCounts, below: candidates + 1)
        try copyIntegers("patrol.memory.chosen", into: memory.chosen, below: candidates)
        try copyIntegers("patrol.memory.next_candidates", into: memory.nextCounts, below: candidates + 1)

        (memory.count, memory.next) = (count, next)
    }

    private func copy(
        _ file: TensorFile, _ name: String, into target: Buffer<Float>, shape: [Int?]
    ) throws(PatrolError) {
        let values = try file.tensor(named: ByteText(name), shape: shape).floats()
        target.base.update(from: values.base, count: values.count)
    }

    private var vectors: [(String, Buffer<Float>)] {
        [
            ("patrol.online", learning.online.parameters), ("patrol.target", learning.target.parameters),
            ("patrol.adam.first", learning.adam.firstMoment), ("patrol.adam.second", learning.adam.secondMoment),
            ("patrol.mean", learning.normalization.mean), ("patrol.scale", learning.normalization.scale),
        ]
    }
}
