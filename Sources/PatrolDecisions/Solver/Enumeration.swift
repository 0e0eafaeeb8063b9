import CKernels
import PatrolModel

/// Closes a domain by listing every assignment whose slacks leave room for an improvement.
///
/// At optimal prices an assignment's relaxed value is the bound less the slack of every pair used, the price of
/// every row left unused and the price of every slot left open. Where the bound is close to the incumbent only a
/// handful of assignments remain, and listing them is quicker than branching. The list is made slot by slot if
/// there are fewer slots than rows, and row by row otherwise: one side gives the *items*, the other the *partners*.
final class Enumeration {
    enum Outcome { case found, complete, tooMany, expired }

    static let depthLimit = 256

    let problem: ReducedProgramme
    let domain: Domain
    /// Shape [rows]: the assignment found, in reduced pairs.
    let pairOfRow: UnsafeMutablePointer<Int32>
    /// A bound of the domain less the value to be exceeded: what an assignment may lose. Lower it after a find.
    var room = 0.0

    /// Items in order: the row or column, its candidates (sorted by loss), what leaving it open loses.
    private let item, firstCandidate, endCandidate: UnsafeMutablePointer<Int32>
    private let openLoss: UnsafeMutablePointer<Double>
    private let candidate: UnsafeMutablePointer<Int32>
    private let loss: UnsafeMutablePointer<Double>
    /// Partners: times used, times to be used, and the loss of each time it is not.
    private let used, needed: UnsafeMutablePointer<Int32>
    private let unusedLoss: UnsafeMutablePointer<Double>
    /// Along the path, shape [depth + 1]: next position, pair chosen, losses, Σ c, activations.
    private let position, chosen: UnsafeMutablePointer<Int32>
    private let pathLoss, pathLinear, pathActivation: UnsafeMutablePointer<Double>
    private let nothing: UnsafeMutablePointer<Double>
    private var items = 0, depth = 0, visits = 0, budget = 0, needs = 0
    private var bySlot = false, priced = false
    private var unused = 0.0
    private let memory = SolverMemory()

    /// - Throws: `outOfMemory`.
    init(problem: ReducedProgramme, domain: Domain, limits: DispatchProgramme.Limits) throws(PatrolError) {
        self.problem = problem
        self.domain = domain
        let units = ReducedProgramme.padded(limits.hidden &+ limits.reserves)
        let depths = Self.depthLimit
        let partners = max(limits.rows, limits.columns)
        pairOfRow = try memory.array(limits.rows, repeating: -1)
        item = try memory.array(depths, repeating: 0)
        firstCandidate = try memory.array(depths, repeating: 0)
        endCandidate = try memory.array(depths, repeating: 0)
        openLoss = try memory.array(depths, repeating: 0)
        candidate = try memory.array(limits.pairs, repeating: 0)
        loss = try memory.array(limits.pairs, repeating: 0)
        used = try memory.array(partners, repeating: 0)
        needed = try memory.array(partners, repeating: 0)
        unusedLoss = try memory.array(partners, repeating: 0)
        position = try memory.array(depths + 1, repeating: 0)
        chosen = try memory.array(depths + 1, repeating: -1)
        pathLoss = try memory.array(depths + 1, repeating: 0)
        pathLinear = try memory.array(depths + 1, repeating: 0)
        pathActivation = try memory.array((depths + 1) &* units, repeating: 0)
        nothing = try memory.array(units, repeating: 0)
    }

    /// Prepares the list. `priced`: slacks and prices in `problem.assignment` are those of a bound that exceeds the
    /// value to beat by `room`; otherwise nothing is known, and `room` is infinite.
    ///
    /// - Returns: false where there are too many items.
    func start(priced: Bool, room: Double, budget: Int) -> Bool {
        let graph = problem.assignment
        (self.priced, self.room, self.budget) = (priced, room, budget)
        var slots = 0, rows = 0
        for column in 0..<problem.columns { slots += Int(min(domain.capacity[column], domain.columnAlive[column])) }
        for row in 0..<problem.rows where domain.rowAlive[row] > 0 { rows += 1 }
        bySlot = slots < rows
        (items, depth, visits, needs) = (0, 0, 0, 0)
        unused = 0
        pathLoss[0] = 0
        var candidates = 0
        let lines = bySlot ? problem.columns : problem.rows
        for line in 0..<lines {
            let must = bySlot ? domain.columnMust[line] != 0 : domain.rowMust[line] != 0
            let price = priced ? bySlot ? graph.columnPrice[line] : graph.rowPrice[line] : 0
            let copies = bySlot ? Int(min(domain.capacity[line], domain.columnAlive[line])) : 1
            let first = candidates
            let start = bySlot ? graph.columnStart : graph.rowStart
            for index in Int(start[line])..<Int(start[line + 1]) {
                let pair = bySlot ? Int(graph.columnPair[index]) : index
                guard domain.alive[pair] != 0 else { continue }
                let slack = priced
                    ? graph.slack(pair, row: Int(graph.pairRow[pair]), column: Int(graph.pairColumn[pair])) : 0
                if slack <= room { insert(pair, slack, first, &candidates) }
            }
            if candidates == first {
                let open = bySlot ? Int(domain.capacity[line]) : 1
                if open > 0 { pathLoss[0] += must ? .infinity : max(0, price) * Double(open) }
                continue
            }
            guard items + copies <= Self.depthLimit else { return false }
            for copy in 0..<copies {
                item[items] = Int32(line)
                firstCandidate[items] = copy == 0 ? Int32(first) : -1
                endCandidate[items] = Int32(candidates)
                openLoss[items] = must ? .infinity : max(0, price)
                items += 1
            }
        }
        preparePartners()
        pathLinear[0] = 0
        pathActivation.update(from: problem.bias, count: problem.stride)
        enter()
        return true
    }

