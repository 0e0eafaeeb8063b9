import PatrolModel
import PatrolTraining
import Testing

@Suite struct ReplayMemoryTests {
    static func filled(_ capacity: Int, _ range: Range<Int>) throws -> ReplayMemory {
        let memory = try ReplayMemory(
            DecisionForm(width: 2, maximumCandidates: 2), capacity: capacity)
        for k in range {
            let value = Float(k)
            memory.append(
                rows: [0, 0, value, -value], candidates: 2, chosen: 1, reward: 10 * value, discount: 0.5,
                nextRows: [value, 1, value, 2], nextCandidates: k % 3)
        }
        return memory
    }

    @Test func theOldestGivesWay() throws {
        let memory = try Self.filled(3, 0..<5)
        #expect(memory.count == 3 && memory.next == 2)
        let kept = (0..<3).map { memory[$0] }
        #expect(kept.map(\.reward) == [30, 40, 20])
        #expect(kept.map { $0.rows[2 * $0.chosen + 1] } == [-3, -4, -2])
        #expect(kept.map(\.nextCandidates) == [0, 1, 2])
        #expect(kept.map(\.discount) == [0, 0.5, 0.5])
        #expect(kept[2].nextRows[3] == 2)
    }

    @Test func anotherMemoryIsAppendedInOrder() throws {
        let memory = try Self.filled(4, 0..<3)
        memory.append(try Self.filled(2, 10..<15))
        #expect((0..<4).map { memory[$0].reward } == [140, 10, 20, 130])
        #expect(memory.count == 4 && memory.next == 1)
        memory.append(try Self.filled(5, 7..<9))
        #expect((0..<4).map { memory[$0].reward } == [140, 70, 80, 130])
        memory.clear()
        #expect(memory.count == 0 && memory.next == 0)
    }
}
