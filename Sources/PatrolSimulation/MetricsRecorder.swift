import PatrolModel

/// Counts and sums while a simulation runs; fixed memory.
final class MetricsRecorder {
    /// Of one class of calls: all, then those of each kind in the order of `CallClass`.
    private struct Counts: BitwiseCopyable {
        var calls = 0
        var reached = 0
        var lost = 0
        var within = 0
        var sum = 0.0
    }

    private let model: Scenario
    /// First class of each kind, and the end.
    private let offsets: Buffer<Int>
    private let classes: Buffer<Counts>
    /// Rows: the classes, then queue waits and travel times.
    private let histogram: DurationHistogram
    private let charged: DurationHistogram
    /// Seconds in each phase, shape [units, phases].
    private let phaseSeconds: Buffer<Double>
    private let unitDispatches: Buffer<Int>
    private var since = 0.0
    private var served = 0
    private var waitSum = 0.0
    private var travelSum = 0.0
    private var completeSum = 0.0
    private var complete = 0
    private var dispatches = 0
    private var diversions = 0
    private var homed = 0
    private var abroad = 0
    private var covered = 0
    /// Calls are measured that come from now on.
    private(set) var isMeasuring = false

    init(_ model: Scenario) throws(PatrolError) {
        self.model = model
        offsets = try Buffer(count: CallClass.allCases.count + 1, repeating: 1)
        for kind in CallClass.allCases {
            let k = Int(kind.rawValue)
            offsets[k + 1] = offsets[k] + model.classCount(kind)
        }
        let count = offsets[CallClass.allCases.count]
        classes = try Buffer(count: count, repeating: Counts())
        histogram = try DurationHistogram(rows: count + 2)
        charged = try DurationHistogram(rows: 1)
        phaseSeconds = try Buffer(count: model.scenario.units.count * UnitPhase.count, repeating: 0)
        unitDispatches = try Buffer(count: model.scenario.units.count, repeating: 0)
    }

    func clear() {
        for k in 0..<classes.count { classes[k] = Counts() }
        histogram.clear()
        for k in 0..<phaseSeconds.count { phaseSeconds[k] = 0 }
        for u in 0..<unitDispatches.count { unitDispatches[u] = 0 }
        (served, complete, dispatches, diversions, homed, abroad, covered) = (0, 0, 0, 0, 0, 0, 0)
        (waitSum, travelSum, completeSum) = (0, 0, 0)
        isMeasuring = false
    }

    func stop() { isMeasuring = false }

    func copy(_ other: MetricsRecorder) {
        classes.copy(other.classes)
        histogram.copy(other.histogram)
        phaseSeconds.copy(other.phaseSeconds)
        unitDispatches.copy(other.unitDispatches)
        (since, isMeasuring) = (other.since, other.isMeasuring)
        (waitSum, travelSum, completeSum) = (other.waitSum, other.travelSum, other.completeSum)
        (served, complete, dispatches, diversions) = (other.served, other.complete, other.dispatches, other.diversions)
        (homed, abroad, covered) = (other.homed, other.abroad, other.covered)
    }

    func begin(at time: Double) {
        clear()
        since = time
        isMeasuring = true
    }

    // MARK: Calls

    private func first(_ kind: CallClass) -> Int { offsets.base[Int(kind.rawValue)] }
    private var waitRow: Int { classes.count }
    private var travelRow: Int { classes.count + 1 }

    /// Applies `body` to every class of a call.
    @inline(__always)
    private func each(_ call: SimulatedCall, _ body: (Int) -> Void) {
        body(0)
        body(first(.priority) + row(call, .priority))
        if call.beat >= 0 { body(first(.beat) + row(call, .beat)) }
        body(first(.group) + row(call, .group))
        body(first(.category) + row(call, .category))
        body(first(.hour) + row(call, .hour))
        if call.shift >= 0 { body(first(.shift) + row(call, .shift)) }
    }

