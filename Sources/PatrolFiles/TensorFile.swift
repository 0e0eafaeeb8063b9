import CKernels
import PatrolModel

/// A safetensors file: named arrays and a few strings, checked to the last byte when it is opened.
///
///     let file = try TensorFile.load(path: path)
///     let weight = try file.tensor(named: "layer.0.weight", shape: [nil, 64])
///     let values = try weight.floats()    // weight.shape[0] rows of 64
///
/// Which files are accepted is written in the README beside this file. The bytes are a private copy.
public final class TensorFile: Sendable {
    /// The whole file.
    public let bytes: Buffer<UInt8>
    private let header: Header

    /// Copies and checks a file that is in memory.
    ///
    /// - Throws: `invalidFile`, `unsupported` (a valid file beyond this library's types or limits), `outOfMemory`.
    public convenience init(bytes: UnsafeRawBufferPointer) throws(PatrolError) {
        let copy = try Buffer<UInt8>(count: bytes.count, repeating: 0)
        UnsafeMutableRawBufferPointer(start: copy.base, count: copy.count).copyMemory(from: bytes)
        try self.init(owning: copy)
    }

    private init(owning bytes: Buffer<UInt8>) throws(PatrolError) {
        self.bytes = bytes
        header = try Header(parsing: bytes)
    }

    /// Reads and checks a file on disk.
    ///
    /// - Throws: as `init(bytes:)`, and `io` where the path is not a regular file that can be read whole.
    public static func load(path: UnsafePointer<CChar>) throws(PatrolError) -> TensorFile {
        var file: Int32 = -1
        var size: Int64 = 0
        var failure = kernels_file_open(path, &file, &size)
        guard failure == 0 else { throw PatrolError(path: path, "cannot be opened", failure) }
        defer { kernels_file_close(file) }
        guard size <= Limits.fileBytes else {
            throw PatrolError(
                .unsupported,
                "the file \(quoted(path: path)) has \(size) bytes, at most \(Limits.fileBytes) are read")
        }
        let bytes = try Buffer<UInt8>(count: Int(size), repeating: 0)
        failure = kernels_file_read(file, bytes.base, bytes.count)
        guard failure == 0 else { throw PatrolError(path: path, "cannot be read", failure) }
        return try TensorFile(owning: bytes)
    }

    /// The number of tensors.
    public var count: Int { header.tensors.count }

    /// The tensors in the order of the header.
    ///
    /// - Parameter index: 0 ..< count.
    public subscript(index: Int) -> Tensor {
        Tensor(file: self, name: Text(header.text, header.tensors.name(at: index)), header.tensors.value(at: index))
    }

    /// The tensor of that name, or nil. O(log count).
    public func tensor(named name: ByteText) -> Tensor? {
        guard let index = name.bytes.withUnsafeBufferPointer(header.tensors.index) else { return nil }
        return self[index]
    }

    /// The tensor of that name, which must be there in the shape expected.
    ///
    /// - Parameter shape: its dimensions, slowest first; nil stands for any.
    /// - Throws: `invalidFile`.
    public func tensor(named name: ByteText, shape: [Int?]) throws(PatrolError) -> Tensor {
        guard let tensor = tensor(named: name) else {
            throw PatrolError(
                .invalidFile, "tensor \(quoted(name)) is missing, expected with shape \(Shape.description(shape))")
        }
        guard tensor.shape.matches(shape) else {
            throw PatrolError(
                .invalidFile,
                "tensor \(quoted(name)) has shape \(tensor.shape.description), expected \(Shape.description(shape))")
        }
        return tensor
    }

    /// The number of entries in the file's `__metadata__`.
    public var metadataCount: Int { header.metadata.count }

    /// The entries of `__metadata__` in the order of the header.
    ///
    /// - Parameter index: 0 ..< metadataCount.
    public func metadata(at index: Int) -> (key: Text, value: Text) {
        (Text(header.text, header.metadata.name(at: index)), Text(header.text, header.metadata.value(at: index)))
    }

    /// The value under that key of `__metadata__`, or nil. O(log metadataCount).
    public func metadata(named key: ByteText) -> Text? {
        guard let index = key.bytes.withUnsafeBufferPointer(header.metadata.index) else { return nil }
        return Text(header.text, header.metadata.value(at: index))
    }
}
