import PatrolFiles
import PatrolModel
import Testing

/// The bytes of a container with this header, whatever it says, and `data` zero bytes behind it.
func container(_ header: String, data: Int = 0) -> [UInt8] {
    container(Array(header.utf8), data: [UInt8](repeating: 0, count: data))
}

func container(_ header: [UInt8], data: [UInt8] = []) -> [UInt8] {
    withUnsafeBytes(of: UInt64(header.count).littleEndian, Array.init) + header + data
}

/// A container of the one tensor "a".
func container(_ type: String, _ shape: String, _ data: [UInt8]) -> [UInt8] {
    let header = #"{"a":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":[0,\#(data.count)]}}"#
    return container(Array(header.utf8), data: data)
}

func bytes<Element>(of elements: [Element]) -> [UInt8] { elements.withUnsafeBytes(Array.init) }

func opened(_ bytes: [UInt8]) throws(PatrolError) -> TensorFile {
    // In memory of exactly that size, so that a sanitizer sees a read beyond it, and at an odd address.
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count + 1, alignment: 16)
    defer { memory.deallocate() }
    let place = UnsafeMutableRawBufferPointer(rebasing: memory[1...])
    place.copyBytes(from: bytes)
    return try TensorFile(bytes: UnsafeRawBufferPointer(place))
}

extension TensorFileWriter {
    func add<Element: TensorElement>(_ name: String, _ shape: [Int], _ elements: [Element]) throws {
        try elements.withUnsafeBufferPointer { try add(name, shape: shape, $0) }
    }
}

extension Buffer {
    var array: [Element] { Array(elements) }
}

extension Text {
    var string: String { String(decoding: self, as: UTF8.self) }
}

/// Expects `body` to fail with this status and a sentence that contains every one of `words`.
func expectError(
    _ status: Status, _ words: [String], at location: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) {
    do {
        try body()
        Issue.record("succeeded, expected \(status)", sourceLocation: location)
    } catch let error as PatrolError {
        #expect(error.status == status, "\(error.message)", sourceLocation: location)
        for word in words {
            #expect(error.message.contains(word), sourceLocation: location)
        }
        #expect(error.message.utf8.count < 500, sourceLocation: location)
    } catch {
        Issue.record("\(error)", sourceLocation: location)
    }
}
