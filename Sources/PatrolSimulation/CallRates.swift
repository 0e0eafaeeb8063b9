import PatrolModel

/// The area's demand as a sampler reads it: how fast calls come and from where, hour by hour. Immutable.
///
/// A call that stands for a cluster of nodes occurs at its demand point.
final class CallRates: Sendable {
    /// Where calls of one kind come from.
    struct Source: BitwiseCopyable {
        var group: Int32 = 0
        var point: Int32 = 0
        var category: Int32 = 0
    }

    let periodHours: Int
    /// Sources with any demand.
    let sources: Buffer<Source>
    /// Calls per hour of this source and all before it, shape [period hours, sources].
    private let cumulated: Buffer<Double>
    private let storms: Buffer<Storm>
    private let lastStormEnd: Double
    /// Calls expected in one period without storms.
    let callsPerPeriod: Double

    init(area: ServiceArea, scenario: ScenarioArrays) throws(PatrolError) {
        let hours = area.periodHours
        periodHours = hours
        storms = scenario.storms
        var end = 0.0
        for k in 0..<storms.count { end = max(end, storms[k].end) }
        lastStormEnd = end

        let rows = area.groupCount * area.pointCount * area.categoryCount
        var count = 0
        func hasDemand(_ row: Int) -> Bool {
            for hour in 0..<hours where area.pointRates[row * hours + hour] > 0 { return true }
            return false
        }
        for row in 0..<rows where hasDemand(row) { count += 1 }
        sources = try Buffer(count: count, repeating: Source())
        cumulated = try Buffer(count: count * hours, repeating: 0)
        var next = 0
        for row in 0..<rows where hasDemand(row) {
            let point = row / area.categoryCount
            sources[next] = Source(
                group: Int32(point / area.pointCount), point: Int32(point % area.pointCount),
                category: Int32(row % area.categoryCount))
            for hour in 0..<hours {
                let before = next > 0 ? cumulated[hour * count + next - 1] : 0
                cumulated[hour * count + next] =
                    before + scenario.rateScale * Double(area.pointRates[row * hours + hour])
            }
            next += 1
        }
        var sum = 0.0
        for hour in 0..<hours where count > 0 { sum += cumulated[(hour + 1) * count - 1] }
        callsPerPeriod = sum
        let most = mostCallsPerHour()
        guard most <= ScenarioArrays.mostCallsPerHour else {
            throw PatrolError(
                .invalidNumber,
                "demand, rate_scale and storms amount to \(most) calls an hour, expected at most 3600000")
        }
    }

    private func callsPerHour(_ hour: Int) -> Double {
        sources.count > 0 ? cumulated[(hour + 1) * sources.count - 1] : 0
    }

    /// Most calls per hour at any time; the product of storms rises only where one begins.
    private func mostCallsPerHour() -> Double {
        var hourly = 0.0
        for hour in 0..<periodHours { hourly = max(hourly, callsPerHour(hour)) }
        var storm = 1.0
        for k in 0..<storms.count { storm = max(storm, multiplier(at: storms[k].start).value) }
        // Without any demand the storms may come to what they like.
        return hourly > 0 ? hourly * storm : 0
    }

    /// The time at which the expected number of calls since `time` reaches `amount`; infinite where it never does.
    ///
    /// With exponential amounts of mean 1 these times are a Poisson process with the rates given.
    func time(after time: Double, amount: Double) -> Double {
        var (time, left) = (time, amount)
        while time < 1e12 {
            // Between two changes of the storms whole periods are alike.
            let storm = multiplier(at: time)
            let period = callsPerPeriod * storm.value
            if period > 0 {
                let periods = min(left / period, (storm.end - time) / (Double(periodHours) * 3600)).rounded(.down)
                time += periods * Double(periodHours) * 3600
                left -= periods * period
                guard time < 1e12 else { return .infinity }
            } else if storm.end < .infinity {
                time = storm.end
                continue
            } else {
                return .infinity
            }
            let hour = (time / 3600).rounded(.down)
            let rate = storm.value * callsPerHour(ServiceArea.hour(ofWeekAt: time, period: periodHours))
            let end = min((hour + 1) * 3600, storm.end)
            let reached = rate * (end - time) / 3600
            if left < reached { return time + left / rate * 3600 }
            left -= reached
            time = end
        }
        return .infinity
    }

    /// The product of the storms at a time, and when it changes next.
    private func multiplier(at time: Double) -> (value: Double, end: Double) {
        guard time < lastStormEnd else { return (1, .infinity) }
        var (value, end) = (1.0, Double.infinity)
        for k in 0..<storms.count {
            let storm = storms[k]
            if time < storm.start {
                end = min(end, storm.start)
            } else if time < storm.end {
                end = min(end, storm.end)
                value *= storm.multiplier
            }
        }
        return (value, end)
    }

    /// The source of a call at a time, for a number uniform in [0, 1).
    func source(at time: Double, _ uniform: Double) -> Source {
        let hour = ServiceArea.hour(ofWeekAt: time, period: periodHours)
        let row = cumulated.base + hour * sources.count
        let wanted = uniform * callsPerHour(hour)
        var (low, high) = (0, sources.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if row[middle] > wanted { high = middle } else { low = middle + 1 }
        }
        return sources[low]
    }
}
