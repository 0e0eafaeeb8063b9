import PatrolModel

/// One tensor of a file. It keeps the file alive.
public struct Tensor: Sendable {
    public let name: Text
    public let type: ElementType
    public let shape: Shape
    /// The number of elements: the product of the dimensions.
    public let count: Int
    /// Where the elements are, in bytes from the start of the file. No alignment can be relied on.
    public let byteRange: Range<Int>
    private let file: TensorFile

    init(file: TensorFile, name: Text, _ record: TensorRecord) {
        self.file = file
        self.name = name
        type = record.type
        shape = record.shape
        count = record.byteCount / record.type.size
        byteRange = record.start..<record.start + record.byteCount
    }

    /// The elements of an F64, F32, F16 or BF16 tensor, row-major; F64 rounded to the nearest F32.
    ///
    /// - Throws: `invalidFile` for another type, or where an element is not finite, or not once it is rounded.
    public func floats() throws(PatrolError) -> Buffer<Float> { try finite() }

    /// The elements of an F64, F32, F16 or BF16 tensor, row-major, exactly.
    ///
    /// - Throws: `invalidFile` for another type, or where an element is not finite.
    public func doubles() throws(PatrolError) -> Buffer<Double> { try finite() }

    /// The elements of a U8, U16, I32 or I64 tensor, row-major, as integers of the requested type.
    ///
    /// - Throws: `invalidFile` for another type, or where an element is below `least` or above `most`.
    public func integers<Integer: FixedWidthInteger & BitwiseCopyable>(
        _: Integer.Type = Integer.self, from least: Integer = .min, through most: Integer = .max
    ) throws(PatrolError) -> Buffer<Integer> {
        let integers = try Buffer<Integer>(unwritten: count)
        for index in 0..<count {
            integers[index] = Integer(
                truncatingIfNeeded: try whole(index, from: Int64(least), through: Int64(clamping: most)))
        }
        return integers
    }

    @inline(never)
    private func whole(_ index: Int, from least: Int64, through most: Int64) throws(PatrolError) -> Int64 {
        let stored: Int64
        switch type {
        case .u8: stored = Int64(element(index) as UInt8)
        case .u16: stored = Int64(element(index) as UInt16)
        case .i32: stored = Int64(element(index) as Int32)
        case .i64: stored = element(index)
        case .f16, .bf16, .f32, .f64: throw wrongType("U8, U16, I32 or I64")
        }
        guard stored >= least, stored <= most else {
            throw invalid(index, "\(stored), expected \(least) to \(most)")
        }
        return stored
    }

    private func finite<Number: BinaryFloatingPoint & BitwiseCopyable>() throws(PatrolError) -> Buffer<Number> {
        switch type {
        case .f64: try finite { (bits: UInt64) in Double(bitPattern: bits) }
        case .f32: try finite { (bits: UInt32) in Double(Float(bitPattern: bits)) }
        case .f16: try finite { (bits: UInt16) in Double(Float(halfPrecision: bits)) }
        case .bf16: try finite { (bits: UInt16) in Double(Float(brainPrecision: bits)) }
        case .u8, .u16, .i32, .i64: throw wrongType("F64, F32, F16 or BF16")
        }
    }

    private func finite<Bits: FixedWidthInteger & BitwiseCopyable, Number: BinaryFloatingPoint & BitwiseCopyable>(
        _ value: (Bits) -> Double
    ) throws(PatrolError) -> Buffer<Number> {
        let numbers = try Buffer<Number>(count: count, repeating: 0)
        for index in 0..<count {
            let stored = value(element(index))
            let number = Number(stored)
            guard number.isFinite else {
                throw invalid(index, "\(stored), expected a number finite in \(8 * MemoryLayout<Number>.size) bits")
            }
            numbers[index] = number
        }
        return numbers
    }

    private func element<Stored: BitwiseCopyable>(_ index: Int) -> Stored {
        UnsafeRawPointer(file.bytes.base + byteRange.lowerBound)
            .loadUnaligned(fromByteOffset: index * MemoryLayout<Stored>.size, as: Stored.self)
    }

    private func invalid(_ index: Int, _ sentence: ByteText) -> PatrolError {
        PatrolError(.invalidFile, "tensor \(name.quoted): element \(index) is " + sentence)
    }

    private func wrongType(_ expected: ByteText) -> PatrolError {
        PatrolError(.invalidFile, "tensor \(name.quoted): dtype is \(type.name), expected \(expected)")
    }
}
