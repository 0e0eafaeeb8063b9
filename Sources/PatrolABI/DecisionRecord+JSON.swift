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
        write(units, "units", RowFields.unit, to: &json)
        write(incidents, "incidents", RowFields.incident, to: &json)
        write(edgeChanges, "edge_changes", RowFields.edgeChange, to: &json)
        write(travel, "travel_seconds", to: &json)
        write(idle, "location_idle_seconds", to: &json)
        if costs.count > 0 { write(costs, "pair_costs", RowFields.pairCost, to: &json) }
        if substitutes.count > 0 { write(substitutes, "substitutes", RowFields.substitute, to: &json) }
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
        write(assignments, "assignments", RowFields.assignment, to: &json)
        write(waits, "waits", RowFields.wait, to: &json)
        write(moves, "moves", RowFields.move, to: &json)
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
        json.member("plan_margin", rules.planMargin)
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
