import PatrolModel
import Testing

@testable import PatrolSimulation

struct UnitSetTests {
    @Test(arguments: [1, 63, 64, 65, 200]) func itHoldsWhatASetHolds(units: Int) throws {
        var random = RandomNumbers(seed: UInt64(units))
        let (set, other) = (try UnitSet(units: units), try UnitSet(units: units))
        var expected: Set<Int> = []
        for _ in 0..<500 {
            let (u, isMember) = (random.below(units), random.uniform() < 0.5)
            set.set(u, isMember)
            if isMember { expected.insert(u) } else { expected.remove(u) }
            #expect(set.count == expected.count && set.contains(u) == isMember)
        }
        var listed: [Int] = []
        set.forEach { listed.append($0) }
        #expect(listed == expected.sorted())
        #expect(set.contains { $0 == listed.last } == !listed.isEmpty && !set.contains { $0 == units })
        other.copy(set)
        set.forEach { set.set($0, false) }
        #expect(set.count == 0 && other.count == expected.count)
        other.fill()
        #expect(other.count == units && !other.contains { $0 >= units })
        other.clear()
        #expect(other.count == 0 && !other.contains { _ in true })
    }
}
