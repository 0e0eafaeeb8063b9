import CKernels
import PatrolModel
import PatrolNetworks

/// What demand near places depends on, beside the places: hours of demand, τ, and the factor of emergency travel.
struct TimeScale: Equatable {
    var hour = -1
    var hourAhead = -1
    var postSeconds: Float = 0
    var factor: Float = 1
}

/// What all features of one snapshot share (symbols as in `Features.md`). Scratch: filled anew for each snapshot.
final class Situation {
    var engine: DecisionEngine
    private let given: Snapshot
    /// The snapshot given, as far as this decision has come: units that it diverts count as missing on their calls, units that
    /// it sends are on their way, and units that it moves have their targets.
    let snapshot: Snapshot
    private(set) var snapshotsTaken = 0
    /// Units on duty, free and busy; n is at least 1.
    private(set) var onDuty = 1
    private(set) var freeCount = 0
    private(set) var busyCount = 0
    private(set) var waitingCount = 0
    /// τ and M = 6τ, seconds.
    private(set) var postSeconds: Float = 1
    private(set) var cap: Float = 6
    private(set) var hour = 0
    private(set) var hourAhead = 0
    /// What the area's travel times are multiplied by.
    private(set) var factors = TravelFactors()
    /// Indices of free units, ascending.
    let free: Buffer<Int32>
    /// Busy units: index; place, and seconds until free, expected and nine times in ten, after `prepareBusy`.
    let busy: Buffer<Int32>
    let busyNode: Buffer<Int32>
    let busyRemaining: Buffer<Float>
    let busyLate: Buffer<Float>
    /// Incidents that miss units: index, ascending; demand point that stands for the call's node; (w / w̄) · share.
    let waiting: Buffer<Int32>
    let waitingPoint: Buffer<Int32>
    let waitingUrgency: Buffer<Float>
    /// Σ_b e^(−R_b / 600), after `prepareBusy`.
    private(set) var soonFree: Float = 0
    private var isBusyPrepared = false
    /// Σ over waiting calls of (w / w̄) · share.
    private(set) var waitingWeight: Float = 0
    private(set) var load: Float = 0
    /// The policies that decide about this snapshot: the engine's, or a heuristic where a learned policy abstains.
    private(set) var dispatchPolicy: DispatchPolicyKind
    private(set) var patrolPolicy: PatrolPolicyKind
    /// Whether learned policies may abstain; false while the time of their decisions is measured.
    var mayAbstain = true
    private(set) var loadAhead: Float = 0

    /// How far ahead demand is looked at, and how fast a busy unit's nearness to freedom counts; seconds.
    static let aheadSeconds = 1200.0
    static let soonSeconds: Float = 600

    init(engine: DecisionEngine, snapshot: Snapshot, _ memory: inout WorkingMemory) {
        self.engine = engine
        dispatchPolicy = engine.options.dispatchPolicy
        patrolPolicy = engine.options.patrolPolicy
        given = snapshot
        self.snapshot = Snapshot(toWorkOn: snapshot, &memory)
        free = memory.buffer(count: snapshot.maximumUnits, repeating: 0)
        busy = memory.buffer(count: snapshot.maximumUnits, repeating: 0)
        busyNode = memory.buffer(count: snapshot.maximumUnits, repeating: 0)
        busyRemaining = memory.buffer(count: snapshot.maximumUnits, repeating: 0)
        busyLate = memory.buffer(count: snapshot.maximumUnits, repeating: 0)
        waiting = memory.buffer(count: snapshot.maximumIncidents, repeating: 0)
        waitingPoint = memory.buffer(count: snapshot.maximumIncidents, repeating: 0)
        waitingUrgency = memory.buffer(count: snapshot.maximumIncidents, repeating: 0)
    }

    var demand: UnsafePointer<Float> { engine.demand(hour: hour) }
    var demandAhead: UnsafePointer<Float> { engine.demand(hour: hourAhead) }
    var points: Int { engine.area.pointCount }
    var scale: TimeScale {
        TimeScale(hour: hour, hourAhead: hourAhead, postSeconds: postSeconds, factor: factors.emergency)
    }

    /// Reads the snapshot. For a dispatch decision, en-route units that the rules let be diverted count as free, and
    /// their calls as missing them.
    /// - Parameters:
    ///   - dispatch: a decision about the same snapshot that is carried out first.
    ///   - incident: a call that misses a unit at least and is for now, whatever the snapshot says.
    func prepare(forDispatch: Bool, after dispatch: DispatchPlanner? = nil, wanting incident: Int? = nil) {
        snapshot.take(given)
        snapshotsTaken &+= 1
        if let incident {
            snapshot.incidents[incident].unitsMissing = max(1, snapshot.incidents[incident].unitsMissing)
            snapshot.incidents[incident].isForLater = false
        }
        dispatch?.apply()
        classify(forDispatch: forDispatch)
        if forDispatch { chooseDispatchPolicy() } else { choosePatrolPolicy() }
    }

