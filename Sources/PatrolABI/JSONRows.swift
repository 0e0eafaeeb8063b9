import CPatrol
import PatrolDecisions
import PatrolModel

/// The fields of structs of `patrol.h` in JSON, in the order of the struct: a letter for the type, and the name.
///
/// `_` nothing; `I` id; `N` node; `U` u64; `d` double; `f` float; `i`, `u` i32, u32; `S`, `M`, `W` status and reasons, by name; `Q` needs.
package enum RowFields {
    package static var unit: StaticString {
        "I id|I incident_id|U capabilities|d x|d y|N node|N target_node|S status|i home_beat|f seconds_to_node|f position_age_seconds|f seconds_until_free|f seconds_until_shift_end|f seconds_until_due|_ reserved|u priorities|u may_leave_scene|f late_seconds_until_free|_ reserved_2"
    }

    package static var incident: StaticString {
        "I id|U required_capabilities|d x|d y|N node|i category|i priority|u flags|f seconds_waited|f weight|f service_seconds|u units_required|u units_assigned|u units_on_scene|Q needs|f not_before_seconds|f lead_seconds"
    }

    package static var need: StaticString { "U capabilities|u required|u assigned" }

    package static var edgeChange: StaticString { "N from_node|N to_node|f patrol_seconds|f emergency_seconds" }

    package static var pairCost: StaticString { "u unit|u incident|f seconds" }

    package static var substitute: StaticString {
        "u incident|u units_required|U required_capabilities|Q needs"
    }

    package static var move: StaticString {
        "I unit_id|N target_node|N next_node|f travel_seconds|f dwell_seconds|f value|f gain|M reason"
    }

    package static var assignment: StaticString {
        "I unit_id|I incident_id|I diverted_from|f travel_seconds|N next_node|d reward"
    }

    package static var wait: StaticString { "I incident_id|u units_missing|W reason" }

    package static var plan: StaticString {
        "I unit_id|I incident_id|f seconds_until_arrival|f late_seconds_until_arrival"
    }
}

extension JSONWriter {
    /// A struct as an object. - Parameter fields: "letter name", in the order of the struct, with `|` between them.
    package mutating func row(_ bytes: UnsafeRawBufferPointer, _ fields: StaticString) {
        open("{")
        var (place, offset) = (0, 0)
        while place < fields.utf8CodeUnitCount {
            let letter = fields.utf8Start[place]
            let start = place + 2
            place = start
            let isReserved = letter == UInt8(ascii: "_")
            while place < fields.utf8CodeUnitCount, fields.utf8Start[place] != UInt8(ascii: "|") { place += 1 }
            if !isReserved { next(UnsafeBufferPointer(start: fields.utf8Start + start, count: place - start)) }
            place += 1
            offset += isReserved ? 4 : value(letter, bytes, offset)
        }
        close("}")
    }

    /// Writes the field that begins at `offset`. - Returns: its bytes.
    private mutating func value(_ letter: UInt8, _ bytes: UnsafeRawBufferPointer, _ offset: Int) -> Int {
        func load<Value: BitwiseCopyable>() -> Value { bytes.loadUnaligned(fromByteOffset: offset, as: Value.self) }
        switch letter {
        case UInt8(ascii: "I"):
            let id: UInt64 = load()
            id == .max ? literal("null") : number(id)
            return 8
        case UInt8(ascii: "U"):
            number(load() as UInt64)
            return 8
        case UInt8(ascii: "d"):
            number(load() as Double)
            return 8
        case UInt8(ascii: "Q"): return needs(bytes, offset)
        case UInt8(ascii: "N"):
            let node: UInt32 = load()
            node == .max ? literal("null") : number(UInt64(node))
        case UInt8(ascii: "u"): number(UInt64(load() as UInt32))
        case UInt8(ascii: "f"): number(load() as Float)
        case UInt8(ascii: "S"): string(unitStatusName(load()))
        case UInt8(ascii: "M"): string(moveReasonName(load()))
        case UInt8(ascii: "W"): string(waitReasonName(load()))
        default: number(Int64(load() as Int32))
        }
        return 4
    }

    private mutating func needs(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> Int {
        open("[")
        for k in 0..<Int(PATROL_NEEDS) {
            let need = bytes.loadUnaligned(fromByteOffset: offset + 16 * k, as: patrol_need.self)
            guard need.capabilities != 0 else { continue }
            next()
            withUnsafeBytes(of: need) { row($0, RowFields.need) }
        }
        close("]")
        return 16 * Int(PATROL_NEEDS)
    }
}

package func unitStatusName(_ status: Int32) -> StaticString {
    switch status {
    case PATROL_UNIT_OFF_DUTY: "OFF_DUTY"
    case PATROL_UNIT_PATROLLING: "PATROLLING"
    case PATROL_UNIT_EN_ROUTE: "EN_ROUTE"
    case PATROL_UNIT_ON_SCENE: "ON_SCENE"
    default: "UNKNOWN"
    }
}

private func moveReasonName(_ reason: Int32) -> StaticString {
    switch MoveReason(rawValue: reason) {
    case .policy: "POLICY"
    case .keptTarget: "KEPT_TARGET"
    case .returnToBeat: "RETURN_TO_BEAT"
    case .noChoice: "NO_CHOICE"
    case .notDue: "NOT_DUE"
    case .notFree: "NOT_FREE"
    case .stalePosition: "STALE_POSITION"
    case .leftOut: "LEFT_OUT"
    case .noTime: "NO_TIME"
    case nil: "UNKNOWN"
    }
}

private func waitReasonName(_ reason: Int32) -> StaticString {
    switch WaitReason(rawValue: reason) {
    case .noEligibleUnit: "NO_ELIGIBLE_UNIT"
    case .unitsTaken: "UNITS_TAKEN"
    case .held: "HELD"
    case .strictPriority: "STRICT_PRIORITY"
    case .reserve: "RESERVE"
    case .allOrNone: "ALL_OR_NONE"
    case .leftOut: "LEFT_OUT"
    case .noTime: "NO_TIME"
    case .notYet: "NOT_YET"
    case .planned: "PLANNED"
    case nil: "UNKNOWN"
    }
}

package func solverStatusName(_ status: Int32) -> StaticString {
    switch DispatchOutcome(rawValue: status) {
    case .optimal: "OPTIMAL"
    case .withinGap: "WITHIN_GAP"
    case .deadline: "DEADLINE"
    case .cancelled: "CANCELLED"
    case .nodeLimit: "NODE_LIMIT"
    case .heuristic: "HEURISTIC"
    case .noTime: "NO_TIME"
    case nil: status == PATROL_SOLVER_NOT_ASKED ? "NOT_ASKED" : "UNKNOWN"
    }
}
