import CKernels
import CPatrol
import PatrolABI
import PatrolModel

/// Calls a function of `patrol.h`. - Throws: its status and sentence.
func call(_ function: (UnsafeMutablePointer<patrol_error>) -> Int32) throws(PatrolError) {
    var error = patrol_error()
    let status = function(&error)
    if status != PATROL_OK { throw failure(status, error) }
}

func failure(_ status: Int32, _ error: patrol_error) -> PatrolError {
    PatrolError(Status(rawValue: status) ?? .internalError, sentence(error))
}

func sentence(_ error: patrol_error) -> ByteText {
    withUnsafeBytes(of: error.message) { bytes in
        let length = bytes.firstIndex(of: 0) ?? bytes.count
        return ByteText(UnsafeBufferPointer(start: bytes.bindMemory(to: UInt8.self).baseAddress, count: length))
    }
}

func text(_ string: UnsafePointer<CChar>?) -> ByteText {
    var text: ByteText = ""
    guard var place = string else { return text }
    while place.pointee != 0 {
        text.append(UInt8(bitPattern: place.pointee))
        place += 1
    }
    return text
}

/// Why the system refused something. - Parameter code: a value of errno.
func reason(_ code: Int32) -> ByteText {
    kernels_file_reason(code).map { text($0) } ?? "error \(code) of the system"
}

extension SizedStruct {
    /// As the INIT macro has it.
    static var initial: Self {
        var value = defaults
        value.struct_size = UInt32(MemoryLayout<Self>.size)
        return value
    }
}