    private func chooseDispatchPolicy() {
        dispatchPolicy = engine.options.dispatchPolicy
        guard dispatchPolicy == .learned, mayAbstain, let policy = engine.policy else { return }
        if isFree(moreThan: policy.mostFreeShareForDispatch) { dispatchPolicy = .minimumWeightedTravel }
    }

    private func choosePatrolPolicy() {
        patrolPolicy = engine.options.patrolPolicy
        guard patrolPolicy == .learned, mayAbstain, let policy = engine.policy else { return }
        if isFree(moreThan: policy.mostFreeShareForPatrol) { patrolPolicy = .backupCoverage }
    }

    private func isFree(moreThan share: Float) -> Bool { Float(freeCount) > share * Float(onDuty) }

    /// Makes a call go by a substitute, counted from 1, or by its own row (0).
    func setSubstitute(_ substitute: Int32, ofIncident j: Int) {
        snapshot.incidents[j].requirement = given.requirement(j, substitute)
        snapshot.incidents[j].substitute = substitute
    }

    /// What a call goes by.
    func requirement(ofIncident j: Int) -> Requirement { given.requirement(j, snapshot.incidents[j].substitute) }

    /// Whether a call does not go by what would take a unit with these capabilities.
    func wouldTake(_ capabilities: UInt64, incident j: Int) -> Bool {
        var call = snapshot.incidents[j]
        for substitute in 0...call.substitutes where substitute != snapshot.incidents[j].substitute {
            call.requirement = given.requirement(j, substitute)
            if call.takes(capabilities) { return true }
        }
        return false
    }

    /// Takes what the caller has shown in `snapshot` and listed in `free`: the free units and the waiting calls alone.
    /// - Precondition: the policy that decides is a heuristic.
    func prepareSeen(onDuty duty: Int, free: Int) {
        (freeCount, busyCount) = (free, 0)
        (dispatchPolicy, patrolPolicy) = (engine.options.dispatchPolicy, engine.options.patrolPolicy)
        snapshot.dropTables()
        setScale(onDuty: duty)
        listWaiting()
    }

    @_optimize(speed)
    private func classify(forDispatch: Bool) {
        freeCount = 0
        busyCount = 0
        var duty = 0
        let units = snapshot.units.base
        for i in 0..<snapshot.unitCount where units[i].status != .offDuty { duty += 1 }
        setScale(onDuty: duty)
        for i in 0..<snapshot.unitCount {
            switch units[i].status {
            case .offDuty: break
            case .patrolling:
                free[freeCount] = Int32(i)
                freeCount += 1
            case .enRoute where forDispatch && mayDivert(units[i]), .onScene where forDispatch && mayDivert(units[i]):
                let call = Int(units[i].incident)
                snapshot.incidents[call].unitsMissing += 1
                if units[i].status == .onScene {
                    // From here on, it is one that arrives.
                    (units[i].status, units[i].node, units[i].secondsToNode) = (
                        .enRoute, snapshot.incidents[call].node, 0
                    )
                }
                free[freeCount] = Int32(i)
                freeCount += 1
            case .enRoute, .onScene:
                busy[busyCount] = Int32(i)
                busyCount += 1
            }
        }
        listWaiting()
    }

    /// What depends on the time and the number of units on duty.
    private func setScale(onDuty duty: Int) {
        onDuty = max(duty, 1)
        factors = engine.area.travelFactors(at: snapshot.time)
        postSeconds = engine.postSeconds(units: onDuty, factor: factors.emergency)
        cap = 6 * postSeconds
        hour = engine.hour(at: snapshot.time)
        hourAhead = engine.hour(at: snapshot.time + Situation.aheadSeconds)
        load = engine.load(hour: hour, units: onDuty, postSeconds: postSeconds)
        loadAhead = engine.load(hour: hourAhead, units: onDuty, postSeconds: postSeconds)
        isBusyPrepared = false
    }

    @_optimize(speed)
    private func listWaiting() {
        waitingCount = 0
        waitingWeight = 0
        let calls = snapshot.incidents.base
        for j in 0..<snapshot.incidentCount where calls[j].unitsMissing > 0 && !calls[j].isForLater {
            waiting[waitingCount] = Int32(j)
            waitingPoint[waitingCount] = engine.area.pointOf[Int(calls[j].node)]
            waitingUrgency[waitingCount] = relativeWeight(calls[j]) * calls[j].missingShare
            waitingWeight += waitingUrgency[waitingCount]
            waitingCount += 1
        }
    }