    /// The class of a kind that a call is in; −1: none.
    @inline(__always)
    private func row(_ call: SimulatedCall, _ kind: CallClass) -> Int {
        switch kind {
        case .priority: Int(call.incident.priority) - 1
        case .beat: Int(call.beat)
        case .group: Int(call.group)
        case .category: Int(call.incident.category)
        case .hour: ServiceArea.hour(ofWeekAt: call.time, period: 24)
        case .shift: Int(call.shift)
        }
    }

    /// - Parameter isCovered: a free unit could be there within the target.
    func came(_ call: SimulatedCall, isCovered: Bool) {
        each(call) { classes[$0].calls += 1 }
        if isCovered { covered += 1 }
    }

    /// The first unit is on scene. - Parameter travel: its way, seconds.
    func reached(_ call: SimulatedCall, at time: Double, travel: Double) {
        let response = time - call.time
        let isWithin = response <= Double(model.scenario.responseTargets[Int(call.incident.priority) - 1])
        let bin = DurationHistogram.bin(response)
        each(call) {
            classes[$0].reached += 1
            classes[$0].sum += response
            if isWithin { classes[$0].within += 1 }
            histogram.add(bin: bin, row: $0)
        }
        let wait = max(0, response - travel)
        waitSum += wait
        travelSum += travel
        histogram.add(bin: DurationHistogram.bin(wait), row: waitRow)
        histogram.add(bin: DurationHistogram.bin(travel), row: travelRow)
    }

    func completed(_ call: SimulatedCall, at time: Double) {
        completeSum += time - call.time
        complete += 1
    }

    func closed() { served += 1 }

    func lost(_ call: SimulatedCall) { each(call) { classes[$0].lost += 1 } }

    // MARK: Units

    func dispatched(_ unit: Int, home: Int32, to beat: Int32, isDiversion: Bool) {
        unitDispatches[unit] += 1
        dispatches += 1
        if isDiversion { diversions += 1 }
        if home >= 0 && beat >= 0 {
            homed += 1
            if home != beat { abroad += 1 }
        }
    }

    @inline(__always)
    func spent(_ unit: Int, _ phase: UnitPhase, _ seconds: Double) {
        phaseSeconds.base[unit * UnitPhase.count + Int(phase.rawValue)] += seconds
    }

    // MARK: Report

    /// - Parameters:
    ///   - cost: since measuring began.
    ///   - open: measured calls that have not ended. They need not have been reached.
    ///   - elapsed: seconds of each unit's current phase that are not in `spent` yet.
    func report(
        at time: Double, cost: Double, open: Buffer<SimulatedCall>, elapsed: (Int) -> (UnitPhase, Double)
    ) throws(PatrolError) -> Metrics {
        var metrics = Metrics(
            byPriority: try responses(.priority, at: time, open: open),
            byBeat: try responses(.beat, at: time, open: open),
            byGroup: try responses(.group, at: time, open: open),
            byCategory: try responses(.category, at: time, open: open),
            units: try Buffer(count: unitDispatches.count, repeating: UnitSummary()))
        guard isMeasuring else { return metrics }
        metrics.seconds = time - since
        metrics.calls = classes[0].calls
        metrics.served = served
        metrics.lost = classes[0].lost
        metrics.open = open.count
        metrics.costRate = metrics.seconds > 0 ? cost / metrics.seconds : .nan
        summarizeCalls(into: &metrics, time, open)
        summarizeUnits(into: &metrics, elapsed)
        return metrics
    }

    /// Response times by class: nothing before measuring began.
    func responses(
        _ kind: CallClass, at time: Double, open: Buffer<SimulatedCall>
    ) throws(PatrolError) -> Buffer<ResponseSummary> {
        let rows = try Buffer(count: model.classCount(kind), repeating: ResponseSummary())
        guard isMeasuring else { return rows }
        for k in 0..<rows.count { rows[k] = summary(first(kind) + k, time, open) { row($0, kind) == k } }
        return rows
    }

