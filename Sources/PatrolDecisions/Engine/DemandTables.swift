import PatrolModel

/// Demand weighted by category and population group and normalized for each hour.
struct DemandTables {
    let byHour: Buffer<Float>
    let mean: Buffer<Float>
    let callRate: Buffer<Float>
    let serviceLoad: Buffer<Float>
    let meanWeight: Float
    let meanServiceSeconds: Float

    init(area: ServiceArea, groupWeights: Buffer<Float>) throws(PatrolError) {
        let (points, categories, hours) = (area.pointCount, area.categoryCount, area.periodHours)
        byHour = try Buffer(count: hours * points, repeating: 0)
        mean = try Buffer(count: points, repeating: 0)
        callRate = try Buffer(count: hours, repeating: 0)
        serviceLoad = try Buffer(count: hours, repeating: 0)
        let weighted = try Buffer<Double>(count: (hours + 1) * points, repeating: 0)
        let calls = try Buffer<Double>(count: hours, repeating: 0)
        let work = try Buffer<Double>(count: hours, repeating: 0)
        for group in 0..<area.groupCount {
            for point in 0..<points {
                for category in 0..<categories {
                    let weight = Double(area.categoryWeights[category]) * Double(groupWeights[group])
                    let service = Double(area.categoryServiceSeconds[category])
                    let rates = area.pointRates.base + ((group * points + point) * categories + category) * hours
                    for hour in 0..<hours where rates[hour] > 0 {
                        weighted[hour * points + point] += Double(rates[hour]) * weight
                        weighted[hours * points + point] += Double(rates[hour]) * weight
                        calls[hour] += Double(rates[hour])
                        work[hour] += Double(rates[hour]) * service
                    }
                }
            }
        }
        var standing = 0.0
        for point in 0..<points { standing += Double(area.pointNodeCounts[point]) }
        DemandTables.normalize(weighted.base + hours * points, points, into: mean.base) {
            Float(Double(area.pointNodeCounts[$0]) / standing)
        }
        for hour in 0..<hours {
            let mean = mean
            DemandTables.normalize(weighted.base + hour * points, points, into: byHour.base + hour * points) {
                mean[$0]
            }
            callRate[hour] = Float(calls[hour])
            serviceLoad[hour] = Float(work[hour] / 3600)
        }

        var totalCalls = 0.0
        var totalWork = 0.0
        var totalWeight = 0.0
        for hour in 0..<hours {
            totalCalls += calls[hour]
            totalWork += work[hour]
        }
        for point in 0..<points { totalWeight += weighted[hours * points + point] }
        if totalCalls > 0 {
            meanWeight = max(.leastNormalMagnitude, Float(totalWeight / totalCalls))
            meanServiceSeconds = Float(totalWork / totalCalls)
        } else {
            var weight = 0.0
            var service = 0.0
            for category in 0..<categories {
                weight += Double(area.categoryWeights[category])
                service += Double(area.categoryServiceSeconds[category])
            }
            meanWeight = max(.leastNormalMagnitude, Float(weight / Double(categories)))
            meanServiceSeconds = Float(service / Double(categories))
        }
    }

    /// Writes `values` divided by their sum, or `fallback` if the sum is zero.
    private static func normalize(
        _ values: UnsafePointer<Double>, _ count: Int, into target: UnsafeMutablePointer<Float>,
        fallback: (Int) -> Float
    ) {
        var sum = 0.0
        for i in 0..<count { sum += values[i] }
        for i in 0..<count { target[i] = sum > 0 ? Float(values[i] / sum) : fallback(i) }
    }
}
