import PatrolModel

/// Counts and sums while a simulation runs; fixed memory.
final class MetricsRecorder {
    /// Classes of calls: all, then by priority, beat, group and category.
    private struct Counts: BitwiseCopyable {
        var calls = 0
        var reached = 0
        var lost = 0
        var within = 0
        var sum = 0.0
    }

    private let model: SimulationModel
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

    init(_ model: SimulationModel) throws(PatrolError) {
        self.model = model
        let area = model.area
        let count = 1 + Incident.priorities + area.beatCount + area.groupCount + area.categoryCount
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

    private var firstBeat: Int { 1 + Incident.priorities }
    private var firstGroup: Int { firstBeat + model.area.beatCount }
    private var firstCategory: Int { firstGroup + model.area.groupCount }
    private var waitRow: Int { classes.count }
    private var travelRow: Int { classes.count + 1 }

    /// Applies `body` to every class of a call.
    @inline(__always)
    private func each(_ call: SimulatedCall, _ body: (Int) -> Void) {
        body(0)
        body(Int(call.incident.priority))
        if call.beat >= 0 { body(firstBeat + Int(call.beat)) }
        body(firstGroup + Int(call.group))
        body(firstCategory + Int(call.incident.category))
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
    ///   - elapsed: seconds of each unit's present phase that `spent` has not been told yet.
    func report(
        at time: Double, cost: Double, open: UnsafeBufferPointer<SimulatedCall>, elapsed: (Int) -> (UnitPhase, Double)
    ) throws(PatrolError) -> Metrics {
        let area = model.area
        var metrics = Metrics(
            byPriority: try Buffer(count: Incident.priorities, repeating: ResponseSummary()),
            byBeat: try Buffer(count: area.beatCount, repeating: ResponseSummary()),
            byGroup: try Buffer(count: area.groupCount, repeating: ResponseSummary()),
            byCategory: try Buffer(count: area.categoryCount, repeating: ResponseSummary()),
            units: try Buffer(count: unitDispatches.count, repeating: UnitSummary()))
        guard isMeasuring else { return metrics }
        metrics.seconds = time - since
        metrics.calls = classes[0].calls
        metrics.served = served
        metrics.lost = classes[0].lost
        metrics.open = open.count
        metrics.costRate = metrics.seconds > 0 ? cost / metrics.seconds : .nan
        summariseCalls(into: &metrics, time, open)
        summariseUnits(into: &metrics, elapsed)
        return metrics
    }

    private func summariseCalls(into metrics: inout Metrics, _ time: Double, _ open: UnsafeBufferPointer<SimulatedCall>) {
        metrics.response = summary(0, time, open) { _ in true }
        for p in 0..<Incident.priorities {
            metrics.byPriority[p] = summary(1 + p, time, open) { Int($0.incident.priority) == p + 1 }
        }
        for b in 0..<metrics.byBeat.count {
            metrics.byBeat[b] = summary(firstBeat + b, time, open) { Int($0.beat) == b }
        }
        for g in 0..<metrics.byGroup.count {
            metrics.byGroup[g] = summary(firstGroup + g, time, open) { Int($0.group) == g }
        }
        for c in 0..<metrics.byCategory.count {
            metrics.byCategory[c] = summary(firstCategory + c, time, open) { Int($0.incident.category) == c }
        }
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
        _ k: Int, _ time: Double, _ open: UnsafeBufferPointer<SimulatedCall>, _ belongs: (SimulatedCall) -> Bool
    ) -> ResponseSummary {
        let counts = classes[k]
        var summary = ResponseSummary()
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
        for call in open where call.onScene == 0 && belongs(call) {
            summary.waiting += 1
            sum += time - call.time
            charged.add(bin: DurationHistogram.bin(time - call.time), row: 0)
        }
        if counts.calls > 0 {
            summary.chargedMean = sum / Double(counts.calls)
            summary.withinTarget = Double(counts.within) / Double(counts.calls)
        }
        summary.chargedMedian = charged.quantile(0.5, row: 0)
        summary.chargedP90 = charged.quantile(0.9, row: 0)
        summary.chargedP95 = charged.quantile(0.95, row: 0)
        return summary
    }

    private func summariseUnits(into metrics: inout Metrics, _ elapsed: (Int) -> (UnitPhase, Double)) {
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
        metrics.utilisation = available > 0 ? busy / available : 0
        var (differences, sum) = (0.0, 0.0)
        for u in 0..<count {
            sum += metrics.units[u].utilisation
            for v in 0..<u { differences += abs(metrics.units[u].utilisation - metrics.units[v].utilisation) }
        }
        metrics.utilisationGini = sum > 0 ? differences / (Double(count) * sum) : 0
        metrics.dispatches = dispatches
        metrics.diversions = diversions
        metrics.acrossBeats = homed > 0 ? Double(abroad) / Double(homed) : .nan
    }
}
