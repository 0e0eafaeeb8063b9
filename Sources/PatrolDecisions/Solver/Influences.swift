import CKernels
import PatrolModel

/// What pairs add to the activations in a reduced program, A, scaled and padded as its vectors over neurons are.
///
/// No row of A is kept: each is worked out when it is asked for, and prices of all pairs come from those of A's factors.
final class Influences {
    private static let tileWidth = 64
    /// Rows that are in use at the same time.
    static let places = 4

    private let graph: Assignment
    private let original: UnsafePointer<Int32>
    /// The program's: hidden neurons, those that have factors, reserves, and where its influences stand.
    private var hidden = 0, stride = 0, factored = 0, reserves = 0
    private var factors: InfluenceFactors?
    private var table: UnsafePointer<Double>?
    private var share: UnsafePointer<Float>
    private var counter: UnsafePointer<Int32>
    /// Shape [neurons]: what each is multiplied by; 0 behind those that have factors.
    let scale: UnsafeMutablePointer<Double>
    private let factorScale: UnsafeMutablePointer<Double>
    /// Shape [places, neurons].
    private let worked: UnsafeMutablePointer<Double>
    /// Reserves that each of the program's pairs counts in: shape [pairs + 1], [members].
    private let memberStart, memberReserve: UnsafeMutablePointer<Int32>
    /// Whether every influence has factors; and of some pairs, where they are: shape [tileWidth].
    private var hasFactorsOnly = false
    private let rowsOfTile, partsOfTile: UnsafeMutablePointer<Int32>
    private let sharesOfTile: UnsafeMutablePointer<Float>
    /// Prices times scales, shape [neurons], and what they make of the factors: shape [rows], [columns], [columns].
    private let scaled, pricedRow, pricedColumn, pricedLater: UnsafeMutablePointer<Double>
    private let memory: SolverMemory

    init(
        graph: Assignment, original: UnsafePointer<Int32>, program: DispatchProgram, limits: DispatchProgram.Limits,
        _ memory: SolverMemory
    ) {
        self.memory = memory
        (self.graph, self.original) = (graph, original)
        (share, counter) = (UnsafePointer(program.share.base), UnsafePointer(program.counter.base))
        let neurons = ReducedProgram.padded(limits.hidden &+ limits.reserves)
        scale = memory.array(neurons, repeating: 1)
        factorScale = memory.array(neurons, repeating: 0)
        worked = memory.array(Self.places &* neurons, repeating: 0)
        memberStart = memory.unwritten(limits.reserves > 0 ? limits.pairs &+ 1 : 0, of: Int32.self)
        memberReserve = memory.unwritten(limits.reserveMembers, of: Int32.self)
        rowsOfTile = memory.array(Self.tileWidth, repeating: 0)
        partsOfTile = memory.array(Self.tileWidth, repeating: 0)
        sharesOfTile = memory.array(Self.tileWidth, repeating: 0)
        scaled = memory.array(neurons, repeating: 0)
        pricedRow = memory.array(limits.rows, repeating: 0)
        pricedColumn = memory.array(limits.columns, repeating: 0)
        pricedLater = memory.array(limits.columns, repeating: 0)
    }

    /// Takes up a program, whose arrays stay as they are meanwhile. Scales are 1 until `useScales`.
    func load(_ program: DispatchProgram, stride: Int) {
        (self.stride, hidden, reserves) = (stride, program.hiddenCount, program.reserveCount)
        (factors, factored) = (program.factors, program.factors?.count ?? 0)
        table = program.limits.isFactored ? nil : UnsafePointer(program.table.base)
        (share, counter) = (UnsafePointer(program.share.base), UnsafePointer(program.counter.base))
        hasFactorsOnly = factored > 0 && hidden == factored && reserves == 0
        scale.update(repeating: 1, count: hidden)
        useScales()
        guard reserves > 0 else { return }
        memberStart.update(repeating: 0, count: program.pairCount + 1)
        let members = Int(program.reserveStart[reserves])
        for index in 0..<members { memberStart[Int(program.reserveMember[index])] += 1 }
        for pair in 0..<program.pairCount { memberStart[pair + 1] += memberStart[pair] }
        for reserve in 0..<reserves {
            for index in Int(program.reserveStart[reserve])..<Int(program.reserveStart[reserve + 1]) {
                let pair = Int(program.reserveMember[index])
                memberStart[pair] -= 1
                memberReserve[Int(memberStart[pair])] = Int32(reserve)
            }
        }
    }

    /// Takes up what was written into `scale`.
    func useScales() {
        factorScale.update(repeating: 0, count: stride)
        factorScale.update(from: scale, count: factored)
    }

    /// A pair's row of A; valid until the next one at the same place.
    @inline(__always)
    func row(_ pair: Int, at place: Int = 0) -> UnsafePointer<Double> {
        let target = worked + place * stride
        write(pair, target)
        return UnsafePointer(target)
    }

