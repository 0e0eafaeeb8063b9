import PatrolDecisions
import PatrolModel
import PatrolSimulation
import TestSupport
import Testing

struct MetricsTests {
    /// Quantiles, means and shares against the events themselves.
    @Test func summariesAgreeWithTheEvents() throws {
        let area = try City(side: 6, edgeSeconds: 73, callsPerHour: 6).area()
        let scenario = try scenario(area, units: 4) {
            $0.queueCapacity = 3
            $0.warmUp = 2 * 3600
            $0.responseTargets = SIMD8(repeating: 240)
        }
        let model = try Scenario(area: area, scenario: scenario)
        let engine = try engine(area, .randomWalk, .closestFirstCome)
        let end = 72.0 * 3600
        let events = try trace(model, engine, seed: 2, until: end)
        let simulator = try Simulator(model, engine: engine, seed: 2)
        try simulator.run(until: end)
        let metrics = try simulator.metrics()

        var came: [UInt64: (time: Double, node: Int32)] = [:]
        for event in events where event.kind == .callCame && event.time >= 7200 {
            came[event.call] = (event.time, event.node)
        }
        let reached = events.filter { $0.kind == .callReached && came[$0.call] != nil }
        let responses = reached.map { $0.time - came[$0.call]!.time }.sorted()
        #expect(metrics.calls == came.count && metrics.response.reached == responses.count)
        let mean = responses.reduce(0, +) / Double(responses.count)
        #expect(abs(metrics.response.mean - mean) < 1e-6)
        for (p, value) in [(0.5, metrics.response.median), (0.9, metrics.response.p90), (0.95, metrics.response.p95)] {
            let exact = responses[Int((p * Double(responses.count)).rounded(.up)) - 1]
            #expect(abs(value - exact) <= 0.0026 * exact, "\(p): \(value), expected \(exact)")
        }
        let within = responses.filter { $0 <= 240 }.count
        #expect(abs(metrics.response.withinTarget - Double(within) / Double(came.count)) < 1e-12)
        for beat in 0..<2 {
            let calls = came.filter { area.beats[Int($0.value.node)] == Int32(beat) }
            #expect(metrics.byBeat[beat].calls == calls.count)
            let times = reached.filter { calls[$0.call] != nil }.map { $0.time - calls[$0.call]!.time }
            let mean = times.reduce(0, +) / Double(times.count)
            #expect(abs(metrics.byBeat[beat].mean - mean) < 1e-6)
        }
        let lost = events.filter { $0.kind == .callLost && came[$0.call] != nil }.count
        #expect(lost > 0 && metrics.lost == lost)
        let sent = events.filter { $0.kind == .unitSent && $0.time >= 7200 }
        let abroad = sent.filter { event in
            area.beats[Int(event.node)] != scenario.units[Int(event.unit)].homeBeat
        }.count
        #expect(metrics.dispatches == sent.count)
        #expect(abs(metrics.acrossBeats - Double(abroad) / Double(sent.count)) < 1e-12)
        let groups = metrics.byGroup.elements.map(\.chargedMean)
        #expect(abs(metrics.equityDifference - abs(groups[0] - groups[1])) < 1e-9)
        let ratio = max(groups[0] / groups[1], groups[1] / groups[0])
        #expect(abs(metrics.equityRatio - ratio) < 1e-9)
        let shares = metrics.units.elements.map(\.utilization).sorted()
        var gini = 0.0
        for k in shares.indices { gini += Double(2 * k - 3) * shares[k] }
        gini /= 4 * shares.reduce(0, +)
        #expect(abs(metrics.utilizationGini - gini) < 1e-9)
    }

    /// What decisions weigh groups with is no part of what is measured.
    @Test func costIsTheScenariosNotTheEngines() throws {
        let area = try City(side: 4, callsPerHour: 3).area()
        let model = try Scenario(area: area, scenario: try scenario(area, units: 2))
        func cost(_ groupWeights: [Float]?) throws -> (rate: Double, weight: Float) {
            let simulator = try Simulator(
                model, engine: try engine(area, .stay, .closestFirstCome, groupWeights: groupWeights), seed: 1)
            var weight: Float = 0
            while true {
                let due = try simulator.stepToDecision(until: 86_400)
                if due == .none { break }
                if due == .dispatch { weight = max(weight, simulator.session.snapshot.incidents[0].weight) }
                try simulator.decide()
            }
            return (try simulator.metrics().costRate, weight)
        }
        let (plain, weighted) = (try cost(nil), try cost([5, 5]))
        #expect(plain.rate == weighted.rate)
        #expect(5 * plain.weight == weighted.weight)
    }

