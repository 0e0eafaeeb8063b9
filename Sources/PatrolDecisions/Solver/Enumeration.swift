import CKernels
import PatrolModel

/// Closes a domain by listing every assignment whose slacks leave room for an improvement.
///
/// At optimal prices an assignment's relaxed value is the bound less the slack of every pair used, the price of
/// every row left unused and the price of every slot left open. Where the bound is close to the incumbent only a
/// handful of assignments remain, and listing them is quicker than branching. The list is made slot by slot if
/// there are fewer slots than rows, and row by row otherwise: one side gives the *items*, the other the *partners*.
///
/// To that a part of an assignment adds what its neurons lose: the relaxation prices each neuron as if its activation were
/// where that is best for the slope, and the fewer items are open, the narrower is the interval where it can still be.
final class Enumeration {
    enum Outcome { case found, complete, tooMany, expired }

    static let depthLimit = 256

    let problem: ReducedProgram
    let domain: Domain
    let dual: LagrangianDual
    /// Shape [rows]: the assignment found, in reduced pairs.
    let pairOfRow: UnsafeMutablePointer<Int32>
    /// A bound of the domain less the value to be exceeded: what an assignment may lose. Lower it after a find.
    var room = 0.0

    /// Items, those with few candidates first: the candidates (sorted by loss), whether they are those of the item
    /// before, and what leaving the item open loses.
    let firstCandidate, endCandidate: UnsafeMutablePointer<Int32>
    let isCopy: UnsafeMutablePointer<UInt8>
    /// The item that a copy is one of; and where its sorted candidates end so far, −1 before the first is asked for: of most
    /// items few ever are.
    let original, sortedEnd: UnsafeMutablePointer<Int32>
    let openLoss: UnsafeMutablePointer<Double>
    let candidate: UnsafeMutablePointer<Int32>
    let loss: UnsafeMutablePointer<Double>
    /// Partners: times used, times to be used, times at most, and the loss of each time that it is not; and of each pair, its partner.
    let used, needed, most: UnsafeMutablePointer<Int32>
    var partnerOfPair: UnsafeMutablePointer<Int32>
    let unusedLoss: UnsafeMutablePointer<Double>
    /// The row alike that must be used before a partner is, or −1.
    let predecessor: UnsafeMutablePointer<Int32>
    /// Along the path, shape [depth + 1]: next position, pair chosen, losses, Σ c, activations.
    let position, chosen: UnsafeMutablePointer<Int32>
    let pathLoss, pathLinear, pathActivation: UnsafeMutablePointer<Double>
    /// Shape [depth + 1, neurons]: the least and the most that the items from each depth on add to the activations, and
    /// the interval of each activation, shape [neurons].
    let restLow, restHigh, low, high: UnsafeMutablePointer<Double>
    let nothing: UnsafeMutablePointer<Double>
    var items = 0, depth = 0, visits = 0, budget = 0, needs = 0
    var bySlot = false, priced = false
    var unused = 0.0
    /// What rounding may add to the neurons' losses.
    var rounding = 0.0
    private let memory: SolverMemory

    init(
        problem: ReducedProgram, domain: Domain, dual: LagrangianDual, limits: DispatchProgram.Limits,
        _ memory: SolverMemory
    ) {
        self.memory = memory
        self.problem = problem
        self.domain = domain
        self.dual = dual
        let neurons = ReducedProgram.padded(limits.hidden &+ limits.reserves)
        let depths = Self.depthLimit
        let partners = max(limits.rows, limits.columns)
        pairOfRow = memory.array(limits.rows, repeating: -1)
        firstCandidate = memory.array(depths, repeating: 0)
        endCandidate = memory.array(depths, repeating: 0)
        isCopy = memory.array(depths, repeating: 0)
        original = memory.array(depths, repeating: 0)
        sortedEnd = memory.array(depths, repeating: -1)
        openLoss = memory.array(depths, repeating: 0)
        candidate = memory.unwritten(limits.pairs, of: Int32.self)
        loss = memory.unwritten(limits.pairs, of: Double.self)
        used = memory.array(partners, repeating: 0)
        needed = memory.array(partners, repeating: 0)
        most = memory.array(partners, repeating: 0)
        partnerOfPair = problem.assignment.pairColumn
        unusedLoss = memory.array(partners, repeating: 0)
        predecessor = memory.array(partners, repeating: -1)
        position = memory.array(depths + 1, repeating: 0)
        chosen = memory.array(depths + 1, repeating: -1)
        pathLoss = memory.array(depths + 1, repeating: 0)
        pathLinear = memory.array(depths + 1, repeating: 0)
        pathActivation = memory.array((depths + 1) &* neurons, repeating: 0)
        restLow = memory.array((depths + 1) &* neurons, repeating: 0)
        restHigh = memory.array((depths + 1) &* neurons, repeating: 0)
        low = memory.array(neurons, repeating: 0)
        high = memory.array(neurons, repeating: 0)
        nothing = memory.array(neurons, repeating: 0)
    }

