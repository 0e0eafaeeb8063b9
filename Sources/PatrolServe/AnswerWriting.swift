import CPatrol
import PatrolABI
import PatrolFiles
import PatrolModel

extension JSONWriter {
    /// A text that may hold anything.
    mutating func text(_ text: ByteText) {
        put(UInt8(ascii: "\""))
        for byte in text.bytes {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                put(UInt8(ascii: "\\"))
                put(byte)
            case 0..<0x20: literal("\\u00\(byte < 16 ? "0" : "")\(hexadecimal: UInt32(byte))")
            default: put(byte)
            }
        }
        put(UInt8(ascii: "\""))
    }

    mutating func member(_ name: StaticString, text value: ByteText) {
        next(name)
        text(value)
    }

    mutating func id(_ name: StaticString, _ value: UInt64) {
        next(name)
        if value == .max { literal("null") } else { number(value) }
    }

    mutating func rows<Row: BitwiseCopyable>(
        _ name: StaticString, _ rows: Buffer<Row>, _ count: Int, _ fields: StaticString
    ) {
        next(name)
        open("[")
        for k in 0..<count {
            next()
            withUnsafeBytes(of: rows[k]) { row($0, fields) }
        }
        close("]")
    }

    /// A list of objects, whose members `write` adds.
    private mutating func objects(_ name: StaticString, _ count: Int, _ write: (inout JSONWriter, Int) -> Void) {
        next(name)
        open("[")
        for k in 0..<count {
            next()
            open("{")
            write(&self, k)
            close("}")
        }
        close("]")
    }

    // MARK: Answers by kind

    mutating func decision(_ loaded: Loaded, _ answer: patrol_answer, dispatched: Bool) {
        next("answer")
        open("{")
        if dispatched {
            member("solver_status", string: solverStatusName(answer.solver_status))
            member("objective", answer.objective)
            member("bound", answer.bound)
            member("relative_gap", answer.relative_gap)
            member("nodes", answer.nodes)
        }
        rows("assignments", loaded.assignments, answer.assignment_count, RowFields.assignment)
        rows("waits", loaded.waits, answer.wait_count, RowFields.wait)
        rows("moves", loaded.moves, answer.move_count, RowFields.move)
        close("}")
        member("microseconds", answer.microseconds)
        if answer.abstained != 0 { abstained(answer.abstained) }
        substitutes(loaded, answer.assignment_count)
        if answer.plan_capacity > 0 { rows("plans", loaded.plans, answer.plan_count, RowFields.plan) }
        issues(loaded, answer.issue_count)
    }

    /// What the learned policy left to heuristics.
    private mutating func abstained(_ tasks: UInt32) {
        next("abstained")
        open("[")
        if tasks & UInt32(PATROL_TASK_DISPATCH) != 0 {
            next()
            string("dispatch")
        }
        if tasks & UInt32(PATROL_TASK_PATROL) != 0 {
            next()
            string("patrol")
        }
        close("]")
    }

    /// Calls to which units are sent for a substitute, if there are any.
    private mutating func substitutes(_ loaded: Loaded, _ count: Int) {
        let rows = loaded.assignments
        var isOpen = false
        for k in 0..<count where rows[k].substitute > 0 {
            if (0..<k).contains(where: { rows[$0].incident_id == rows[k].incident_id }) { continue }
            if !isOpen {
                next("substitutes")
                open("[")
                isOpen = true
            }
            next()
            open("{")
            id("incident_id", rows[k].incident_id)
            member("substitute", UInt64(rows[k].substitute - 1))
            close("}")
        }
        if isOpen { close("]") }
    }

    /// Rows that were left out: the first ones, and how many there are in all.
    private mutating func issues(_ loaded: Loaded, _ count: Int) {
        member("issue_count", UInt64(count))
        objects("issues", min(count, loaded.issues.count)) { json, k in
            let issue = loaded.issues[k]
            json.member("table", string: SnapshotTable(rawValue: issue.table)?.name ?? "")
            json.member("row", UInt64(issue.row))
            let field = RowField(rawValue: issue.field)?.name ?? ""
            let dotless = UnsafeBufferPointer(start: field.utf8Start, count: field.utf8CodeUnitCount).dropFirst()
            json.member("field", text: ByteText(UnsafeBufferPointer(rebasing: dotless)))
            json.member("status", text: PatrolServe.text(patrol_status_name(issue.status)))
        }
    }

    mutating func explanations(_ loaded: Loaded, _ count: Int) {
        objects("explanations", count) { json, k in
            let explanation = loaded.explanations[k]
            json.id("unit_id", explanation.unit_id)
            json.id("incident_id", explanation.incident_id)
            json.id("runner_up_unit_id", explanation.runner_up_unit_id)
            json.member("objective_loss", explanation.objective_loss)
            json.member("least_loss", explanation.least_loss)
            json.member("reward", explanation.reward)
            json.member("value_change", explanation.value_change)
            json.member("travel_seconds", explanation.travel_seconds)
            json.member("runner_up_travel_seconds", explanation.runner_up_travel_seconds)
            json.member("solver_status", string: solverStatusName(explanation.solver_status))
            if explanation.abstained != 0 { json.member("abstained", true) }
        }
    }

    mutating func pair(_ pair: patrol_pair_explanation) {
        next("pair")
        open("{")
        member("reason", string: whyNotName(pair.reason))
        id("assigned_incident_id", pair.assigned_incident_id)
        member("objective_loss", pair.objective_loss)
        member("least_loss", pair.least_loss)
        member("travel_seconds", pair.travel_seconds)
        member("solver_status", string: solverStatusName(pair.solver_status))
        if pair.abstained != 0 { member("abstained", true) }
        close("}")
    }

    mutating func ranking(_ loaded: Loaded, _ count: Int) {
        objects("units", count) { json, k in
            let unit = loaded.ranked[k]
            json.id("unit_id", unit.unit_id)
            json.member("worth", unit.worth)
            json.member("travel_seconds", unit.travel_seconds)
        }
    }

    mutating func load(_ loaded: Loaded) {
        let area = loaded.areaInfo
        next("area")
        open("{")
        hash("content_hash", area.content_hash)
        member("node_count", UInt64(area.node_count))
        member("edge_count", UInt64(area.edge_count))
        member("beat_count", UInt64(area.beat_count))
        member("group_count", UInt64(area.group_count))
        member("category_count", UInt64(area.category_count))
        member("patrol_location_count", UInt64(area.patrol_location_count))
        close("}")
        next("policy")
        if loaded.hasPolicy {
            open("{")
            hash("content_hash", loaded.policyInfo.content_hash)
            close("}")
        } else {
            literal("null")
        }
        member("max_units", UInt64(loaded.units.count))
        member("max_incidents", UInt64(loaded.incidents.count))
        if let deadline = loaded.leastDeadline { member("least_deadline_microseconds", deadline) }
    }
}

