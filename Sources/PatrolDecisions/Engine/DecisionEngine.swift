import CKernels
import PatrolModel
import PatrolNetworks

/// An area, trained networks and options, with the tables that decisions need. Immutable, shared by any number of threads.
public final class DecisionEngine: Sendable {
    public let area: ServiceArea
    public let policy: TrainedPolicy?
    public let options: EngineOptions
    /// Multiplier of the weight of calls, shape [groups].
    public let groupWeights: Buffer<Float>
    /// How far units go for calls that may be held, seconds, shape [rows, categories]; no rows: any distance.
    public let holdTravelSeconds: Buffer<Float>
    let holdRows: Int
    /// Weighted demand of each point, normalized, shape [period hours, points].
    let demand: Buffer<Float>
    /// The same from the mean over the period, shape [points].
    let meanDemand: Buffer<Float>
    /// Calls per hour, and hours of service they bring per hour, shape [period hours].
    let callRate: Buffer<Float>
    let serviceLoad: Buffer<Float>
    /// Mean weight and mean service seconds of a call.
    public let meanWeight: Float
    public let meanServiceSeconds: Float
    /// Of the options and group weights: with the hashes of area and policy, it says what an engine decides.
    public let optionsHash: UInt64
    let posts: MedianPosts
    /// Posts of each beat if units may only patrol their own; else none.
    let beatPosts: [MedianPosts]
    /// Demand points at which the state's features are taken.
    let anchors: Buffer<Int32>

    /// - Parameters:
    ///   - groupWeights: shape [groups], each finite and > 0; nil: 1.
    ///   - holdTravelSeconds: shape [rows, categories], each ≥ 0 or infinite and no less than in the row before; nil: none.
    /// - Throws: `invalidNumber`, `invalidArgument`; `mismatch` where policy, area and options do not fit together.
    public init(
        area: ServiceArea, policy: TrainedPolicy?, options: EngineOptions, groupWeights: UnsafeBufferPointer<Float>?,
        holdTravelSeconds: UnsafeBufferPointer<Float>? = nil
    ) throws(PatrolError) {
        try options.validate()
        if let holdTravelSeconds {
            try EngineOptions.validate(holdTravelSeconds: holdTravelSeconds, categories: area.categoryCount)
        }
        if let groupWeights {
            try check(
                groupWeights.count == area.groupCount, .mismatch,
                "group_weights has \(groupWeights.count) values, the area has \(area.groupCount) groups")
            for g in 0..<groupWeights.count { try checkPositive(groupWeights[g], "group_weights[\(g)]") }
        }
        try DecisionEngine.checkNetworks(policy, options, area)
        self.area = area
        self.policy = policy
        self.options = options
        let weights = try DecisionEngine.copy(groupWeights, count: area.groupCount)
        self.groupWeights = weights
        let limits = try DecisionEngine.copy(holdTravelSeconds, count: holdTravelSeconds?.count ?? 0)
        self.holdTravelSeconds = limits
        holdRows = limits.count / area.categoryCount
        optionsHash = DecisionEngine.hash(options, weights, limits)
        let demand = try DemandTables(area: area, groupWeights: weights)
        self.demand = demand.byHour
        meanDemand = demand.mean
        callRate = demand.callRate
        serviceLoad = demand.serviceLoad
        meanWeight = demand.meanWeight
        meanServiceSeconds = demand.meanServiceSeconds
        posts = try MedianPosts(
            area: area, demand: demand.mean.base, rows: max(options.complianceRows, StateTable.anchors))
        var beatPosts: [MedianPosts] = []
        for beat in 0..<(options.homeBeatPatrol ? area.beatCount : 0) {
            beatPosts.append(
                try MedianPosts(
                    area: area, demand: demand.mean.base, rows: options.complianceRows, beat: Int32(beat)))
        }
        self.beatPosts = beatPosts
        let anchorRow = posts.row(StateTable.anchors)
        anchors = try Buffer(count: anchorRow.count, repeating: 0)
        for a in 0..<anchorRow.count { anchors[a] = anchorRow[a] }
    }

