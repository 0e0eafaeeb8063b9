import CKernels
import PatrolModel

/// What pairs add to the activations in a reduced program, A, scaled and padded as its vectors over neurons are.
///
/// A row of A is worked out when it is asked for. Its transpose, which pricing all pairs needs, is kept where the pairs
/// are few, and worked out tile by tile otherwise.
final class Influences {
    private static let tileWidth = 64
    /// Pairs between two looks at the clock.
    private static let block = 4096
    /// Rows that are in use at the same time.
    static let places = 4

    private let graph: Assignment
    private let original: UnsafePointer<Int32>
    private var program: DispatchProgram
    private var hidden = 0, stride = 0, factored = 0
    /// Shape [neurons]: what each is multiplied by; 0 behind those that have factors.
    let scale: UnsafeMutablePointer<Double>
    private let factorScale: UnsafeMutablePointer<Double>
    /// Shape [places, neurons] and [neurons].
    private let worked, nothing: UnsafeMutablePointer<Double>
    /// Reserves that each of the program's pairs counts in: shape [pairs + 1], [members].
    private let memberStart, memberReserve: UnsafeMutablePointer<Int32>
    private let pairLimit: Int
    /// Shape [neurons, lineStride] and [neurons, tileWidth].
    private let kept, tile: UnsafeMutablePointer<Double>
    /// Whether every influence has factors; and of some pairs, where they are: shape [tileWidth].
    private var hasFactorsOnly = false
    private let rowsOfTile, partsOfTile: UnsafeMutablePointer<Int32>
    private let sharesOfTile: UnsafeMutablePointer<Float>
    private let line: UnsafeMutablePointer<Double>
    private var lineStride = 0
    private let memory = SolverMemory()

    /// - Throws: `outOfMemory`.
    init(
        graph: Assignment, original: UnsafePointer<Int32>, program: DispatchProgram, limits: DispatchProgram.Limits,
        keptPairs: Int
    ) throws(PatrolError) {
        (self.graph, self.original, self.program) = (graph, original, program)
        let neurons = ReducedProgram.padded(limits.hidden &+ limits.reserves)
        pairLimit = min(ReducedProgram.padded(limits.pairs), keptPairs)
        let isLarge = limits.pairs > keptPairs
        scale = try memory.array(neurons, repeating: 1)
        factorScale = try memory.array(neurons, repeating: 0)
        worked = try memory.array(Self.places &* neurons, repeating: 0)
        nothing = try memory.array(neurons, repeating: 0)
        memberStart = try memory.unwritten(limits.reserves > 0 ? limits.pairs &+ 1 : 0, of: Int32.self)
        memberReserve = try memory.unwritten(limits.reserveMembers, of: Int32.self)
        let (size, overflow) = (pairLimit &+ 32).multipliedReportingOverflow(by: neurons)
        kept = try memory.unwritten(overflow ? -1 : size, of: Double.self)
        tile = try memory.unwritten(isLarge ? neurons &* Self.tileWidth : 0, of: Double.self)
        rowsOfTile = try memory.array(Self.tileWidth, repeating: 0)
        partsOfTile = try memory.array(Self.tileWidth, repeating: 0)
        sharesOfTile = try memory.array(Self.tileWidth, repeating: 0)
        line = try memory.unwritten(isLarge ? limits.pairs : 0, of: Double.self)
    }

