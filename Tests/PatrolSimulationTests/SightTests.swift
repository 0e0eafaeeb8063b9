import PatrolDecisions
import PatrolModel
import TestSupport
import Testing

@testable import PatrolSimulation

/// Heuristics are shown what has changed, and one call for one unit is decided without a program: a fleet decides as it does
/// where every decision is about a whole snapshot.
@Suite struct SightTests {
    private static let policies: [(PatrolPolicyKind, DispatchPolicyKind)] = [
        (.marginalCoverage, .minimumWeightedTravel), (.backupCoverage, .priorityClosest),
        (.stay, .closestFirstCome), (.marginalCoverage, .ownBeatFirst), (.backupCoverage, .weightedIndex),
    ]

    /// Rules by which a decision about one call differs.
    enum Rules: CaseIterable { case usual, penalty, ownBeat, shifts, reserve }

    private func model() throws -> Scenario {
        let area = try City(side: 9, callsPerHour: 90).area(points: 40, spacing: 25)
        return try Scenario(
            area: area,
            scenario: try scenario(area, units: 70) {
                $0.queueCapacity = 8
                $0.compliance = 0.9
                $0.outOfService.ratePerHour = 0.03
                $0.selfInitiated.ratesPerHour[0] = 0.2
                $0.categories[1].requiredCapabilities = 2
                let shifts = (0..<140).map { k in
                    let (hour, ends) = (Float(2 * (k / 70)), Float(k % 4) / 4)
                    return Shift(unit: Int32(k % 70), start: hour, end: hour + 1 + ends)
                }
                $0.shifts = try Buffer(shifts, or: shifts[0])
                for u in 0..<70 {
                    $0.units[u].id = UInt64(500 - u)
                    $0.units[u].capabilities = UInt64(u % 4)
                    $0.units[u].homeBeat = Int32(u % 3) - 1
                }
            })
    }

    private func change(_ options: inout EngineOptions, _ rules: Rules) {
        switch rules {
        case .usual: break
        case .penalty: options.rules.ownBeatPenalty = 40
        case .ownBeat: options.rules.ownBeatPenalty = .infinity
        case .shifts: (options.rules.shiftEndMargin, options.rules.arrivesBeforeShiftEnd) = (1200, true)
        case .reserve: options.rules.reservePerBeat = 5
        }
    }

    /// Every event of a run in which the snapshot is looked at before every so many-th decision.
    private func events(_ simulator: Simulator, lookingEvery step: Int) throws -> [Bits] {
        var (decisions, events) = (0, [Bits]())
        while try simulator.stepToDecision(until: 3 * 3600) != .none {
            decisions += 1
            if step > 0 && decisions % step == 0 { #expect(simulator.session.snapshot.time == simulator.now) }
            try simulator.decide()
            while let event = simulator.events?.next() { events.append(Bits(event)) }
        }
        return events
    }

    @Test(arguments: Rules.allCases) func aFleetDecidesTheSameHoweverMuchIsShown(rules: Rules) throws {
        let model = try model()
        for (patrol, dispatch) in SightTests.policies {
            let engine = try engine(model.area, patrol, dispatch) { change(&$0, rules) }
            let simulator = try Simulator(model, engine: engine, seed: 3, events: try EventRing(capacity: 1 << 14))
            let whole = try events(simulator, lookingEvery: 1)
            #expect(whole.count > 3000)
            for step in [0, 5] {
                simulator.restart(seed: 3)
                #expect(try events(simulator, lookingEvery: step) == whole, "\(patrol), \(dispatch), \(step)")
            }
        }
    }

    /// A copy has seen nothing of what its original was shown.
    @Test func aCopyGoesOnAsItsOriginal() throws {
        let model = try model()
        let engine = try engine(model.area, .marginalCoverage, .minimumWeightedTravel)
        let simulator = try Simulator(model, engine: engine, seed: 4, events: try EventRing(capacity: 1 << 14))
        let other = try Simulator(model, engine: engine, seed: 9, events: try EventRing(capacity: 1 << 14))
        try simulator.run(until: 2000)
        try other.run(until: 5000)
        try other.copy(simulator)
        for simulator in [simulator, other] { while simulator.events?.next() != nil {} }
        let rest = try events(simulator, lookingEvery: 0)
        #expect(try events(other, lookingEvery: 0) == rest && rest.count > 2000)
    }
}
