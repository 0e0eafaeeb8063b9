import PatrolFiles
import PatrolModel
import Testing

/// Damaged files: each is read or refused with a status of the reader, and never ends the process.
@Suite struct MutationTests {
    private static func seeds() throws -> [[UInt8]] {
        let writer = try TensorFileWriter()
        try writer.addMetadata("format", "patrol \"policy\"\n")
        try writer.addMetadata("units", "s")
        try writer.add("layer.0.weight", [2, 3], [1, 2, 3, 4, 5, Float(6)])
        try writer.add("layer.0.bias", [2], [Double(1), 2])
        try writer.add("beat", [3], [UInt8(1), 2, 3])
        try writer.add("node", [2], [Int32(-1), 7])
        try writer.add("none", [0], [Int64]())
        return [
            try writer.finish().array,
            container("F16", "[2,1]", [0, 60, 1, 0]),
            container("BF16", "[]", [128, 63]),
            container(
                #"{"\ud83d\ude93":{"shape":[0],"dtype":"U16","data_offsets":[0,0]},"__metadata__":{"é":"\/"}} "#),
        ]
    }

    /// Pieces of the format that chance alone would not write.
    private static let fragments = [
        "{", "}", "[", "]", ",", ":", "\"", "\\u0000", "\\ud800", "\\", "null", "-", "0", "9223372036854775807",
        "4294967296", "1e9", "F64", "BOOL", "__metadata__", "data_offsets", "\u{0}", "é", " ",
    ].map { Array($0.utf8) }

    @Test func damagedFilesAreReadOrRefused() throws {
        var numbers = RandomNumbers(seed: 20)
        let seeds = try MutationTests.seeds()
        var (read, refused) = (0, 0)
        for round in 0..<40_000 {
            var bytes = seeds[round % seeds.count]
            for _ in 0...numbers.below(3) { MutationTests.mutate(&bytes, &numbers) }
            do {
                let file = try opened(bytes)
                read += 1
                for index in 0..<file.count { try MutationTests.readAll(file[index]) }
            } catch {
                refused += 1
                #expect([.invalidFile, .unsupported].contains(error.status), "\(error.message)")
                #expect(error.message.utf8.count < 500)
            }
        }
        #expect(read > 400 && refused > 20_000, "\(read) read, \(refused) refused")
    }

    private static func mutate(_ bytes: inout [UInt8], _ numbers: inout RandomNumbers) {
        let before = bytes.count
        let place = numbers.below(before)
        let headerCount = before < 8 ? 0 : bytes.withUnsafeBytes { Int($0.loadUnaligned(as: UInt32.self)) }
        switch numbers.below(6) {
        case 0: bytes[place] ^= 1 << UInt8(numbers.below(8))
        case 1: bytes[place] = UInt8(numbers.below(256))
        case 2: bytes.removeSubrange(place..<min(bytes.count, place + 1 + numbers.below(8)))
        case 3: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 1 + numbers.below(64))], at: place)
        case 4: bytes.insert(contentsOf: fragments[numbers.below(fragments.count)], at: place)
        default: bytes.replaceSubrange(place..<place + 1, with: fragments[numbers.below(fragments.count)])
        }
        // Mostly with a header length that fits again: without, damage is not looked at beyond it.
        if place >= 8, place < 8 + headerCount, bytes.count >= 8, numbers.below(4) > 0 {
            let count = UInt64(max(0, headerCount + bytes.count - before))
            bytes.replaceSubrange(0..<8, with: withUnsafeBytes(of: count.littleEndian, Array.init))
        }
        if bytes.isEmpty { bytes = [0] }
    }

    private static func readAll(_ tensor: Tensor) throws(PatrolError) {
        switch tensor.type {
        case .f64, .f32, .f16, .bf16:
            _ = try tensor.doubles()
            _ = try tensor.floats()
        case .i64, .i32, .u16, .u8: _ = try tensor.integers(Int32.self)
        }
    }
}
