import CKernels
import PatrolModel

/// Builds a safetensors file: the same calls give the same bytes.
///
/// Entries stand in the file in the order in which they are added, their data without gaps. What is written can
/// be read by `TensorFile`: its limits are enforced, and numbers must be finite. A call that throws adds nothing.
public final class TensorFileWriter {
    private var metadata: ByteWriter
    private var metadataKeys: [String] = []
    private var tensors: ByteWriter
    private var tensorNames: [String] = []
    private var data: ByteWriter

    public init() throws(PatrolError) {
        metadata = try ByteWriter()
        tensors = try ByteWriter()
        data = try ByteWriter()
    }

    /// Adds an entry to `__metadata__`.
    ///
    /// - Throws: `invalidArgument` for a key that cannot be read back or is there already.
    public func addMetadata(_ key: String, _ value: String) throws(PatrolError) {
        try addMetadata(key, utf8: value.utf8)
    }

    /// - Parameter value: UTF-8.
    func addMetadata(_ key: String, utf8 value: some Sequence<UInt8>) throws(PatrolError) {
        try TensorFileWriter.check(key, isNewIn: metadataKeys, limit: Limits.metadataEntries)
        var entry = try ByteWriter()
        try entry.append(metadataKeys.isEmpty ? "" : ",")
        try entry.append(quotedJSON: key.utf8)
        try entry.append(":")
        try entry.append(quotedJSON: value)
        try metadata.append(entry.bytes)
        metadataKeys.append(key)
    }

    /// Adds a tensor of the elements' type.
    ///
    /// - Parameters:
    ///   - shape: its dimensions, slowest first; their product is the number of elements.
    ///   - elements: row-major.
    /// - Throws: `invalidArgument` for a name or shape that cannot be read back or a name that is there already,
    ///   `invalidNumber` for a number that is not finite.
    public func add<Element: TensorElement>(
        _ name: String, shape: [Int], _ elements: UnsafeBufferPointer<Element>
    ) throws(PatrolError) {
        guard !name.utf8.elementsEqual("__metadata__".utf8) else {
            throw PatrolError(.invalidArgument, "\"__metadata__\" cannot be the name of a tensor")
        }
        try TensorFileWriter.check(name, isNewIn: tensorNames, limit: Limits.tensors)
        let shape = try TensorFileWriter.shape(shape, of: elements.count, name)
        for index in 0..<elements.count where !elements[index].isStorable {
            throw PatrolError(
                .invalidNumber,
                "tensor \(quoted(name)): element \(index) is \(elements[index].description), expected a finite number")
        }

        let bytes = UnsafeRawBufferPointer(elements)
        var entry = try ByteWriter()
        try entry.append(tensorNames.isEmpty ? "" : ",")
        try entry.append(quotedJSON: name.utf8)
        try entry.append(":{\"dtype\":\"\(Element.elementType.name)\",\"shape\":[")
        for axis in 0..<shape.rank { try entry.append("\(axis > 0 ? "," : "" as StaticString)\(shape[axis])") }
        try entry.append("],\"data_offsets\":[\(data.count),\(data.count + bytes.count)]}")
        try tensors.reserve(entry.count)
        try data.append(bytes)
        try tensors.append(entry.bytes)
        tensorNames.append(name)
    }

    /// The bytes of the file with what has been added so far.
    public func finish() throws(PatrolError) -> Buffer<UInt8> {
        var file = try header()
        try file.append(data.bytes)
        return try file.finish()
    }

    /// Writes the file in place of the one at `path`, or leaves that one as it was: a reader sees the old file or
    /// the new one, never a part.
    ///
    /// - Throws: `io` where the system refuses.
    public func write(path: UnsafePointer<CChar>) throws(PatrolError) {
        let header = try header()
        let failure = withExtendedLifetime(header) { header in
            kernels_file_replace(path, header.bytes.baseAddress, header.count, data.bytes.baseAddress, data.count)
        }
        guard failure == 0 else { throw PatrolError(path: path, "cannot be written", failure) }
    }

    /// The header and its length, padded so that the data begin at a multiple of 8.
    private func header() throws(PatrolError) -> ByteWriter {
        var json = try ByteWriter()
        try json.append("{")
        if !metadataKeys.isEmpty {
            try json.append("\"__metadata__\":{")
            try json.append(metadata.bytes)
            try json.append(tensorNames.isEmpty ? "}" : "},")
        }
        try json.append(tensors.bytes)
        try json.append("}")
        while json.count % 8 != 0 { try json.append(" ") }
        guard json.count <= Limits.headerBytes else {
            throw PatrolError(
                .invalidArgument, "the header has \(json.count) bytes, at most \(Limits.headerBytes) can be read back")
        }
        guard data.count <= Limits.fileBytes - 8 - json.count else {
            throw PatrolError(
                .invalidArgument, "the data have \(data.count) bytes, a file of \(Limits.fileBytes) can be read back")
        }
        var header = try ByteWriter()
        let count = UInt64(json.count)
        try withUnsafeBytes(of: count) { (bytes) throws(PatrolError) in try header.append(bytes) }
        try header.append(json.bytes)
        return header
    }

    private static func shape(_ dimensions: [Int], of count: Int, _ name: String) throws(PatrolError) -> Shape {
        var shape = Shape()
        for dimension in dimensions {
            guard dimension >= 0, dimension <= Limits.dimension, shape.rank < Limits.rank else {
                throw PatrolError(
                    .invalidArgument,
                    "tensor \(quoted(name)): shape \(Shape.description(dimensions.map(Optional.init))), "
                        + "expected at most \(Limits.rank) dimensions of 0 to \(Limits.dimension)")
            }
            shape.append(dimension)
        }
        guard shape.elementCount == count else {
            throw PatrolError(
                .invalidArgument,
                "tensor \(quoted(name)): \(count) elements do not fill the shape \(shape.description)")
        }
        return shape
    }

    private static func check(_ name: String, isNewIn names: [String], limit: Int) throws(PatrolError) {
        guard name.utf8.count <= Limits.nameBytes else {
            throw PatrolError(
                .invalidArgument,
                "name \(quoted(name)) has \(name.utf8.count) bytes, at most \(Limits.nameBytes) can be read back")
        }
        for byte in name.utf8 where byte == 0 {
            throw PatrolError(.invalidArgument, "name \(quoted(name)) contains NUL")
        }
        for other in names where other.utf8.elementsEqual(name.utf8) {
            throw PatrolError(.invalidArgument, "name \(quoted(name)) is already used")
        }
        guard names.count < limit else {
            throw PatrolError(.invalidArgument, "name \(quoted(name)): at most \(limit) entries can be read back")
        }
    }
}
