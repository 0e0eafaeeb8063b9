import PatrolModel
import PatrolTraining
import Testing

@Suite struct ReplayMemoryTests {
    @Test func theOldestGivesWay() throws {
        let memory = try ReplayMemory(capacity: 3, width: 2, maximumCandidates: 2)
        for k in 0..<5 {
            let value = Float(k)
            memory.append(
                chosen: [value, -value], reward: 10 * value, discount: 0.5, candidates: [value, 1, value, 2],
                candidateCount: k % 3)
        }
        #expect(memory.count == 3 && memory.next == 2)
        let kept = (0..<3).map { memory[$0] }
        #expect(kept.map(\.reward) == [30, 40, 20])
        #expect(kept.map { $0.chosen[1] } == [-3, -4, -2])
        #expect(kept.map(\.candidateCount) == [0, 1, 2])
        #expect(kept.map(\.discount) == [0, 0.5, 0.5])
        #expect(kept[2].candidates[3] == 2)
    }
}
