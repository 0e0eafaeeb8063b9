import PatrolModel
import PatrolNetworks
import Testing

@Suite struct DenseNetworkTests {
    @Test func agreesWithADoubleReference() throws {
        var random = RandomNumbers(seed: 1)
        for round in 0..<60 {
            let widths = (0..<2 + random.below(4)).map { _ in 1 + random.below(300) }
            let network = try RandomNetwork(widths: widths, normalized: round % 2 == 1, &random)
            let rows = 1 + random.below(12)
            let x = random.floats(rows * widths[0])
            let y = try network.evaluate(x)
            for row in 0..<rows {
                let expected = network.reference(Array(x[row * widths[0]..<(row + 1) * widths[0]]))
                let tolerance = 1e-5 * expected.reduce(1) { max($0, abs($1)) }
                for (output, value) in expected.enumerated() {
                    #expect(abs(Double(y[row * expected.count + output]) - value) <= tolerance, "widths \(widths)")
                }
            }
        }
    }

    @Test(arguments: [[28, 32, 32, 1], [22, 32, 32, 1], [5, 7], [1, 1], [40, 64, 3]])
    func aRowIsTheSameInEveryBatch(widths: [Int]) throws {
        var random = RandomNumbers(seed: 2)
        let network = try RandomNetwork(widths: widths, normalized: true, &random)
        let x = random.floats(64 * widths[0])
        let whole = try network.evaluate(x)
        for rows in 1...64 {
            #expect(try network.evaluate(Array(x[..<(rows * widths[0])])) == Array(whole[..<(rows * widths.last!)]))
        }
        for maximumRows in [0, 1, 3, 63] {
            #expect(try network.evaluate(x, maximumRows: maximumRows) == whole)
        }
    }

    @Test func normalizationIsSubtractThenScale() throws {
        let layer = DenseLayer(
            inputs: 2, outputs: 2, weights: try .of([1, 0, 0, 1]), bias: try .of([0, 0]))
        let network = try DenseNetwork(
            layers: [layer],
            normalization: InputNormalization(mean: try .of([1000.1, -2]), scale: try .of([0.3, 10])))
        let y = try evaluate(network, [1000.7, -1.5])
        #expect(y == [(1000.7 - 1000.1 as Float) * 0.3, 5])
    }

    @Test func rowsWithNaNGiveNaNAndLeaveTheOthersAlone() throws {
        var random = RandomNumbers(seed: 3)
        let network = try RandomNetwork(widths: [28, 32, 32, 2], normalized: true, &random)
        var x = random.floats(10 * 28)
        let before = try network.evaluate(x)
        x[4 * 28 + 9] = .nan
        let after = try network.evaluate(x)
        for place in before.indices {
            if place / 2 == 4 { #expect(after[place].isNaN) } else { #expect(after[place] == before[place]) }
        }
        x[4 * 28 + 9] = .infinity
        _ = try network.evaluate(x)
    }

    @Test func noRowsWriteNothing() throws {
        var random = RandomNumbers(seed: 4)
        let network = try RandomNetwork(widths: [3, 4, 1], normalized: false, &random).network
        let scratch = try NetworkScratch(for: network, maximumRows: 4)
        var output: [Float] = [777]
        for rows in [0, -1] {
            try network.evaluate(rows: rows, input: [0], output: &output, scratch: scratch)
            #expect(output == [777])
        }
    }

    @Test func scratchServesNarrowerNetworksAndRefusesWiderOnes() throws {
        var random = RandomNumbers(seed: 5)
        let narrow = try RandomNetwork(widths: [4, 8, 1], normalized: false, &random)
        let wide = try RandomNetwork(widths: [4, 100, 1], normalized: false, &random)
        let x = random.floats(20)
        var y = [Float](repeating: 0, count: 5)
        try narrow.network.evaluate(
            rows: 5, input: x, output: &y, scratch: NetworkScratch(for: wide.network, maximumRows: 1))
        #expect(try y == narrow.evaluate(x))

        let small = try NetworkScratch(for: narrow.network, maximumRows: 2)
        let error = #expect(throws: PatrolError.self) {
            try wide.network.evaluate(rows: 5, input: x, output: &y, scratch: small)
        }
        #expect(error?.status == .capacity)
        #expect(throws: PatrolError.self) { _ = try NetworkScratch(for: wide.network, maximumRows: .max) }
    }
}
