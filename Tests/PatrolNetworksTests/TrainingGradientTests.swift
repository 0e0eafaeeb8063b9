import PatrolModel
import PatrolNetworks
import Testing

/// A stack computed in `Double` from a flat vector, written apart from the implementation.
private func reference(_ widths: [Int], _ parameters: [Double], _ row: [Double]) -> [Double] {
    var (values, place) = (row, 0)
    for layer in 0..<widths.count - 1 {
        let (inputs, outputs) = (widths[layer], widths[layer + 1])
        let bias = place + inputs * outputs
        values = (0..<outputs).map { o in
            let sum = (0..<inputs).reduce(parameters[bias + o]) {
                $0 + values[$1] * parameters[place + o * inputs + $1]
            }
            return layer == widths.count - 2 ? sum : max(0, sum)
        }
        place = bias + outputs
    }
    return values
}

/// Central differences of `loss` in every parameter.
private func differences(_ parameters: [Float], _ loss: ([Double]) -> Double) -> [Double] {
    var point = parameters.map(Double.init)
    let step = 1e-6
    return point.indices.map { k in
        let before = point[k]
        point[k] = before + step
        let above = loss(point)
        point[k] = before - step
        let below = loss(point)
        point[k] = before
        return (above - below) / (2 * step)
    }
}