    /// Where a unit is among those that are free, or nil.
    func freePlace(_ unit: Int) -> Int? {
        for f in 0..<freeCount where Int(free[f]) == unit { return f }
        return nil
    }

    /// Where a call is among those that wait, or nil.
    func waiting(_ incident: Int) -> Int? {
        for w in 0..<waitingCount where Int(waiting[w]) == incident { return w }
        return nil
    }

    /// Leaves out waiting calls: no pair is looked at for them. What all features share still counts them.
    func keepWaiting(_ keeps: (Int32) -> Bool) {
        var kept = 0
        for w in 0..<waitingCount where keeps(waiting[w]) {
            (waiting[kept], waitingPoint[kept], waitingUrgency[kept]) = (waiting[w], waitingPoint[w], waitingUrgency[w])
            kept += 1
        }
        waitingCount = kept
    }

    /// Whether the rules let a unit be taken off the call it is on its way to, or at. A call that takes all its units or none keeps
    /// them, and so does one for later.
    func mayDivert(_ unit: PatrolUnit) -> Bool {
        guard unit.status == .enRoute || unit.mayLeaveScene, unit.incident >= 0 else { return false }
        let call = snapshot.incidents[Int(unit.incident)]
        return !call.allOrNone && !call.isForLater && engine.options.rules.mayDivert(from: call.priority)
    }

    /// Finds where busy units are and when they will be free: features ask for it, heuristics do not.
    func prepareBusy() {
        guard !isBusyPrepared else { return }
        isBusyPrepared = true
        soonFree = 0
        for b in 0..<busyCount {
            let unit = snapshot.units[Int(busy[b])]
            busyNode[b] = unit.incident >= 0 ? snapshot.incidents[Int(unit.incident)].node : unit.node
            busyRemaining[b] = remainingSeconds(unit)
            busyLate[b] = lateSeconds(unit, expected: busyRemaining[b])
            soonFree += kernels_exp(-busyRemaining[b] / Situation.soonSeconds)
        }
    }

    /// Expected seconds until a busy unit is free; estimated where the host does not say.
    private func remainingSeconds(_ unit: PatrolUnit) -> Float {
        guard unit.secondsUntilFree.isNaN else { return unit.secondsUntilFree }
        let travel = unit.status == .enRoute ? unit.secondsToNode : 0
        guard unit.incident >= 0 else { return travel + engine.meanServiceSeconds }
        let call = snapshot.incidents[Int(unit.incident)]
        guard unit.status == .enRoute else { return call.serviceSeconds }
        return travel + seconds(from: unit.node, near: call.node) + call.serviceSeconds
    }

    /// Seconds by which a busy unit is free nine times in ten; where the host does not say, as if its time on scene were exponential.
    private func lateSeconds(_ unit: PatrolUnit, expected: Float) -> Float {
        if unit.lateSecondsUntilFree > 0 { return max(unit.lateSecondsUntilFree, expected) }
        var onScene = expected
        if unit.status == .enRoute, unit.incident >= 0 {
            onScene = min(expected, snapshot.incidents[Int(unit.incident)].serviceSeconds)
        }
        return expected + (Situation.lateExponential - 1) * onScene
    }

    /// The 90th percentile of an exponential time, in means: ln 10.
    package static let lateExponential: Float = 2.302_585

    /// w / w̄ of a call, at most 10⁶.
    @inline(__always)
    func relativeWeight(_ call: Incident) -> Float { min(call.weight / engine.meanWeight, 1e6) }

    /// Emergency seconds a unit needs to reach the node it is bound for.
    func offset(_ unit: PatrolUnit) -> Float {
        unit.status == .patrolling ? factors.emergencyRatio * unit.secondsToNode : unit.secondsToNode
    }

    /// Emergency travel seconds from a node to the demand point that stands for another node.
    func seconds(from node: Int32, near other: Int32) -> Float {
        engine.secondsToPoints(node)[Int(engine.area.pointOf[Int(other)])] * factors.emergency
    }

    /// Lowers `arrival` (shape [points]) to what busy units add: arriving from their calls after 0.3 of the time they still need.
    /// - Precondition: `prepareBusy`.
    func lowerToBusy(_ arrival: UnsafeMutablePointer<Float>) {
        for b in 0..<busyCount {
            kernels_min_shifted(
                arrival, engine.secondsToPoints(busyNode[b]), factors.emergency, 0.3 * busyRemaining[b], points)
        }
    }
}
