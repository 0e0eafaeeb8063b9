import CPatrol
import PatrolABI
import PatrolFiles
import PatrolModel

/// Structs of `patrol.h`, with the names of their fields as keys (`RowFields`).
extension ValueReader {
    /// - Returns: how many rows there are, at most as many as the buffer has room for.
    mutating func rows<Row: GrowingStruct & BitwiseCopyable>(
        _ fields: StaticString, into rows: Buffer<Row>
    ) throws(PatrolError) -> Int {
        try list(atMost: rows.count) { (reader, k) throws(PatrolError) in
            rows[k] = Row.defaults
            let bytes = UnsafeMutableRawBufferPointer(start: rows.base + k, count: MemoryLayout<Row>.size)
            try reader.row(fields, into: bytes)
        }
    }

    mutating func floats(into numbers: Buffer<Float>) throws(PatrolError) -> Int {
        try list(atMost: numbers.count) { (reader, k) throws(PatrolError) in numbers[k] = try reader.float() }
    }

    private mutating func row(_ fields: StaticString, into bytes: UnsafeMutableRawBufferPointer) throws(PatrolError) {
        let names = NameList(lettered: fields)
        try object(names) { (reader, field) throws(PatrolError) in
            var offset = 0
            for before in names {
                if before.place == field.place { break }
                offset += ValueReader.size(before.letter)
            }
            try reader.value(field.letter, into: bytes, at: offset)
        }
    }

    private static func size(_ letter: UInt8) -> Int {
        switch letter {
        case UInt8(ascii: "I"), UInt8(ascii: "U"), UInt8(ascii: "d"): 8
        case UInt8(ascii: "Q"): Int(PATROL_NEEDS) * MemoryLayout<patrol_need>.size
        default: 4
        }
    }

    private mutating func value(
        _ letter: UInt8, into bytes: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(PatrolError) {
        func store<Value: BitwiseCopyable>(_ value: Value) {
            bytes.storeBytes(of: value, toByteOffset: offset, as: Value.self)
        }
        switch letter {
        case UInt8(ascii: "I"): store(try id())
        case UInt8(ascii: "U"): store(try natural())
        case UInt8(ascii: "d"): store(try double())
        case UInt8(ascii: "f"): store(try float())
        case UInt8(ascii: "N"): store(try null() ? UInt32.max : UInt32(try natural(atMost: UInt64(UInt32.max) - 1)))
        case UInt8(ascii: "u"): store(UInt32(try natural(atMost: UInt64(UInt32.max))))
        case UInt8(ascii: "S"): store(Int32(try choice(NameList("OFF_DUTY|PATROLLING|EN_ROUTE|ON_SCENE"))))
        case UInt8(ascii: "Q"): try needs(into: bytes, at: offset)
        default: store(Int32(try integer(Int64(Int32.min)...Int64(Int32.max))))
        }
    }

    /// The host's number of a unit or a call; null for none.
    mutating func id() throws(PatrolError) -> UInt64 {
        try null() ? .max : natural(atMost: .max - 1)
    }

    private mutating func needs(
        into bytes: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(PatrolError) {
        _ = try list(atMost: Int(PATROL_NEEDS)) { (reader, k) throws(PatrolError) in
            let size = MemoryLayout<patrol_need>.size
            let start = offset + k * size
            try reader.row(RowFields.need, into: UnsafeMutableRawBufferPointer(rebasing: bytes[start..<start + size]))
        }
    }
}
