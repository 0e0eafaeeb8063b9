import PatrolFiles
import PatrolModel

/// Opens whatever bytes come and reads every tensor in every way; the process must survive it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTensorFile(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    guard let file = try? TensorFile(bytes: UnsafeRawBufferPointer(start: bytes, count: count)) else { return 0 }
    for index in 0..<file.count {
        let tensor = file[index]
        if let name = wanted(tensor.name) { precondition(file.tensor(named: name)?.byteRange == tensor.byteRange) }
        precondition(tensor.byteRange.upperBound <= count)
        _ = try? tensor.floats()
        _ = try? tensor.doubles()
        _ = try? tensor.integers(Int32.self)
        _ = try? tensor.integers(UInt64.self)
    }
    for index in 0..<file.metadataCount {
        let (key, value) = file.metadata(at: index)
        if let name = wanted(key) { precondition(file.metadata(named: name)?.elementsEqual(value) == true) }
    }
    return 0
}

/// A name as it is asked for; nil where it is longer than any the library asks for.
private func wanted(_ name: Text) -> ByteText? {
    guard name.count <= ByteText.capacity else { return nil }
    return Array(name).withUnsafeBufferPointer { ByteText($0) }
}
