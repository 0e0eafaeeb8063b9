import CKernels
import PatrolModel
import PatrolNetworks

/// Why a unit goes where it goes. The raw values are those of `patrol.h`.
public enum MoveReason: Int32, Sendable, BitwiseCopyable {
    case policy = 0, keptTarget, returnToBeat, noChoice, notDue, notFree, stalePosition, leftOut, noTime
}

/// Where one unit patrols next.
public struct PatrolMove: BitwiseCopyable, Sendable {
    /// Node, and first node on the way; −1 where there is no decision, the present node for a stay.
    public var target: Int32 = -1
    public var nextNode: Int32 = -1
    public var travelSeconds: Float = 0
    public var dwellSeconds: Float = 0
    public var value: Float = 0
    /// Value less that of staying.
    public var gain: Float = 0
    public var reason = MoveReason.notFree
}

/// Patrol decisions for all free units of a snapshot.
///
/// Units decide one after the other in ascending id, and each sees the targets of the earlier ones: that alone
/// removes the redundant coverage that independent learners are known for.
final class PatrolPlanner {
    let situation: Situation
    let observation: CandidateObservation
    let choices: PatrolChoices
    let posts: PostAssignment
    var choiceSeed: UInt64 = 0
    private let features: Buffer<Float>
    private let values: Buffer<Float>
    private let scratch: NetworkScratch?
    /// What the decision about one unit takes, and what all share.
    private var oneDecision = ExpectedTime()
    private var preparation = ExpectedTime()

    init(situation: Situation, router: Router, _ memory: inout WorkingMemory) {
        self.situation = situation
        observation = CandidateObservation(situation: situation, needsBackup: situation.engine.seesBackup, &memory)
        choices = PatrolChoices(engine: situation.engine, router: router, &memory)
        posts = PostAssignment(situation: situation, &memory)
        let capacity = PatrolChoices.capacity(situation.engine.area)
        features = memory.buffer(count: capacity * CandidateTable.widthWithBackup, repeating: 0)
        values = memory.buffer(count: capacity, repeating: 0)
        if let network = situation.engine.policy?.patrol {
            scratch = NetworkScratch(for: network, maximumRows: capacity, &memory)
        } else {
            scratch = nil
        }
    }

    private var engine: DecisionEngine { situation.engine }
    private var policy: PatrolPolicyKind { situation.patrolPolicy }
    private var snapshot: Snapshot { situation.snapshot }

    /// Decides for units of the prepared situation.
    /// - Parameters:
    ///   - order: units in ascending id: all that decide, and with many of them all that are free.
    ///   - moves: shape [units]; those of units that are not listed are left as they are.
    ///   - most: about how many units is decided at most; the others have no time.
    ///   - isTimed: it is noted how long that took.
    func decide(
        _ order: UnsafeBufferPointer<Int32>, into moves: UnsafeMutablePointer<PatrolMove>,
        _ clock: CallClock = CallClock(), most: Int = .max, isTimed: Bool = true
    ) throws(PatrolError) {
        let start = isTimed ? kernels_monotonic_nanoseconds() : 0
        let isLearned = policy == .learned
        var clock = clock
        var left = try prepare(observing: isLearned, clock) ? most : 0
        if policy.observesOthers {
            observation.beginTurns(order, deciding: countDeciding(order))
        }
        defer { observation.endTurns() }
        let prepared = isTimed ? kernels_monotonic_nanoseconds() : 0
        if isTimed { preparation.note(prepared - start) }
        var decided: Int64 = 0
        for unit in order {
            let i = Int(unit)
            if let reason = reasonNotToDecide(i) {
                moves[i] = PatrolMove()
                moves[i].reason = reason
            } else {
                if isLearned ? clock.expired : clock.expired(after: situation.points) { left = 0 }
                if left == 0 {
                    moves[i] = PatrolMove()
                    moves[i].reason = .noTime
                    continue
                }
                (left, decided) = (left - 1, decided + 1)
                moves[i] = try move(of: i)
                if moves[i].target >= 0 { snapshot.units[i].target = moves[i].target }
            }
            if snapshot.units[i].status == .patrolling { observation.passTurn() }
        }
        if isTimed && decided > 0 { oneDecision.note((kernels_monotonic_nanoseconds() - prepared) / decided) }
    }

    /// What the moves of the given situation are expected to take, nanoseconds.
    var expectedNanoseconds: Int64 {
        let all = UnsafeBufferPointer(start: snapshot.unitOrder.base, count: snapshot.unitCount)
        return preparation.nanoseconds + oneDecision.nanoseconds * Int64(countDeciding(all))
    }

