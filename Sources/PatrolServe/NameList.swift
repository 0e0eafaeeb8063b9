import PatrolFiles
import PatrolModel

/// Names with `|` between them, such as "area|policy", or with a letter and a blank before each: "I id|N node".
struct NameList: Sequence {
    private let text: StaticString
    private let lettered: Bool

    init(_ names: StaticString) { (text, lettered) = (names, false) }

    init(lettered fields: StaticString) { (text, lettered) = (fields, true) }

    func entry(named name: UTF8Bytes) -> Entry? {
        for entry in self where entry.letter != UInt8(ascii: "_") && entry.name.elementsEqual(name) { return entry }
        return nil
    }

    /// For a sentence: "area, policy".
    var enumeration: ByteText {
        var sentence: ByteText = ""
        for entry in self where entry.letter != UInt8(ascii: "_") {
            sentence = "\(sentence)\(entry.place > 0 ? ", " : "")\(ByteText(entry.name))"
        }
        return sentence
    }

    func makeIterator() -> Iterator { Iterator(text: text, lettered: lettered) }

    struct Entry {
        /// From 0.
        let place: Int
        let letter: UInt8
        let name: UTF8Bytes
    }

    struct Iterator: IteratorProtocol {
        let text: StaticString
        let lettered: Bool
        private var (position, place) = (0, 0)

        init(text: StaticString, lettered: Bool) { (self.text, self.lettered) = (text, lettered) }

        mutating func next() -> Entry? {
            guard position < text.utf8CodeUnitCount else { return nil }
            let letter = text.utf8Start[position]
            if lettered { position += 2 }
            let start = position
            while position < text.utf8CodeUnitCount, text.utf8Start[position] != UInt8(ascii: "|") { position += 1 }
            let name = UTF8Bytes(start: text.utf8Start + start, count: position - start)
            defer { (position, place) = (position + 1, place + 1) }
            return Entry(place: place, letter: letter, name: name)
        }
    }
}
