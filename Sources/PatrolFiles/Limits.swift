/// Limits of the reader; a file beyond one is refused as `unsupported`.
enum Limits {
    static var fileBytes: Int { 1 << 32 }
    static var headerBytes: Int { 4 << 20 }
    static var tensors: Int { 4096 }
    static var metadataEntries: Int { 1024 }
    /// Of a tensor's name or a metadata key, in UTF-8.
    static var nameBytes: Int { 512 }
    static var rank: Int { 8 }
    /// Of one dimension, so that even the shape of an empty tensor stays a plausible one.
    static var dimension: Int { Int(Int32.max) }
}