    private func insert(_ pair: Int, _ slack: Double, _ first: Int, _ count: inout Int) {
        var index = count
        while index > first, loss[index - 1] > slack {
            loss[index] = loss[index - 1]
            candidate[index] = candidate[index - 1]
            index -= 1
        }
        loss[index] = slack
        candidate[index] = Int32(pair)
        count += 1
    }

    private func preparePartners() {
        let graph = problem.assignment
        for partner in 0..<(bySlot ? problem.rows : problem.columns) {
            let price = priced ? bySlot ? graph.rowPrice[partner] : graph.columnPrice[partner] : 0
            let must = bySlot ? domain.rowMust[partner] != 0 : domain.columnMust[partner] != 0
            let times = bySlot ? 1 : domain.capacity[partner]
            used[partner] = 0
            needed[partner] = must || price > room ? times : 0
            needs += Int(needed[partner])
            unusedLoss[partner] = must ? 0 : max(0, price)
            unused += unusedLoss[partner] * Double(times)
        }
    }

    /// Sets the first position of the item at `depth`.
    private func enter() {
        guard depth < items else { return }
        if firstCandidate[depth] >= 0 {
            position[depth] = firstCandidate[depth]
        } else {
            position[depth] = chosen[depth - 1] >= 0 ? position[depth - 1] : endCandidate[depth]
        }
    }

    /// Goes on listing until an assignment is worth more than `value` (Σ c and the ReLU part), then reports it.
    @_optimize(speed)
    func next(above value: Double, clock: SolverClock) -> Outcome {
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
        while depth >= 0 {
            visits += 1
            if visits > budget { return .tooMany }
            if visits & 4095 == 0, clock.expired { return .expired }
            guard let pair = nextChoice() else {
                depth -= 1
                if depth >= 0 { release() }
                continue
            }
            let influence = pair < 0 ? nothing : problem.influence + pair * problem.stride
            let activation = pathActivation + depth * problem.stride
            let linear = pathLinear[depth] + (pair < 0 ? 0 : problem.value[pair])
            if depth + 1 == items {
                let lost = pathLoss[depth + 1] + unused
                let worth = needs > 0 || lost > room ? -Double.infinity : linear
                    + kernels_relu_sum(
                        activation, problem.weight, influence, nothing, nothing, nothing, problem.stride)
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
            let after = activation + problem.stride
            for unit in 0..<problem.stride { after[unit] = activation[unit] + influence[unit] }
            depth += 1
            enter()
        }
        return .complete
    }

    /// Chooses the next candidate of the item at `depth`, or −1 for leaving it open; nil when all were tried.
    @_optimize(speed)
    private func nextChoice() -> Int? {
        let end = endCandidate[depth]
        while position[depth] < end {
            let index = Int(position[depth])
            let lost = pathLoss[depth] + loss[index]
            guard lost <= room else {
                position[depth] = end
                break
            }
            position[depth] += 1
            let pair = Int(candidate[index]), partner = partnerOf(pair)
            guard used[partner] < (bySlot ? 1 : domain.capacity[partner]) else { continue }
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
        let partner = partnerOf(Int(chosen[depth]))
        used[partner] -= 1
        unused += unusedLoss[partner]
        if used[partner] < needed[partner] { needs += 1 }
    }

    private func partnerOf(_ pair: Int) -> Int {
        Int(bySlot ? problem.assignment.pairRow[pair] : problem.assignment.pairColumn[pair])
    }

    private func report() {
        pairOfRow.update(repeating: -1, count: problem.rows)
        for index in 0..<items where chosen[index] >= 0 {
            pairOfRow[Int(problem.assignment.pairRow[Int(chosen[index])])] = chosen[index]
        }
    }
}
