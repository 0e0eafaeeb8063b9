import PatrolModel
import PatrolSimulation
import Testing

@testable import PatrolTraining

/// When a phase counts as better: only what validation shows, however often it is looked at.
@Suite struct AcceptanceTests {
    private let test = AcceptanceTest(first: 256, limit: 4096)

    /// Normal differences with a mean and a deviation, until the test has decided.
    private func decide(
        _ test: AcceptanceTest, mean: Double, deviation: Double, _ random: inout RandomNumbers
    ) -> (accepted: Bool, replications: Int) {
        var comparison = PairedComparison()
        while true {
            let look = test.look(after: comparison.count)
            while comparison.count < look {
                var normal = -6.0
                for _ in 0..<12 { normal += random.uniform() }
                comparison.add(1, 1 + mean + deviation * normal)
            }
            switch test.verdict(comparison, done: look) {
            case .accepted: return (true, look)
            case .rejected: return (false, look)
            case .undecided: continue
            }
        }
    }

    @Test func looksAreTwiceAsFarEachTime() {
        var looks = [0]
        while test.look(after: looks.last!) > looks.last! { looks.append(test.look(after: looks.last!)) }
        #expect(looks == [0, 256, 512, 1024, 2048, 4096] && test.error == 0.01)
        #expect(test.look(after: 300) == 512)
        let three = AcceptanceTest(first: 100, limit: 250)
        #expect([three.look(after: 100), three.look(after: 200), three.look(after: 250)] == [200, 250, 250])
        #expect(abs(three.error - 0.05 / 3) < 1e-15)
        for limit in [0, 5, 100] { #expect(AcceptanceTest(first: 100, limit: limit).look(after: 100) == 100) }
        #expect(AcceptanceTest(first: 100, limit: 0).error == 0.05)
    }

    /// Differences with exactly this mean and half the 95 % interval.
    private func exact(_ mean: Double, halfWidth: Double, _ count: Int) -> PairedComparison {
        let scale = halfWidth / studentQuantile(error: 0.05, degrees: count - 1) * Double(count - 1).squareRoot()
        var comparison = PairedComparison()
        for k in 0..<count { comparison.add(100, 100 + mean + (k % 2 == 0 ? scale : -scale)) }
        return comparison
    }

    @Test func onlyWhatIsShownIsAccepted() {
        #expect(test.verdict(exact(-0.20, halfWidth: 1.53, 256), done: 256) == .undecided)
        #expect(test.verdict(exact(-0.20, halfWidth: 0.60, 4096), done: 4096) == .rejected)
        #expect(test.verdict(exact(0.01, halfWidth: 1.53, 256), done: 256) == .rejected)
        #expect(test.verdict(exact(-3.0, halfWidth: 1.0, 256), done: 256) == .accepted)
        // Below zero at 95 %, not at the level that five looks leave.
        #expect(test.verdict(exact(-1.1, halfWidth: 1.0, 256), done: 256) == .undecided)
        #expect(test.verdict(exact(-1.1, halfWidth: 1.0, 256), done: 4096) == .rejected)
        #expect(AcceptanceTest(first: 256, limit: 0).verdict(exact(-1.1, halfWidth: 1.0, 256), done: 256) == .accepted)
        #expect(test.verdict(PairedComparison(), done: 256) == .rejected)
    }

    /// Looking again and again takes nothing policies that gain nothing; small gains are found with more replications.
    @Test func repeatedLooksAreHonest() {
        var random = RandomNumbers(seed: 5)
        let quick = AcceptanceTest(first: 32, limit: 512)
        var accepted = 0
        for _ in 0..<1200 where decide(quick, mean: 0, deviation: 1, &random).accepted { accepted += 1 }
        #expect(accepted <= 30, "2.5 % of 1200")
        #expect(accepted > 2)
        var (found, later) = (0, 0)
        for _ in 0..<200 {
            let decision = decide(quick, mean: -0.25, deviation: 1, &random)
            if decision.accepted { found += 1 }
            if decision.accepted && decision.replications > 32 { later += 1 }
        }
        #expect(found > 165 && later > 100)
    }

    /// Validations that are no whole periods begin in all hours; others when the scenario says.
    @Test func validationsBeginInAllHours() throws {
        let area = try gridArea(side: 3, callsPerHour: 5)
        func task(_ change: (inout ScenarioArrays) throws -> Void) throws -> TrainingTask {
            var scenario = try ScenarioArrays(area: area, unitCount: 2)
            try change(&scenario)
            return TrainingTask(try Scenario(area: area, scenario: scenario), engine: try freeEngine(area))
        }
        let day = 24.0 * 3600
        let always = try task { _ in }
        let daily = try task { $0.selfInitiated.ratesPerHour = try Buffer(count: 24, repeating: 0.1) }
        let weekly = try task { $0.selfInitiated.ratesPerHour = try Buffer(count: 168, repeating: 0.1) }
        let stormy = try task {
            $0.selfInitiated.ratesPerHour = try Buffer(count: 168, repeating: 0.1)
            $0.storms = try Buffer(count: 1, repeating: Storm(start: 0, end: 3600, multiplier: 2))
        }
        func begins(_ task: TrainingTask, _ seconds: Double) -> Set<Double> {
            Set((0..<400).map { task.delay(ofRun: $0, seconds: seconds) / 3600 })
        }
        #expect(begins(always, 5000) == [0] && begins(stormy, day) == [0])
        #expect(begins(daily, day) == [0] && begins(daily, 2 * day) == [0] && begins(weekly, 7 * day) == [0])
        #expect(begins(daily, day / 2) == Set((0..<24).map(Double.init)))
        #expect(begins(weekly, day) == Set((0..<168).map(Double.init)))
        let week = Set((0..<7).map { Int(weekly.delay(ofRun: $0, seconds: day) / day) })
        #expect(week.count >= 5, "the first few runs are spread over the week")
    }
}
