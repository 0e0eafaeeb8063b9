import PatrolDecisions
import PatrolFiles
import PatrolModel
import PatrolNetworks

/// A trainer between two steps as a file of tensors.
extension Trainer {
    /// The whole state. The bytes depend on tasks, options, seed and steps alone.
    public func checkpoint() throws(PatrolError) -> Buffer<UInt8> {
        let writer = try TensorFileWriter()
        try writer.addMetadata("format", "libpatrol checkpoint")
        try writer.addMetadata("format_version", "3")
        let counters = try Buffer<Int64>(count: 6, repeating: 0)
        counters[0] = Int64(bitPattern: seed)
        counters[1] = Int64(phase)
        counters[2] = Int64(bitPattern: eventCount)
        counters[3] = hasBegun ? 1 : 0
        counters[4] = Int64(best.count)
        counters[5] = Int64(bitPattern: configurationHash)
        try writer.add("counters", shape: [6], counters.elements)
        let scales = try Buffer<Double>(count: self.scales.count, repeating: 0)
        for task in 0..<scales.count { scales[task] = self.scales[task] }
        try writer.add("scales", shape: [scales.count], scales.elements)
        try save(groupWeights, "group_weights", writer)
        if let candidate { try save(candidate, "candidate", writer) }
        try save(validation, "validation", writer)
        if let heuristics { try save(heuristics, "heuristics", writer) }
        for (k, policy) in best.enumerated() { try save(policy, "best." + k.description, writer) }
        for (k, outcome) in outcomes.enumerated() { try save(outcome, "outcome." + k.description, writer) }
        try dispatch.save(to: writer)
        try patrol.save(to: writer)
        return try writer.finish()
    }

    /// A trainer of the same tasks, options and seed in the state of a checkpoint: what follows is the same, byte for byte. This
    /// one stays as it is.
    ///
    /// - Throws: `invalidFile`, `unsupported` for a file that is not a checkpoint; `mismatch` for another seed, other options,
    ///   scenarios or engines; `outOfMemory`.
    public func restored(from file: TensorFile) throws(PatrolError) -> Trainer {
        try Trainer(givenTasks, options: options, seed: seed, checkpoint: file)
    }

    /// A trainer in the state of a checkpoint.
    /// - Throws: what `restored` and the other initializer throw.
    public convenience init(
        _ tasks: [TrainingTask], options: TrainerOptions, seed: UInt64, checkpoint file: TensorFile
    ) throws(PatrolError) {
        try self.init(tasks, options: options, seed: seed)
        try restore(file)
    }

    private func restore(_ file: TensorFile) throws(PatrolError) {
        guard let format = file.metadata(named: "format"), format.elementsEqual("libpatrol checkpoint".utf8) else {
            throw PatrolError(.invalidFile, "metadata \"format\" is not \"libpatrol checkpoint\"")
        }
        guard let version = file.metadata(named: "format_version"), version.elementsEqual("3".utf8) else {
            throw PatrolError(.unsupported, "metadata \"format_version\" is not \"3\"")
        }
        let counters = try CheckpointCounters(file, "counters", count: 6, seed: seed)
        try check(
            counters.bits(5) == configurationHash, .mismatch,
            "the checkpoint is from a trainer with other options, scenarios or engines")
        phase = try counters.number(1, atMost: phases.count)
        eventCount = UInt64(try counters.number(2, atMost: .max))
        hasBegun = try counters.number(3, atMost: 1) == 1
        let bestCount = try counters.number(4, atMost: 2)
        let scales = try file.tensor(named: "scales", shape: [self.scales.count]).doubles()
        for task in 0..<scales.count {
            guard scales[task] > 0 else {
                throw PatrolError(
                    .invalidFile, "tensor \"scales\": value \(task) is \(scales[task]), expected more than 0")
            }
            self.scales[task] = scales[task]
        }
        let weights = try readWeights(file, "group_weights")
        guard weights.count == groupWeights.count else {
            throw PatrolError(
                .mismatch, "the checkpoint has \(weights.count) group weights, expected \(groupWeights.count)")
        }
        try setGroupWeights(weights)
        candidate = file.tensor(named: "candidate.kinds") == nil ? nil : try readPolicy(file, "candidate")
        validation = try readValidation(file, "validation")
        heuristics = file.tensor(named: "heuristics.kinds") == nil ? nil : try readBoth(file, "heuristics")
        best = []
        for k in 0..<bestCount { best.append(try readBoth(file, "best." + k.description)) }
        outcomes = []
        for k in 0..<phase { outcomes.append(try readOutcome(file, k)) }
        guard best.count == tracks || isDone && best.count == 1 else {
            throw PatrolError(
                .invalidFile,
                "tensor \"counters\": \(best.count) policies so far, in phase \(phase) there are \(tracks)")
        }
        try dispatch.restore(from: file)
        try patrol.restore(from: file)
        try resumeLearners()
    }

    // MARK: Policies

    private func save(
        _ both: (policy: PolicyCandidate, validation: Validation), _ name: String, _ writer: TensorFileWriter
    ) throws(PatrolError) {
        try save(both.policy, name, writer)
        try save(both.validation, name, writer)
    }

    private func readBoth(
        _ file: TensorFile, _ name: String
    ) throws(PatrolError) -> (policy: PolicyCandidate, validation: Validation) {
        (try readPolicy(file, name), try readValidation(file, name))
    }

