import CKernels
import CPatrol
import PatrolModel

/// Conventions of this module, said once.
///
/// - Every export is `@_cdecl("patrol_…") @implementation` against `patrol.h`: the compiler refuses a signature that differs.
/// - A fallible export is one `boundary(error) { … }`: the body throws `PatrolError`, the boundary turns it into a status
///   and fills the caller's `patrol_error`. Outputs are written last, when nothing can fail any more.
/// - Nothing is trusted: pointers are checked for NULL by `required`, structs read by `read` and written by `write`, arrays of structs
///   by `Strided` (GrowingStructs.swift), numbers by the checks in `RangeChecks.swift`, before the engine sees any of it.
/// - Handles are retained references to engine objects: `give` hands one out, `object` looks at one, `release` drops it.
/// - Where memory was refused to a small object, the reserve served it (CKernels/reserve.c): `give` and `boundary` see to it that
///   nothing stays there.
/// - The host may round otherwise, flush small numbers to zero, or trap: `boundary` computes as the numeric conventions demand
///   and gives back what was set.
@inline(__always)
package func boundary(_ error: UnsafeMutablePointer<patrol_error>?, _ body: () throws(PatrolError) -> Void) -> Int32 {
    let floatState = kernels_float_begin()
    defer { kernels_float_end(floatState) }
    do {
        try body()
        try checkMemory()
        return Status.ok.rawValue
    } catch let failure {
        if let error { report(failure, into: error) }
        return failure.status.rawValue
    }
}

package func report(_ failure: PatrolError, into error: UnsafeMutablePointer<patrol_error>) {
    error.pointee.status = failure.status.rawValue
    let text = failure.text.bytes
    withUnsafeMutableBytes(of: &error.pointee.message) { buffer in
        var count = min(text.count, buffer.count - 1)
        // Step back over continuation bytes, so that the last character is whole.
        while count > 0 && count < text.count && text[count] & 0xC0 == 0x80 { count -= 1 }
        for position in 0..<count { buffer[position] = text[position] }
        buffer[count] = 0
    }
}

package func invalid(_ message: ByteText) -> PatrolError { PatrolError(.invalidArgument, message) }

package func required<Pointee>(_ pointer: UnsafePointer<Pointee>?, _ name: StaticString) throws(PatrolError)
    -> UnsafePointer<Pointee>
{
    guard let pointer else { throw invalid("\(name) is NULL") }
    return pointer
}

package func required<Pointee>(
    _ pointer: UnsafeMutablePointer<Pointee>?, _ name: StaticString
) throws(PatrolError) -> UnsafeMutablePointer<Pointee> {
    guard let pointer else { throw invalid("\(name) is NULL") }
    return pointer
}

/// An array of `count` elements; NULL is allowed where there are none.
package func array<Element>(
    _ pointer: UnsafePointer<Element>?, _ count: Int, _ name: StaticString
) throws(PatrolError) -> UnsafeBufferPointer<Element> {
    guard count > 0 else { return UnsafeBufferPointer(start: nil, count: 0) }
    return UnsafeBufferPointer(start: try required(pointer, name), count: count)
}

/// A size from the caller as an `Int`.
package func size(_ value: Int, _ name: StaticString) throws(PatrolError) -> Int {
    guard value >= 0 else { throw invalid("\(name) is too large") }
    return value
}

// MARK: Handles

/// - Throws: `outOfMemory` where a part of the object is in the reserve.
package func give<Object: AnyObject>(_ object: Object) throws(PatrolError) -> OpaquePointer {
    try checkMemory()
    return OpaquePointer(Unmanaged.passRetained(object).toOpaque())
}

package func object<Object: AnyObject>(
    _ handle: OpaquePointer?, _ name: StaticString, as type: Object.Type = Object.self
) throws(PatrolError) -> Object {
    guard let handle else { throw invalid("\(name) is NULL") }
    return Unmanaged<Object>.fromOpaque(UnsafeRawPointer(handle)).takeUnretainedValue()
}

package func retain<Object: AnyObject>(_ handle: OpaquePointer?, as type: Object.Type) {
    if let handle { _ = Unmanaged<Object>.fromOpaque(UnsafeRawPointer(handle)).retain() }
}

package func release<Object: AnyObject>(_ handle: OpaquePointer?, as type: Object.Type) {
    if let handle { Unmanaged<Object>.fromOpaque(UnsafeRawPointer(handle)).release() }
}
