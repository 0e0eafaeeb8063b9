import PatrolModel
import TestSupport
import Testing

@Suite struct ContentHashTests {
    /// Computed apart from the library, from the definition at `ContentHash`.
    @Test func theHashNeverChanges() throws {
        #expect(try AreaChecksTests.city().area().contentHash == 0xF950_F857_99CB_9F1E)
    }

    @Test func statedDefaultsHashLikeMissingArrays() throws {
        var missing = AreaChecksTests.city()
        (missing.emergencySeconds, missing.beats, missing.groups, missing.weights) = (nil, nil, nil, nil)
        missing.demandNodes = nil
        var stated = missing
        stated.emergencySeconds = stated.patrolSeconds
        stated.beats = [-1, -1, -1]
        stated.groups = [0, 0, 0]
        stated.weights = [1]
        stated.demandNodes = [0, 1]
        stated.setFactors(patrol: 1, emergency: 1)
        #expect(try missing.area().contentHash == stated.area().contentHash)
    }

    static let changes: [@Sendable (inout City) -> Void] = [
        { $0.coordinates?[3] = 40.100001 }, { $0.edges[1] = 2 }, { $0.patrolSeconds[0] = 10.5 },
        { $0.emergencySeconds?[1] = 9 }, { $0.beats?[2] = 0 }, { $0.groups?[0] = 1 }, { $0.weights = [3] },
        { $0.serviceSeconds = [901] }, { $0.demandNodes = [0, 2] }, { $0.demand[1] = 0.5 },
        { $0.locations = [0, 2] }, { $0.locations = [] },
        { ($0.demandNodeCount, $0.demandNodes, $0.demand) = (0, nil, []) },
        { $0.coordinateSystem = .planar }, { $0.setFactors(3..<4, patrol: 2, emergency: 1) },
        { $0.setFactors(3..<4, patrol: 1, emergency: 2) }, { $0.setFactors(4..<5, patrol: 1, emergency: 2) },
    ]

    @Test func everyArrayAndOptionMatters() throws {
        let city = AreaChecksTests.city()
        var hashes: Set<UInt64> = [
            try city.area().contentHash, try city.area(points: 255).contentHash, try city.area(spacing: 91).contentHash,
        ]
        for change in Self.changes {
            var other = city
            change(&other)
            hashes.insert(try other.area().contentHash)
        }
        #expect(hashes.count == 3 + Self.changes.count)
    }
}
