import PatrolModel
import TestSupport
import Testing

@Suite struct AreaChecksTests {
    /// A valid area of three nodes that uses every array.
    static func city() -> City {
        var city = City(nodeCount: 3)
        city.coordinateSystem = .geographic
        city.coordinates = [-74, 40, -74.1, 40.1, -74.2, 40.2]
        city.edges = [0, 1, 1, 2]
        city.patrolSeconds = [10, 20]
        city.emergencySeconds = [5, 10]
        city.beats = [0, 1, -1]
        city.groups = [0, 0, 1]
        city.categoryCount = 1
        city.weights = [2]
        city.demandNodeCount = 2
        city.demandNodes = [2, 0]
        city.demand = [0.5, 0.25]
        city.locations = [0, 1]
        return city
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        var status: Status
        /// What the sentence must contain.
        var parts: [String]
        var points = 256
        var spacing: Float = 90
        var change: @Sendable (inout City) -> Void = { _ in }
        var testDescription: String { parts.joined(separator: " … ") }
    }

    static func factors(_ change: (inout [Float]) -> Void) -> [Float] {
        var factors = [Float](repeating: 1, count: 2 * 168)
        change(&factors)
        return factors
    }

    static let faults: [Fault] = [
        Fault(status: .invalidArgument, parts: ["travel_factors has 335 values, expected 336"]) {
            $0.travelFactors = factors { $0.removeLast() }
        },
        Fault(status: .invalidNumber, parts: ["travel_factors[0, 167] is 0.0, expected 0.1 to 10"]) {
            $0.travelFactors = factors { $0[167] = 0 }
        },
        Fault(status: .invalidNumber, parts: ["travel_factors[1, 0] is nan"]) {
            $0.travelFactors = factors { $0[168] = .nan }
        },
        Fault(status: .invalidNumber, parts: ["travel_factors[1, 167] is 10.1"]) {
            $0.travelFactors = factors { $0[335] = 10.1 }
        },
        Fault(status: .invalidArgument, parts: ["node_count is 0", "1 to 4000000"]) { $0.nodeCount = 0 },
        Fault(status: .invalidArgument, parts: ["node_count is 4000001"]) { $0.nodeCount = 4_000_001 },
        Fault(status: .invalidArgument, parts: ["edge_count is 16000001"]) {
            $0.patrolSeconds = [Float](repeating: 1, count: 16_000_001)
        },
        Fault(status: .invalidArgument, parts: ["category_count is 0", "1 to 64"]) { $0.categoryCount = 0 },
        Fault(status: .invalidArgument, parts: ["category_count is 65"]) { $0.categoryCount = 65 },
        Fault(status: .invalidArgument, parts: ["period_hours is 12", "1, 24 or 168"]) { $0.periodHours = 12 },
        Fault(status: .invalidArgument, parts: ["demand_node_count is 4", "0 to 3"]) { $0.demandNodeCount = 4 },
        Fault(status: .invalidArgument, parts: ["patrol_location_count is 4097"]) {
            $0.locations = [UInt32](repeating: 0, count: 4097)
        },
        Fault(status: .invalidArgument, parts: ["max_demand_points is 0", "1 to 4096"], points: 0),
        Fault(status: .invalidArgument, parts: ["max_demand_points is 4097"], points: 4097),
        Fault(status: .invalidNumber, parts: ["patrol_spacing_seconds is 0.0", "above 0 and at most 1e9"], spacing: 0),
        Fault(status: .invalidNumber, parts: ["patrol_spacing_seconds is nan"], spacing: .nan),
        Fault(status: .invalidNumber, parts: ["patrol_spacing_seconds is inf"], spacing: .infinity),
        Fault(status: .invalidArgument, parts: ["coordinates are missing"]) { $0.coordinates = nil },
        Fault(status: .invalidArgument, parts: ["coordinates are given"]) { $0.coordinateSystem = .none },
        Fault(status: .invalidArgument, parts: ["coordinates has 4 values, expected 6"]) {
            $0.coordinates?.removeLast(2)
        },
        Fault(status: .invalidNumber, parts: ["coordinates[1]", "nan"]) { $0.coordinates?[2] = .nan },
        Fault(status: .invalidNumber, parts: ["coordinates[2]", "inf"]) { $0.coordinates?[5] = -.infinity },
        Fault(status: .outOfRange, parts: ["coordinates[0]", "181.0"]) { $0.coordinates?[0] = 181 },
        Fault(status: .outOfRange, parts: ["coordinates[1]", "-91.0"]) { $0.coordinates?[3] = -91 },
        Fault(status: .outOfRange, parts: ["coordinates[0]", "metres"]) {
            $0.coordinateSystem = .planar
            $0.coordinates?[0] = 1e10
        },
        Fault(status: .invalidArgument, parts: ["edges has 3 values, expected 4"]) { $0.edges.removeLast() },
        Fault(status: .outOfRange, parts: ["edges[1, 0] is 3", "expected 0 to 2"]) { $0.edges[2] = 3 },
        Fault(status: .outOfRange, parts: ["edges[0, 1] is 4294967295"]) { $0.edges[1] = .max },
        Fault(status: .invalidNumber, parts: ["edge_patrol_seconds[1] is -1.0"]) { $0.patrolSeconds[1] = -1 },
        Fault(status: .invalidNumber, parts: ["edge_patrol_seconds[0] is inf"]) { $0.patrolSeconds[0] = .infinity },
        Fault(status: .invalidNumber, parts: ["edge_patrol_seconds[0] is 2e+09, expected 0 to 1e9"]) {
            $0.patrolSeconds[0] = 2e9
        },
        Fault(status: .invalidNumber, parts: ["edge_emergency_seconds[0] is nan"]) { $0.emergencySeconds?[0] = .nan },
        Fault(status: .invalidArgument, parts: ["edge_emergency_seconds has 1"]) { $0.emergencySeconds?.removeLast() },
        Fault(status: .outOfRange, parts: ["node_beats[2] is -2", "-1 to 4095"]) { $0.beats?[2] = -2 },
        Fault(status: .outOfRange, parts: ["node_beats[0] is 4096"]) { $0.beats?[0] = 4096 },
        Fault(status: .invalidArgument, parts: ["node_beats has 2"]) { $0.beats?.removeLast() },
        Fault(status: .outOfRange, parts: ["node_groups[1] is 256", "0 to 255"]) { $0.groups?[1] = 256 },
        Fault(status: .outOfRange, parts: ["node_groups[1] is -1"]) { $0.groups?[1] = -1 },
        Fault(status: .invalidNumber, parts: ["category_service_seconds[0] is 0.0", "above 0"]) {
            $0.serviceSeconds = [0]
        },
        Fault(status: .invalidArgument, parts: ["category_service_seconds has 0"]) { $0.serviceSeconds = [] },
        Fault(status: .invalidNumber, parts: ["category_weights[0] is -1.0"]) { $0.weights = [-1] },
        Fault(status: .invalidArgument, parts: ["demand_nodes has 1"]) { $0.demandNodes?.removeLast() },
        Fault(status: .outOfRange, parts: ["demand_nodes[1] is 7"]) { $0.demandNodes?[1] = 7 },
        Fault(status: .invalidId, parts: ["demand_nodes[1] is 2", "demand_nodes[0]"]) { $0.demandNodes?[1] = 2 },
        Fault(status: .invalidArgument, parts: ["demand_calls_per_hour has 1 values, expected 2"]) {
            $0.demand.removeLast()
        },
        Fault(status: .invalidNumber, parts: ["demand_calls_per_hour[1] is -0.5"]) { $0.demand[1] = -0.5 },
        Fault(status: .invalidNumber, parts: ["demand_calls_per_hour[0] is nan"]) { $0.demand[0] = .nan },
        Fault(status: .outOfRange, parts: ["patrol_locations[1] is 3"]) { $0.locations[1] = 3 },
        Fault(status: .invalidId, parts: ["patrol_locations[1] is 0"]) { $0.locations[1] = 0 },
    ]

    @Test(arguments: faults) func everyFaultIsNamed(fault: Fault) throws {
        var city = Self.city()
        fault.change(&city)
        do {
            _ = try city.area(points: fault.points, spacing: fault.spacing)
            Issue.record("the area was accepted")
        } catch let error as PatrolError {
            #expect(error.status == fault.status)
            for part in fault.parts { #expect(error.message.contains(part), "\(error.message)") }
        }
    }

    @Test func theLimitsThemselvesAreAccepted() throws {
        var city = Self.city()
        city.coordinates = [180, 90, -180, -90, 0, 0]
        city.beats = [4095, -1, 0]
        city.groups = [255, 0, 0]
        city.patrolSeconds = [0, 1e9]
        let area = try city.area(points: 4096)
        #expect(area.beatCount == 4096 && area.groupCount == 256)
        #expect(area.homewardSeconds.count == 4096 * 2)
    }
}
