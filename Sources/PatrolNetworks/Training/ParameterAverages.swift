import PatrolModel

/// target += share · (source − target), element by element: Polyak averaging of the parameters along a training run.
public func moveAverage(_ target: Buffer<Float>, towards source: Buffer<Float>, share: Float) {
    for k in 0..<target.count { target[k] += share * (source[k] - target[k]) }
}

/// The mean of several networks' parameters, into `target`. The networks must come from one another by training: means of
/// unrelated networks mean nothing.
public func average(_ networks: [Buffer<Float>], into target: Buffer<Float>) {
    guard !networks.isEmpty else { return }
    for k in 0..<target.count {
        var sum = 0.0
        for network in networks { sum += Double(network[k]) }
        target[k] = Float(sum / Double(networks.count))
    }
}
