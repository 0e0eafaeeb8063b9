import PatrolModel

/// Rows by id.
extension SessionHandle {
    /// Indices by ascending id, lower index first on ties.
    func order(_ indices: Buffer<Int32>, count: Int, id: (Int) -> UInt64) {
        for k in 0..<count {
            indices[k] = Int32(k)
            keys[k] = id(k)
        }
        sortIndices(indices.base, count: count, by: keys.base)
    }

    /// Rows that have the id of an earlier one, those that are left out aside.
    func forEachRepeated(
        _ order: Buffer<Int32>, count: Int, isLeftOut: (Int) -> Bool, id: (Int) -> UInt64, _ body: (_ row: Int, _ first: Int) -> Void
    ) {
        var first = -1
        for k in 0..<count where !isLeftOut(Int(order[k])) {
            let row = Int(order[k])
            if first >= 0 && id(first) == id(row) { body(row, first) } else { first = row }
        }
    }

    /// Index of the incident with this id, or −1 where there is none or it is left out.
    func incidentIndex(_ id: UInt64) -> Int32 {
        index(of: id, in: incidentOrder, count: snapshot.incidentCount, isLeftOut: { leftOutIncident[$0] != 0 }) {
            snapshot.incidents[$0].id
        }
    }

    /// Index of the unit with this id, or −1 where there is none or it is left out.
    func unitIndex(_ id: UInt64) -> Int32 {
        index(of: id, in: snapshot.unitOrder, count: snapshot.unitCount, isLeftOut: { leftOutUnit[$0] != 0 }) {
            snapshot.units[$0].id
        }
    }

    private func index(
        of id: UInt64, in order: Buffer<Int32>, count: Int, isLeftOut: (Int) -> Bool, id idOf: (Int) -> UInt64
    ) -> Int32 {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if idOf(Int(order[middle])) < id { low = middle + 1 } else { high = middle }
        }
        while low < count, idOf(Int(order[low])) == id {
            if !isLeftOut(Int(order[low])) { return order[low] }
            low += 1
        }
        return -1
    }
}