    /// Takes up a program. Scales are 1 until `setScales`.
    func load(_ program: DispatchProgram, stride: Int) {
        self.program = program
        (self.stride, hidden) = (stride, program.hiddenCount)
        factored = program.factors?.count ?? 0
        hasFactorsOnly = factored > 0 && hidden == factored && program.reserveCount == 0
        scale.update(repeating: 1, count: hidden)
        useScales()
        guard program.reserveCount > 0 else { return }
        memberStart.update(repeating: 0, count: program.pairCount + 1)
        let members = Int(program.reserveStart[program.reserveCount])
        for index in 0..<members { memberStart[Int(program.reserveMember[index])] += 1 }
        for pair in 0..<program.pairCount { memberStart[pair + 1] += memberStart[pair] }
        for reserve in 0..<program.reserveCount {
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
        if let factors = program.factors {
            let row = factors.row + Int(graph.pairRow[pair]) * factors.width
            let part = Int(factors.partOfColumn[Int(graph.pairColumn[pair])]) * factors.width
            kernels_influence(
                target, row, factors.column + part, factors.later + part, Double(program.share[source]), factorScale,
                min(stride, factors.width))
            for neuron in Swift.stride(from: factors.width, to: stride, by: 1) { target[neuron] = 0 }
        } else {
            target.update(repeating: 0, count: stride)
        }
        if !program.limits.isFactored {
            let given = program.influence(of: source)
            for neuron in 0..<hidden { target[neuron] = given[neuron] * scale[neuron] }
        } else if program.counter[source] >= 0 {
            let neuron = Int(program.counter[source])
            target[neuron] = scale[neuron]
        }
        guard program.reserveCount > 0 else { return }
        for index in Int(memberStart[source])..<Int(memberStart[source + 1]) {
            target[hidden + Int(memberReserve[index])] = -1
        }
    }

    /// Widens ranges by the rows of some pairs.
    @_optimize(speed)
    func widen(
        _ least: UnsafeMutablePointer<Double>, _ most: UnsafeMutablePointer<Double>, by pairs: UnsafePointer<Int32>,
        _ count: Int
    ) {
        guard hasFactorsOnly, let factors = program.factors else {
            for index in 0..<count { kernels_extend_range(least, most, row(Int(pairs[index])), stride) }
            return
        }
        for first in Swift.stride(from: 0, to: count, by: Self.tileWidth) {
            let length = min(Self.tileWidth, count - first)
            for index in 0..<length {
                let pair = Int(pairs[first + index])
                rowsOfTile[index] = graph.pairRow[pair]
                partsOfTile[index] = factors.partOfColumn[Int(graph.pairColumn[pair])]
                sharesOfTile[index] = program.share[Int(original[pair])]
            }
            kernels_influence_range(
                least, most, factors.row, factors.column, factors.later, factors.width, rowsOfTile, partsOfTile,
                sharesOfTile, length, factorScale, stride)
        }
    }

    /// Works out the transpose of the present pairs if they are few. - Returns: false where the clock ended it first.
    @discardableResult
    func transpose(_ clock: CallClock = CallClock()) -> Bool {
        lineStride = ReducedProgram.padded(graph.pairs)
        guard lineStride <= pairLimit else { return true }
        for first in Swift.stride(from: 0, to: graph.pairs, by: Self.block) {
            if clock.expired { return false }
            fill(first..<min(first + Self.block, graph.pairs), kept + first, lineStride)
        }
        return true
    }

    /// Columns of A for a range of pairs, padded with zeros, shape [neurons, width].
    @_optimize(speed)
    private func fill(_ range: Range<Int>, _ target: UnsafeMutablePointer<Double>, _ width: Int) {
        let padded = ReducedProgram.padded(range.count)
        for neuron in 0..<stride {
            (target + neuron * width + range.count).update(repeating: 0, count: padded - range.count)
        }
        for pair in range {
            let row = row(pair)
            let column = target + (pair - range.lowerBound)
            for neuron in 0..<stride { column[neuron * width] = row[neuron] }
        }
    }

    /// values[p] = base[p] + Σ_k prices[k] A_pk, in the order of the neurons.
    /// - Returns: false where the clock ended it first.
    func price(
        _ values: UnsafeMutablePointer<Double>, base: UnsafePointer<Double>, prices: UnsafePointer<Double>,
        neurons: Int,
        _ clock: CallClock
    ) -> Bool {
        let isKept = lineStride <= pairLimit
        let width = isKept ? Self.block : Self.tileWidth
        for first in Swift.stride(from: 0, to: graph.pairs, by: width) {
            if first > 0, first % Self.block == 0, clock.expired { return false }
            let count = min(width, graph.pairs - first)
            if !isKept { fill(first..<first + count, tile, width) }
            kernels_priced_values(
                values + first, base + first, isKept ? kept + first : tile, isKept ? lineStride : width, prices,
                neurons,
                count)
        }
        return true
    }

    /// A neuron's column of A, shape [pairs]; valid until the next one.
    func column(_ neuron: Int) -> UnsafePointer<Double> {
        guard lineStride > pairLimit else { return UnsafePointer(kept + neuron * lineStride) }
        for pair in 0..<graph.pairs { line[pair] = row(pair)[neuron] }
        return UnsafePointer(line)
    }
}
