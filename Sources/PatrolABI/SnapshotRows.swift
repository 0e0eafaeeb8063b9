import CPatrol
import PatrolModel

/// Arrays of a snapshot whose rows are checked one by one. The raw values are those of `patrol.h`.
package enum SnapshotTable: UInt32 {
    case units = 0, incidents, travelSeconds, edgeChanges, locationIdleSeconds, pairCosts, substitutes

    package var name: StaticString {
        switch self {
        case .units: "units"
        case .incidents: "incidents"
        case .travelSeconds: "travel_seconds"
        case .edgeChanges: "edge_changes"
        case .locationIdleSeconds: "location_idle_seconds"
        case .pairCosts: "pair_costs"
        case .substitutes: "substitutes"
        }
    }
}

/// What is wrong with a row. The raw values are those of `patrol.h`.
package enum RowField: UInt32 {
    case value = 0, id, place, node, targetNode, status, homeBeat, secondsToNode, positionAge, secondsUntilFree
    case secondsUntilShiftEnd, secondsUntilDue, reserved, category, priority, flags, secondsWaited, weight,
        serviceSeconds
    case unitsRequired, unitsAssigned, unitsOnScene, needs, edge, patrolSeconds, emergencySeconds
    case unit, incident, seconds, priorities, mayLeaveScene, notBefore, lead, lateSecondsUntilFree

    /// As a caller writes it; `value` is the row itself.
    package var name: StaticString {
        switch self {
        case .value: ""
        case .id: ".id"
        case .place: ".x, y"
        case .node: ".node"
        case .targetNode: ".target_node"
        case .status: ".status"
        case .homeBeat: ".home_beat"
        case .secondsToNode: ".seconds_to_node"
        case .positionAge: ".position_age_seconds"
        case .secondsUntilFree: ".seconds_until_free"
        case .secondsUntilShiftEnd: ".seconds_until_shift_end"
        case .secondsUntilDue: ".seconds_until_due"
        case .reserved: ".reserved"
        case .category: ".category"
        case .priority: ".priority"
        case .flags: ".flags"
        case .secondsWaited: ".seconds_waited"
        case .weight: ".weight"
        case .serviceSeconds: ".service_seconds"
        case .unitsRequired: ".units_required"
        case .unitsAssigned: ".units_assigned"
        case .unitsOnScene: ".units_on_scene"
        case .needs: ".needs"
        case .edge: ""
        case .patrolSeconds: ".patrol_seconds"
        case .emergencySeconds: ".emergency_seconds"
        case .unit: ".unit"
        case .incident: ".incident"
        case .seconds: ".seconds"
        case .priorities: ".priorities"
        case .mayLeaveScene: ".may_leave_scene"
        case .notBefore: ".not_before_seconds"
        case .lead: ".lead_seconds"
        case .lateSecondsUntilFree: ".late_seconds_until_free"
        }
    }
}

/// What is wrong with a row that is left out.
struct BadRow: Error {
    let field: RowField
    let failure: PatrolError
}

/// A row being checked: each check throws a `BadRow` whose sentence begins with the row and the field.
struct SnapshotRow {
    let table: SnapshotTable
    let index: Int

    @inline(__always)
    func check(
        _ fine: Bool, _ field: RowField, _ status: Status, _ sentence: @autoclosure () -> ByteText
    ) throws(BadRow) {
        if !fine { throw bad(field, status, sentence()) }
    }

    @inline(never)
    func bad(_ field: RowField, _ status: Status, _ sentence: ByteText) -> BadRow {
        BadRow(field: field, failure: PatrolError(status, "\(name(field)) \(sentence)"))
    }

    @inline(never)
    private func name(_ field: RowField) -> ByteText { "\(table.name)[\(index)]\(field.name)" }

    /// Applies one of the range checks, which receives the name of the field.
    @inline(__always)
    func judge(
        _ field: RowField, _ check: (_ name: () -> ByteText) throws(PatrolError) -> Void
    ) throws(BadRow) {
        do throws(PatrolError) { try check { name(field) } } catch { throw BadRow(field: field, failure: error) }
    }

    @inline(__always)
    func requireTime(_ value: Float, _ field: RowField) throws(BadRow) {
        try judge(field) { (name) throws(PatrolError) in try checkNonNegative(value, name()) }
    }

    @inline(__always)
    func requireLimit(_ value: Float, _ field: RowField) throws(BadRow) {
        try judge(field) { (name) throws(PatrolError) in try checkLimit(value, name()) }
    }

    @inline(__always)
    func requirePositive(_ value: Float, _ field: RowField) throws(BadRow) {
        try judge(field) { (name) throws(PatrolError) in try checkPositive(value, name()) }
    }

    @inline(__always)
    func requireCount(_ value: Int, in range: ClosedRange<Int>, _ field: RowField) throws(BadRow) {
        try judge(field) { (name) throws(PatrolError) in try checkCount(value, in: range, name()) }
    }

    @inline(__always)
    func requireIndex(_ value: Int, from least: Int = 0, below end: Int, _ field: RowField) throws(BadRow) {
        try judge(field) { (name) throws(PatrolError) in try checkIndex(value, from: least, below: end, name()) }
    }
}

/// The rows of a snapshot that were left out.
final class RowIssues {
    /// The first ones, as many as there is room for, in the order in which they were found.
    let list: Buffer<patrol_row_issue>
    private(set) var count = 0
    /// Kept while the snapshot is read: its sentence may be in the reserve.
    var first: PatrolError?

    init(capacity: Int, _ memory: inout WorkingMemory) {
        list = memory.buffer(count: capacity, repeating: patrol_row_issue())
    }

    func clear() { count = 0 }

    func add(_ bad: BadRow, _ row: SnapshotRow) {
        if count < list.count {
            list[count] = patrol_row_issue.with {
                $0.table = row.table.rawValue
                $0.row = UInt32(truncatingIfNeeded: row.index)
                $0.field = bad.field.rawValue
                $0.status = bad.failure.status.rawValue
            }
        }
        if first == nil { first = bad.failure }
        count += 1
    }
}
