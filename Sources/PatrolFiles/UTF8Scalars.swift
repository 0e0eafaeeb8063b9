import PatrolModel

package typealias UTF8Bytes = UnsafeBufferPointer<UInt8>

extension UTF8Bytes {
    /// The scalar that starts at `position`, and its length in bytes; nil where the bytes are not UTF-8.
    func scalar(at position: Int) -> (scalar: Unicode.Scalar, length: Int)? {
        let first = self[position]
        if first < 0x80 { return (Unicode.Scalar(first), 1) }
        let length: Int
        let least: UInt32  // A smaller value has a shorter form, and must use it.
        var value: UInt32
        switch first {
        case 0xC2...0xDF: (length, least, value) = (2, 0x80, UInt32(first & 0x1F))
        case 0xE0...0xEF: (length, least, value) = (3, 0x800, UInt32(first & 0x0F))
        case 0xF0...0xF4: (length, least, value) = (4, 0x1_0000, UInt32(first & 0x07))
        default: return nil
        }
        guard count - position >= length else { return nil }
        for next in position + 1..<position + length {
            guard self[next] & 0xC0 == 0x80 else { return nil }
            value = value << 6 | UInt32(self[next] & 0x3F)
        }
        // The scalar's own check refuses surrogates and values beyond U+10FFFF.
        guard value >= least, let scalar = Unicode.Scalar(value) else { return nil }
        return (scalar, length)
    }

    /// Where the bytes stop being UTF-8, or nil if they are UTF-8 to the end.
    package func firstInvalidUTF8() -> Int? {
        var position = 0
        while position < count {
            guard let (_, length) = scalar(at: position) else { return position }
            position += length
        }
        return nil
    }

    /// The bytes between quotation marks as valid UTF-8 that is safe to show: what could end the quotation, move the
    /// cursor, or reverse or hide text is escaped as `\u{…}`, what is not UTF-8 as `\x{…}`, and at most about
    /// `limit` bytes are shown.
    package func quoted(limit: Int = 64) -> ByteText {
        var text: ByteText = "\""
        var position = 0
        while position < count {
            guard text.bytes.count < limit else { return text + "…\"" }
            guard let (scalar, length) = scalar(at: position) else {
                text = "\(text)\\x{\(hexadecimal: UInt32(self[position]))}"
                position += 1
                continue
            }
            if scalar.isSafeToQuote {
                for byte in position..<position + length { text.append(self[byte]) }
            } else {
                text = "\(text)\\u{\(hexadecimal: scalar.value)}"
            }
            position += length
        }
        return text + "\""
    }
}

/// A string in quotation marks for a message, as `quoted(limit:)` shows bytes.
func quoted(_ text: ByteText) -> ByteText { text.bytes.withUnsafeBufferPointer { $0.quoted() } }

func quoted(_ text: String) -> ByteText {
    var text = text
    return text.withUTF8 { bytes in bytes.quoted() }
}

extension Unicode.Scalar {
    /// Neither a quotation mark or backslash, nor a control, line or direction character, nor without width.
    fileprivate var isSafeToQuote: Bool {
        switch value {
        case 0x22, 0x5C, 0..<0x20, 0x7F...0x9F, 0xAD, 0x061C, 0x180E, 0x200B...0x200F, 0x2028...0x202E,
            0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB, 0xE0000...0xE0FFF:
            false
        default: true
        }
    }
}
