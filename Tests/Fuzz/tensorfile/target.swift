/// Opens whatever bytes come and reads every tensor in every way; the process must survive it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTensorFile(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    guard let file = try? TensorFile(bytes: UnsafeRawBufferPointer(start: bytes, count: count)) else { return 0 }
    for index in 0..<file.count {
        let tensor = file[index]
        precondition(file.tensor(named: tensor.name.string)?.byteRange == tensor.byteRange)
        precondition(tensor.byteRange.upperBound <= count)
        _ = try? tensor.floats()
        _ = try? tensor.doubles()
        _ = try? tensor.integers(Int32.self)
        _ = try? tensor.integers(UInt64.self)
    }
    for index in 0..<file.metadataCount {
        let (key, value) = file.metadata(at: index)
        precondition(file.metadata(named: key.string)?.elementsEqual(value) == true)
    }
    return 0
}

extension Text {
    fileprivate var string: String { String(decoding: self, as: UTF8.self) }
}
