import PatrolModel

/// Reads the tensors and metadata of one kind of file, and finds tensors that nothing requested.
struct FileReader {
    let file: TensorFile
    private var asked: [ByteText] = []

    /// - Throws: `invalidFile` where metadata `format` is not that of this kind, `unsupported` where it is of another version.
    init(_ file: TensorFile, format: ByteText, version: ByteText) throws(PatrolError) {
        self.file = file
        try expect("format", format)
        try expect("format_version", version, otherwise: .unsupported)
    }

    /// - Throws: `invalidFile` where the metadata entry is missing, `status` where it has another value.
    func expect(_ key: ByteText, _ value: ByteText, otherwise status: Status = .invalidFile) throws(PatrolError) {
        guard let found = file.metadata(named: key) else {
            throw PatrolError(.invalidFile, "metadata \"\(key)\" is missing, expected \"\(value)\"")
        }
        guard found.elementsEqual(value.bytes) else {
            throw PatrolError(status, "metadata \"\(key)\" is \(found.quoted), expected \"\(value)\"")
        }
    }

    /// The metadata entry as a plain number without sign or leading zeros, or nil where it is absent.
    func number(_ key: ByteText, radix: UInt64 = 10, digits: Int) throws(PatrolError) -> UInt64? {
        guard let text = file.metadata(named: key) else { return nil }
        var value: UInt64 = 0
        var valid = !text.isEmpty && text.count <= digits
        for byte in text {
            let digit: UInt64
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = UInt64(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = UInt64(byte - UInt8(ascii: "a")) + 10
            default: digit = radix
            }
            if digit >= radix { valid = false }
            value = value &* radix &+ digit
        }
        guard valid else {
            throw PatrolError(
                .invalidFile,
                "metadata \"\(key)\" is \(text.quoted), expected at most \(digits) digits of base \(radix)")
        }
        return value
    }

    mutating func has(_ name: ByteText) -> Bool { file.tensor(named: name) != nil }

    /// The tensor of that name and shape, which must be there.
    mutating func tensor(_ name: ByteText, _ shape: [Int?]) throws(PatrolError) -> Tensor {
        asked.append(name)
        return try file.tensor(named: name, shape: shape)
    }

    /// The tensor of that name, which must have that shape if it is there.
    mutating func optional(_ name: ByteText, _ shape: [Int?]) throws(PatrolError) -> Tensor? {
        has(name) ? try tensor(name, shape) : nil
    }

    /// The same as numbers.
    @inline(never)
    mutating func floats(_ name: ByteText, _ shape: [Int?]) throws(PatrolError) -> Buffer<Float>? {
        try optional(name, shape)?.floats()
    }

    /// The same as integers.
    @inline(never)
    mutating func integers<Integer: FixedWidthInteger & BitwiseCopyable>(
        _ name: ByteText, _ shape: [Int?]
    ) throws(PatrolError) -> Buffer<Integer>? {
        try optional(name, shape)?.integers()
    }

    /// - Throws: `unsupported` where the file has a tensor that nothing requested.
    func finish() throws(PatrolError) {
        for index in 0..<file.count {
            let name = file[index].name
            var known = false
            for other in asked where name.elementsEqual(other.bytes) { known = true }
            guard known else {
                throw PatrolError(
                    .unsupported,
                    "tensor \(name.quoted) is unknown in this kind of file or does not belong with the others")
            }
        }
    }
}