    private func countDeciding(_ order: UnsafeBufferPointer<Int32>) -> Int {
        var count = 0
        for i in order where reasonNotToDecide(Int(i)) == nil { count += 1 }
        return count
    }

    /// Why a unit is not decided about.
    @inline(__always)
    private func reasonNotToDecide(_ i: Int) -> MoveReason? {
        let unit = snapshot.units.base + i
        guard unit.pointee.status == .patrolling else { return .notFree }
        if unit.pointee.secondsToNode > 0 || unit.pointee.secondsUntilDue > 0 { return .notDue }
        return unit.pointee.positionAge > engine.options.stalePositionSeconds ? .stalePosition : nil
    }

    /// What units share in one snapshot. - Parameter observing: the features are wanted, whatever the policy.
    /// - Returns: false where the clock ended it first.
    @discardableResult
    func prepare(observing: Bool, _ clock: CallClock = CallClock()) throws(PatrolError) -> Bool {
        if clock.expired { return false }
        try choices.router.use(snapshot.overlay)
        if observing || policy == .demandWalk {
            observation.surroundings.prepare(situation)
        }
        if observing { observation.prepareFeatures() }
        if observing || policy == .fixedPosts || policy == .complianceTable || policy == .dmexclp {
            return assignPosts(clock)
        }
        return true
    }

    /// The policy's posts, or those of the observation where it has none.
    /// - Returns: false where the clock ended it first.
    @discardableResult
    private func assignPosts(_ clock: CallClock = CallClock()) -> Bool {
        switch policy {
        case .fixedPosts: posts.assign(forUnitsOnDuty: true, clock)
        case .complianceTable: posts.assign(forUnitsOnDuty: false, clock)
        case .dmexclp: posts.assignByExpectedCoverage(clock)
        default: posts.assignForTable(clock)
        }
    }

    func move(of i: Int) throws(PatrolError) -> PatrolMove {
        let unit = snapshot.units[i]
        var move = PatrolMove()
        if let reason = reasonNotToDecide(i) {
            move.reason = reason
            return move
        }
        try evaluate(i, listsAll: policy != .stay)
        let (chosen, reason) = choose(unit)
        let candidate = choices[chosen]
        move.target = candidate.node
        move.nextNode = choices.nextNode(chosen)
        move.travelSeconds = candidate.seconds
        move.dwellSeconds = candidate.node == unit.node ? engine.options.staySeconds : 0
        move.value = candidate.value
        move.gain = candidate.value - choices[0].value
        move.reason = reason
        return move
    }

    private func choose(_ unit: PatrolUnit) -> (index: Int, reason: MoveReason) {
        if choices.returnsToBeat { return (0, .returnToBeat) }
        if choices.count == 1 { return (0, .noChoice) }
        var best = 0
        for k in 1..<choices.count where choices[k].value > choices[best].value { best = k }
        if unit.target >= 0, unit.target != unit.node, let present = choices.index(of: unit.target),
            choices[best].value <= choices[present].value + engine.options.keepTargetGain
        {
            return (present, .keptTarget)
        }
        return (best, .policy)
    }

    /// Fills `choices` for a free unit, values included; writes the observation, of the table of that width, where `rows` is given.
    /// - Parameter listsAll: false: what the unit may do instead of staying is not read.
    /// - Returns: false where the clock ended it first.
    @discardableResult
    func evaluate(
        _ i: Int, features rows: UnsafeMutablePointer<Float>? = nil, width: Int = CandidateTable.width,
        listsAll: Bool = true, _ clock: CallClock = CallClock()
    ) throws(PatrolError) -> Bool {
        let unit = snapshot.units[i]
        choices.enumerate(
            unit, overlay: snapshot.overlay, factor: situation.factors.patrol, listsAll: listsAll)
        if policy.observesOthers || rows != nil {
            let networkWidth = policy == .learned ? engine.policy?.patrol?.inputs ?? 0 : 0
            let most = max(networkWidth, rows != nil ? width : 0)
            observation.observe(unit: i, backup: policy == .backupCoverage || most == CandidateTable.widthWithBackup)
        }
        if policy == .learned || rows != nil {
            let hasOwnPosts = policy == .fixedPosts || policy == .complianceTable || policy == .dmexclp
            if hasOwnPosts { guard posts.assignForTable(clock) else { return false } }
            let post = posts.postLocation[i]
            if let network = engine.policy?.patrol, policy == .learned {
                observation.write(
                    choices.candidates, post: post, width: network.inputs, anchors: network.usesAnchors,
                    into: features.base)
            }
            if let rows {
                observation.write(choices.candidates, post: post, width: width, anchors: true, into: rows)
            }
            if hasOwnPosts { guard assignPosts(clock) else { return false } }
        }
        switch policy {
        case .learned: try evaluateNetwork()
        case .stay: prefer(0)
        case .randomWalk:
            var random = generator(unit)
            setValues { _ in Float(random.uniform()) }
        case .demandWalk: walkByDemand(unit)
        case .fixedPosts, .complianceTable, .dmexclp: approach(posts.postLocation[i])
        case .marginalCoverage: setValues { k in observation.marginalCoverage(choices[k]) }
        case .backupCoverage: setValues { k in observation.backupCoverage(choices[k].node) }
        }
        return true
    }