    @_optimize(speed)
    func write(_ pair: Int, _ target: UnsafeMutablePointer<Double>) {
        let source = Int(original[pair])
        if let factors {
            let row = factors.row + Int(graph.pairRow[pair]) * factors.width
            let part = Int(factors.partOfColumn[Int(graph.pairColumn[pair])]) * factors.width
            kernels_influence(
                target, row, factors.column + part, factors.later + part, Double(share[source]), factorScale,
                min(stride, factors.width))
            if hasFactorsOnly { return }
            for neuron in Swift.stride(from: factors.width, to: stride, by: 1) { target[neuron] = 0 }
        } else {
            target.update(repeating: 0, count: stride)
        }
        if let table {
            for neuron in 0..<hidden { target[neuron] = table[source * hidden + neuron] * scale[neuron] }
        } else if counter[source] >= 0 {
            let neuron = Int(counter[source])
            target[neuron] = scale[neuron]
        }
        guard reserves > 0 else { return }
        for index in Int(memberStart[source])..<Int(memberStart[source + 1]) {
            target[hidden + Int(memberReserve[index])] = -1
        }
    }

    /// A_pk of a hidden neuron.
    func influence(_ pair: Int, _ neuron: Int) -> Double {
        let source = Int(original[pair])
        if let table { return table[source * hidden + neuron] * scale[neuron] }
        if let factors, neuron < factored {
            return factors.influence(Int(graph.pairRow[pair]), Int(graph.pairColumn[pair]), share[source], neuron)
                * scale[neuron]
        }
        return Int(counter[source]) == neuron ? scale[neuron] : 0
    }

    /// Widens ranges by the rows of some pairs.
    @_optimize(speed)
    func widen(
        _ least: UnsafeMutablePointer<Double>, _ most: UnsafeMutablePointer<Double>, by pairs: UnsafePointer<Int32>,
        _ count: Int
    ) {
        guard hasFactorsOnly, let factors else {
            for index in 0..<count { kernels_extend_range(least, most, row(Int(pairs[index])), stride) }
            return
        }
        for first in Swift.stride(from: 0, to: count, by: Self.tileWidth) {
            let length = min(Self.tileWidth, count - first)
            for index in 0..<length {
                let pair = Int(pairs[first + index])
                rowsOfTile[index] = graph.pairRow[pair]
                partsOfTile[index] = factors.partOfColumn[Int(graph.pairColumn[pair])]
                sharesOfTile[index] = share[Int(original[pair])]
            }
            kernels_influence_range(
                least, most, factors.row, factors.column, factors.later, factors.width, rowsOfTile, partsOfTile,
                sharesOfTile, length, factorScale, stride)
        }
    }

    /// values[p] = base[p] + Σ_k prices[k] A_pk.
    /// - Returns: false where the clock ended it first.
    @_optimize(speed)
    func price(
        _ values: UnsafeMutablePointer<Double>, base: UnsafePointer<Double>, prices: UnsafePointer<Double>,
        _ clock: CallClock
    ) -> Bool {
        guard stride > 0 else {
            values.update(from: base, count: graph.pairs)
            return true
        }
        var clock = clock
        priceFactors(prices)
        let (rowStart, pairColumn, original, share) = (graph.rowStart, graph.pairColumn, original, share)
        for row in 0..<graph.rows {
            let pairs = Int(rowStart[row])..<Int(rowStart[row + 1])
            if clock.expired(after: pairs.count) { return false }
            guard factored > 0 else {
                for pair in pairs { values[pair] = base[pair] + kernels_dot64(prices, self.row(pair), stride) }
                continue
            }
            let ofRow = pricedRow[row]
            for pair in pairs {
                let column = Int(pairColumn[pair]), later = Double(share[Int(original[pair])]) * pricedLater[column]
                values[pair] = base[pair] + (ofRow + pricedColumn[column] + later)
            }
            guard !hasFactorsOnly else { continue }
            for pair in pairs { values[pair] += priceOfCounts(pair, prices) }
        }
        return true
    }

    private func priceFactors(_ prices: UnsafePointer<Double>) {
        guard let factors else { return }
        let width = min(stride, factors.width)
        for neuron in 0..<width { scaled[neuron] = prices[neuron] * factorScale[neuron] }
        for row in 0..<graph.rows { pricedRow[row] = kernels_dot64(scaled, factors.row + row * factors.width, width) }
        for column in 0..<graph.columns {
            let part = Int(factors.partOfColumn[column]) * factors.width
            pricedColumn[column] = kernels_dot64(scaled, factors.column + part, width)
            pricedLater[column] = kernels_dot64(scaled, factors.later + part, width)
        }
    }

    /// The price of what a pair adds to neurons that have no factors.
    private func priceOfCounts(_ pair: Int, _ prices: UnsafePointer<Double>) -> Double {
        let source = Int(original[pair])
        var price = 0.0
        if counter[source] >= 0 { price = prices[Int(counter[source])] * scale[Int(counter[source])] }
        guard reserves > 0 else { return price }
        for index in Int(memberStart[source])..<Int(memberStart[source + 1]) {
            price -= prices[hidden + Int(memberReserve[index])]
        }
        return price
    }
}
