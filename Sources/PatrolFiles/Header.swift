import PatrolModel

/// What a file says of one of its tensors.
struct TensorRecord: BitwiseCopyable {
    var type = ElementType.u8
    var shape = Shape()
    /// Where the elements are, in bytes from the start of the file.
    var start = 0
    var byteCount = 0
}

/// The parsed and checked header of a safetensors file.
struct Header {
    let text: Buffer<UInt8>
    private(set) var tensors: NameTable<TensorRecord>
    private(set) var metadata: NameTable<TextSpan>
    private var hasMetadata = false
    /// Where the header ends and the data begin, and how many bytes of data there are.
    private let dataStart: Int
    private let dataCount: Int

    init(parsing file: Buffer<UInt8>) throws(PatrolError) {
        let count = try Header.byteCount(of: file)
        dataStart = 8 + count
        dataCount = file.count - dataStart
        if let position = file[TextSpan(start: 8, count: count)].firstInvalidUTF8() {
            throw PatrolError(
                .invalidFile, "header: byte \(8 + position) of the file is \(file[8 + position]), expected UTF-8")
        }
        guard file[8] == UInt8(ascii: "{") else {
            throw PatrolError(.invalidFile, "header: byte 8 of the file is \(file[8]), expected 123, which is \"{\"")
        }
        var json = try JSONReader(file: file, start: 8, end: dataStart)
        text = json.text
        // An entry is appended once it is read whole, so no more come than the shortest, "":"" and
        // "":{"dtype":"U8","shape":[],"data_offsets":[0,1]}, would fit into the header.
        tensors = try NameTable(
            text: text, capacity: min(Limits.tensors, count / 49), placeholder: TensorRecord())
        metadata = try NameTable(
            text: text, capacity: min(Limits.metadataEntries, count / 5), placeholder: TextSpan())

        try json.object { (json, name) throws(PatrolError) in
            if json.text[name].equals("__metadata__") {
                try readMetadata(&json)
            } else {
                try readTensor(&json, named: name)
            }
        }
        try json.padding()
        try checkLayout()
    }

    private static func byteCount(of file: Buffer<UInt8>) throws(PatrolError) -> Int {
        guard file.count <= Limits.fileBytes else {
            throw PatrolError(.unsupported, "the file has \(file.count) bytes, at most \(Limits.fileBytes) are read")
        }
        guard file.count >= 8 else {
            throw PatrolError(.invalidFile, "the file has \(file.count) bytes, its header length alone takes 8")
        }
        let count = UnsafeRawPointer(file.base).loadUnaligned(as: UInt64.self)
        let rest = file.count - 8
        guard count <= UInt64(rest) else {
            throw PatrolError(
                .invalidFile, "not a safetensors file: its header would have \(count) bytes, but only \(rest) follow")
        }
        guard count <= UInt64(Limits.headerBytes) else {
            throw PatrolError(.unsupported, "the header length is \(count), at most \(Limits.headerBytes) is read")
        }
        guard count >= 2 else {
            throw PatrolError(.invalidFile, "the header length is \(count), expected at least the 2 bytes of {}")
        }
        return Int(count)
    }

    private mutating func readMetadata(_ json: inout JSONReader) throws(PatrolError) {
        guard !hasMetadata else { throw json.invalid("__metadata__ occurs twice") }
        hasMetadata = true
        try json.object { (json, key) throws(PatrolError) in
            json.subject = ("metadata entry", key)
            try check(key, isNewIn: metadata, limit: Limits.metadataEntries, json)
            metadata.append(try json.string(), named: key)
            json.subject = nil
        }
    }

