import PatrolModel

/// Whether a C string from the caller is this name.
package func equal(_ string: UnsafePointer<CChar>, _ name: StaticString) -> Bool {
    let length = name.utf8CodeUnitCount
    for k in 0..<length where UInt8(bitPattern: string[k]) != name.utf8Start[k] { return false }
    return string[length] == 0
}

/// The caller's string for a message: printable ASCII, cut where it is long.
package func quoted(_ string: UnsafePointer<CChar>) -> ByteText {
    var text: ByteText = "\""
    for k in 0..<48 {
        let byte = UInt8(bitPattern: string[k])
        if byte == 0 { return text + "\"" }
        text.append(byte >= 0x20 && byte < 0x7F ? byte : UInt8(ascii: "?"))
    }
    return text + "…\""
}
