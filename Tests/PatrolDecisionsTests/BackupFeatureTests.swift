import PatrolModel
import PatrolNetworks
import TestSupport
import Testing

@testable import PatrolDecisions

/// The table `candidate/2` against its formulas (`Features.md`), in `Double`.
@Suite struct BackupFeatureTests {
    @Test(arguments: [0, 1, 2, 5]) func featuresFollowTheirFormulas(others: Int) throws {
        let session = try City(side: 6, seed: 40, emergencyRatio: 0.7).area().session()
        var random = RandomNumbers(seed: UInt64(others))
        session.begin()
        session.add(unit: 14)
        for k in 0..<others {
            session.add(unit: random.below(36)) {
                // Some head for a place, one is between two nodes.
                if k % 2 == 1 { $0.target = Int32(random.below(36)) }
                if k == 2 { $0.secondsToNode = 30 }
            }
        }
        session.snapshot.time = 7 * 3600
        let width = CandidateTable.widthWithBackup
        let rows = try Buffer<Float>(count: session.maximumCandidates * width, repeating: .nan)
        let narrow = try Buffer<Float>(count: session.maximumCandidates * CandidateTable.width, repeating: .nan)
        let count = try session.candidates(ofUnit: 0, features: rows.base, width: width).count
        let candidates = try session.candidates(ofUnit: 0, features: narrow.base)
        #expect(count == candidates.count && count > 3)

        let engine = session.engine
        let points = engine.area.pointCount
        let tau = Double(session.situation.postSeconds)
        let demand = engine.demand(hour: 7)
        /// Arrival times of the other units at a point, least first.
        func arrivals(_ v: Int) -> [Double] {
            var times = (0..<others).map { k in
                let unit = session.snapshot.units[1 + k]
                let node = unit.target >= 0 ? unit.target : unit.node
                let offset = unit.target >= 0 ? 0 : Double(engine.area.emergencyRatio * unit.secondsToNode)
                return min(6 * tau, offset + Double(engine.secondsToPoints(node)[v]))
            }
            times += [6 * tau, 6 * tau, 6 * tau]
            return times.sorted()
        }
        func gain(_ rank: Int, _ node: Int32) -> Double {
            (0..<points).reduce(0.0) { sum, v in
                sum + Double(demand[v]) * max(0, arrivals(v)[rank] - Double(engine.secondsToPoints(node)[v])) / tau
            }
        }
        let bestAnchor = (0..<engine.anchors.count).map { a in
            let node = engine.area.pointNodes[Int(engine.anchors[a])]
            return gain(0, node) + 0.25 * gain(1, node) + 0.0625 * gain(2, node)
        }.max()!
        for k in 0..<count {
            let row = (0..<width).map { rows[k * width + $0] }
            #expect(Array(row[..<28]) == (0..<28).map { narrow[k * 28 + $0] })
            let expected = [
                gain(1, candidates[k].node), gain(1, candidates[k].node) - gain(1, candidates[0].node),
                gain(2, candidates[k].node), gain(2, candidates[k].node) - gain(2, candidates[0].node), bestAnchor,
            ]
            for (feature, value) in expected.enumerated() { #expect(abs(Double(row[28 + feature]) - value) < 1e-4) }
        }
    }

    @Test func theHeuristicIsTheFeaturesWeightedSum() throws {
        var options = EngineOptions()
        options.patrolPolicy = .backupCoverage
        let session = try City(side: 6, seed: 42).area().session(options)
        session.begin()
        for node in [14, 3, 30, 33] { session.add(unit: node) }
        let width = CandidateTable.widthWithBackup
        let rows = try Buffer<Float>(count: session.maximumCandidates * width, repeating: 0)
        let candidates = try session.candidates(ofUnit: 0, features: rows.base, width: width)
        for k in 0..<candidates.count {
            let row = rows.base + k * width
            #expect(abs(candidates[k].value - (row[0] + 0.25 * row[28] + 0.0625 * row[30])) < 1e-6)
        }
    }

    /// A network of 33 inputs reads the wider table; of another width it is refused.
    @Test func theNetworksWidthSaysWhichTable() throws {
        let area = try City(side: 5, seed: 41).area()
        func engine(_ width: Int, _ feature: Int) throws -> DecisionEngine {
            let weights = try Buffer<Float>(count: width, repeating: 0)
            weights[feature] = 1
            let layer = DenseLayer(
                inputs: width, outputs: 1, weights: weights, bias: try Buffer(count: 1, repeating: 0))
            var options = EngineOptions()
            options.patrolPolicy = .learned
            return try DecisionEngine(
                area: area, policy: TrainedPolicy(patrol: try DenseNetwork(layers: [layer]), pair: nil, value: nil),
                options: options, groupWeights: nil)
        }
        let session = try DecisionSession(engine: try engine(33, 28), maximumUnits: 4, maximumIncidents: 1)
        session.begin()
        for node in [12, 3, 20] { session.add(unit: node) }
        let rows = try Buffer<Float>(count: session.maximumCandidates * 33, repeating: 0)
        let candidates = try session.candidates(ofUnit: 0, features: rows.base, width: 33)
        for k in 0..<candidates.count { #expect(candidates[k].value == rows[k * 33 + 28]) }
        #expect(rows[28] > 0)
        #expect(throws: PatrolError.self) { _ = try engine(30, 0) }
    }
}
