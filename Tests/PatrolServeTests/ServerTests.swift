import CKernels
import Foundation
import PatrolFiles
import PatrolModel
import Testing

@testable import PatrolServe

/// A folder for the length of one test, with the area file of a street of four corners.
private func inFolder(_ body: (_ folder: String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let file = try TensorFileWriter()
    try file.addMetadata("format", "libpatrol area")
    try file.addMetadata("format_version", "1")
    try file.addMetadata("coordinate_system", "planar")
    try add(file, "coordinates", [4, 2], [0, 0, 100, 0, 200, 0, 300, 0] as [Double])
    try add(file, "edges", [6, 2], [0, 1, 1, 0, 1, 2, 2, 1, 2, 3, 3, 2] as [Int32])
    try add(file, "edge_patrol_seconds", [6], [60, 60, 60, 60, 60, 60] as [Float])
    try add(file, "node_beats", [4], [0, 0, 1, 1] as [Int32])
    try add(file, "category_service_seconds", [1], [900] as [Float])
    try file.write(path: folder + "/area")
    try body(folder)
}

private func add<Element: TensorElement>(
    _ file: TensorFileWriter, _ name: String, _ shape: [Int], _ values: [Element]
) throws {
    try values.withUnsafeBufferPointer { try file.add(name, shape: shape, $0) }
}

extension Server {
    /// The answer to a line, which ends with a line feed.
    fileprivate func ask(_ line: String) -> String {
        var line = line
        line.withUTF8 { answer($0, start: kernels_monotonic_nanoseconds()) }
        let text = String(decoding: UnsafeBufferPointer(start: output.base, count: outputCount), as: UTF8.self)
        #expect(text.hasSuffix("}\n"))
        return text
    }
}

private func makeServer(_ folder: String, options: String = "{}", records: RecordsFile? = nil) throws -> Server {
    let server = try Server(lineLimit: 1 << 16, records: records)
    let answer = server.ask(
        #"{"id":1,"kind":"load","area":"\#(folder)/area","max_units":4,"max_incidents":4,"options":\#(options)}"#)
    #expect(answer.hasPrefix(#"{"id":1,"status":"OK","area":{"content_hash":""#))
    #expect(answer.contains(#""node_count":4,"edge_count":6,"beat_count":2"#) && answer.contains(#""policy":null"#))
    return server
}

private let shift =
    #"{"time_seconds":60,"units":[{"id":17,"node":0},{"id":18,"x":290,"y":1}],"incidents":[{"id":4711,"node":3}]}"#

@Suite struct ServerTests {
    @Test func theNearestUnitGoes() throws {
        try inFolder { folder in
            let server = try makeServer(folder)
            let answer = server.ask(#"{"id":"a","kind":"decide","snapshot":\#(shift)}"#)
            #expect(answer.hasPrefix(#"{"id":"a","status":"OK","answer":{"solver_status":"OPTIMAL","#))
            #expect(answer.contains(#""assignments":[{"unit_id":18,"incident_id":4711,"diverted_from":null,"#))
            #expect(answer.contains(#"{"unit_id":17,"target_node":"#) && answer.contains(#""reason":"NOT_FREE""#))
            #expect(answer.contains(#""waits":[]"#) && answer.contains(#""issue_count":0,"issues":[]"#))
        }
    }

    @Test func aDecisionIsLookedInto() throws {
        try inFolder { folder in
            let server = try makeServer(folder)
            func ask(_ more: String) -> String { server.ask(#"{"kind":\#(more),"snapshot":\#(shift)}"#) }
            let all = ask(#""explain""#)
            #expect(all.contains(#""explanations":[{"unit_id":18,"incident_id":4711,"runner_up_unit_id":17,"#))
            #expect(ask(#""explain","incident_id":4711"#) == all)
            let pair = ask(#""explain","incident_id":4711,"unit_id":17"#)
            #expect(pair.contains(#""pair":{"reason":"WORSE","assigned_incident_id":null,"objective_loss":"#))
            #expect(ask(#""rank","incident_id":4711"#).contains(#""units":[{"unit_id":18,"#))
            #expect(ask(#""rank","incident_id":4711,"limit":0"#).contains(#""units":[]"#))
        }
    }

    @Test func whatTheSnapshotSaysIsDecidedOn() throws {
        try inFolder { folder in
            let server = try makeServer(folder)
            let units = #""units":[{"id":17,"node":0},{"id":18,"node":3}],"incidents":[{"id":1,"node":2}]"#
            func sent(_ more: String) -> String {
                let answer = server.ask(
                    #"{"kind":"decide","snapshot":{\#(units)\#(more)},"options":{"tasks":["dispatch"]}}"#)
                return String(answer.split(separator: #""assignments":[{"unit_id":"#).last?.prefix(2) ?? "")
            }
            #expect(sent("") == "18")
            #expect(sent(#","travel_seconds":[10,"inf"]"#) == "17")
            #expect(sent(#","pair_costs":[{"unit":1,"incident":0,"seconds":500}]"#) == "17")
            let closed = #"{"from_node":3,"to_node":2,"patrol_seconds":"inf","emergency_seconds":"inf"}"#
            #expect(sent(#","edge_changes":[\#(closed)],"location_idle_seconds":[0,0,0,0]"#) == "17")
        }
    }

    @Test func rulesAreThoseOfTheRequest() throws {
        try inFolder { folder in
            let options = """
                {"patrol_policy":"stay","dispatch_policy":"closest_fcfs","home_beat_patrol":false,"seed":7,"stay_seconds":45,
                "keep_target_gain":0,"stale_position_seconds":60,"maximum_snap_metres":50,"never_hold_priority":0,
                "strict_priority":false,"longest_hold_seconds":[0,1,2,3,4,5,6,7],"maximum_travel_seconds":30,
                "shift_end_margin_seconds":0,"own_beat_penalty_seconds":10,"reserve_per_beat":0,"reserve_price":"inf",
                "preemption":[[3,1]],"discount_rate":0.001,"compliance_rows":4,"group_weights":[2],
                "hold_travel_seconds":["inf"],"arrive_before_shift_end":true}
                """.replacing("\n", with: "")
            let server = try makeServer(folder, options: options)
            let answer = server.ask(
                #"{"kind":"decide","snapshot":{"units":[{"id":17,"node":0},{"id":18,"x":0,"y":90}],"incidents":[{"id":1,"node":3}]}}"#
            )
            #expect(answer.contains(#""solver_status":"HEURISTIC""#) && answer.contains(#""dwell_seconds":45"#))
            #expect(answer.contains(#""waits":[{"incident_id":1,"units_missing":1,"reason":"NO_ELIGIBLE_UNIT"}]"#))
            #expect(answer.contains(#"{"table":"units","row":1,"field":"x, y","status":"OUT_OF_RANGE"}"#))
            #expect(answer.contains(#""warning":"units[1].x, y is"#))
        }
    }

    @Test func aLoadMayMeasureTheDeadline() throws {
        try inFolder { folder in
            let server = try makeServer(folder)
            let answer = server.ask(
                #"{"kind":"load","area":"\#(folder)/area","max_units":1,"max_incidents":1,"measure_deadline":true,"area_options":{"max_demand_points":2,"patrol_spacing_seconds":30}}"#
            )
            #expect(answer.contains(#""max_units":1,"max_incidents":1,"least_deadline_microseconds":"#))
        }
    }

    /// What is wrong is named, and what was loaded decides as before.
    @Test(arguments: [
        ("nothing", "BAD_REQUEST", "byte 0 of the line is"),
        (#"{"kind":"walk"}"#, "BAD_REQUEST", #"kind is \"walk\", expected one of load"#),
        (#"{"kind":"decide"}"#, "BAD_REQUEST", "snapshot is not there"),
        (#"{"kind":"decide","snapshot":[]}"#, "BAD_REQUEST", "snapshot is a list, expected an object"),
        (#"{"kind":"decide","snapshot":{"units":[{"id":1,"knot":0}]}}"#, "BAD_REQUEST", #"the key \"knot\""#),
        (#"{"kind":"decide","snapshot":{"units":[{"id":1,"node":1.5}]}}"#, "BAD_REQUEST", "units[0].node is 1.5"),
        (#"{"kind":"decide","snapshot":{"travel_seconds":[1]}}"#, "BAD_REQUEST", "has 1 entries, expected 0"),
        (#"{"kind":"decide","snapshot":{"location_idle_seconds":[1]}}"#, "BAD_REQUEST", "expected 4, one for each"),
        (#"{"kind":"decide","snapshot":{"units":[{},{},{},{},{}]}}"#, "CAPACITY", "has more than 4 entries"),
        (#"{"kind":"decide","snapshot":{"time_seconds":-1}}"#, "INVALID_NUMBER", "time_seconds is -1"),
        (
            #"{"kind":"decide","snapshot":{"units":[{"id":1,"node":9}]},"options":{"bad_rows":"refuse"}}"#,
            "OUT_OF_RANGE", "units[0].node is 9"
        ),
        (#"{"kind":"explain","snapshot":{},"unit_id":1}"#, "BAD_REQUEST", "unit_id is there and incident_id is not"),
        (#"{"kind":"rank","snapshot":{},"incident_id":8}"#, "INVALID_ID", "incident_id is 8"),
        (#"{"kind":"load","area":"/nowhere/area"}"#, "IO", "area: "),
        (#"{"kind":"load","area":""}"#, "BAD_REQUEST", "area is"),
        (#"{"kind":"load","area":"/","options":{"preemption":[[9,1]]}}"#, "IO", "area: "),
    ])
    func isRefused(_ line: String, _ status: String, _ sentence: String) throws {
        try inFolder { folder in
            let server = try makeServer(folder)
            let answer = server.ask(line)
            #expect(answer.hasPrefix(#"{"id":null,"status":"\#(status)","error":""#), "\(answer)")
            #expect(answer.contains(sentence), "\(answer)")
            let decision = server.ask(#"{"kind":"decide","snapshot":\#(shift)}"#)
            #expect(decision.contains(#""unit_id":18,"incident_id":4711"#))
        }
    }

    @Test func nothingIsDecidedBeforeALoad() throws {
        let server = try Server(lineLimit: 1 << 12, records: nil)
        #expect(server.ask(#"{"id":3,"kind":"decide"}"#).hasPrefix(#"{"id":3,"status":"NOT_LOADED","error":""#))
        #expect(server.ask(#"{"kind":"version"}"#).contains(#""protocol":1,"version":""#))
        server.refuseLongLine()
        #expect(!server.wasJSON && !server.hasStopped)
        #expect(server.ask(#"{"kind":"stop"}"#) == "{\"id\":null,\"status\":\"OK\"}\n" && server.hasStopped)
    }

    @Test func aFileHasTheFirstRequest() throws {
        try inFolder { folder in
            let server = try Server(lineLimit: 1 << 12, records: nil)
            let path = folder + "/load.json"
            try #"{"kind":"version"}"#.write(toFile: path, atomically: false, encoding: .utf8)
            #expect(refusal { try server.begin(with: path) } == "kind is not load, as --load expects")
            #expect(refusal { try server.begin(with: folder) }.hasPrefix("the file of --load cannot be read"))
            try #"{"kind":"load","area":"\#(folder)/area","max_units":1,"max_incidents":0}"#.write(
                toFile: path, atomically: false, encoding: .utf8)
            try server.begin(with: path)
            #expect(server.ask(#"{"kind":"decide","snapshot":{}}"#).contains(#""status":"OK""#))
        }
    }
}

@Suite struct RecordsFileTests {
    /// A file of three records, as a process leaves it that is killed: the file itself stays locked.
    private func file(_ folder: String) throws -> String {
        let path = folder + "/records"
        let records = try RecordsFile(path: path)
        let server = try makeServer(folder, records: records)
        for _ in 0..<3 {
            #expect(server.ask(#"{"kind":"decide","snapshot":\#(shift)}"#).contains(#","record":""#))
        }
        server.syncRecords()
        #expect(records.count == 3 && records.cut == 0)
        #expect(refusal { _ = try RecordsFile(path: path) }.contains("is it in use by another process?"))
        return path
    }

    @Test func whatIsNoWholeRecordIsCutOff() throws {
        try inFolder { folder in
            let whole = try Data(contentsOf: URL(fileURLWithPath: file(folder)))
            for (name, left, count) in [("a", 0, 3), ("b", 1, 2), ("c", whole.count - 9, 0)] {
                let path = folder + "/" + name
                try whole.prefix(whole.count - left).write(to: URL(fileURLWithPath: path))
                let records = try RecordsFile(path: path)
                #expect(records.count == count)
                #expect(Int(records.cut) == whole.count - left - whole.count / 3 * count)
                #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == whole.prefix(whole.count / 3 * count))
            }
        }
    }

    @Test func aDamagedFileIsNotTouched() throws {
        try inFolder { folder in
            let whole = try Data(contentsOf: URL(fileURLWithPath: file(folder)))
            let record = whole.count / 3
            var changed = whole
            changed[record + 60] ^= 1
            let missing = whole.prefix(record) + whole.suffix(record)
            for (name, bytes, sentence) in [
                ("a", changed, "record 1 of the file, at byte \(record), is damaged, and others follow it"),
                ("b", missing, "record 1 of the file does not name the one before it"),
            ] {
                let path = folder + "/" + name
                try bytes.write(to: URL(fileURLWithPath: path))
                #expect(refusal { _ = try RecordsFile(path: path) }.hasPrefix(sentence))
                #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
            }
        }
    }
}

@Suite struct ArgumentsTests {
    private func arguments(_ words: [String]) throws -> Arguments {
        // They live as long as the process, as its arguments do.
        let strings: [UnsafeMutablePointer<CChar>?] = (["patrol-serve"] + words).map { strdup($0) }
        return try strings.withUnsafeBufferPointer { try Arguments($0) }
    }

    @Test func areRead() throws {
        let all = try arguments(
            ["--port", "0", "--records", "r", "--load", "l", "--supervise", "--patience", "5", "--line-bytes", "4096"])
        #expect(all.port == 0 && all.supervises && all.patience == 5 && all.lineLimit == 4096)
        #expect(all.records.map { String(cString: $0) } == "r" && all.load.map { String(cString: $0) } == "l")
        #expect(try arguments(["--port", "7", "--stdin"]).port == nil)
        #expect(try arguments(["-h"]).asksForHelp && arguments(["--version"]).asksForVersion)
    }

    @Test(arguments: [
        (["--prot"], #""--prot" is not an option"#), (["--port"], #""--port" needs a value"#),
        (["--port", "65536"], #"--port is "65536", expected a number from 0 to 65535"#),
        (["--patience", "0"], "--patience is"), (["--line-bytes", "4k"], "--line-bytes is"),
        (["--patience", "99999999999999999999"], "--patience is"), (["--patience", ""], "--patience is"),
    ])
    func areRefused(_ words: [String], _ sentence: String) {
        #expect(refusal { _ = try arguments(words) }.hasPrefix(sentence))
    }
}
