extension Float {
    /// The value of an IEEE 754 binary16, exactly.
    init(halfPrecision bits: UInt16) {
        let sign = UInt32(bits & 0x8000) << 16
        let exponent = UInt32(bits >> 10 & 0x1F)
        let fraction = UInt32(bits & 0x3FF)
        switch exponent {
        case 0:  // Zero and the subnormals: fraction · 2⁻²⁴.
            self = Float(bitPattern: sign | (Float(fraction) * 0x1p-24).bitPattern)
        case 0x1F:  // Infinities and NaNs.
            self = Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
        default:  // From bias 15 to bias 127.
            self = Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
        }
    }

    /// The value of a bfloat16, the upper half of an F32, exactly.
    init(brainPrecision bits: UInt16) { self = Float(bitPattern: UInt32(bits) << 16) }
}
