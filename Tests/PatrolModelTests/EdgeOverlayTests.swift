import Testing
@testable import PatrolModel

@Suite struct EdgeOverlayTests {
    @Test func overlaysGrowOnDemandAndRefuseBeyond() throws {
        let overlay = try EdgeOverlay(capacity: 0)
        while overlay.count < overlay.capacity {
            _ = try overlay.insert(from: overlay.count, to: 0, patrolSeconds: 1, emergencySeconds: 1)
        }
        #expect(throws: PatrolError.self) {
            _ = try overlay.insert(from: 99, to: 0, patrolSeconds: 1, emergencySeconds: 1)
        }
        try overlay.reset(capacity: 1000)
        for from in 0..<1000 {
            #expect(try overlay.insert(from: from, to: 7, patrolSeconds: Float(from), emergencySeconds: 0))
        }
        #expect(try !overlay.insert(from: 600, to: 7, patrolSeconds: 1, emergencySeconds: 1))
        #expect(overlay.table?.milliseconds(from: 600, to: 7, mode: .patrol, usual: 5) == 600_000)
        #expect(overlay.table?.milliseconds(from: 7, to: 600, mode: .patrol, usual: 5) == 5)
    }

    @Test func theSameChangesInAnotherOrderAreEqual() throws {
        let (a, b) = (try EdgeOverlay(capacity: 3), try EdgeOverlay(capacity: 50))
        for k in 0..<3 {
            _ = try a.insert(from: k, to: 9, patrolSeconds: Float(k), emergencySeconds: .infinity)
            #expect(!(a == b))
            _ = try b.insert(from: 2 - k, to: 9, patrolSeconds: Float(2 - k), emergencySeconds: .infinity)
        }
        #expect(a == b && b == a)
        try b.reset(capacity: 3)
        #expect(!(a == b))
        for k in 0..<3 {
            _ = try b.insert(from: k, to: 9, patrolSeconds: Float(k), emergencySeconds: k == 1 ? 4 : .infinity)
        }
        #expect(!(a == b))
        try b.copy(a)
        #expect(a == b)
    }
}
