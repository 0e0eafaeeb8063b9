import PatrolDecisions
import PatrolModel
import TestSupport
import Testing

/// Options from a Swift program are refused with the sentences that the C interface gives.
@Suite struct EngineOptionsChecksTests {
    typealias Change = @Sendable (inout EngineOptions) -> Void

    static let faults: [(Status, String, Change)] = [
        (.invalidNumber, "stay_seconds is 0.0, expected above 0 and at most 1e9", { $0.staySeconds = 0 }),
        (.invalidNumber, "keep_target_gain is -1.0, expected 0 to 1e9", { $0.keepTargetGain = -1 }),
        (
            .invalidNumber, "stale_position_seconds is nan, expected 0 to 1e9, or infinity",
            { $0.stalePositionSeconds = .nan }
        ),
        (.invalidNumber, "maximum_snap_metres is -2.0, expected 0 or more", { $0.maximumSnapMetres = -2 }),
        (.invalidNumber, "discount_rate is inf, expected 0 to 1e9", { $0.discountRate = .infinity }),
        (.invalidArgument, "compliance_rows is 0, expected 1 to 512", { $0.complianceRows = 0 }),
        (.invalidArgument, "compliance_rows is 513", { $0.complianceRows = 513 }),
        (.invalidArgument, "never_hold_priority is 9, expected 0 to 8", { $0.rules.neverHoldPriority = 9 }),
        (.invalidNumber, "longest_hold_seconds[3] is nan", { $0.rules.longestHold[3] = .nan }),
        (.invalidNumber, "maximum_travel_seconds is -0.5", { $0.rules.maximumTravelSeconds = -0.5 }),
        (.invalidNumber, "shift_end_margin_seconds is inf", { $0.rules.shiftEndMargin = .infinity }),
        (.invalidNumber, "own_beat_penalty_seconds is nan", { $0.rules.ownBeatPenalty = .nan }),
        (.invalidArgument, "reserve_per_beat is 4097, expected 0 to 4096", { $0.rules.reservePerBeat = 4097 }),
        (.invalidArgument, "reserve_per_beat is -1", { $0.rules.reservePerBeat = -1 }),
        (.invalidNumber, "reserve_price is nan", { $0.rules.reservePrice = .nan }),
    ]

    @Test(arguments: faults.indices) func everyFaultIsNamed(k: Int) throws {
        let (status, sentence, change) = Self.faults[k]
        var options = EngineOptions()
        change(&options)
        try refused(status, sentence, options)
    }

    @Test func travelLimitsAreChecked() throws {
        for (limits, status, sentence) in [
            ([60, -1], .invalidNumber, "hold_travel_seconds[1] is -1.0, expected 0 to 1e9, or infinity"),
            (
                [60, 90, 60, 30], .invalidNumber,
                "hold_travel_seconds[3] is 30.0, expected no less than in the row before, 90.0"
            ),
            ([60, 90, 60], .invalidArgument, "hold_travel_seconds has 3 values, expected rows of 2"),
            ([Float](repeating: 1, count: 130), .invalidArgument, "hold_rows is 65, expected 0 to 64"),
        ] as [([Float], Status, String)] {
            try refused(status, sentence, holdTravelSeconds: limits)
        }
    }

    @Test func groupWeightsAreChecked() throws {
        try refused(.invalidNumber, "group_weights[1] is 0.0, expected above 0 and at most 1e9", groupWeights: [1, 0])
        try refused(.mismatch, "group_weights has 1 values, the area has 2 groups", groupWeights: [1])
    }

    private func refused(
        _ status: Status, _ sentence: String, _ options: EngineOptions = EngineOptions(), groupWeights: [Float]? = nil,
        holdTravelSeconds: [Float]? = nil
    ) throws {
        let area = try City(side: 3, seed: 1).area()
        let weights = groupWeights ?? [1, 1], limits = holdTravelSeconds ?? []
        let error = #expect(throws: PatrolError.self) {
            try weights.withUnsafeBufferPointer { weights in
                try limits.withUnsafeBufferPointer { limits in
                    _ = try DecisionEngine(
                        area: area, policy: nil, options: options, groupWeights: weights, holdTravelSeconds: limits)
                }
            }
        }
        #expect(error?.status == status)
        #expect(error?.message.hasPrefix(sentence) == true, "\(error?.message ?? "")")
    }
}
