import CKernels
import PatrolModel
import Testing

@Suite struct DenseGradientTests {
    /// Each weight's sum over the rows, in order, with fused multiply-adds.
    @Test(arguments: Level.all) func sumsOverRowsInOrder(level: Level) {
        var random = RandomNumbers(seed: 41)
        for (rows, inputs, outputs) in [
            (1, 1, 1), (7, 3, 5), (64, 28, 32), (5, 16, 6), (9, 17, 13), (3, 33, 1), (0, 20, 4), (31, 48, 7),
            (2, 31, 12),
        ] {
            let (x, dy) = (random.floats(rows * inputs), random.floats(rows * outputs))
            var dw = [Float](repeating: 777, count: outputs * inputs + 1)
            var db = [Float](repeating: 777, count: outputs + 1)
            level.denseGradient(x, dy, rows, inputs, outputs, &dw, &db)
            #expect(dw.removeLast() == 777 && db.removeLast() == 777, "wrote behind its output")
            for o in 0..<outputs {
                var bias: Float = 0
                for row in 0..<rows { bias += dy[row * outputs + o] }
                #expect(db[o] == bias)
                for i in 0..<inputs {
                    var sum: Float = 0
                    for row in 0..<rows { sum.addProduct(dy[row * outputs + o], x[row * inputs + i]) }
                    #expect(dw[o * inputs + i] == sum, "\(rows) rows, \(inputs) inputs, \(outputs) outputs")
                }
            }
        }
    }

    /// Wᵀ as a layer: what `kernels_dense_pack` makes of the transposed matrix.
    @Test func transposedPacking() {
        var random = RandomNumbers(seed: 42)
        for (inputs, outputs) in [(1, 1), (1, 5), (5, 1), (16, 16), (28, 33), (33, 7)] {
            let weights = random.floats(inputs * outputs)
            let transposed = (0..<inputs * outputs).map { weights[$0 % outputs * inputs + $0 / outputs] }
            let expected = DenseLayerTests.packed(transposed, [Float](repeating: 0, count: inputs), inputs: outputs)
            var packed = [Float](repeating: .nan, count: expected.count)
            kernels_dense_pack_transposed(weights, inputs, outputs, &packed)
            #expect(packed == expected)
        }
    }
}
