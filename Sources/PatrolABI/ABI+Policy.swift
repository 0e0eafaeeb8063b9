import CPatrol
import PatrolFiles
import PatrolModel
import PatrolNetworks

/// A policy file with the strings that C callers read: one text with a NUL behind each string.
final class PolicyHandle: Sendable {
    let file: PolicyFile
    private let text: Buffer<CChar>
    /// Where the tensors' names start, then keys and values of the metadata in turn.
    private let starts: Buffer<Int>

    init(_ file: PolicyFile) throws(PatrolError) {
        self.file = file
        let tensors = file.file
        var length = 0
        for k in 0..<tensors.count { length += tensors[k].name.count + 1 }
        for k in 0..<tensors.metadataCount {
            let entry = tensors.metadata(at: k)
            length += entry.key.count + entry.value.count + 2
        }
        text = try Buffer(count: length, repeating: 0)
        starts = try Buffer(count: tensors.count + 2 * tensors.metadataCount, repeating: 0)
        var used = 0
        var slot = 0
        func append(_ string: Text) {
            starts[slot] = used
            slot += 1
            for byte in string {
                text[used] = CChar(bitPattern: byte)
                used += 1
            }
            used += 1
        }
        for k in 0..<tensors.count { append(tensors[k].name) }
        for k in 0..<tensors.metadataCount {
            let entry = tensors.metadata(at: k)
            append(entry.key)
            append(entry.value)
        }
    }

    func tensorName(_ index: Int) -> UnsafePointer<CChar> { UnsafePointer(text.base + starts[index]) }

    func metadata(_ index: Int) -> (key: UnsafePointer<CChar>, value: UnsafePointer<CChar>) {
        let first = file.file.count + 2 * index
        return (UnsafePointer(text.base + starts[first]), UnsafePointer(text.base + starts[first + 1]))
    }
}

@_cdecl("patrol_policy_info_init") @implementation
public func patrol_policy_info_init(_ info: UnsafeMutablePointer<patrol_policy_info>!) {
    initialize(info)
}

@_cdecl("patrol_policy_load_file") @implementation
public func patrol_policy_load_file(
    _ path: UnsafePointer<CChar>!, _ policy: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let path = try required(path, "path")
        let policy = try required(policy, "policy")
        policy.pointee = try give(PolicyHandle(PolicyFile.load(path: path)))
    }
}

@_cdecl("patrol_policy_load_memory") @implementation
public func patrol_policy_load_memory(
    _ bytes: UnsafeRawPointer!, _ count: Int, _ policy: UnsafeMutablePointer<OpaquePointer?>!,
    _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let policy = try required(policy, "policy")
        policy.pointee = try give(PolicyHandle(try PolicyFile(try tensorFile(bytes, count))))
    }
}

@_cdecl("patrol_policy_destroy") @implementation
public func patrol_policy_destroy(_ policy: OpaquePointer!) { release(policy, as: PolicyHandle.self) }

@_cdecl("patrol_policy_get_info") @implementation
public func patrol_policy_get_info(
    _ policy: OpaquePointer!, _ info: UnsafeMutablePointer<patrol_policy_info>!,
    _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let handle: PolicyHandle = try object(policy, "policy")
        let policy = handle.file.policy
        var networks = 0
        if policy.patrol != nil { networks |= Int(PATROL_POLICY_HAS_PATROL) }
        if policy.pair != nil { networks |= Int(PATROL_POLICY_HAS_PAIR) }
        if policy.value != nil { networks |= Int(PATROL_POLICY_HAS_VALUE) }
        try fill(info, "info") {
            $0.networks = UInt32(networks)
            $0.value_is_concave = policy.value?.isConcave == true ? 1 : 0
            $0.tensor_count = UInt32(handle.file.file.count)
            $0.metadata_count = UInt32(handle.file.file.metadataCount)
            $0.requires_categories = UInt32(policy.requiredCategories)
            $0.requires_area = policy.requiredArea
            $0.content_hash = policy.contentHash
            $0.patrol_most_free_share = policy.mostFreeShareForPatrol
            $0.dispatch_most_free_share = policy.mostFreeShareForDispatch
            $0.dispatch_unit = UInt32(policy.dispatchUnit.rawValue)
        }
    }
}

