/// Heapsort of indices by ascending key, lower index first on ties; allocates nothing.
public func sortIndices(_ indices: UnsafeMutablePointer<Int32>, count: Int, by keys: UnsafePointer<UInt64>) {
    func precedes(_ a: Int32, _ b: Int32) -> Bool {
        keys[Int(a)] != keys[Int(b)] ? keys[Int(a)] < keys[Int(b)] : a < b
    }
    func sift(_ root: Int, _ end: Int) {
        var parent = root
        while 2 * parent + 1 < end {
            var child = 2 * parent + 1
            if child + 1 < end && precedes(indices[child], indices[child + 1]) { child += 1 }
            guard precedes(indices[parent], indices[child]) else { return }
            (indices[parent], indices[child]) = (indices[child], indices[parent])
            parent = child
        }
    }
    for root in stride(from: count / 2 - 1, through: 0, by: -1) { sift(root, count) }
    for end in stride(from: count - 1, to: 0, by: -1) {
        (indices[0], indices[end]) = (indices[end], indices[0])
        sift(0, end)
    }
}
