import PatrolModel
import PatrolSimulation
import TestSupport
import Testing

/// Calls come as often, from where and for as long as the area and the scenario say.
struct CallStreamTests {
    private func calls(_ model: Scenario, seed: UInt64, until end: Double) -> [Call] {
        var stream = CallStream(model, seed: seed)
        var calls: [Call] = []
        while true {
            let call = stream.next()
            guard call.time < end else { return calls }
            calls.append(call)
        }
    }

    /// Poisson counts are within 4.5 standard deviations of their means.
    private func expectPoisson(_ count: Int, _ mean: Double, _ comment: Comment) {
        #expect(abs(Double(count) - mean) <= 4.5 * mean.squareRoot() + 0.5, comment)
    }

    @Test func countsFollowTheHourTheNodeAndTheCategory() throws {
        var random = RandomNumbers(seed: 1)
        let city = City(random: &random)
        let area = try city.area()
        let model = try Scenario(area: area, scenario: try scenario(area, units: 1) { $0.rateScale = 2 })
        let days = 60
        let calls = calls(model, seed: 4, until: Double(days) * 86_400)
        var counts = [Int](repeating: 0, count: city.demand.count)
        for k in calls.indices {
            let call = calls[k]
            counts[(Int(call.node) * 3 + Int(call.category)) * 24 + Int(call.time / 3600) % 24] += 1
            #expect(call.group == city.groups![Int(call.node)])
            #expect(k == 0 || calls[k - 1].time <= call.time)
            #expect(call.number == UInt64(k))
        }
        // Σ (N − m)² / m over Poisson counts has mean 1 and variance 2 + 1/m a cell.
        var (sum, mean, variance) = (0.0, 0.0, 0.0)
        for cell in counts.indices {
            let expected = 2 * Double(city.demand[cell]) * Double(days)
            guard expected > 0 else {
                #expect(counts[cell] == 0)
                continue
            }
            let difference = Double(counts[cell]) - expected
            sum += difference * difference / expected
            mean += 1
            variance += 2 + 1 / expected
        }
        #expect(abs(sum - mean) < 4.5 * variance.squareRoot())
        for hour in 0..<24 {
            let cells = stride(from: hour, to: counts.count, by: 24)
            let mean = cells.map { 2 * Double(city.demand[$0]) }.reduce(0, +) * Double(days)
            expectPoisson(cells.map { counts[$0] }.reduce(0, +), mean, "hour \(hour)")
        }
    }

    @Test func stormsMultiplyRates() throws {
        let area = try City(callsPerHour: 30).area()
        let storms = [
            Storm(start: 1800, end: 9000, multiplier: 4), Storm(start: 7200, end: 10_000, multiplier: 0.5),
            Storm(start: 20_000, end: 30_000, multiplier: 0),
        ]
        let model = try Scenario(
            area: area,
            scenario: try scenario(area, units: 1) {
                $0.storms = try Buffer(storms, or: storms[0])
            })
        // From, to, rate per second.
        let pieces: [(Double, Double, Double)] = [
            (0, 1800, 30), (1800, 7200, 120), (7200, 9000, 60), (9000, 10_000, 15), (10_000, 20_000, 30),
            (20_000, 30_000, 0), (30_000, 40_000, 30),
        ]
        var counts = [Int](repeating: 0, count: pieces.count)
        for seed in 0..<40 {
            for call in calls(model, seed: UInt64(seed), until: 40_000) {
                counts[pieces.firstIndex { $0.0 <= call.time && call.time < $0.1 }!] += 1
            }
        }
        for (count, piece) in zip(counts, pieces) {
            expectPoisson(count, 40 * piece.2 / 3600 * (piece.1 - piece.0), "\(piece)")
        }
    }

    @Test func rareAndAbsentDemandComesToAnEnd() throws {
        let rare = try City(callsPerHour: 1e-7).area()
        var stream = CallStream(try Scenario(area: rare, scenario: try scenario(rare, units: 1)), seed: 1)
        let first = stream.next().time
        #expect(first > 1e6 && first < 1e12)
        let none = try City(callsPerHour: 0).area()
        stream = CallStream(try Scenario(area: none, scenario: try scenario(none, units: 1)), seed: 1)
        #expect(stream.next().time == .infinity)
    }