private func whyNotName(_ reason: Int32) -> StaticString {
    switch reason {
    case PATROL_WHY_NOT_ASSIGNED: "ASSIGNED"
    case PATROL_WHY_NOT_WORSE: "WORSE"
    case PATROL_WHY_NOT_OFF_DUTY: "OFF_DUTY"
    case PATROL_WHY_NOT_BUSY: "BUSY"
    case PATROL_WHY_NOT_NO_DIVERSION: "NO_DIVERSION"
    case PATROL_WHY_NOT_NO_UNIT_MISSING: "NO_UNIT_MISSING"
    case PATROL_WHY_NOT_CAPABILITIES: "CAPABILITIES"
    case PATROL_WHY_NOT_NEEDS: "NEEDS"
    case PATROL_WHY_NOT_STALE_POSITION: "STALE_POSITION"
    case PATROL_WHY_NOT_SHIFT_END: "SHIFT_END"
    case PATROL_WHY_NOT_UNREACHABLE: "UNREACHABLE"
    case PATROL_WHY_NOT_MAXIMUM_TRAVEL: "MAXIMUM_TRAVEL"
    case PATROL_WHY_NOT_OTHER_BEAT: "OTHER_BEAT"
    case PATROL_WHY_NOT_NOT_NEAREST: "NOT_NEAREST"
    case PATROL_WHY_NOT_ALL_OR_NONE: "ALL_OR_NONE"
    case PATROL_WHY_NOT_HOLD_TRAVEL: "HOLD_TRAVEL"
    case PATROL_WHY_NOT_STRICT_PRIORITY: "STRICT_PRIORITY"
    case PATROL_WHY_NOT_NEVER_HOLD: "NEVER_HOLD"
    case PATROL_WHY_NOT_RESERVE: "RESERVE"
    case PATROL_WHY_NOT_OTHER_CALL: "OTHER_CALL"
    case PATROL_WHY_NOT_NO_TIME: "NO_TIME"
    case PATROL_WHY_NOT_PRIORITIES: "PRIORITIES"
    case PATROL_WHY_NOT_NOT_YET: "NOT_YET"
    case PATROL_WHY_NOT_SUBSTITUTE: "SUBSTITUTE"
    case PATROL_WHY_NOT_PLANNED: "PLANNED"
    default: "UNKNOWN"
    }
}
