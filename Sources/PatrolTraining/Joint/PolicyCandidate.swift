import PatrolDecisions
import PatrolFiles
import PatrolModel
import PatrolNetworks

/// A patrol and a dispatch policy together, each a heuristic or learned networks in the form of a policy file.
struct PolicyCandidate {
    var patrol: PatrolPolicyKind
    var dispatch: DispatchPolicyKind
    /// Where the policy is learned.
    var patrolFile: TensorFile?
    var dispatchFile: TensorFile?
    /// What decisions weigh groups with, where the goal sets it; else empty.
    var groupWeights: [Float] = []

    var isHeuristic: Bool { patrolFile == nil && dispatchFile == nil }

    /// A policy file of the networks; entries of provenance are added by `describe`.
    /// - Throws: `invalidArgument` where nothing is learned.
    func file(
        _ describe: (PolicyFileWriter) throws(PatrolError) -> Void = { (_) throws(PatrolError) in }
    ) throws(PatrolError) -> Buffer<UInt8> {
        let writer = try PolicyFileWriter()
        try describe(writer)
        if let patrolFile { try writer.add(networksOf: patrolFile) }
        if let dispatchFile { try writer.add(networksOf: dispatchFile) }
        return try writer.finish()
    }

    /// What a host makes of the policy file, so that what is validated is what is shipped.
    func engine(_ base: DecisionEngine) throws(PatrolError) -> DecisionEngine {
        var policy: TrainedPolicy?
        if !isHeuristic {
            policy = try PolicyFile(try TensorFile(try file())).policy
        }
        return try DecisionEngine(
            base, policy: policy, patrolPolicy: patrolFile == nil ? patrol : .learned,
            dispatchPolicy: dispatchFile == nil ? dispatch : .learned)
    }
}

extension TensorFile {
    convenience init(_ bytes: Buffer<UInt8>) throws(PatrolError) {
        try self.init(bytes: UnsafeRawBufferPointer(bytes.elements))
        // An unsafe pointer does not keep what it points into.
        withExtendedLifetime(bytes) {}
    }
}