    /// The same engine with other networks and policies; shares the tables. O(1).
    /// - Throws: `mismatch` if the policies need networks that are missing or do not fit.
    public init(
        _ other: DecisionEngine, policy: TrainedPolicy?, patrolPolicy: PatrolPolicyKind,
        dispatchPolicy: DispatchPolicyKind
    ) throws(PatrolError) {
        var options = other.options
        options.patrolPolicy = patrolPolicy
        options.dispatchPolicy = dispatchPolicy
        try DecisionEngine.checkNetworks(policy, options, other.area)
        area = other.area
        self.policy = policy
        self.options = options
        groupWeights = other.groupWeights
        holdTravelSeconds = other.holdTravelSeconds
        holdRows = other.holdRows
        optionsHash = DecisionEngine.hash(options, other.groupWeights, other.holdTravelSeconds)
        demand = other.demand
        meanDemand = other.meanDemand
        callRate = other.callRate
        serviceLoad = other.serviceLoad
        meanWeight = other.meanWeight
        meanServiceSeconds = other.meanServiceSeconds
        posts = other.posts
        beatPosts = other.beatPosts
        anchors = other.anchors
    }

    private static func hash(
        _ options: EngineOptions, _ groupWeights: Buffer<Float>, _ holdTravelSeconds: Buffer<Float>
    ) -> UInt64 {
        var hash = ContentHash()
        options.combine(into: &hash)
        hash.combine(groupWeights.elements)
        hash.combine(holdTravelSeconds.elements)
        return hash.value
    }

    private static func checkNetworks(
        _ policy: TrainedPolicy?, _ options: EngineOptions, _ area: ServiceArea
    ) throws(PatrolError) {
        if let policy { try checkFit(policy, area) }
        if options.patrolPolicy == .learned && policy?.patrol == nil {
            throw PatrolError(.mismatch, "patrol_policy is \"learned\", but the policy has no network \"patrol\"")
        }
        if options.dispatchPolicy == .learned && policy?.pair == nil && policy?.value == nil {
            throw PatrolError(
                .mismatch, "dispatch_policy is \"learned\", but the policy has no network \"pair\" or \"value\"")
        }
    }

    /// The numbers given, or `count` ones.
    @inline(never)
    private static func copy(_ given: UnsafeBufferPointer<Float>?, count: Int) throws(PatrolError) -> Buffer<Float> {
        let buffer = try Buffer<Float>(count: count, repeating: 1)
        if let given { for k in 0..<count { buffer[k] = given[k] } }
        return buffer
    }

    private static func checkFit(_ policy: TrainedPolicy, _ area: ServiceArea) throws(PatrolError) {
        if policy.requiredCategories != 0 && policy.requiredCategories != area.categoryCount {
            throw PatrolError(
                .mismatch,
                "the policy needs an area with \(policy.requiredCategories) categories, this one has \(area.categoryCount)"
            )
        }
        if policy.requiredArea != 0 && policy.requiredArea != area.contentHash {
            throw PatrolError(
                .mismatch, "the policy was made for another area: requires_area is not this area's content_hash")
        }
        if policy.patrol?.inputs != CandidateTable.widthWithBackup {
            try require(policy.patrol?.inputs, CandidateTable.width, "patrol", CandidateTable.name)
        }
        try require(policy.pair?.inputs, PairTable.width, "pair", PairTable.name)
        try require(policy.value?.inputCount, StateTable.width, "value", StateTable.name)
    }

    private static func require(
        _ inputs: Int?, _ width: Int, _ network: StaticString, _ table: StaticString
    ) throws(PatrolError) {
        guard let inputs, inputs != width else { return }
        throw PatrolError(.mismatch, "network \(network) has \(inputs) inputs, table \(table) has \(width) features")
    }

    /// Rows of the compliance table.
    var complianceRows: Int { min(options.complianceRows, posts.rows) }

    /// τ for n units on duty, at least 1 s: mean travel seconds from the nearest of n posts; beyond the table by the
    /// square-root law (Kolesar & Blum 1973).
    /// - Parameter factor: of emergency travel.
    public func postSeconds(units n: Int, factor: Float = 1) -> Float {
        let row = min(max(n, 1), complianceRows)
        let seconds = posts.meanSeconds[row - 1] * factor
        return max(1, n > row ? seconds * (Float(row) / Float(n)).squareRoot() : seconds)
    }

    /// Most candidates a patrol decision can have.
    public var maximumCandidates: Int { PatrolChoices.capacity(area) }

    func hour(at time: Double) -> Int { ServiceArea.hour(ofWeekAt: time, period: area.periodHours) }

    func demand(hour: Int) -> UnsafePointer<Float> { UnsafePointer(demand.base + hour * area.pointCount) }

    /// Offered load per unit, travel included, for n units and time scale τ.
    func load(hour: Int, units n: Int, postSeconds: Float) -> Float {
        (serviceLoad[hour] + callRate[hour] * postSeconds / 3600) / Float(max(n, 1))
    }

    /// Emergency travel seconds from a node to every demand point, before the factor of the hour.
    @inline(__always)
    func secondsToPoints(_ node: Int32) -> UnsafePointer<Float> { area.secondsToPoints(node) }
}
