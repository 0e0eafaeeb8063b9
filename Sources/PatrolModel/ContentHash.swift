/// A 64-bit hash of numbers in a fixed order; not meant to withstand forgery.
///
/// FNV-1a over 32-bit words instead of bytes, folded after each word so that every bit reaches every other:
/// h ← (h ⊕ word) · 2⁴⁰+0x1b3;  h ← h ⊕ h/2³². Numbers enter by bit pattern (64 bits: low word first), arrays
/// after their element count.
public struct ContentHash {
    public private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    public init() {}

    @inline(__always)
    public mutating func combine(_ word: UInt32) {
        value = (value ^ UInt64(word)) &* 0x100_0000_01B3
        value ^= value >> 32
    }

    @inline(__always)
    public mutating func combine(_ number: Int32) { combine(UInt32(bitPattern: number)) }

    public mutating func combine(_ number: Float) { combine(number.bitPattern) }

    public mutating func combine(_ number: UInt64) {
        combine(UInt32(truncatingIfNeeded: number))
        combine(UInt32(truncatingIfNeeded: number >> 32))
    }

    public mutating func combine(count: Int) { combine(UInt32(truncatingIfNeeded: count)) }

    public mutating func combine(_ numbers: UnsafeBufferPointer<Double>) {
        combine(count: numbers.count)
        for number in numbers {
            combine(UInt32(truncatingIfNeeded: number.bitPattern))
            combine(UInt32(truncatingIfNeeded: number.bitPattern >> 32))
        }
    }

    public mutating func combine(_ numbers: UnsafeBufferPointer<Float>) {
        combine(count: numbers.count)
        for number in numbers { combine(number.bitPattern) }
    }

    public mutating func combine(_ numbers: UnsafeBufferPointer<UInt32>) {
        combine(count: numbers.count)
        for number in numbers { combine(number) }
    }

    public mutating func combine(_ numbers: UnsafeBufferPointer<Int32>) {
        combine(count: numbers.count)
        for number in numbers { combine(number) }
    }
}

extension ContentHash {
    /// A file's bytes: little-endian words, the last filled up with zeros, after the byte count.
    public mutating func combine(_ bytes: UnsafeBufferPointer<UInt8>) {
        combine(count: bytes.count)
        for start in stride(from: 0, to: bytes.count, by: 4) {
            var word: UInt32 = 0
            for k in start..<min(start + 4, bytes.count) { word |= UInt32(bytes[k]) << UInt32(8 * (k - start)) }
            combine(word)
        }
    }
}

extension AreaDescription {
    /// Of what the arrays mean: an array that is left out hashes like one that states its default.
    func contentHash(maxDemandPoints: Int, patrolSpacing: Float) -> UInt64 {
        var hash = ContentHash()
        hash.combine(coordinateSystem.rawValue)
        hash.combine(count: nodeCount)
        if let coordinates { hash.combine(coordinates) }
        hash.combine(edges)
        hash.combine(edgePatrolSeconds)
        hash.combine(edgeEmergencySeconds ?? edgePatrolSeconds)
        for node in 0..<nodeCount { hash.combine(nodeBeats?[node] ?? -1) }
        for node in 0..<nodeCount { hash.combine(nodeGroups?[node] ?? 0) }
        hash.combine(count: periodHours)
        hash.combine(categoryServiceSeconds)
        for category in 0..<categoryCount { hash.combine(categoryWeights?[category] ?? 1) }
        for row in 0..<demandNodeCount { hash.combine(count: demandNode(row)) }
        hash.combine(demandCallsPerHour)
        hash.combine(patrolLocations)
        hash.combine(count: maxDemandPoints)
        hash.combine(patrolSpacing)
        if let travelFactors, travelFactors.contains(where: { $0 != 1 }) { hash.combine(travelFactors) }
        return hash.value
    }
}