    private mutating func readTensor(_ json: inout JSONReader, named name: TextSpan) throws(PatrolError) {
        json.subject = ("tensor", name)
        try check(name, isNewIn: tensors, limit: Limits.tensors, json)

        var type: ElementType?
        var shape: Shape?
        var offsets: (begin: Int, end: Int)?
        try json.object { (json, key) throws(PatrolError) in
            let field = json.text[key]
            if field.equals("dtype"), type == nil {
                type = try Header.readType(&json)
            } else if field.equals("shape"), shape == nil {
                shape = try Header.readShape(&json)
            } else if field.equals("data_offsets"), offsets == nil {
                offsets = try Header.readOffsets(&json)
            } else {
                throw json.invalid(
                    "found the field \(field.quoted()), expected dtype, shape and data_offsets, each of them once")
            }
        }
        guard let type else { throw json.invalid("dtype is missing") }
        guard let shape else { throw json.invalid("shape is missing") }
        guard let offsets else { throw json.invalid("data_offsets is missing") }

        guard let (size, overflow) = shape.elementCount?.multipliedReportingOverflow(by: type.size), !overflow else {
            throw json.invalid("shape \(shape.description) of \(type.name) has more bytes than can be counted")
        }
        let (begin, end) = offsets
        guard begin <= end, end <= dataCount else {
            throw json.invalid("data_offsets [\(begin), \(end)], expected a range within \(dataCount) bytes of data")
        }
        guard end - begin == size else {
            throw json.invalid(
                "data_offsets [\(begin), \(end)] span \(end - begin) bytes, "
                    + "shape \(shape.description) of \(type.name) takes \(size)")
        }
        tensors.append(
            TensorRecord(type: type, shape: shape, start: dataStart + begin, byteCount: size), named: name)
        json.subject = nil
    }

    private func check<Value>(
        _ name: TextSpan, isNewIn table: NameTable<Value>, limit: Int, _ json: JSONReader
    ) throws(PatrolError) {
        guard name.count <= Limits.nameBytes else {
            throw json.invalid("the name has \(name.count) bytes, at most \(Limits.nameBytes) are read", .unsupported)
        }
        for byte in text[name] where byte == 0 { throw json.invalid("the name contains NUL") }
        guard table.index(of: text[name]) == nil else { throw json.invalid("the name occurs twice") }
        guard table.count < limit else {
            throw json.invalid("there are \(limit) entries before it, no more are read", .unsupported)
        }
    }

    private static func readType(_ json: inout JSONReader) throws(PatrolError) -> ElementType {
        let name = json.text[try json.string()]
        if let type = ElementType.named(name) { return type }
        if ElementType.isKnownElsewhere(name) {
            throw json.invalid(
                "dtype \(name.quoted()) is not supported, expected F64, F32, F16, BF16, I64, I32, U16 or U8",
                .unsupported)
        }
        throw json.invalid("dtype \(name.quoted()) is unknown, expected F64, F32, F16, BF16, I64, I32, U16 or U8")
    }

    private static func readShape(_ json: inout JSONReader) throws(PatrolError) -> Shape {
        var shape = Shape()
        try json.array { (json) throws(PatrolError) in
            let dimension = try json.natural()
            guard dimension <= Limits.dimension else {
                throw json.invalid("dimension \(dimension), at most \(Limits.dimension) is read", .unsupported)
            }
            guard shape.rank < Limits.rank else {
                throw json.invalid("shape of more than \(Limits.rank) dimensions, no more are read", .unsupported)
            }
            shape.append(dimension)
        }
        return shape
    }

    private static func readOffsets(_ json: inout JSONReader) throws(PatrolError) -> (begin: Int, end: Int) {
        var offsets = (begin: 0, end: 0)
        var count = 0
        try json.array { (json) throws(PatrolError) in
            offsets = (offsets.end, try json.natural())
            count += 1
        }
        guard count == 2 else { throw json.invalid("data_offsets of \(count) numbers, expected 2") }
        return offsets
    }

    /// In the order of their offsets, the tensors fill the data exactly: no hole, no overlap, nothing after the last.
    private func checkLayout() throws(PatrolError) {
        var order = try SortedOrder(capacity: tensors.count)
        for index in 0..<tensors.count {
            let new = tensors.value(at: index)
            let position = order.position { item in
                let other = tensors.value(at: item)
                return (other.start, other.byteCount) <= (new.start, new.byteCount)
            }
            order.insert(index, at: position)
        }
        var end = dataStart
        for position in 0..<order.count {
            let tensor = tensors.value(at: order[position])
            guard tensor.start == end else {
                throw PatrolError(
                    .invalidFile,
                    "tensor \(text[tensors.name(at: order[position])].quoted()): data_offsets begin at "
                        + "\(tensor.start - dataStart), expected \(end - dataStart), where the tensor before it ends")
            }
            end += tensor.byteCount
        }
        guard end - dataStart == dataCount else {
            throw PatrolError(
                .invalidFile, "the tensors end at byte \(end - dataStart) of the data, which have \(dataCount) bytes")
        }
    }
}
