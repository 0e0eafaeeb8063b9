/// The type of a tensor's elements, little-endian.
public enum ElementType: UInt8, Sendable, BitwiseCopyable {
    case f64, f32, f16, bf16, i64, i32, u16, u8

    /// Bytes of one element.
    public var size: Int {
        switch self {
        case .f64, .i64: 8
        case .f32, .i32: 4
        case .f16, .bf16, .u16: 2
        case .u8: 1
        }
    }

    /// The name in the file.
    public var name: StaticString {
        switch self {
        case .f64: "F64"
        case .f32: "F32"
        case .f16: "F16"
        case .bf16: "BF16"
        case .i64: "I64"
        case .i32: "I32"
        case .u16: "U16"
        case .u8: "U8"
        }
    }

    static func named(_ name: UnsafeBufferPointer<UInt8>) -> ElementType? {
        var raw: UInt8 = 0
        while let type = ElementType(rawValue: raw) {
            if name.equals(type.name) { return type }
            raw += 1
        }
        return nil
    }

    /// Whether the format defines the type although this library does not support it.
    static func isKnownElsewhere(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        let others: [StaticString] = [
            "BOOL", "I8", "I16", "U32", "U64", "C64", "F4", "F6_E2M3", "F6_E3M2",
            "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ",
        ]
        for other in others where name.equals(other) { return true }
        return false
    }
}
