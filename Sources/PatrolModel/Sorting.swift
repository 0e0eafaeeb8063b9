/// Heapsort; allocates nothing.
/// - Parameter precedes: whether an element comes before another one. Of two that are not the same, one does.
@inline(__always)
public func sort<Element: BitwiseCopyable>(
    _ elements: UnsafeMutablePointer<Element>, count: Int, by precedes: (Element, Element) -> Bool
) {
    func sift(_ root: Int, _ end: Int) {
        var parent = root
        while 2 * parent + 1 < end {
            var child = 2 * parent + 1
            if child + 1 < end && precedes(elements[child], elements[child + 1]) { child += 1 }
            guard precedes(elements[parent], elements[child]) else { return }
            (elements[parent], elements[child]) = (elements[child], elements[parent])
            parent = child
        }
    }
    for root in stride(from: count / 2 - 1, through: 0, by: -1) { sift(root, count) }
    for end in stride(from: count - 1, to: 0, by: -1) {
        (elements[0], elements[end]) = (elements[end], elements[0])
        sift(0, end)
    }
}

/// Sorts indices by ascending key, lower index first on ties.
public func sortIndices(_ indices: UnsafeMutablePointer<Int32>, count: Int, by keys: UnsafePointer<UInt64>) {
    sort(indices, count: count) { a, b in
        keys[Int(a)] != keys[Int(b)] ? keys[Int(a)] < keys[Int(b)] : a < b
    }
}