    private func save(_ policy: PolicyCandidate, _ name: String, _ writer: TensorFileWriter) throws(PatrolError) {
        let kinds = try Buffer<Int32>(count: 2, repeating: 0)
        (kinds[0], kinds[1]) = (policy.patrol.rawValue, policy.dispatch.rawValue)
        try writer.add(name + ".kinds", shape: [2], kinds.elements)
        try save(policy.groupWeights, name + ".group_weights", writer)
        func add(_ file: TensorFile?, _ part: String) throws(PatrolError) {
            guard let file else { return }
            try writer.add(name + part, shape: [file.bytes.count], file.bytes.elements)
        }
        try add(policy.patrolFile, ".patrol_file")
        try add(policy.dispatchFile, ".dispatch_file")
    }

    private func readPolicy(_ file: TensorFile, _ name: String) throws(PatrolError) -> PolicyCandidate {
        let kinds = try file.tensor(named: ByteText(name + ".kinds"), shape: [2]).integers(Int32.self)
        guard let patrol = PatrolPolicyKind(rawValue: kinds[0]), let dispatch = DispatchPolicyKind(rawValue: kinds[1])
        else {
            throw PatrolError(.invalidFile, "tensor \"\(ByteText(name)).kinds\" names an unknown policy")
        }
        func inner(_ part: String) throws(PatrolError) -> TensorFile? {
            guard let tensor = file.tensor(named: ByteText(name + part)) else { return nil }
            return try TensorFile(try tensor.integers(UInt8.self))
        }
        var policy = PolicyCandidate(
            patrol: patrol, dispatch: dispatch, patrolFile: try inner(".patrol_file"),
            dispatchFile: try inner(".dispatch_file"))
        policy.groupWeights = try readWeights(file, name + ".group_weights")
        return policy
    }

    private func save(_ weights: [Float], _ name: String, _ writer: TensorFileWriter) throws(PatrolError) {
        let values = try Buffer<Float>(count: weights.count, repeating: 0)
        for g in weights.indices { values[g] = weights[g] }
        try writer.add(name, shape: [weights.count], values.elements)
    }

    private func readWeights(_ file: TensorFile, _ name: String) throws(PatrolError) -> [Float] {
        let values = try file.tensor(named: ByteText(name), shape: [nil]).floats()
        var weights: [Float] = []
        for g in 0..<values.count {
            guard values[g] > 0 else {
                throw PatrolError(
                    .invalidFile, "tensor \"\(ByteText(name))\": weight \(g) is \(values[g]), expected more than 0")
            }
            weights.append(values[g])
        }
        return weights
    }

    // MARK: Results

    /// NaN cannot stand in a file: its place is taken by −1, which no cost and no time is.
    private func save(_ validation: Validation, _ name: String, _ writer: TensorFileWriter) throws(PatrolError) {
        let values = try Buffer<Double>(count: validation.done * validation.width, repeating: 0)
        for k in 0..<values.count { values[k] = validation.results[k].isNaN ? -1 : validation.results[k] }
        try writer.add(name + ".results", shape: [values.count], values.elements)
    }

    private func readValidation(_ file: TensorFile, _ name: String) throws(PatrolError) -> Validation {
        var result = try Validation(most: options.acceptance.limit, groups: validation.groups)
        let values = try file.tensor(named: ByteText(name + ".results"), shape: [nil]).doubles()
        guard values.count <= result.results.count, values.count % result.width == 0 else {
            throw PatrolError(
                .invalidFile,
                "tensor \"\(ByteText(name)).results\" has \(values.count) values, expected \(result.width) a replication"
            )
        }
        for k in 0..<values.count { result.results[k] = values[k] == -1 ? .nan : values[k] }
        result.done = values.count / result.width
        return result
    }

    private func save(_ outcome: PhaseOutcome, _ name: String, _ writer: TensorFileWriter) throws(PatrolError) {
        let values = try Buffer<Double>(count: 9, repeating: 0)
        values[2] = Double(outcome.replications)
        values[0] = Double(outcome.events)
        values[1] = outcome.isAccepted ? 1 : 0
        for (k, value) in [
            outcome.cost, outcome.worstGroup, outcome.goalValue, outcome.meanResponse, outcome.difference,
            outcome.halfWidth,
        ].enumerated() {
            values[3 + k] = value.isNaN ? unknown : min(value, unlimited)
        }
        try writer.add(name, shape: [9], values.elements)
    }

    private func readOutcome(_ file: TensorFile, _ k: Int) throws(PatrolError) -> PhaseOutcome {
        let values = try file.tensor(named: ByteText("outcome." + k.description), shape: [9]).doubles()
        guard values[0] >= 0, values[0] < 0x1p63 else {
            throw PatrolError(
                .invalidFile, "tensor \"outcome.\(k)\": value 0 is \(values[0]), expected a number of events")
        }
        func known(_ place: Int) -> Double {
            values[place] == unknown ? .nan : values[place] == unlimited ? .infinity : values[place]
        }
        var outcome = PhaseOutcome(phases[k], events: UInt64(values[0]))
        guard values[2] >= 0, values[2] <= Double(options.acceptance.limit) else {
            throw PatrolError(.invalidFile, "tensor \"outcome.\(k)\": value 2 is \(values[2]), expected replications")
        }
        outcome.replications = Int(values[2])
        outcome.isAccepted = values[1] == 1
        (outcome.cost, outcome.worstGroup) = (known(3), known(4))
        (outcome.goalValue, outcome.meanResponse) = (known(5), known(6))
        (outcome.difference, outcome.halfWidth) = (known(7), known(8))
        return outcome
    }

    /// Stand in a file for NaN and for infinity, as of an interval relative to what hardly costs anything.
    private var unknown: Double { -.greatestFiniteMagnitude }
    private var unlimited: Double { .greatestFiniteMagnitude }
}
