import PatrolModel

extension InputNormalization {
    /// Mean and 1 / standard deviation of each feature over rows of data (Welford 1962).
    ///
    /// - Parameters:
    ///   - input: shape [rows, inputs].
    ///   - floor: no standard deviation counts as less.
    ///   - groups, width: the first `groups` · `width` features are `width` features of `groups` places (anchors), which
    ///     get one mean and scale for all places, so that a block of weights shared by the places sees them alike.
    public init(
        rows: Int, inputs: Int, input: UnsafePointer<Float>, floor: Float, groups: Int = 0, width: Int = 0
    ) throws(PatrolError) {
        let mean = try Buffer<Float>(count: inputs, repeating: 0)
        let scale = try Buffer<Float>(count: inputs, repeating: 1)
        let grouped = groups * width
        for feature in 0..<inputs where feature >= grouped || feature < width {
            var (count, average, squares) = (0.0, 0.0, 0.0)
            for row in 0..<rows {
                for place in stride(from: feature, to: feature < grouped ? grouped : feature + 1, by: max(width, 1)) {
                    let x = Double(input[row * inputs + place])
                    count += 1
                    let deviation = x - average
                    average += deviation / count
                    squares += deviation * (x - average)
                }
            }
            let deviation = count > 0 ? (squares / count).squareRoot() : 1
            for place in stride(from: feature, to: feature < grouped ? grouped : feature + 1, by: max(width, 1)) {
                mean[place] = Float(average)
                scale[place] = 1 / max(floor, Float(deviation))
            }
        }
        self.init(mean: mean, scale: scale)
    }

    /// Normalizes rows, shape [rows, inputs]; `output` may be `input`.
    public func apply(rows: Int, input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>) {
        let inputs = mean.count
        let (mean, scale) = (mean.base, scale.base)
        for row in 0..<rows {
            let (from, to) = (input + row * inputs, output + row * inputs)
            for feature in 0..<inputs { to[feature] = (from[feature] - mean[feature]) * scale[feature] }
        }
    }
}
