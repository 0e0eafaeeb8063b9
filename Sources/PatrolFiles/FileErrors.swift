import CKernels
import PatrolModel

extension PatrolError {
    /// An `io` error that names the file and the reason.
    init(path: UnsafePointer<CChar>, _ verb: StaticString, _ code: Int32) {
        let reason = kernels_file_reason(code).map { ByteText(bytes(of: $0)) }
        self.init(.io, "the file \(quoted(path: path)) \(verb): \(reason ?? "system error \(code)")")
    }
}

func quoted(path: UnsafePointer<CChar>) -> ByteText { bytes(of: path).quoted(limit: 256) }

func bytes(of string: UnsafePointer<CChar>) -> UTF8Bytes {
    var count = 0
    while string[count] != 0 { count += 1 }
    return UTF8Bytes(start: UnsafeRawPointer(string).assumingMemoryBound(to: UInt8.self), count: count)
}