    /// Storms that last for ages are passed in whole periods.
    @Test func longStormsCostNothing() throws {
        let area = try City(callsPerHour: 1).area()
        func first(_ storms: [Storm]) throws -> Double {
            var stream = CallStream(
                try Scenario(
                    area: area,
                    scenario: try scenario(area, units: 1) {
                        $0.storms = try Buffer(storms, or: storms[0])
                    }), seed: 1)
            return stream.next().time
        }
        let usual = try first([Storm(start: 0, end: 1, multiplier: 1)])
        #expect(try first([Storm(start: 0, end: 1e12, multiplier: 0)]) == .infinity)
        #expect(abs(try first([Storm(start: 0, end: 9e11, multiplier: 0)]) - 9e11 - usual) < 1)
        let slow = try first([Storm(start: 0, end: 1e12, multiplier: 1e-7)])
        #expect(abs(slow / usual / 1e7 - 1) < 1e-9)
        let twice = try first([
            Storm(start: 0, end: 1e12, multiplier: 1e-4), Storm(start: 5, end: 2e11, multiplier: 1e-3),
        ])
        #expect(abs(twice / usual / 1e7 - 1) < 1e-6)
    }

    @Test(arguments: [
        ServiceTime(.exponential, mean: 900), ServiceTime(.logNormal, mean: 1200, variation: 0.4),
        ServiceTime(.logNormal, mean: 1200, variation: 2), ServiceTime(.gamma, mean: 700, variation: 0.3),
        ServiceTime(.gamma, mean: 700, variation: 1.7), ServiceTime(.gamma, mean: 700, variation: 0),
    ])
    func serviceTimesHaveTheirMeanAndVariation(service: ServiceTime) throws {
        let variation = service.variation
        let area = try City(callsPerHour: 3600).area()
        let model = try Scenario(
            area: area, scenario: try scenario(area, units: 1) { $0.categories[0].service = service })
        let times = calls(model, seed: 9, until: 40_000).map(\.serviceSeconds)
        let n = Double(times.count)
        let mean = times.reduce(0, +) / n
        let deviation = (times.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / n).squareRoot()
        #expect(times.allSatisfy { $0 >= 0 && $0.isFinite })
        #expect(abs(mean - service.mean) <= 4.5 * variation * service.mean / n.squareRoot() + 1e-9)
        // Heavy tails: the sample's deviation is a poorer estimate.
        #expect(abs(deviation / service.mean - variation) <= 0.02 * variation + 0.06 * variation * variation)
    }

    @Test func empiricalTimesAreTheSamples() throws {
        let area = try City(callsPerHour: 3600).area()
        let model = try Scenario(
            area: area,
            scenario: try scenario(area, units: 1) {
                $0.serviceSamples = try Buffer([5, 100, 200, 600], or: 0)
                $0.categories[0].service = ServiceTime(.empirical, mean: 0)
                $0.categories[0].service.firstSample = 1
                $0.categories[0].service.sampleCount = 3
            })
        let times = calls(model, seed: 2, until: 7200).map(\.serviceSeconds)
        for value in [100.0, 200, 600] {
            let count = times.filter { $0 == value }.count
            #expect(abs(Double(count) - Double(times.count) / 3) < 150)
        }
        #expect(Set(times) == [100, 200, 600])
    }

    @Test func aLogIsReplayedAsItIs() throws {
        let area = try City(side: 4, callsPerHour: 0).area()
        let entries: [(time: Double, node: Int32, category: Int32, service: Float)] = [
            (50, 3, 0, 10), (200, 5, 1, .nan), (200, 6, 1, 30), (900, 0, 0, 40),
        ]
        let model = try Scenario(
            area: area, scenario: try scenario(area, units: 1) { $0.start = 100 }, log: try log(entries))
        let replayed = calls(model, seed: 1, until: 1e9)
        #expect(replayed.map(\.time) == [200, 200, 900])
        #expect(replayed.map(\.node) == [5, 6, 0])
        #expect(replayed.map(\.priority) == [2, 2, 1])
        #expect(replayed.dropFirst().map(\.serviceSeconds) == [30, 40])
        #expect(replayed[0].serviceSeconds > 0)
    }
}
