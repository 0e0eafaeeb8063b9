import Foundation
import PatrolModel
import TestSupport
import Testing

@Suite struct NodeIndexTests {
    static func city(_ system: CoordinateSystem, _ coordinates: [Double]) -> City {
        var city = City(nodeCount: coordinates.count / 2)
        city.coordinateSystem = system
        city.coordinates = coordinates
        return city
    }

    @Test func planarNodesMatchBruteForceWithinTheAreaAndFarOutside() throws {
        var random = RandomNumbers(seed: 7)
        // Places on a coarse raster: many coincide, and many queries lie between equally near ones.
        let places = (0..<800).map { _ in Double(random.below(20)) * 50 }
        let area = try Self.city(.planar, places).area()
        for round in 0..<600 {
            let reach = round % 3 == 2 ? 1e6 : 1200.0
            let x = (random.uniform() - 0.1) * reach
            let y = round % 2 == 0 ? Double(random.below(40)) * 25 : (random.uniform() - 0.1) * reach
            let squares = (0..<400).map { node in
                let (dx, dy) = (x - places[2 * node], y - places[2 * node + 1])
                return dx * dx + dy * dy
            }
            let found = try #require(area.nearestNode(x: x, y: y))
            #expect(found.node == squares.indices.min { squares[$0] < squares[$1] })
            #expect(found.metres == Float(squares.min()!.squareRoot()))
        }
    }

    @Test func geographicDistancesAgreeWithTheHaversine() throws {
        var random = RandomNumbers(seed: 8)
        let places = (0..<300).flatMap { _ in [-74.02 + random.uniform() * 0.1, 40.7 + random.uniform() * 0.17] }
        let area = try Self.city(.geographic, places).area()
        for _ in 0..<200 {
            let (x, y) = (-74.05 + random.uniform() * 0.15, 40.65 + random.uniform() * 0.25)
            let metres = (0..<300).map { Self.haversine(x, y, places[2 * $0], places[2 * $0 + 1]) }
            let found = try #require(area.nearestNode(x: x, y: y))
            #expect(abs(metres[found.node] - metres.min()!) < 0.002 * metres.min()! + 0.01)
            #expect(abs(Double(found.metres) - metres[found.node]) < 0.002 * metres[found.node] + 0.01)
        }
    }

    @Test func areasMayLieAcrossThe180thMeridian() throws {
        let area = try Self.city(.geographic, [179.99, -17, -179.99, -17, 179.5, -17]).area()
        #expect(area.nearestNode(x: 179.999, y: -17)?.node == 0)
        #expect(area.nearestNode(x: -179.999, y: -17)?.node == 1)
        #expect(area.nearestNode(x: -179.9, y: -17)?.node == 1)
    }

    @Test func numbersOfAnySizeAreAnswered() throws {
        let planar = try Self.city(.planar, [0, 0, 10, 0, 10, 0]).area()
        #expect(planar.nearestNode(x: 9, y: 0)?.node == 1)
        #expect(planar.nearestNode(x: 1e300, y: -1e300)?.metres == .infinity)
        #expect(planar.nearestNode(x: .greatestFiniteMagnitude, y: 0)?.node == 0)
        #expect(planar.nearestNode(x: .nan, y: 0)?.node == 0)
        #expect(planar.nearestNode(x: 1e12, y: 0)?.node == 1)
        let pole = try Self.city(.geographic, [0, 90, 90, 90]).area()
        #expect(pole.nearestNode(x: 45, y: 89.99)?.node == 0)
        #expect(try City(nodeCount: 1).area().nearestNode(x: 0, y: 0) == nil)
    }

    static func haversine(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> Double {
        let rad = Double.pi / 180
        let h =
            pow(sin((y2 - y1) * rad / 2), 2) + cos(y1 * rad) * cos(y2 * rad) * pow(sin((x2 - x1) * rad / 2), 2)
        return 2 * 6_371_008.8 * asin(h.squareRoot())
    }
}
