import PatrolModel
import TestSupport
import Testing

@Suite struct TravelFactorsTests {
    @Test func theHourOfDepartureGivesTheFactors() throws {
        var city = City(side: 3, seed: 1, emergencyRatio: 0.5)
        city.setFactors(0..<1, patrol: 3, emergency: 2)
        city.setFactors(167..<168, patrol: 0.5, emergency: 0.25)
        let area = try city.area()
        for (time, factors) in [
            (0, (3, 2, 1 as Float / 3)), (3599.999, (3, 2, 1 as Float / 3)), (3600, (1, 1, 0.5)),
            (604_799.9, (0.5, 0.25, 0.25)), (604_800, (3, 2, 1 as Float / 3)), (1e12, (1, 1, 0.5)),
            (-1, (3, 2, 1 as Float / 3)), (Double.nan, (3, 2, 1 as Float / 3)), (.infinity, (3, 2, 1 as Float / 3)),
        ] as [(Double, (Float, Float, Float))] {
            let found = area.travelFactors(at: time)
            #expect((found.patrol, found.emergency) == (factors.0, factors.1), "at \(time)")
            #expect(abs(found.emergencyRatio - factors.2) < 1e-7, "at \(time)")
            #expect(found[.patrol] == found.patrol && found[.emergency] == found.emergency)
        }
        #expect(area.travelVaries)
    }

    @Test func anAreaWithoutFactorsHasThoseOfOne() throws {
        var city = City(side: 3, seed: 1, emergencyRatio: 0.7)
        let without = try city.area()
        city.setFactors(patrol: 1, emergency: 1)
        let with = try city.area()
        for area in [without, with] {
            for hour in 0..<TravelFactors.hours {
                let factors = area.travelFactors[hour]
                #expect((factors.patrol, factors.emergency, factors.emergencyRatio) == (1, 1, without.emergencyRatio))
            }
            #expect(!area.travelVaries)
        }
        city.setFactors(patrol: 2, emergency: 3)
        #expect(try !city.area().travelVaries)
    }

    /// The area's own tables are before factors: nothing but the answer to "when?" changes.
    @Test func tablesAreBeforeFactors() throws {
        var random = RandomNumbers(seed: 3)
        var city = City(grid: 6, random: &random)
        let before = try city.area(points: 9, spacing: 20)
        city.setFactors(patrol: 2, emergency: 3)
        let after = try city.area(points: 9, spacing: 20)
        for node in 0..<Int32(before.nodeCount) {
            let (row, sameRow) = (before.secondsToPoints(node), after.secondsToPoints(node))
            for point in 0..<before.pointCount { #expect(row[point] == sameRow[point]) }
        }
        #expect(before.locationSeconds.elements.elementsEqual(after.locationSeconds.elements))
        #expect(before.pointNodes.elements.elementsEqual(after.pointNodes.elements))
        #expect(before.emergencyRatio == after.emergencyRatio)
    }
}
