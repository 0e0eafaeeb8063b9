import PatrolModel
import PatrolNetworks
import Testing

@Suite struct TrainingOptimizerTests {
    /// Algorithm 1 of Kingma & Ba, written in `Double`.
    @Test func adamFollowsItsListing() throws {
        var random = RandomNumbers(seed: 21)
        let count = 21
        let parameters = try Buffer.of(random.floats(count))
        var (theta, m, v) = (
            parameters.elements.map(Double.init), [Double](repeating: 0, count: count),
            [Double](repeating: 0, count: count)
        )
        let adam = try Adam(parameterCount: count)
        let (beta1, beta2) = (Double(adam.rates.beta1), Double(adam.rates.beta2))
        var (power1, power2) = (1.0, 1.0)
        for _ in 0..<50 {
            let gradient = random.floats(count)
            adam.step(parameters.base, gradient: gradient, rate: 0.01)
            (power1, power2) = (power1 * beta1, power2 * beta2)
            for k in 0..<count {
                let g = Double(gradient[k])
                m[k] = beta1 * m[k] + (1 - beta1) * g
                v[k] = beta2 * v[k] + (1 - beta2) * g * g
                theta[k] -= 0.01 * (m[k] / (1 - power1)) / ((v[k] / (1 - power2)).squareRoot() + 1e-8)
            }
        }
        #expect(adam.stepCount == 50)
        for k in 0..<count { #expect(abs(Double(parameters[k]) - theta[k]) < 2e-5) }
    }

    @Test func projectedWeightsStayAtOrBelowZero() throws {
        let parameters = try Buffer.of([-0.05, -0.05, -0.05])
        let adam = try Adam(parameterCount: 3, nonPositive: [1..<3])
        for _ in 0..<10 { adam.step(parameters.base, gradient: [-1, -1, 1], rate: 0.01) }
        #expect(parameters[0] > 0.04 && parameters[1] == 0 && parameters[2] < -0.14)
    }

    @Test func huberIsQuadraticThenLinear() {
        #expect(huber(0.5, threshold: 1) == (0.125, 0.5))
        #expect(huber(-3, threshold: 1) == (2.5, -1))
        #expect(huber(3, threshold: 2) == (4, 2))
    }

    @Test func schedulesEndWhereTheyShould() {
        let schedule = LinearSchedule(from: 1, to: 0.5, steps: 10)
        #expect([0, 5, 10, 99].map { schedule.value(at: $0) } == [1, 0.75, 0.5, 0.5])
        #expect(LinearSchedule(from: 1, to: 0.5, steps: 0).value(at: 0) == 0.5)
    }

    @Test func averages() throws {
        let target = try Buffer.of([0, 8])
        moveAverage(target, towards: try .of([4, 0]), share: 0.25)
        #expect(Array(target.elements) == [1, 6])
        average([try .of([1, 2]), try .of([3, 4]), try .of([8, 0])], into: target)
        #expect(Array(target.elements) == [4, 2])
    }

    @Test func normalizationHasMeanZeroAndDeviationOne() throws {
        // Two places with two features each, and one feature more that never changes.
        let rows: [Float] = [1, 10, 5, 30, 7, 3, 20, 7, 40, 7]
        let one = try InputNormalization(rows: 2, inputs: 5, input: rows, floor: 0.5)
        #expect(Array(one.mean.elements) == [2, 15, 6, 35, 7])
        #expect(Array(one.scale.elements) == [1, 0.2, 1, 0.2, 2])
        let shared = try InputNormalization(rows: 2, inputs: 5, input: rows, floor: 0.5, groups: 2, width: 2)
        #expect(Array(shared.mean.elements) == [4, 25, 4, 25, 7])
        #expect(shared.scale[0] == shared.scale[2] && shared.scale[4] == 2)
        #expect(abs(shared.scale[0] - 1 / Float(5).squareRoot()) < 1e-6)
    }

    @Test func heInitializationHasItsVariance() throws {
        var random = RandomNumbers(seed: 22)
        let shape = try StackShape([50, 200, 100, 1])
        let stack = try TrainableStack(shape, &random)
        for (layer, variance) in [2.0 / 50, 2.0 / 200, 1.0 / 100].enumerated() {
            let weights = shape.weights(ofLayer: layer).map { Double(stack.parameters[$0]) }
            let found = weights.reduce(0) { $0 + $1 * $1 } / Double(weights.count)
            #expect(abs(found / variance - 1) < (layer == 2 ? 0.3 : 0.05))
            #expect(shape.bias(ofLayer: layer).allSatisfy { stack.parameters[$0] == 0 })
        }
    }

    @Test func shapesAreChecked() {
        for widths in [[], [3], [3, 0], [3, 5000, 1], Array(repeating: 2, count: 18)] {
            #expect(throws: PatrolError.self) { _ = try StackShape(widths) }
        }
        #expect(throws: PatrolError.self) {
            _ = try ValueShape(inputs: 10, hidden: 2, anchors: 2, anchorWidth: 6, block: 1)
        }
    }