    /// Sets the first position of the item at `depth`.
    func enter() {
        guard depth < items else { return }
        if isCopy[depth] == 0 {
            if sortedEnd[depth] < 0 { startSort(depth) }
            position[depth] = firstCandidate[depth]
        } else {
            position[depth] = chosen[depth - 1] >= 0 ? position[depth - 1] : endCandidate[depth]
        }
    }

    /// Goes on listing until an assignment is worth more than `value` (Σ c and the ReLU part), then reports it.
    @_optimize(speed)
    func next(above value: Double, clock: CallClock) -> Outcome {
        guard pathLoss[0] < .infinity else { return .complete }
        if items == 0 {
            guard depth == 0, needs == 0, pathLoss[0] + unused <= room else { return .complete }
            depth = -1
            let worth = kernels_relu_sum(
                pathActivation, problem.weight, nothing, nothing, nothing, nothing, problem.stride)
            guard worth > value else { return .complete }
            pairOfRow.update(repeating: -1, count: problem.rows)
            return .found
        }
        let stride = problem.stride
        while depth >= 0 {
            visits += 1
            if visits > budget { return .tooMany }
            if visits & 4095 == 0, clock.expired { return .expired }
            guard let pair = nextChoice() else {
                depth -= 1
                if depth >= 0 { release() }
                continue
            }
            let influence = pair < 0 ? UnsafePointer(nothing) : problem.influences.row(pair)
            let activation = pathActivation + depth * stride
            let linear = pathLinear[depth] + (pair < 0 ? 0 : problem.value[pair])
            if depth + 1 == items {
                let lost = pathLoss[depth + 1] + unused
                let worth =
                    needs > 0 || lost > room
                    ? -Double.infinity
                    : linear
                        + kernels_relu_sum(
                            activation, problem.weight, influence, nothing, nothing, nothing, stride)
                if worth > value { report() }
                release()
                if worth > value { return .found }
                continue
            }
            if needs > items - depth - 1 {
                release()
                continue
            }
            pathLinear[depth + 1] = linear
            let after = activation + stride
            if priced {
                let lost = neuronLosses(after, activation, influence, depth + 1)
                if pathLoss[depth + 1] + lost > room + rounding {
                    release()
                    continue
                }
            } else {
                for neuron in 0..<stride { after[neuron] = activation[neuron] + influence[neuron] }
            }
            depth += 1
            enter()
        }
        return .complete
    }

    /// Adds up the activations after a choice. - Returns: what the assignments below lose for activations away from where the
    ///   slopes price them.
    @inline(__always)
    private func neuronLosses(
        _ after: UnsafeMutablePointer<Double>, _ activation: UnsafePointer<Double>,
        _ influence: UnsafePointer<Double>, _ depth: Int
    ) -> Double {
        let rest = depth * problem.stride
        return kernels_neuron_losses(
            after, activation, influence, restLow + rest, restHigh + rest, low, high, problem.weight, dual.slope,
            dual.peak,
            problem.stride)
    }

    /// Chooses the next candidate of the item at `depth`, or −1 for leaving it open; nil when all were tried.
    @inline(__always)
    private func nextChoice() -> Int? {
        let (end, used) = (endCandidate[depth], used)
        while position[depth] < end {
            let index = Int(position[depth]), item = Int(original[depth])
            if position[depth] == sortedEnd[item] { sortOne(item) }
            let lost = pathLoss[depth] + loss[index]
            guard lost <= room else {
                position[depth] = end
                break
            }
            position[depth] += 1
            let pair = Int(candidate[index]), partner = Int(partnerOfPair[pair])
            guard used[partner] < most[partner] else { continue }
            if predecessor[partner] >= 0, used[Int(predecessor[partner])] == 0 { continue }
            if used[partner] < needed[partner] { needs -= 1 }
            used[partner] += 1
            unused -= unusedLoss[partner]
            pathLoss[depth + 1] = lost
            chosen[depth] = Int32(pair)
            return pair
        }
        guard position[depth] == end else { return nil }
        position[depth] += 1
        pathLoss[depth + 1] = pathLoss[depth] + openLoss[depth]
        chosen[depth] = -1
        return pathLoss[depth + 1] <= room && pathLoss[depth + 1] < .infinity ? -1 : nil
    }

    /// Takes back the choice of the item at `depth`.
    private func release() {
        guard chosen[depth] >= 0 else { return }
        let partner = Int(partnerOfPair[Int(chosen[depth])])
        used[partner] -= 1
        unused += unusedLoss[partner]
        if used[partner] < needed[partner] { needs += 1 }
    }

    private func report() {
        pairOfRow.update(repeating: -1, count: problem.rows)
        for index in 0..<items where chosen[index] >= 0 {
            pairOfRow[Int(problem.assignment.pairRow[Int(chosen[index])])] = chosen[index]
        }
    }
}
