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
            "patrol.memory.rows", shape: [count, stride], UnsafeBufferPointer(start: memory.rows.base, count: count * stride))
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
        let counters = try file.tensor(named: "patrol.counters", shape: [7]).integers(Int64.self)
        guard counters[0] == Int64(bitPattern: seed) else {
            throw PatrolError(
                .mismatch, "the checkpoint's seed is \(UInt64(bitPattern: counters[0])), the learner's is \(seed)")
        }
        for k in 1...6 {
            let limit = k == 3 ? Int64.max : Int64(Int32.max)
            guard counters[k] >= 0, counters[k] <= limit else {
                throw PatrolError(
                    .invalidFile, "tensor \"patrol.counters\": value \(k) is \(counters[k]), expected 0 to \(limit)")
            }
        }
        let (count, next) = (Int(counters[5]), Int(counters[6]))
        guard count == memory.capacity ? next < count : count < memory.capacity && next == count else {
            throw PatrolError(
                .invalidFile,
                "tensor \"patrol.counters\": \(count) transitions and the next at \(next) do not fit \(memory.capacity) places")
        }
        for (name, values) in vectors { try copy(file, name, into: values, shape: [values.count]) }

        try copy(file, "patrol.memory.rows", into: memory.rows, shape: [count, ReplayMemory.stride(form)])
        try copy(file, "patrol.memory.rewards", into: memory.rewards, shape: [count])
        try copy(file, "patrol.memory.discounts", into: memory.discounts, shape: [count])
        func copyIntegers(_ name: ByteText, into target: Buffer<Int32>, below bound: Int) throws(PatrolError) {
            let values = try file.tensor(named: name, shape: [count]).integers(Int32.self, from: 0, through: Int32(bound - 1))
            target.base.update(from: values.base, count: count)
        }
        let most = form.maximumCandidates
        try copyIntegers("patrol.memory.candidates", into: memory.candidateCounts, below: most + 1)
        try copyIntegers("patrol.memory.chosen", into: memory.chosen, below: most)
        try copyIntegers("patrol.memory.next_candidates", into: memory.nextCounts, below: most + 1)

        (phase, round) = (Int(counters[1]), Int(counters[2]))
        eventCount = UInt64(bitPattern: counters[3])
        learning.adam.stepCount = Int(counters[4])
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
