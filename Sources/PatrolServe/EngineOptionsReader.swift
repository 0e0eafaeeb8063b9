import CPatrol
import PatrolABI
import PatrolModel

/// Reads `patrol_engine_options` as the rules of a record's JSON have them, and keeps what they point to.
final class EngineOptionsReader {
    var options = patrol_engine_options.initial
    private let area: patrol_area_info
    private var patrolPolicy: Buffer<CChar>?
    private var dispatchPolicy: Buffer<CChar>?
    private let groupWeights: Buffer<Float>
    private let holdTravel: Buffer<Float>

    static var mostHoldRows: Int { 64 }

    init(_ area: patrol_area_info) throws(PatrolError) {
        self.area = area
        groupWeights = try Buffer(count: Int(area.group_count), repeating: 1)
        holdTravel = try Buffer(count: EngineOptionsReader.mostHoldRows * Int(area.category_count), repeating: 0)
    }

    private var names: NameList {
        NameList(
            "patrol_policy|dispatch_policy|home_beat_patrol|seed|stay_seconds|keep_target_gain|stale_position_seconds|maximum_snap_metres|never_hold_priority|strict_priority|longest_hold_seconds|maximum_travel_seconds|shift_end_margin_seconds|own_beat_penalty_seconds|reserve_per_beat|reserve_price|preemption|discount_rate|compliance_rows|group_weights|hold_travel_seconds|arrive_before_shift_end|plan_margin"
        )
    }

    func read(_ reader: inout ValueReader) throws(PatrolError) {
        try reader.object(names) { (reader, key) throws(PatrolError) in
            switch key.place {
            case 0:
                let name = try reader.cString()
                patrolPolicy = name
                options.patrol_policy = UnsafePointer(name.base)
            case 1:
                let name = try reader.cString()
                dispatchPolicy = name
                options.dispatch_policy = UnsafePointer(name.base)
            case 2: options.home_beat_patrol = try reader.boolean() ? 1 : 0
            case 3: options.seed = try reader.natural()
            case 4: options.stay_seconds = try reader.float()
            case 5: options.keep_target_gain = try reader.float()
            case 6: options.stale_position_seconds = try reader.float()
            case 7: options.maximum_snap_metres = try reader.float()
            case 8: options.never_hold_priority = Int32(try reader.natural(atMost: UInt64(PATROL_PRIORITIES)))
            case 9: options.strict_priority = try reader.boolean() ? 1 : 0
            case 10: try readLongestHolds(&reader)
            case 11: options.maximum_travel_seconds = try reader.float()
            case 12: options.shift_end_margin_seconds = try reader.float()
            case 13: options.own_beat_penalty_seconds = try reader.float()
            case 14: options.reserve_per_beat = UInt32(try reader.natural(atMost: UInt64(UInt32.max)))
            case 15: options.reserve_price = try reader.float()
            case 16: try readPreemption(&reader)
            case 17: options.discount_rate = try reader.float()
            case 18: options.compliance_rows = UInt32(try reader.natural(atMost: UInt64(UInt32.max)))
            case 19:
                let count = try reader.floats(into: groupWeights)
                try expect(count == groupWeights.count, count, "\(groupWeights.count), one for each group of the area")
                options.group_weights = UnsafePointer(groupWeights.base)
            case 20: try readHoldTravel(&reader)
            case 21: options.arrive_before_shift_end = try reader.boolean() ? 1 : 0
            default: options.plan_margin = try reader.float()
            }
        }
    }

    private func readLongestHolds(_ reader: inout ValueReader) throws(PatrolError) {
        let holds = try Buffer<Float>(count: Int(PATROL_PRIORITIES), repeating: 0)
        let count = try reader.floats(into: holds)
        try expect(count == holds.count, count, "\(holds.count), one for each priority")
        withUnsafeMutableBytes(of: &options.longest_hold_seconds) {
            $0.copyMemory(from: UnsafeRawBufferPointer(holds.elements))
        }
    }

    /// Pairs of priorities: a unit on its way to the first may be sent to the second.
    private func readPreemption(_ reader: inout ValueReader) throws(PatrolError) {
        let priorities = Int(PATROL_PRIORITIES)
        _ = try reader.list(atMost: priorities * priorities) { (reader, _) throws(PatrolError) in
            var (from, to) = (0, 0)
            let count = try reader.list(atMost: 2) { (reader, k) throws(PatrolError) in
                let priority = Int(try reader.integer(1...Int64(priorities)))
                if k == 0 { from = priority } else { to = priority }
            }
            try expect(count == 2, count, "2, from which priority to which")
            withUnsafeMutableBytes(of: &options.preemption) { $0[(from - 1) * priorities + to - 1] = 1 }
        }
    }

    /// By row, then by category.
    private func readHoldTravel(_ reader: inout ValueReader) throws(PatrolError) {
        let count = try reader.floats(into: holdTravel)
        let categories = Int(area.category_count)
        try expect(count % categories == 0, count, "a multiple of the area's \(categories) categories")
        options.hold_rows = count / categories
        options.hold_travel_seconds = UnsafePointer(holdTravel.base)
    }

    private func expect(_ fine: Bool, _ count: Int, _ expected: ByteText) throws(PatrolError) {
        if !fine { throw PatrolError(.invalidArgument, " has \(count) entries, expected \(expected)") }
    }
}