    private func setValues(_ value: (Int) -> Float) {
        for k in 0..<choices.count { choices[k].value = value(k) }
    }

    @inline(never)
    private func prefer(_ choice: Int) {
        for k in 0..<choices.count { choices[k].value = k == choice ? 1 : 0 }
    }

    private func evaluateNetwork() throws(PatrolError) {
        guard let network = engine.policy?.patrol, let scratch else { return }
        try network.evaluate(rows: choices.count, input: features.base, output: values.base, scratch: scratch)
        setValues { k in Float(sane(Double(values[k]))) }
    }

    /// Random numbers that depend on the seeds, the time and the unit alone.
    private func generator(_ unit: PatrolUnit) -> RandomNumbers {
        RandomNumbers(seed: engine.options.seed ^ choiceSeed ^ snapshot.time.bitPattern, stream: unit.id)
    }

    /// One candidate drawn with probability proportional to the demand near it (uniform where there is none).
    private func walkByDemand(_ unit: PatrolUnit) {
        var total = 0.0
        for k in 0..<choices.count { total += Double(observation.demandNear(choices[k].node)) }
        var random = generator(unit)
        var left = random.uniform() * (total > 0 ? total : Double(choices.count))
        var drawn = -1
        for k in 0..<choices.count where drawn < 0 {
            left -= total > 0 ? Double(observation.demandNear(choices[k].node)) : 1
            if left < 0 || k == choices.count - 1 { drawn = k }
        }
        prefer(drawn)
    }

    /// Values that lead to a patrol location: minus the seconds until the unit is there by each candidate. Staying elsewhere
    /// puts that off by a stay; moves that bring it no nearer are worse than any other.
    private func approach(_ location: Int32) {
        guard location >= 0 else { return prefer(0) }
        let here = secondsLeft(0, to: location)
        for k in 0..<choices.count {
            let left = secondsLeft(k, to: location)
            var seconds = choices[k].seconds + left
            if k > 0 && left >= here { seconds += ServiceArea.unreachableSeconds * situation.factors.patrol }
            if k == 0 && here > 0 { seconds += engine.options.staySeconds }
            choices[k].value = 0 - seconds
        }
    }

    /// Patrol seconds from a candidate to a patrol location.
    private func secondsLeft(_ k: Int, to location: Int32) -> Float {
        let area = engine.area
        let node = choices[k].node
        if node == area.locationNodes[Int(location)] { return 0 }
        let from = Int(area.locationOf[Int(node)])
        // Staying, or a present target, may be a place that no way leads on from.
        guard from >= 0 else { return ServiceArea.unreachableSeconds * situation.factors.patrol }
        let seconds = area.locationSeconds[from * area.locationCount + Int(location)] * situation.factors.patrol
        // Away from any patrol location, the way starts at its own location.
        let own = area.locationNodes[from]
        return own == node ? seconds : seconds + (choices.index(of: own).map { choices[$0].seconds } ?? 0)
    }
}

extension PatrolPolicyKind {
    /// Whether it looks at when the other free units would be where.
    fileprivate var observesOthers: Bool { self == .learned || self == .marginalCoverage || self == .backupCoverage }
}

extension DenseNetwork {
    /// A patrol network that looks at what anchors would gain, as a linear one has no use for.
    fileprivate var usesAnchors: Bool {
        if !ignores(input: CandidateTable.bestAnchorGain) { return true }
        return inputs == CandidateTable.widthWithBackup && !ignores(input: CandidateTable.bestAnchorBackup)
    }
}