    /// A product learned from 200 samples: the whole chain of forward, loss, backward, shards and Adam.
    @Test func aStackFitsAFunctionWithAnyNumberOfThreads() throws {
        func fit(threads: Int) throws -> (losses: [Float], parameters: [Float]) {
            var random = RandomNumbers(seed: 23)
            let stack = try TrainableStack(StackShape([2, 16, 1]), &random)
            let adam = try Adam(parameterCount: stack.shape.parameterCount)
            let rows = 200
            let input = try Buffer.of(random.floats(2 * rows))
            let gradient = try ShardedGradient(
                parameterCount: stack.shape.parameterCount, maximumRows: rows, rowsPerShard: 64)
            let passes = try (0..<gradient.maximumShards).map { _ in try StackPass(stack.shape, maximumRows: 64) }
            let losses = try Buffer<Float>(count: gradient.maximumShards, repeating: 0)
            var history: [Float] = []
            let rate = LinearSchedule(from: 0.01, to: 0.001, steps: 120)
            for step in 0..<120 {
                try gradient.compute(rows: rows, threads: threads) { (shard, range, part) throws(PatrolError) in
                    let first = UnsafePointer(input.base + 2 * range.lowerBound)
                    let outputs = passes[shard].forward(stack.parameters.base, rows: range.count, input: first)
                    losses[shard] = 0
                    let slopes = range.indices.map { row in
                        let (x, y) = (first[2 * (row - range.lowerBound)], first[2 * (row - range.lowerBound) + 1])
                        let (loss, slope) = huber(outputs[row - range.lowerBound] - x * y, threshold: 1)
                        losses[shard] += loss / Float(rows)
                        return slope / Float(rows)
                    }
                    passes[shard].backward(outputGradient: slopes, into: part)
                }
                adam.step(stack.parameters.base, gradient: gradient.sum.base, rate: rate.value(at: step))
                history.append(losses.elements.reduce(0, +))
            }
            return (history, Array(stack.parameters.elements))
        }
        let one = try fit(threads: 1)
        #expect(one.losses[119] < one.losses[0] / 50)
        #expect(try fit(threads: 3).parameters == one.parameters)
    }

    @Test(arguments: [1, 2, 5, 200]) func everyShardRunsOnce(threads: Int) throws {
        let runs = try Buffer<Int32>(count: 100, repeating: 0)
        try runShards(100, threads: threads) { runs[$0] += 1 }
        #expect(runs.elements.allSatisfy { $0 == 1 })
        try runShards(0, threads: threads) { _ in Issue.record("no shard to run") }
        let error = #expect(throws: PatrolError.self) {
            try runShards(100, threads: threads) { shard throws(PatrolError) in
                if shard % 40 == 17 { throw PatrolError(.internalError, "shard \(shard)") }
            }
        }
        #expect(error?.message == "shard 17")
    }
}
