import CPatrol
import PatrolDecisions
import PatrolModel

/// A record as one JSON object (`Records.md`).
extension DecisionRecord {
    /// - Parameter engine: the one that made it, whose rules are written too; nil: unknown.
    func write(to json: inout JSONWriter, _ engine: DecisionEngine?) {
        json.open("{")
        json.member("format", UInt64(head.header.format))
        json.next("hash")
        withUnsafeBytes(of: RecordHash(of: record)) { json.hash($0) }
        json.next("previous")
        if let previous = head.previous, previous != RecordHash() {
            withUnsafeBytes(of: previous) { json.hash($0) }
        } else {
            json.literal("null")
        }
        json.hash("area_hash", head.header.area)
        json.hash("policy_hash", head.header.policy)
        json.hash("options_hash", head.header.options)
        json.member("time_seconds", time)
        writeRules(engine, to: &json)
        writeOptions(to: &json)
        write(units, "units", unitFields, to: &json)
        write(incidents, "incidents", incidentFields, to: &json)
        write(edgeChanges, "edge_changes", "N from_node|N to_node|f patrol_seconds|f emergency_seconds", to: &json)
        write(travel, "travel_seconds", to: &json)
        write(idle, "location_idle_seconds", to: &json)
        if costs.count > 0 { write(costs, "pair_costs", "u unit|u incident|f seconds", to: &json) }
        writeAnswer(to: &json)
        json.close("}")
    }

    private func writeOptions(to json: inout JSONWriter) {
        json.next("options")
        json.open("{")
        json.next("tasks")
        json.open("[")
        if outcome.tasks & UInt32(PATROL_TASK_DISPATCH) != 0 {
            json.next()
            json.string("dispatch")
        }
        if outcome.tasks & UInt32(PATROL_TASK_PATROL) != 0 {
            json.next()
            json.string("patrol")
        }
        json.close("]")
        if let clock {
            json.member("deadline_microseconds", clock.deadline)
            json.member("had_cancel_flag", clock.hadCancelFlag != 0)
        }
        json.member("node_limit", outcome.nodeLimit)
        json.member("relative_gap", outcome.gapAsked)
        json.close("}")
    }

    private func writeAnswer(to json: inout JSONWriter) {
        json.next("answer")
        json.open("{")
        if outcome.tasks & UInt32(PATROL_TASK_DISPATCH) != 0 {
            json.member("solver_status", string: solverStatusName(outcome.status))
            json.member("objective", outcome.objective)
            json.member("bound", outcome.bound)
            json.member("relative_gap", outcome.gap)
            json.member("nodes", outcome.nodes)
        }
        write(
            assignments, "assignments",
            "I unit_id|I incident_id|I diverted_from|f travel_seconds|N next_node|d reward", to: &json)
        write(waits, "waits", "I incident_id|u units_missing|W reason", to: &json)
        write(moves, "moves", moveFields, to: &json)
        json.close("}")
    }

    private func write(_ numbers: UnsafeBufferPointer<Float>, _ name: StaticString, to json: inout JSONWriter) {
        guard numbers.count > 0 else { return }
        json.next(name)
        json.open("[")
        for number in numbers {
            json.next()
            json.number(number)
        }
        json.close("]")
    }

    private func write<Row: GrowingStruct>(
        _ rows: Strided<Row>, _ name: StaticString, _ fields: StaticString, to json: inout JSONWriter
    ) {
        json.next(name)
        json.open("[")
        for k in 0..<rows.count {
            json.next()
            withUnsafeBytes(of: rows[k]) { json.row($0, fields) }
        }
        json.close("]")
    }

    private var unitFields: StaticString {
        "I id|I incident_id|U capabilities|d x|d y|N node|N target_node|S status|i home_beat|f seconds_to_node|f position_age_seconds|f seconds_until_free|f seconds_until_shift_end|f seconds_until_due|_ reserved|u priorities|u may_leave_scene"
    }

