import CPatrol
import PatrolModel

protocol IdentifiedRow { var id: UInt64 { get } }
extension patrol_unit: IdentifiedRow {}
extension patrol_incident: IdentifiedRow {}

/// The units or the calls of a snapshot, each checked by itself: invalid rows and repeated ids are left out.
final class JudgedRows {
    /// Rows by ascending id, lower index first on ties.
    let order: Buffer<Int32>
    private let table: SnapshotTable
    private let ids: Buffer<UInt64>
    private let leftOut: Buffer<UInt8>
    private var count = 0

    /// - Parameter order: receives the order; has room for the most rows there can be.
    init(_ table: SnapshotTable, order: Buffer<Int32>, _ memory: inout WorkingMemory) {
        self.table = table
        self.order = order
        ids = memory.buffer(count: order.count, repeating: 0)
        leftOut = memory.buffer(count: order.count, repeating: 0)
    }

    /// - Parameters:
    ///   - judge: takes over a row, or throws what is wrong with it.
    ///   - leaveOut: puts a neutral row in its place.
    @inline(__always)
    func take<Row: IdentifiedRow>(
        _ rows: Strided<Row>, issues: RowIssues, judge: (Row, SnapshotRow) throws(BadRow) -> Void,
        leaveOut: (Row, Int) -> Void
    ) {
        count = rows.count
        for k in 0..<count {
            let row = SnapshotRow(table: table, index: k)
            order[k] = Int32(k)
            ids[k] = rows[k].id
            leftOut[k] = 0
            do throws(BadRow) { try judge(rows[k], row) } catch {
                leftOut[k] = 1
                leaveOut(rows[k], k)
                issues.add(error, row)
            }
        }
        sortIndices(order.base, count: count, by: ids.base)
        var first = -1
        for place in 0..<count where !isLeftOut(Int(order[place])) {
            let k = Int(order[place])
            guard first >= 0 && ids[first] == ids[k] else {
                first = k
                continue
            }
            let row = SnapshotRow(table: table, index: k)
            leftOut[k] = 1
            leaveOut(rows[k], k)
            issues.add(row.bad(.id, .invalidId, "is \(ids[k]), as \(table.name)[\(first)].id is"), row)
        }
    }

    func isLeftOut(_ row: Int) -> Bool { leftOut[row] != 0 }

    /// Index of the row with this id, or −1 where there is none or it is left out.
    func index(of id: UInt64) -> Int32 {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if ids[Int(order[middle])] < id { low = middle + 1 } else { high = middle }
        }
        while low < count, ids[Int(order[low])] == id {
            if !isLeftOut(Int(order[low])) { return order[low] }
            low += 1
        }
        return -1
    }
}
