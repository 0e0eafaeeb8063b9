import PatrolModel
import PatrolSimulation
import TestSupport
import Testing

/// Without travel and with exponential service the model is M/M/c/K: c units, room for K − c calls that wait.
struct QueueTheoryTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let units: Int
        let queue: Int
        let load: Double
        var testDescription: String { "c = \(units), queue \(queue), load \(load)" }
    }

    static let serviceSeconds = 600.0

    /// Mean and 99.9 % half width over replications of (mean wait, share lost, mean cost rate).
    private func simulate(_ queue: Case, replications: Int, hours: Double) throws -> [(mean: Double, halfWidth: Double)]
    {
        let rate = queue.load * Double(queue.units) / QueueTheoryTests.serviceSeconds
        let area = try City(callsPerHour: Float(rate * 3600), serviceSeconds: Float(QueueTheoryTests.serviceSeconds))
            .area()
        let scenario = try scenario(area, units: queue.units) {
            $0.queueCapacity = queue.queue
            $0.warmUp = 12 * 3600
            $0.overflowSeconds = 0
        }
        let engine = try engine(area) { $0.staySeconds = 1e6 }
        let simulator = try Simulator(try Scenario(area: area, scenario: scenario), engine: engine, seed: 0)
        var samples: [[Double]] = [[], [], []]
        for seed in 0..<replications {
            simulator.restart(seed: UInt64(1000 + seed))
            try simulator.run(until: hours * 3600)
            let metrics = try simulator.metrics()
            samples[0].append(metrics.response.mean)
            samples[1].append(Double(metrics.lost) / Double(metrics.calls))
            samples[2].append(metrics.costRate)
        }
        return samples.map { values in
            let n = Double(values.count)
            let mean = values.reduce(0, +) / n
            let variance = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / (n - 1)
            return (mean, 3.6 * (variance / n).squareRoot())
        }
    }

    /// Stationary mean wait of accepted calls and share of calls lost.
    private func theory(_ queue: Case) -> (wait: Double, lost: Double, waiting: Double) {
        let offered = queue.load * Double(queue.units)
        var weights = [1.0]
        for n in 1...(queue.units + queue.queue) {
            weights.append(weights[n - 1] * offered / Double(min(n, queue.units)))
        }
        let sum = weights.reduce(0, +)
        let lost = weights[weights.count - 1] / sum
        var waiting = 0.0
        for n in queue.units..<weights.count { waiting += Double(n - queue.units) * weights[n] / sum }
        let rate = offered / QueueTheoryTests.serviceSeconds
        return (waiting / (rate * (1 - lost)), lost, waiting)
    }

    @Test(arguments: [
        Case(units: 1, queue: 1000, load: 0.5), Case(units: 3, queue: 1000, load: 0.7),
        Case(units: 5, queue: 1000, load: 0.8),
        Case(units: 3, queue: 0, load: 0.9), Case(units: 2, queue: 3, load: 1.4), Case(units: 5, queue: 10, load: 1),
    ])
    func waitingAndLossAreThoseOfTheory(queue: Case) throws {
        let measured = try simulate(queue, replications: 20, hours: 120)
        let expected = theory(queue)
        #expect(abs(measured[0].mean - expected.wait) <= measured[0].halfWidth)
        #expect(abs(measured[1].mean - expected.lost) <= measured[1].halfWidth + 1e-12)
        // Little's law: the cost of weight 1 is the mean number of calls that wait.
        #expect(abs(measured[2].mean - expected.waiting) <= measured[2].halfWidth)
        #expect(measured[0].halfWidth < max(0.25 * expected.wait, 1e-9))
    }

    /// M/G/1 by Pollaczek and Khinchine: the wait depends on the service time's first two moments alone.
    @Test(arguments: [ServiceTime.Kind.logNormal, .gamma])
    func waitingFollowsTheServiceTimesVariation(kind: ServiceTime.Kind) throws {
        let load = 0.5
        let area = try City(callsPerHour: Float(load * 6), serviceSeconds: 600).area()
        let engine = try engine(area) { $0.staySeconds = 1e6 }
        for variation in [0.0, 0.5, 1.5] {
            let scenario = try scenario(area, units: 1) {
                $0.warmUp = 12 * 3600
                $0.categories[0].service = ServiceTime(kind, mean: 600, variation: variation)
            }
            let simulator = try Simulator(try Scenario(area: area, scenario: scenario), engine: engine, seed: 0)
            var waits: [Double] = []
            for seed in 0..<20 {
                simulator.restart(seed: UInt64(seed))
                try simulator.run(until: 200 * 3600)
                waits.append(try simulator.metrics().response.mean)
            }
            let mean = waits.reduce(0, +) / 20
            let deviation = (waits.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 19).squareRoot()
            let expected = load / (1 - load) * (1 + variation * variation) / 2 * 600
            #expect(abs(mean - expected) <= 3.6 * deviation / 20.0.squareRoot(), "\(mean), expected \(expected)")
        }
    }
}