    private var incidentFields: StaticString {
        "I id|U required_capabilities|d x|d y|N node|i category|i priority|u flags|f seconds_waited|f weight|f service_seconds|u units_required|u units_assigned|u units_on_scene|Q needs|f not_before_seconds|f lead_seconds"
    }

    private var moveFields: StaticString {
        "I unit_id|N target_node|N next_node|f travel_seconds|f dwell_seconds|f value|f gain|M reason"
    }

    /// The department's rules, and what else the engine's options say.
    private func writeRules(_ engine: DecisionEngine?, to json: inout JSONWriter) {
        guard let engine else { return }
        let (options, rules) = (engine.options, engine.options.rules)
        json.next("rules")
        json.open("{")
        json.member("patrol_policy", string: options.patrolPolicy.name)
        json.member("dispatch_policy", string: options.dispatchPolicy.name)
        json.member("home_beat_patrol", options.homeBeatPatrol)
        json.member("seed", options.seed)
        json.member("stay_seconds", options.staySeconds)
        json.member("keep_target_gain", options.keepTargetGain)
        json.member("stale_position_seconds", options.stalePositionSeconds)
        json.member("maximum_snap_metres", options.maximumSnapMetres)
        json.member("never_hold_priority", UInt64(rules.neverHoldPriority))
        json.member("strict_priority", rules.strictPriority)
        json.next("longest_hold_seconds")
        json.open("[")
        for priority in 0..<Incident.priorities {
            json.next()
            json.number(rules.longestHold[priority])
        }
        json.close("]")
        json.member("maximum_travel_seconds", rules.maximumTravelSeconds)
        json.member("shift_end_margin_seconds", rules.shiftEndMargin)
        json.member("arrive_before_shift_end", rules.arrivesBeforeShiftEnd)
        json.member("own_beat_penalty_seconds", rules.ownBeatPenalty)
        json.member("reserve_per_beat", UInt64(rules.reservePerBeat))
        json.member("reserve_price", rules.reservePrice)
        writePreemption(rules, to: &json)
        json.member("discount_rate", options.discountRate)
        json.member("compliance_rows", UInt64(options.complianceRows))
        write(engine.groupWeights.elements, "group_weights", to: &json)
        write(engine.holdTravelSeconds.elements, "hold_travel_seconds", to: &json)
        json.close("}")
    }

    /// Pairs of priorities: from which call to which a unit may be diverted.
    private func writePreemption(_ rules: DispatchRules, to json: inout JSONWriter) {
        json.next("preemption")
        json.open("[")
        for from in 1...Int32(Incident.priorities) {
            for to in 1...Int32(Incident.priorities) where rules.mayDivert(from: from, to: to) {
                json.next()
                json.open("[")
                for priority in [from, to] {
                    json.next()
                    json.number(Int64(priority))
                }
                json.close("]")
            }
        }
        json.close("]")
    }
}

extension JSONWriter {
    /// A struct as an object. - Parameter fields: "letter name", in the order of the struct, with `|` between them.
    fileprivate mutating func row(_ bytes: UnsafeRawBufferPointer, _ fields: StaticString) {
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
            withUnsafeBytes(of: need) { row($0, "U capabilities|u required|u assigned") }
        }
        close("]")
        return 16 * Int(PATROL_NEEDS)
    }
}

private func unitStatusName(_ status: Int32) -> StaticString {
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
    case nil: "UNKNOWN"
    }
}

private func solverStatusName(_ status: Int32) -> StaticString {
    switch DispatchOutcome(rawValue: status) {
    case .optimal: "OPTIMAL"
    case .withinGap: "WITHIN_GAP"
    case .deadline: "DEADLINE"
    case .cancelled: "CANCELLED"
    case .nodeLimit: "NODE_LIMIT"
    case .heuristic: "HEURISTIC"
    case .noTime: "NO_TIME"
    case nil: "UNKNOWN"
    }
}
