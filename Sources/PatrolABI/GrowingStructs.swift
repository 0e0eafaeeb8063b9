import PatrolModel

/// A struct of the headers to which later versions may append fields. A caller's may be of any version: as short as in 0.1, or
/// longer than this library knows.
package protocol GrowingStruct {
    /// Bytes in version 0.1. Never changes.
    static var firstSize: Int { get }
    /// What fields hold that the caller's version lacks.
    static var defaults: Self { get }
    /// All zeros.
    init()
}

/// One that says its size.
package protocol SizedStruct: GrowingStruct {
    var struct_size: UInt32 { get set }
}

extension GrowingStruct {
    /// Zeros, and what `fill` sets.
    package static func with(_ fill: (inout Self) -> Void) -> Self {
        var value = Self()
        fill(&value)
        return value
    }

    package static var defaults: Self { Self() }
}

/// What an `..._init` function does, which does not know the caller's version: sets the fields of version 0.1.
package func initialize<Struct: GrowingStruct>(_ pointer: UnsafeMutablePointer<Struct>?) {
    guard let pointer else { return }
    copy(Struct.defaults, Struct.firstSize, to: pointer)
}

package func initialize<Struct: SizedStruct>(_ pointer: UnsafeMutablePointer<Struct>?) {
    guard let pointer else { return }
    var value = Struct.defaults
    value.struct_size = UInt32(Struct.firstSize)
    copy(value, Struct.firstSize, to: pointer)
}

private func copy<Struct: GrowingStruct>(_ value: Struct, _ count: Int, to pointer: UnsafeMutableRawPointer) {
    withUnsafeBytes(of: value) {
        pointer.copyMemory(from: $0.baseAddress.unsafelyUnwrapped, byteCount: min(count, $0.count))
    }
}

private func load<Struct: GrowingStruct>(_ pointer: UnsafeRawPointer, _ count: Int) -> Struct {
    var value = Struct.defaults
    withUnsafeMutableBytes(of: &value) {
        $0.baseAddress.unsafelyUnwrapped.copyMemory(from: pointer, byteCount: min(count, $0.count))
    }
    return value
}

/// The caller's struct, with defaults for fields that its version lacks. A tail that this library does not know must be zero.
package func read<Struct: SizedStruct>(_ pointer: UnsafePointer<Struct>, _ name: StaticString) throws(PatrolError)
    -> Struct
{
    let size = try statedSize(pointer, name, first: Struct.firstSize, known: MemoryLayout<Struct>.size)
    var value: Struct = load(pointer, size)
    value.struct_size = UInt32(size)
    return value
}

/// Outside of the generic functions, so that it is compiled once.
@inline(never)
private func statedSize(
    _ pointer: UnsafeRawPointer, _ name: StaticString, first: Int, known: Int
) throws(PatrolError) -> Int {
    let stated = Int(pointer.loadUnaligned(as: UInt32.self))
    guard stated >= first, stated <= 1 << 16 else {
        throw PatrolError(
            .structSize,
            "\(name)->struct_size is \(stated), expected at least \(first): initialize it with its INIT macro")
    }
    for offset in stride(from: known, to: stated, by: 1) where pointer.load(fromByteOffset: offset, as: UInt8.self) != 0
    {
        throw PatrolError(
            .structSize,
            "\(name)->struct_size is \(stated) and byte \(offset) is set, but this library knows \(known) bytes")
    }
    return stated
}

/// The caller's struct, or the defaults where it is NULL.
package func readOptional<Struct: SizedStruct>(_ pointer: UnsafePointer<Struct>?, _ name: StaticString)
    throws(PatrolError) -> Struct
{
    guard let pointer else { return Struct.defaults }
    return try read(pointer, name)
}

/// Writes as much of a struct as the caller's version has. - Parameter value: has the size that `read` found, which is not read
///   again: whatever the caller has written there meanwhile, no more is written than was checked.
package func write<Struct: SizedStruct>(_ value: Struct, to pointer: UnsafeMutablePointer<Struct>) {
    copy(value, Int(value.struct_size), to: pointer)
}

/// Fills the caller's struct. - Parameter given: what `read` found there.
package func fill<Struct: SizedStruct>(
    _ pointer: UnsafeMutablePointer<Struct>, given: Struct, _ set: (inout Struct) -> Void
) {
    var value = Struct.with(set)
    value.struct_size = given.struct_size
    write(value, to: pointer)
}

/// Fills the caller's struct, whose size is checked first.
package func fill<Struct: SizedStruct>(
    _ pointer: UnsafeMutablePointer<Struct>?, _ name: StaticString, _ set: (inout Struct) -> Void
) throws(PatrolError) {
    let target = try required(pointer, name)
    fill(target, given: try read(target, name), set)
}

/// The distance between two elements. Outside of the generic struct, so that it is compiled once.
@inline(never)
private func checkArray(
    _ pointer: UnsafeRawPointer?, _ count: Int, _ stride: Int, _ name: StaticString, first: Int, alignment: Int
) throws(PatrolError) -> Int {
    _ = try size(count, name)
    let actual = stride == 0 ? first : stride
    guard actual >= first, actual % alignment == 0, actual <= 1 << 16 else {
        throw invalid("the stride of \(name) is \(stride), expected 0 or a multiple of \(alignment) from \(first)")
    }
    guard count == 0 || pointer != nil else { throw invalid("\(name) is NULL") }
    return actual
}

/// An array of structs with the caller's stride, which tells the size of its elements.
package struct Strided<Element: GrowingStruct> {
    private let start: UnsafeRawPointer?
    package let count: Int
    let stride: Int

    /// - Parameter stride: 0 for the size in version 0.1.
    /// - Throws: `invalidArgument` where the array is NULL, or the stride too small or not a multiple of the alignment.
    package init(_ pointer: UnsafePointer<Element>?, count: Int, stride: Int, _ name: StaticString) throws(PatrolError)
    {
        self.stride = try checkArray(
            pointer, count, stride, name, first: Element.firstSize, alignment: MemoryLayout<Element>.alignment)
        self.count = count
        start = count == 0 ? nil : UnsafeRawPointer(pointer)
    }

    /// As a struct that holds an array says it.
    package var array: (UnsafePointer<Element>?, count: Int, stride: Int) {
        (start?.assumingMemoryBound(to: Element.self), count, stride)
    }

    /// With defaults for fields that the caller's version lacks.
    /// - Parameter index: 0 ..< count.
    package subscript(index: Int) -> Element {
        let place = start.unsafelyUnwrapped + index * stride
        return stride >= MemoryLayout<Element>.size ? place.load(as: Element.self) : PatrolABI.load(place, stride)
    }

    /// Of elements that say their size. - Parameter index: 0 ..< count.
    package func pointer(_ index: Int) -> UnsafeMutablePointer<Element> {
        UnsafeMutableRawPointer(mutating: start.unsafelyUnwrapped + index * stride).assumingMemoryBound(
            to: Element.self)
    }

    /// For output arrays. The caller's memory beyond the known fields of an element is left as it is.
    package func store(_ element: Element, at index: Int) {
        copy(element, stride, to: UnsafeMutableRawPointer(mutating: start.unsafelyUnwrapped + index * stride))
    }
}
