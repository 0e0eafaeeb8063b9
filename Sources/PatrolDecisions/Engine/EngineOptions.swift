import PatrolModel

/// Patrol policies by name; `Policies.md` of this module gives their sources.
public enum PatrolPolicyKind: Int32, CaseIterable, Sendable {
    case learned, stay, randomWalk, demandWalk, fixedPosts, complianceTable, marginalCoverage, dmexclp,
        backupCoverage

    public var name: StaticString {
        switch self {
        case .learned: "learned"
        case .stay: "stay"
        case .randomWalk: "random_walk"
        case .demandWalk: "demand_walk"
        case .fixedPosts: "fixed_posts"
        case .complianceTable: "compliance_table"
        case .marginalCoverage: "marginal_coverage"
        case .dmexclp: "dmexclp"
        case .backupCoverage: "backup_coverage"
        }
    }
}

/// Dispatch policies by name; `Policies.md` of this module gives their sources.
public enum DispatchPolicyKind: Int32, CaseIterable, Sendable {
    case learned, closestFirstCome, priorityClosest, ownBeatFirst, minimumWeightedTravel, weightedIndex

    public var name: StaticString {
        switch self {
        case .learned: "learned"
        case .closestFirstCome: "closest_fcfs"
        case .priorityClosest: "priority_closest"
        case .ownBeatFirst: "own_beat_first"
        case .minimumWeightedTravel: "minimum_weighted_travel"
        case .weightedIndex: "weighted_index"
        }
    }

    /// Whether its decision is a program's optimum rather than made call by call.
    package var isProgram: Bool { self == .learned || self == .minimumWeightedTravel }
}

/// A department's dispatch rules. They bind the learned policy and the heuristics alike.
public struct DispatchRules: Sendable {
    /// Calls of this priority or more urgent are never held while an eligible unit is free; 0: no such rule.
    public var neverHoldPriority: Int32 = 1
    /// A unit serves a call only if every more urgent call it could serve is served too, or held by rule.
    public var strictPriority = true
    /// Longest hold in seconds, by priority (index 0 is priority 1).
    public var longestHold = SIMD8<Float>(0, 600, 1200, 1800, 1800, 1800, 1800, 1800)
    public var maximumTravelSeconds = Float.infinity
    public var shiftEndMargin: Float = 0
    /// A unit takes only calls that it reaches so long before its shift ends.
    public var arrivesBeforeShiftEnd = false
    /// Seconds added to the travel of a unit from another beat; infinite: such a unit is not eligible.
    public var ownBeatPenalty: Float = 0
    /// Free units that must stay in each home beat when a call could be held.
    public var reservePerBeat = 0
    /// Price of each unit below the reserve, in weighted seconds; infinite: never below.
    public var reservePrice = Float.infinity
    /// Bit 8(p − 1) + (q − 1): a unit on its way to a call of priority p may be diverted to one of priority q.
    public var preemption: UInt64 = 0
    /// A call waits for a busy unit that is expected there before every free one, so much of the way from its expected arrival to
    /// a late one counted; infinite: no call does.
    public var planMargin = Float.infinity

    public init() {}

    public func mayDivert(from p: Int32, to q: Int32) -> Bool { preemption >> UInt64(8 * (p - 1) + (q - 1)) & 1 == 1 }

    /// Whether a unit on its way to a call of priority p may be diverted at all.
    public func mayDivert(from p: Int32) -> Bool { preemption >> UInt64(8 * (p - 1)) & 0xFF != 0 }

    /// Whether the rules forbid holding this call while an eligible unit is free.
    public func forbidsHolding(_ call: Incident) -> Bool {
        call.priority <= neverHoldPriority || call.secondsWaited >= longestHold[Int(call.priority) - 1]
    }
}

public struct EngineOptions: Sendable {
    /// A unit patrols its home beat only (the setting of arXiv 2409.02246).
    public var homeBeatPatrol = false
    public var patrolPolicy = PatrolPolicyKind.marginalCoverage
    public var dispatchPolicy = DispatchPolicyKind.minimumWeightedTravel
    public var seed: UInt64 = 0
    public var staySeconds: Float = 60
    /// A unit keeps its target unless another place's value is higher by more than this.
    public var keepTargetGain: Float = 0.01
    /// A free unit whose position is older gets no patrol move and no call.
    public var stalePositionSeconds = Float.infinity
    /// Coordinates farther than this from every node are outside the area.
    public var maximumSnapMetres: Float = 5000
    public var rules = DispatchRules()
    /// Per second.
    public var discountRate: Float = 2.52e-4
    /// p-median posts are computed for fleets of 1 … this many units.
    public var complianceRows = 64

    public init() {}
}

extension EngineOptions {
    /// Every option in the order of declaration.
    func combine(into hash: inout ContentHash) {
        hash.combine(homeBeatPatrol ? 1 : 0 as UInt32)
        hash.combine(UInt32(bitPattern: patrolPolicy.rawValue))
        hash.combine(UInt32(bitPattern: dispatchPolicy.rawValue))
        hash.combine(seed)
        hash.combine(staySeconds)
        hash.combine(keepTargetGain)
        hash.combine(stalePositionSeconds)
        hash.combine(maximumSnapMetres)
        hash.combine(UInt32(bitPattern: rules.neverHoldPriority))
        hash.combine(rules.strictPriority ? 1 : 0 as UInt32)
        for priority in 0..<Incident.priorities { hash.combine(rules.longestHold[priority]) }
        hash.combine(rules.maximumTravelSeconds)
        hash.combine(rules.shiftEndMargin)
        hash.combine(rules.ownBeatPenalty)
        hash.combine(UInt32(truncatingIfNeeded: rules.reservePerBeat))
        hash.combine(rules.reservePrice)
        hash.combine(rules.preemption)
        hash.combine(discountRate)
        hash.combine(count: complianceRows)
        // What came after version 0.1 counts only where it is used: engines without it keep their hashes.
        if rules.arrivesBeforeShiftEnd { hash.combine(0x5348_4654 as UInt32) }
        if rules.planMargin < .infinity {
            hash.combine(0x504C_414E as UInt32)
            hash.combine(rules.planMargin)
        }
    }
}
