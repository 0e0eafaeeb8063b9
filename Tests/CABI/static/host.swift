import CPatrol

/// An ordinary Swift program with the full runtime, into which libpatrol.a is linked.
final class Host {
    var names = ["north", "south"]
    var byName: [String: Int32] = [:]
}

let host = Host()
for (index, name) in host.names.enumerated() { host.byName[name] = Int32(index) }

let values: [Double] = [1, 5, 4, 2]
var columns: [Int32] = [-1, -1]
var objective = 0.0
var error = patrol_error()
let status = patrol_assignment_solve(values, 2, 2, 0, &columns, &objective, &error)
guard status == PATROL_OK, columns == [1, 0], objective == 9, host.byName["south"] == 1 else {
    fatalError("status \(status), columns \(columns), objective \(objective)")
}

var area: OpaquePointer?
guard patrol_area_load_file("/nowhere", nil, &area, &error) == PATROL_ERROR_IO, area == nil else {
    fatalError("a missing file was not refused")
}
