import PatrolModel
import PatrolNetworks
import TestSupport
import Testing

@testable import PatrolDecisions

/// Each rule by a case small enough to see the answer, for the exact policy and the heuristics alike.
@Suite struct DispatchRuleTests {
    static let policies = DispatchPolicyKind.allCases.filter { $0 != .learned }

    @Test(arguments: policies) func everyUnitServesAtMostOneCallAndTheNearestGoes(_ policy: DispatchPolicyKind) throws {
        let session = try session(policy)
        session.begin()
        for node in [0, 5, 35] { session.add(unit: node) }
        session.add(call: 6)
        session.add(call: 34)
        #expect(try session.dispatched() == [0, nil, 1])
        #expect(session.dispatch.assignments[0].seconds == 60)
        #expect(session.dispatch.assignments[0].nextNode == 6)
    }

    @Test(arguments: policies) func capabilitiesReachAndShiftsExcludePairs(_ policy: DispatchPolicyKind) throws {
        let session = try session(policy) {
            $0.maximumTravelSeconds = 240
            $0.shiftEndMargin = 600
        }
        session.begin()
        session.add(unit: 1) { $0.capabilities = 0b01 }
        session.add(unit: 2) {
            $0.capabilities = 0b11; $0.secondsUntilShiftEnd = 500
        }
        session.add(unit: 3) { $0.capabilities = 0b11 }
        session.add(unit: 35) { $0.capabilities = 0b11 }
        session.add(call: 0) {
            $0.requiredCapabilities = 0b10; $0.unitsRequired = 3; $0.unitsMissing = 3
        }
        #expect(try session.dispatched() == [nil, nil, 0, nil])
        #expect(session.dispatch.missing[0] == 2 && session.dispatch.reasons[0] == .unitsTaken)
    }

    @Test(arguments: policies) func slotsThatNeedACapabilityAreKeptForUnitsThatHaveIt(_ policy: DispatchPolicyKind)
        throws
    {
        let session = try session(policy)
        session.begin()
        for node in [1, 2, 3] { session.add(unit: node) }
        session.add(unit: 30) { $0.capabilities = 4 }
        session.add(call: 0) {
            $0.unitsRequired = 3
            $0.unitsMissing = 3
            $0.needs.0.capabilities = 4
            $0.needs.0.missing = 1
        }
        #expect(try session.dispatched() == [0, 0, nil, 0])
        session.begin()
        for node in [1, 2, 3] { session.add(unit: node) }
        session.add(call: 0) {
            $0.unitsRequired = 2
            $0.unitsMissing = 2
            $0.needs.0.capabilities = 4
            $0.needs.0.missing = 1
        }
        #expect(try session.dispatched() == [0, nil, nil])
        #expect(session.dispatch.missing[0] == 1 && session.dispatch.reasons[0] == .noEligibleUnit)
    }

