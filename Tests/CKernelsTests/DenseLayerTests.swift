import CKernels
import PatrolModel
import Testing

@Suite struct DenseLayerTests {
    static func packed(_ weights: [Float], _ bias: [Float], inputs: Int) -> [Float] {
        var result = [Float](repeating: .nan, count: kernels_dense_packed_count(inputs, bias.count))
        kernels_dense_pack(weights, bias, inputs, bias.count, &result)
        return result
    }

    static func run(
        _ level: Level, _ x: [Float], _ packed: [Float], inputs: Int, outputs: Int, relu: Bool
    ) -> [Float] {
        let rows = x.count / inputs
        var y = [Float](repeating: 777, count: rows * outputs + 1)
        level.denseLayer(x, rows, inputs, packed, outputs, relu ? 1 : 0, &y)
        #expect(y.removeLast() == 777, "wrote behind its output")
        return y
    }

    /// A layer of one input shows the fused multiply-add bare: y = fma(x, w, b), on any bit patterns.
    @Test(arguments: Level.all) func multipliesAndAddsWithOneRounding(level: Level) {
        var random = RandomNumbers(seed: 1)
        func any() -> Float { Float(bitPattern: UInt32(truncatingIfNeeded: random.next())) }
        for round in 0..<20_000 {
            let x = any()
            var w = (0..<16).map { _ in any() }
            var b = (0..<16).map { _ in any() }
            switch round % 4 {
            case 0:  // products near the addend, where rounding twice shows
                for lane in 0..<16 {
                    let ulps = Float(sign: .plus, exponent: Int(random.next() % 60) - 30, significand: 1)
                    w[lane] = random.floats(1)[0]
                    b[lane] = x * w[lane] * ulps
                }
            case 1:  // cancellation to the last bits
                for lane in 0..<16 { b[lane] = -(x * w[lane]) }
            case 2:  // ties broken by bits far below: (1 + 2⁻¹²)² + 2⁻²⁴ · m and the like
                for lane in 0..<16 {
                    w[lane] = 1 + Float(random.next() % 4096) * 0x1p-12
                    b[lane] = Float(sign: .plus, exponent: Int(random.next() % 50) - 25, significand: 1)
                }
            default: break
            }
            let y = Self.run(level, [x], Self.packed(w, b, inputs: 1), inputs: 1, outputs: 16, relu: false)
            let expected = (0..<16).map { b[$0].addingProduct(x, w[$0]) }
            #expect(bits(y) == bits(expected))
        }
    }

    /// Sums whose rounding to double is odd and inexact, one step from half a float's last place: stepping on from
    /// there would make a tie of them.
    @Test(arguments: Level.all) func makesNoTies(level: Level) {
        // a·w = 2⁻²⁴ (1 + 2⁻²⁸ − ε) and 2⁻²⁴ (1 − 2⁻²⁸ + ε)
        let above: (Float, Float) = (8_388_608 + 2852, 8_388_608 - 2851)
        let below: (Float, Float) = (8_388_608 + 500, 8_388_608 - 500)
        for (x, w, b, expected) in [
            (above.0, above.1 * 0x1p-70, 1, 1 + 0x1p-23), (below.0, below.1 * 0x1p-70, 1 + 0x1p-23, 1 + 0x1p-23),
        ] as [(Float, Float, Float, Float)] {
            for sign: Float in [1, -1] {
                let layer = Self.packed([sign * w, 0], [sign * b, 0], inputs: 1)
                let y = Self.run(level, [x], layer, inputs: 1, outputs: 2, relu: false)
                #expect(y == [sign * expected, 0])
            }
        }
    }

    @Test(arguments: Level.all) func sumsOverInputsInOrder(level: Level) {
        var random = RandomNumbers(seed: 2)
        for (inputs, outputs) in [(28, 32), (32, 32), (5, 2), (17, 15), (1, 33), (64, 48), (300, 16)] {
            let x = random.floats(7 * inputs)
            let w = random.floats(inputs * outputs)
            let b = random.floats(outputs)
            let y = Self.run(
                level, x, Self.packed(w, b, inputs: inputs), inputs: inputs, outputs: outputs, relu: true)
            let expected = (0..<7 * outputs).map { place in
                let (row, output) = place.quotientAndRemainder(dividingBy: outputs)
                let sum = (0..<inputs).reduce(b[output]) {
                    $0.addingProduct(x[row * inputs + $1], w[output * inputs + $1])
                }
                return max(sum, 0)
            }
            #expect(bits(y) == bits(expected))
        }
    }

    @Test func levelsAgreeForEveryShape() {
        var random = RandomNumbers(seed: 3)
        for _ in 0..<150 {
            let (rows, inputs, outputs) = (1 + random.below(20), 1 + random.below(70), 1 + random.below(70))
            let x = random.floats(rows * inputs, in: -100...100)
            let layer = Self.packed(
                random.floats(inputs * outputs), random.floats(outputs), inputs: inputs)
            let results = Level.all.map {
                bits(Self.run($0, x, layer, inputs: inputs, outputs: outputs, relu: rows % 2 == 0))
            }
            for result in results { #expect(result == results[0], "\(rows) × \(inputs) → \(outputs)") }
        }
    }

    @Test(arguments: Level.all) func aRowDoesNotDependOnItsBatch(level: Level) {
        var random = RandomNumbers(seed: 4)
        for (inputs, outputs) in [(28, 32), (32, 1), (19, 21), (3, 5)] {
            let x = random.floats(64 * inputs)
            let layer = Self.packed(
                random.floats(inputs * outputs), random.floats(outputs), inputs: inputs)
            let alone = (0..<64).flatMap { row in
                let x = Array(x[row * inputs..<(row + 1) * inputs])
                return Self.run(level, x, layer, inputs: inputs, outputs: outputs, relu: true)
            }
            for rows in 1...64 {
                let batch = Self.run(
                    level, Array(x[..<(rows * inputs)]), layer, inputs: inputs, outputs: outputs, relu: true)
                #expect(bits(batch) == bits(Array(alone[..<(rows * outputs)])))
            }
        }
    }

    @Test(arguments: Level.all) func rectificationKeepsNaN(level: Level) {
        for outputs in [1, 2, 16, 40] {
            let layer = Self.packed(
                [Float](repeating: 1, count: outputs), [Float](repeating: 0, count: outputs), inputs: 1)
            let y = Self.run(
                level, [.nan, -3, 3, -.infinity, .infinity], layer, inputs: 1, outputs: outputs, relu: true)
            let column = (0..<5).map { y[$0 * outputs + outputs - 1] }
            #expect(bits(column) == bits([.nan, 0, 3, 0, .infinity]))
        }
    }

    @Test(arguments: Level.all) func noRowsTouchNothing(level: Level) {
        #expect(Self.run(level, [], Self.packed([1, 2], [3], inputs: 2), inputs: 2, outputs: 1, relu: false) == [])
    }
}