    private func summarizeCalls(into metrics: inout Metrics, _ time: Double, _ open: Buffer<SimulatedCall>) {
        metrics.response = summary(0, time, open) { _ in true }
        let reached = Double(classes[0].reached)
        metrics.meanQueueWait = reached > 0 ? waitSum / reached : .nan
        metrics.p90QueueWait = histogram.quantile(0.9, row: waitRow)
        metrics.meanTravel = reached > 0 ? travelSum / reached : .nan
        metrics.p90Travel = histogram.quantile(0.9, row: travelRow)
        metrics.meanUntilComplete = complete > 0 ? completeSum / Double(complete) : .nan
        metrics.coverage = classes[0].calls > 0 ? Double(covered) / Double(classes[0].calls) : .nan
        var (least, largest) = (Double.infinity, -Double.infinity)
        for g in 0..<metrics.byGroup.count where metrics.byGroup[g].calls > 0 {
            least = min(least, metrics.byGroup[g].chargedMean)
            largest = max(largest, metrics.byGroup[g].chargedMean)
        }
        if largest >= least {
            metrics.equityDifference = largest - least
            metrics.equityRatio = least > 0 ? largest / least : .nan
        }
    }

    private func summary(
        _ k: Int, _ time: Double, _ open: Buffer<SimulatedCall>, _ belongs: (SimulatedCall) -> Bool
    ) -> ResponseSummary {
        let counts = classes[k]
        var summary = ResponseSummary()
        guard counts.calls > 0 else { return summary }
        summary.calls = counts.calls
        summary.reached = counts.reached
        summary.lost = counts.lost
        if counts.reached > 0 { summary.mean = counts.sum / Double(counts.reached) }
        summary.median = histogram.quantile(0.5, row: k)
        summary.p90 = histogram.quantile(0.9, row: k)
        summary.p95 = histogram.quantile(0.95, row: k)
        charged.copy(row: k, of: histogram, to: 0)
        let price = model.scenario.overflowSeconds
        charged.add(bin: DurationHistogram.bin(price), row: 0, count: UInt32(truncatingIfNeeded: counts.lost))
        var sum = counts.sum + price * Double(counts.lost)
        for j in 0..<open.count where open[j].onScene == 0 && belongs(open[j]) {
            let waited = time - open[j].time
            summary.waiting += 1
            sum += waited
            charged.add(bin: DurationHistogram.bin(waited), row: 0)
        }
        summary.chargedMean = sum / Double(counts.calls)
        summary.withinTarget = Double(counts.within) / Double(counts.calls)
        summary.chargedMedian = charged.quantile(0.5, row: 0)
        summary.chargedP90 = charged.quantile(0.9, row: 0)
        summary.chargedP95 = charged.quantile(0.95, row: 0)
        return summary
    }

    private func summarizeUnits(into metrics: inout Metrics, _ elapsed: (Int) -> (UnitPhase, Double)) {
        let count = unitDispatches.count
        var (busy, available) = (0.0, 0.0)
        for u in 0..<count {
            let (present, more) = elapsed(u)
            func seconds(_ phase: UnitPhase) -> Double {
                phaseSeconds[u * UnitPhase.count + Int(phase.rawValue)] + (phase == present ? more : 0)
            }
            var unit = UnitSummary()
            unit.offDuty = seconds(.offDuty)
            unit.outOfService = seconds(.outOfService)
            unit.standing = seconds(.standing)
            unit.driving = seconds(.moving)
            unit.enRoute = seconds(.enRoute)
            unit.onScene = seconds(.onScene)
            unit.selfInitiated = seconds(.selfInitiated)
            unit.dispatches = unitDispatches[u]
            metrics.units[u] = unit
            busy += unit.enRoute + unit.onScene
            available += unit.available
        }
        metrics.utilization = available > 0 ? busy / available : 0
        var (differences, sum) = (0.0, 0.0)
        for u in 0..<count {
            sum += metrics.units[u].utilization
            for v in 0..<u { differences += abs(metrics.units[u].utilization - metrics.units[v].utilization) }
        }
        metrics.utilizationGini = sum > 0 ? differences / (Double(count) * sum) : 0
        metrics.dispatches = dispatches
        metrics.diversions = diversions
        metrics.acrossBeats = homed > 0 ? Double(abroad) / Double(homed) : .nan
    }
}
