import PatrolModel
import TestSupport

/// A grid without beats, in which every node is a patrol location.
/// - Parameter farGroup: the last column is a group of its own.
func gridArea(side: Int, callsPerHour: Float, farGroup: Bool = false) throws -> ServiceArea {
    var city = City(side: side, callsPerHour: callsPerHour, serviceSeconds: [900, 600])
    city.beats = nil
    city.groups = (0..<side * side).map { farGroup && $0 % side == side - 1 ? 1 : 0 }
    city.locations = (0..<UInt32(side * side)).map { $0 }
    return try city.area()
}
