import PatrolFiles
import PatrolModel

/// The whole numbers of a checkpoint, the first of which is the seed.
struct CheckpointCounters {
    private let name: ByteText
    private let values: Buffer<Int64>

    /// - Throws: `invalidFile` where the tensor is missing or has another size, `mismatch` for another seed.
    init(_ file: TensorFile, _ name: ByteText, count: Int, seed: UInt64) throws(PatrolError) {
        self.name = name
        values = try file.tensor(named: name, shape: [count]).integers(Int64.self)
        try check(
            values[0] == Int64(bitPattern: seed), .mismatch,
            "tensor \"\(name)\": the seed is \(UInt64(bitPattern: values[0])), expected \(seed)")
    }

    /// Any 64 bits.
    func bits(_ k: Int) -> UInt64 { UInt64(bitPattern: values[k]) }

    /// - Throws: `invalidFile` where the value is not in 0 ... `most`.
    func number(_ k: Int, atMost most: Int) throws(PatrolError) -> Int {
        let value = Int(values[k])
        try checkCount(value, in: 0...most, "tensor \"\(name)\": value \(k)", .invalidFile)
        return value
    }
}
