import PatrolModel

/// A piece of a file's unescaped text.
package struct TextSpan: BitwiseCopyable, Sendable {
    package var start = 0
    package var count = 0

    package init(start: Int = 0, count: Int = 0) {
        self.start = start
        self.count = count
    }
}

/// Item numbers in ascending order of something, built by binary insertion.
///
/// Not hashing: a file's author cannot make this slow, and its order is the same in every run.
struct SortedOrder {
    private let items: Buffer<Int32>
    private(set) var count = 0

    init(capacity: Int) throws(PatrolError) { items = try Buffer(count: capacity, repeating: 0) }

    subscript(position: Int) -> Int { Int(items[position]) }

    /// The first position whose item is not before the one sought. O(log count).
    func position(where isBefore: (_ item: Int) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isBefore(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// O(count); the capacity must not be exhausted.
    mutating func insert(_ item: Int, at position: Int) {
        var last = count
        while last > position {
            items[last] = items[last - 1]
            last -= 1
        }
        items[position] = Int32(truncatingIfNeeded: item)
        count += 1
    }
}

/// Values under unique names, in the order in which they came; found by name in O(log count).
struct NameTable<Value: BitwiseCopyable> {
    private struct Entry: BitwiseCopyable {
        var name: TextSpan
        var value: Value
    }

    private let text: Buffer<UInt8>
    private let entries: Buffer<Entry>
    private var order: SortedOrder

    /// - Parameter text: what the names are spans of.
    init(text: Buffer<UInt8>, capacity: Int, placeholder: Value) throws(PatrolError) {
        self.text = text
        entries = try Buffer(count: capacity, repeating: Entry(name: TextSpan(), value: placeholder))
        order = try SortedOrder(capacity: capacity)
    }

    var count: Int { order.count }
    func name(at index: Int) -> TextSpan { entries[index].name }
    func value(at index: Int) -> Value { entries[index].value }

    /// The index of the entry called so, or nil.
    func index(of name: UTF8Bytes) -> Int? {
        let position = order.position { item in text[entries[item].name].lexicographicallyPrecedes(name) }
        guard position < count, text[entries[order[position]].name].elementsEqual(name) else { return nil }
        return order[position]
    }

    /// Appends an entry whose name is not there yet; the capacity must not be exhausted.
    mutating func append(_ value: Value, named name: TextSpan) {
        let item = count
        entries[item] = Entry(name: name, value: value)
        let position = order.position { other in text[entries[other].name].lexicographicallyPrecedes(text[name]) }
        order.insert(item, at: position)
    }
}

extension Buffer<UInt8> {
    /// Valid as long as the buffer lives.
    package subscript(span: TextSpan) -> UTF8Bytes { UTF8Bytes(start: base + span.start, count: span.count) }
}