@_cdecl("patrol_policy_get_tensor") @implementation
public func patrol_policy_get_tensor(
    _ policy: OpaquePointer!, _ index: UInt32, _ name: UnsafeMutablePointer<UnsafePointer<CChar>?>!,
    _ dtype: UnsafeMutablePointer<UnsafePointer<CChar>?>!, _ shape: UnsafeMutablePointer<UInt64>!,
    _ rank: UnsafeMutablePointer<UInt32>!, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let handle: PolicyHandle = try object(policy, "policy")
        let name = try required(name, "name")
        let dtype = try required(dtype, "dtype")
        let rank = try required(rank, "rank")
        let file = handle.file.file
        try checkIndex(Int(index), below: file.count, "index")
        let tensor = file[Int(index)]
        name.pointee = handle.tensorName(Int(index))
        dtype.pointee = UnsafeRawPointer(tensor.type.name.utf8Start).assumingMemoryBound(to: CChar.self)
        rank.pointee = UInt32(tensor.shape.rank)
        if let shape {
            for axis in 0..<tensor.shape.rank { shape[axis] = UInt64(tensor.shape[axis]) }
        }
    }
}

@_cdecl("patrol_policy_get_metadata") @implementation
public func patrol_policy_get_metadata(
    _ policy: OpaquePointer!, _ index: UInt32, _ key: UnsafeMutablePointer<UnsafePointer<CChar>?>!,
    _ value: UnsafeMutablePointer<UnsafePointer<CChar>?>!, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let handle: PolicyHandle = try object(policy, "policy")
        let key = try required(key, "key")
        let value = try required(value, "value")
        try checkIndex(Int(index), below: handle.file.file.metadataCount, "index")
        (key.pointee, value.pointee) = handle.metadata(Int(index))
    }
}

@_cdecl("patrol_policy_evaluate") @implementation
public func patrol_policy_evaluate(
    _ policy: OpaquePointer!, _ network: UnsafePointer<CChar>!, _ rows: Int, _ input_width: Int,
    _ input: UnsafePointer<Float>!,
    _ output: UnsafeMutablePointer<Float>!, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let handle: PolicyHandle = try object(policy, "policy")
        let name = try required(network, "network")
        let policy = handle.file.policy
        let rows = try size(rows, "rows")
        if equal(name, "value") {
            let network = try present(policy.value, "value")
            try checkWidth(input_width, network.inputCount, "value")
            guard rows > 0 else { return }
            let (input, output) = (try required(input, "input"), try required(output, "output"))
            for row in 0..<rows { output[row] = Float(network.evaluate(input + row * input_width)) }
            return
        }
        let network: DenseNetwork
        if equal(name, "patrol") {
            network = try present(policy.patrol, "patrol")
            try checkWidth(input_width, network.inputs, "patrol")
        } else if equal(name, "pair") {
            network = try present(policy.pair, "pair")
            try checkWidth(input_width, network.inputs, "pair")
        } else {
            throw PatrolError(.unknownName, "network is \(quoted(name)), expected \"patrol\", \"pair\" or \"value\"")
        }
        guard rows > 0 else { return }
        let (input, output) = (try required(input, "input"), try required(output, "output"))
        let scratch = try NetworkScratch(for: network, maximumRows: min(rows, 256))
        try network.evaluate(rows: rows, input: input, output: output, scratch: scratch)
    }
}

private func present<Network>(_ network: Network?, _ name: StaticString) throws(PatrolError) -> Network {
    guard let network else { throw PatrolError(.unknownName, "the policy has no network \"\(name)\"") }
    return network
}

private func checkWidth(_ width: Int, _ expected: Int, _ name: StaticString) throws(PatrolError) {
    guard width == expected else { throw invalid("input_width is \(width), network \"\(name)\" takes \(expected)") }
}
