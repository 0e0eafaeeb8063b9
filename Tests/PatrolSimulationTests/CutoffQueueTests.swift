import PatrolDecisions
import PatrolModel
import PatrolSimulation
import TestSupport
import Testing

/// Limits on holding of 0 and infinity, without travel, are cutoff priorities (Schaack & Larson 1986): urgent calls are served
/// while a unit is free, others only while more than `cutoff` are. The queue has room for `room` calls of both kinds.
struct CutoffQueueTests {
    static let units = 3
    static let room = 6
    static let service = 600.0
    /// Calls in a mean service, urgent and other.
    static let offered = [1.1, 1.0]

    /// Stationary mean wait of urgent and of other calls, seconds, and the share of calls lost, by the chain's own equations.
    private func theory(cutoff: Int) -> (waits: [Double], lost: Double) {
        struct State: Hashable { var busy = 0, urgent = 0, other = 0 }
        let (units, room, offered) = (CutoffQueueTests.units, CutoffQueueTests.room, CutoffQueueTests.offered)
        func moves(_ s: State) -> [(State, Double)] {
            var (urgentCame, otherCame, cleared) = (s, s, s)
            if s.busy < units { urgentCame.busy += 1 } else if s.urgent + s.other < room { urgentCame.urgent += 1 }
            if units - s.busy > cutoff {
                otherCame.busy += 1
            } else if s.urgent + s.other < room {
                otherCame.other += 1
            }
            if s.urgent > 0 {
                cleared.urgent -= 1
            } else if s.other > 0 && units - s.busy + 1 > cutoff {
                cleared.other -= 1
            } else {
                cleared.busy -= 1
            }
            return [(urgentCame, offered[0]), (otherCame, offered[1]), (cleared, Double(s.busy))]
        }
        let speed = offered[0] + offered[1] + Double(units)
        var shares = [State(): 1.0]
        for _ in 0..<300 {
            var next: [State: Double] = [:]
            for (state, share) in shares {
                var stays = 1.0
                for (target, rate) in moves(state) where rate > 0 {
                    next[target, default: 0] += share * rate / speed
                    stays -= rate / speed
                }
                next[state, default: 0] += share * stays
            }
            shares = next
        }
        let queues = shares.reduce(into: [0.0, 0.0]) {
            $0[0] += $1.value * Double($1.key.urgent)
            $0[1] += $1.value * Double($1.key.other)
        }
        func full(_ s: State, _ free: Int) -> Bool { units - s.busy <= free && s.urgent + s.other == room }
        let lost = [0, cutoff].map { free in shares.reduce(0) { $0 + (full($1.key, free) ? $1.value : 0) } }
        let waits = (0..<2).map { queues[$0] / (offered[$0] * (1 - lost[$0])) * CutoffQueueTests.service }
        return (waits, (offered[0] * lost[0] + offered[1] * lost[1]) / (offered[0] + offered[1]))
    }

    @Test(arguments: 0..<3) func waitsAndLossAreThoseOfTheory(cutoff: Int) throws {
        var city = City(callsPerHour: 0)
        city.serviceSeconds = [Float](repeating: Float(CutoffQueueTests.service), count: 2)
        city.weights = [1, 1]
        city.demand = CutoffQueueTests.offered.map { Float($0 / CutoffQueueTests.service * 3600) }
        let area = try city.area()
        let scenario = try scenario(area, units: CutoffQueueTests.units) {
            $0.queueCapacity = CutoffQueueTests.room
            $0.warmUp = 12 * 3600
            for category in 0..<2 { $0.categories[category].priority = Int32(category + 1) }
        }
        var options = EngineOptions()
        options.patrolPolicy = .stay
        options.dispatchPolicy = .priorityClosest
        options.staySeconds = 1e6
        options.rules.longestHold = SIMD8(repeating: .infinity)
        let limits = (1...3).flatMap { free in [.infinity, free > cutoff ? .infinity : 0] as [Float] }
        let engine = try limits.withUnsafeBufferPointer {
            try DecisionEngine(area: area, policy: nil, options: options, groupWeights: nil, holdTravelSeconds: $0)
        }
        let simulator = try Simulator(try Scenario(area: area, scenario: scenario), engine: engine, seed: 0)
        var samples: [[Double]] = [[], [], []]
        for seed in 0..<20 {
            simulator.restart(seed: UInt64(seed))
            try simulator.run(until: 120 * 3600)
            let metrics = try simulator.metrics()
            for category in 0..<2 { samples[category].append(metrics.byCategory[category].mean) }
            samples[2].append(Double(metrics.lost) / Double(metrics.calls))
        }
        let expected = theory(cutoff: cutoff)
        for (values, expected) in zip(samples, expected.waits + [expected.lost]) {
            let mean = values.reduce(0, +) / 20
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 19
            let halfWidth = 3.6 * (variance / 20).squareRoot()
            #expect(abs(mean - expected) <= halfWidth, "\(mean), expected \(expected)")
            #expect(halfWidth < max(0.35 * expected, 0.01))
        }
    }
}
