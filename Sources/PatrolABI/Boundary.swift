import CPatrol
import PatrolModel

/// Conventions of this module, said once.
///
/// - Every export is `@_cdecl("patrol_…") @implementation` against `patrol.h`: the compiler refuses a signature that differs.
/// - A fallible export is one `boundary(error) { … }`: the body throws `PatrolError`, the boundary turns it into a status
///   and fills the caller's `patrol_error`. Outputs are written last, when nothing can fail any more.
/// - Nothing is trusted: pointers are checked for NULL by `required`, structs read by `read`, arrays of structs by `Strided`,
///   numbers by the checks in `Numbers.swift`, before the engine sees any of it.
/// - Handles are retained references to engine objects: `give` hands one out, `object` looks at one, `release` drops it.
@inline(__always)
package func boundary(_ error: UnsafeMutablePointer<patrol_error>?, _ body: () throws(PatrolError) -> Void) -> Int32 {
    do {
        try body()
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

package func required<Pointee>(_ pointer: UnsafePointer<Pointee>?, _ name: StaticString) throws(PatrolError) -> UnsafePointer<Pointee> {
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

package func give<Object: AnyObject>(_ object: Object) -> OpaquePointer {
    OpaquePointer(Unmanaged.passRetained(object).toOpaque())
}

package func object<Object: AnyObject>(
    _ handle: OpaquePointer?, _ name: StaticString, as type: Object.Type = Object.self
) throws(PatrolError) -> Object {
    guard let handle else { throw invalid("\(name) is NULL") }
    return Unmanaged<Object>.fromOpaque(UnsafeRawPointer(handle)).takeUnretainedValue()
}

package func release<Object: AnyObject>(_ handle: OpaquePointer?, as type: Object.Type) {
    if let handle { Unmanaged<Object>.fromOpaque(UnsafeRawPointer(handle)).release() }
}

// MARK: Structs that grow

/// Checks the caller's `struct_size`: known fields must be covered, an unknown tail must be zero.
package func checkSize<Struct>(_ pointer: UnsafePointer<Struct>, _ name: StaticString) throws(PatrolError) {
    let known = MemoryLayout<Struct>.size
    let raw = UnsafeRawPointer(pointer)
    let stated = Int(raw.loadUnaligned(as: UInt32.self))
    guard stated >= known, stated <= 1 << 16 else {
        throw PatrolError(.structSize, "\(name)->struct_size is \(stated), expected \(known): initialize it with its INIT macro")
    }
    for offset in known..<stated where raw.load(fromByteOffset: offset, as: UInt8.self) != 0 {
        throw PatrolError(
            .structSize, "\(name)->struct_size is \(stated) and byte \(offset) is set, but this library knows \(known) bytes")
    }
}

/// The caller's struct, or `defaults` where it is NULL.
package func read<Struct>(_ pointer: UnsafePointer<Struct>?, defaults: Struct, _ name: StaticString) throws(PatrolError) -> Struct {
    guard let pointer else { return defaults }
    try checkSize(pointer, name)
    return pointer.pointee
}

/// An array of structs with the caller's stride.
package struct Strided<Element> {
    private let start: UnsafeRawPointer?
    package let count: Int
    let stride: Int

    /// - Throws: `invalidArgument` where the array is NULL, or the stride too small or not a multiple of the alignment.
    package init(_ pointer: UnsafePointer<Element>?, count: Int, stride: Int, _ name: StaticString) throws(PatrolError) {
        self.count = try PatrolABI.size(count, name)
        let own = MemoryLayout<Element>.stride
        self.stride = stride == 0 ? own : stride
        guard self.stride >= own, self.stride % MemoryLayout<Element>.alignment == 0, self.stride <= 1 << 16 else {
            throw invalid("the stride of \(name) is \(stride), expected 0 or a multiple of \(MemoryLayout<Element>.alignment) from \(own)")
        }
        start = count == 0 ? nil : UnsafeRawPointer(try required(pointer, name))
    }

    /// - Parameter index: 0 ..< count.
    package subscript(index: Int) -> Element { start.unsafelyUnwrapped.load(fromByteOffset: index * stride, as: Element.self) }

    /// - Parameter index: 0 ..< count.
    package func pointer(_ index: Int) -> UnsafeMutablePointer<Element> {
        UnsafeMutableRawPointer(mutating: start.unsafelyUnwrapped + index * stride).assumingMemoryBound(to: Element.self)
    }

    /// For output arrays. The caller's memory beyond the known fields of an element is left as it is.
    package func store(_ element: Element, at index: Int) {
        UnsafeMutableRawPointer(mutating: start.unsafelyUnwrapped).storeBytes(of: element, toByteOffset: index * stride, as: Element.self)
    }
}

package func structSize<Struct>(_ type: Struct.Type) -> UInt32 { UInt32(MemoryLayout<Struct>.size) }