private func expectClose(_ gradient: [Float], _ expected: [Double], _ comment: Comment) {
    let size = expected.reduce(1) { max($0, abs($1)) }
    for k in expected.indices { #expect(abs(Double(gradient[k]) - expected[k]) <= 2e-5 * size, comment) }
}

@Suite struct TrainingGradientTests {
    @Test(arguments: [[3, 1], [5, 7, 1], [17, 16, 4, 3], [28, 32, 32, 1], [15, 33, 6, 2]])
    func stackGradientsAreFiniteDifferences(widths: [Int]) throws {
        var random = RandomNumbers(seed: 11)
        let stack = try TrainableStack(StackShape(widths), &random)
        let rows = 9
        let input = random.floats(rows * widths[0])
        let weights = random.floats(rows * widths.last!)
        let pass = try StackPass(stack.shape, maximumRows: 12)
        var gradient = [Float](repeating: .nan, count: stack.shape.parameterCount)
        input.withUnsafeBufferPointer { input in
            pass.forward(stack.parameters.base, rows: rows, input: input.baseAddress!)
            pass.backward(outputGradient: weights, into: &gradient)
        }
        let expected = differences(Array(stack.parameters.elements)) { parameters in
            (0..<rows).reduce(0.0) { sum, row in
                let outputs = reference(
                    widths, parameters, input[row * widths[0]..<(row + 1) * widths[0]].map(Double.init))
                return outputs.indices.reduce(sum) { $0 + outputs[$1] * Double(weights[row * outputs.count + $1]) }
            }
        }
        expectClose(gradient, expected, "widths \(widths)")
    }

    /// The loss of a paired rollout: squared error of V(φ₂) − V(φ₁).
    @Test(arguments: [(hidden: 0, block: 0), (hidden: 5, block: 0), (hidden: 0, block: 3), (hidden: 4, block: 2)])
    func valueGradientsOfDifferencesAreFiniteDifferences(hidden: Int, block: Int) throws {
        var random = RandomNumbers(seed: 12)
        let (inputs, anchors, width, pairs) = (23, 3, 6, 7)
        let shape = try ValueShape(inputs: inputs, hidden: hidden, anchors: anchors, anchorWidth: width, block: block)
        let parameters = try Buffer<Float>(count: shape.parameterCount, repeating: 0)
        shape.initialize(parameters.base, concave: false, &random)
        for k in 0...inputs { parameters[k] = Float(random.uniform()) - 0.5 }
        let input = random.floats(2 * pairs * inputs)
        let targets = random.floats(pairs)

        let pass = try ValuePass(shape, maximumRows: 2 * pairs)
        var gradient = [Float](repeating: .nan, count: shape.parameterCount)
        input.withUnsafeBufferPointer { input in
            let values = pass.forward(parameters.base, rows: 2 * pairs, input: input.baseAddress!)
            let slopes = (0..<pairs).map { values[2 * $0 + 1] - values[2 * $0] - targets[$0] }
            pass.backward(outputGradient: slopes.flatMap { [-$0, $0] }, into: &gradient)
        }

        func value(_ p: [Double], _ row: [Double]) -> Double {
            var sum = reference([inputs, 1], Array(p[0...inputs]), row)
            var place = inputs + 1
            if hidden > 0 {
                let count = hidden * (inputs + 1) + hidden + 1
                sum[0] += reference([inputs, hidden, 1], Array(p[place..<place + count]), row)[0]
                place += count
            }
            if block > 0 {
                for a in 0..<anchors {
                    sum[0] +=
                        reference([width, block, 1], Array(p[place...]), Array(row[a * width..<(a + 1) * width]))[0]
                }
            }
            return sum[0]
        }
        var expected = differences(Array(parameters.elements)) { p in
            (0..<pairs).reduce(0.0) { sum, pair in
                let rows = (0..<2).map { k in
                    input[(2 * pair + k) * inputs..<(2 * pair + k + 1) * inputs].map(Double.init)
                }
                let error = value(p, rows[1]) - value(p, rows[0]) - Double(targets[pair])
                return sum + error * error / 2
            }
        }
        // The blocks' last biases are no parameters: c is the only constant.
        if hidden > 0 { expected[inputs + 1 + hidden * (inputs + 1) + hidden] = 0 }
        if block > 0 { expected[shape.parameterCount - 1] = 0 }
        expectClose(gradient, expected, "hidden \(hidden), block \(block)")
    }

    @Test func theExportedNetworkHasTheSameBits() throws {
        var random = RandomNumbers(seed: 13)
        let stack = try TrainableStack(StackShape([28, 32, 32, 1]), &random)
        let rows = 37
        let input = random.floats(rows * 28).map { 40 * $0 + 3 }
        let normalization = try InputNormalization(rows: rows, inputs: 28, input: input, floor: 1e-3)
        var normalized = input
        normalization.apply(rows: rows, input: input, output: &normalized)
        let pass = try StackPass(stack.shape, maximumRows: rows)
        let trained = normalized.withUnsafeBufferPointer {
            Array(
                UnsafeBufferPointer(
                    start: pass.forward(stack.parameters.base, rows: rows, input: $0.baseAddress!), count: rows))
        }
        #expect(try evaluate(stack.network(normalization: normalization), input) == trained)
    }

    @Test func theExportedValueFunctionAgrees() throws {
        var random = RandomNumbers(seed: 14)
        let shape = try ValueShape(inputs: 64, hidden: 8, anchors: 9, anchorWidth: 6, block: 4)
        let parameters = try Buffer<Float>(count: shape.parameterCount, repeating: 0)
        shape.initialize(parameters.base, concave: true, &random)
        for k in 0...64 { parameters[k] = Float(random.uniform()) - 0.5 }
        let rows = 20
        let input = random.floats(rows * 64).map { 3 * $0 + 1 }
        let normalization = try InputNormalization(
            rows: rows, inputs: 64, input: input, floor: 1e-3, groups: 9, width: 6)
        var normalized = input
        normalization.apply(rows: rows, input: input, output: &normalized)
        let network = try shape.network(parameters.base, normalization: normalization)
        #expect(network.isConcave && network.hiddenCount == 8 + 9 * 4)
        let pass = try ValuePass(shape, maximumRows: rows)
        normalized.withUnsafeBufferPointer { normalized in
            let values = pass.forward(parameters.base, rows: rows, input: normalized.baseAddress!)
            for row in 0..<rows {
                let value = input.withUnsafeBufferPointer { network.evaluate($0.baseAddress! + row * 64) }
                #expect(abs(value - Double(values[row])) < 1e-4)
            }
        }
    }
}