    @Test(arguments: policies) func allOrNoneWaitsForAllItsUnits(_ policy: DispatchPolicyKind) throws {
        for units in [2, 3] {
            let session = try session(policy)
            session.begin()
            for node in 0..<units { session.add(unit: node) }
            session.add(call: 8) {
                $0.allOrNone = true; $0.unitsRequired = 3; $0.unitsMissing = 3
            }
            let answer = try session.dispatched()
            #expect(answer == [Int?](repeating: units == 3 ? 0 : nil, count: units))
            if units == 2 { #expect(session.dispatch.reasons[0] == .allOrNone) }
        }
    }

    @Test(arguments: policies) func theUrgentCallComesFirst(_ policy: DispatchPolicyKind) throws {
        // One unit: the older, nearer, less urgent call must wait.
        let session = try session(policy)
        session.begin()
        session.add(unit: 1)
        session.add(call: 0, priority: 3) { $0.secondsWaited = 500 }
        session.add(call: 35, priority: 2)
        #expect(try session.dispatched() == [1])
        #expect(session.dispatch.reasons[0] == .unitsTaken)
    }

    /// In single precision the smallest weight is 0 once it is divided by seconds.
    @Test(arguments: policies) func theNearestUnitServesACallOfTheSmallestWeight(_ policy: DispatchPolicyKind) throws {
        let session = try session(policy)
        session.begin()
        for node in [5, 0] { session.add(unit: node) }
        session.add(call: 6) { $0.weight = .leastNonzeroMagnitude }
        #expect(try session.dispatched() == [nil, 0])
        #expect(session.dispatch.missing[0] == 0)
    }

    /// The product of a call's weight and its group's may be 0 in single precision.
    @Test(arguments: policies) func anUrgentCallWhoseWeightIsRoundedToZeroIsServed(_ policy: DispatchPolicyKind) throws
    {
        let session = try session(policy)
        session.begin()
        session.add(unit: 0)
        session.add(call: 6, priority: 1) { $0.weight = 0 }
        #expect(try session.dispatched() == [0])
    }

    @Test(arguments: policies) func aReserveStaysInItsBeatUnlessTheCallIsProtected(_ policy: DispatchPolicyKind) throws
    {
        for (priority, expected) in [(2, nil), (1, 0)] as [(Int32, Int?)] {
            let session = try session(policy) { $0.reservePerBeat = 1 }
            session.begin()
            session.add(unit: 0) { $0.homeBeat = 0 }
            session.add(call: 1, priority: priority)
            #expect(try session.dispatched() == [expected])
            if expected == nil { #expect(session.dispatch.reasons[0] == .reserve) }
        }
    }

    @Test(arguments: policies) func otherBeatsAreExcludedOrPenalized(_ policy: DispatchPolicyKind) throws {
        for (penalty, expected) in [(0, [0, nil]), (600, [nil, 0]), (Float.infinity, [nil, 0])] as [(Float, [Int?])] {
            let session = try session(policy) { $0.ownBeatPenalty = penalty }
            session.begin()
            session.add(unit: 3) { $0.homeBeat = 1 }
            session.add(unit: 0) { $0.homeBeat = 0 }
            session.add(call: 2)
            let answer = try session.dispatched()
            #expect(answer == (policy == .ownBeatFirst ? [nil, 0] : expected), "penalty \(penalty)")
        }
    }

    @Test func onlyTheProgramDivertsAndOnlyWhereItMay() throws {
        for allowed in [false, true] {
            let session = try session(.minimumWeightedTravel) { $0.preemption = allowed ? 1 << 16 : 0 }  // 3 → 1
            session.begin()
            session.add(unit: 0) {
                $0.status = .enRoute; $0.incident = 0
            }
            session.add(call: 35, priority: 3) { $0.unitsMissing = 0 }
            session.add(call: 1, priority: 1)
            session.add(call: 2, priority: 2)
            #expect(try session.dispatched() == [allowed ? 1 : nil])
            if allowed {
                #expect(session.dispatch.assignments[0].divertedFrom == 0)
                #expect(session.dispatch.missing[0] == 1, "the diverted call waits again")
            }
        }
    }

    @Test func holdingIsForbiddenToUrgentAndLongWaitingCalls() throws {
        // A value that would rather hold: a free unit is worth more than any call.
        let skip = try Buffer<Double>(count: 64, repeating: 0)
        skip[54] = 1000
        let none = try Buffer<Double>(count: 0, repeating: 0)
        let value = try ValueNetwork(
            skip: skip, constant: 0, hidden: none, hiddenBias: none, output: none, normalization: nil)
        let policy = TrainedPolicy(patrol: nil, pair: nil, value: value)
        var options = EngineOptions()
        options.dispatchPolicy = .learned
        let session = try City(side: 6, seed: 1).area().session(options, policy: policy)
        for (priority, waited, expected) in [(2, 0, nil), (1, 0, 0), (2, 599, nil), (2, 600, 0)]
            as [(Int32, Float, Int?)]
        {
            session.begin()
            session.add(unit: 0)
            session.add(call: 1, priority: priority) { $0.secondsWaited = waited }
            #expect(try session.dispatched() == [expected], "priority \(priority), waited \(waited)")
            if expected == nil { #expect(session.dispatch.reasons[0] == .held) }
        }
    }
}