    @Test func quantilesOfStudentAreThoseOfTheTables() {
        let table = [
            (0.05, 1, 12.706205), (0.05, 2, 4.302653), (0.05, 3, 3.182446), (0.05, 5, 2.570582), (0.05, 10, 2.228139),
            (0.05, 15, 2.131450), (0.05, 30, 2.042272), (0.05, 120, 1.979930), (0.05, 100_000, 1.959988),
            (0.01, 1, 63.656741), (0.01, 4, 4.604095), (0.01, 255, 2.595246), (0.001, 2, 31.599055),
            (0.001, 20, 3.849516),
            (0.5, 1, 1), (0.5, 30, 0.682756),
        ]
        for (error, degrees, quantile) in table {
            #expect(
                abs(studentQuantile(error: error, degrees: degrees) - quantile) < 1e-6 * quantile,
                "\(error), \(degrees)")
        }
        #expect(studentQuantile(error: 0.05, degrees: 0) == .infinity)
    }

    /// Calls by the hour in which they came and by shift, a unit's own shifts over midnight among them, against the events; and the
    /// events say of which priority and category each call is.
    @Test func hoursAndShiftsAgreeWithTheEvents() throws {
        let area = try City(side: 5, callsPerHour: 5).area()
        let scenario = try scenario(area, units: 3) {
            $0.warmUp = 3600
            $0.shifts = try Buffer(
                [
                    Shift(unit: 0, start: 22, end: 30), Shift(unit: 0, start: 54, end: 80),
                    Shift(unit: 1, start: 1.5, end: 167),
                ],
                or: Shift(unit: 0, start: 0, end: 1))
        }
        let model = try Scenario(area: area, scenario: scenario)
        #expect(model.shiftStarts == [1.5, 6, 22])
        let engine = try engine(area, .randomWalk, .closestFirstCome)
        let end = 60.0 * 3600
        let events = try trace(model, engine, seed: 4, until: end)
        let simulator = try Simulator(model, engine: engine, seed: 4)
        try simulator.run(until: end)
        var came: [UInt64: SimulationEvent] = [:]
        for event in events where event.kind == .callCame && event.time >= 3600 { came[event.call] = event }
        let reached = events.filter { $0.kind == .callReached && came[$0.call] != nil }
        func row(_ kind: CallClass, _ event: SimulationEvent) -> Int {
            let hour = (event.time / 3600).truncatingRemainder(dividingBy: 24)
            switch kind {
            case .priority: return Int(event.priority) - 1
            case .category: return Int(event.category)
            case .hour: return Int(hour)
            default: return hour < 1.5 || hour >= 22 ? 2 : hour < 6 ? 0 : 1
            }
        }
        for (kind, rows) in [(CallClass.priority, 8), (.category, 2), (.hour, 24), (.shift, 3)] {
            let responses = try simulator.responses(kind)
            #expect(responses.count == rows)
            for k in 0..<rows {
                let times = reached.filter { row(kind, came[$0.call]!) == k }.map { $0.time - came[$0.call]!.time }
                #expect(responses[k].calls == came.values.filter { row(kind, $0) == k }.count, "\(kind) \(k)")
                #expect(responses[k].reached == times.count)
                if !times.isEmpty { #expect(abs(responses[k].mean - times.reduce(0, +) / Double(times.count)) < 1e-6) }
            }
        }
        for event in events {
            #expect((event.call == SimulationEvent.noCall) == (event.priority == 0 && event.category == -1))
            if let call = came[event.call] {
                #expect((call.priority, call.category) == (event.priority, event.category))
            }
        }
    }

    /// 95 % intervals hold the true difference in 95 % of cases.
    @Test func pairedIntervalsHoldTheDifference() {
        var random = RandomNumbers(seed: 3)
        var held = 0
        for _ in 0..<4000 {
            var comparison = PairedComparison()
            for _ in 0..<8 {
                let common = 100 * random.uniform()
                var noise = -3.0
                for _ in 0..<6 { noise += random.uniform() }
                comparison.add(common, common + 2 + noise)
            }
            if abs(comparison.mean - 2) <= comparison.halfWidth { held += 1 }
        }
        #expect(held > 3740 && held < 3860)
        var two = PairedComparison()
        two.add(1, 2)
        #expect(two.halfWidth == .infinity && two.mean == 1)
        two.add(3, 6)
        #expect(two.mean == 2 && two.firstMean == 2 && abs(two.halfWidth - 12.706204736) < 1e-8)
    }

    @Test func rivalsAreComparedOnTheSameCalls() throws {
        let area = try City(side: 8, callsPerHour: 7).area()
        let model = try Scenario(
            area: area,
            scenario: try scenario(area, units: 5) {
                $0.queueCapacity = 10
                $0.warmUp = 3600
            })
        let walk = try Simulator(model, engine: try engine(area, .randomWalk, .closestFirstCome), seed: 0)
        let cover = try Simulator(model, engine: try engine(area, .marginalCoverage, .minimumWeightedTravel), seed: 0)
        var comparison = PairedComparison()
        for seed in 0..<12 {
            var rates: [Double] = []
            for simulator in [walk, cover] {
                simulator.restart(seed: UInt64(seed))
                try simulator.run(until: 13 * 3600)
                rates.append(try simulator.metrics().costRate)
            }
            comparison.add(rates[0], rates[1])
        }
        #expect(comparison.mean + comparison.halfWidth < 0)
    }
}
