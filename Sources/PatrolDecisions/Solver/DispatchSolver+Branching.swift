import PatrolModel

/// Where to split a domain.
extension DispatchSolver {
    /// The decision to take first; its opposite is the other child. The domain is propagated and no leaf.
    func chooseBranching(bound: Double) -> Branching {
        if problem.hasRules {
            if let column = violatedColumn() { return Branching(kind: .columnFilled, index: Int32(column)) }
            if let split = violatedPrerequisite() { return split }
        }
        averageCuts()
        if let neuron = loosestChord(least: 0.3 * (bound - target)) {
            return Branching(kind: meanActivation[neuron] > 0 ? .neuronUp : .neuronDown, index: Int32(neuron))
        }
        return mostDivided()
    }

    private func isUndecided(_ column: Int) -> Bool {
        domain.columnMust[column] == 0 && domain.capacity[column] == problem.program.capacity[column]
            && domain.columnAlive[column] >= domain.capacity[column]
            && domain.forced[column] < domain.capacity[column]
    }

    /// A column whose filling the last assignment leaves open though a rule depends on it, or nil.
    private func violatedColumn() -> Int? {
        let (program, graph) = (problem.program, problem.assignment)
        for column in 0..<problem.columns where isUndecided(column) {
            let held = graph.fill[column], filled = held == program.capacity[column]
            if program.allOrNone[column] >= 0 {
                if held > 0, !filled { return column }
                for other in 0..<problem.columns where program.allOrNone[other] == program.allOrNone[column] {
                    if filled != (graph.fill[other] == program.capacity[other]) { return column }
                }
            }
            guard !filled else { continue }
            for index in Int(problem.protectedStart[column])..<Int(problem.protectedStart[column + 1])
            where graph.pairOfRow[Int(problem.protectedRow[index])] < 0 {
                return column
            }
        }
        return nil
    }

    /// Where the last assignment relies on a prerequisite with undecided columns that it does not fill: the smallest
    /// such prerequisite, as it holds for most pairs. Where rows share it, splitting on all its columns at once settles
    /// what one after the other would take a node each: that the most urgent calls are all served, or that nothing
    /// else is. Of one row's own, a single column, on which other rows rely too, says more.
    private func violatedPrerequisite() -> Branching? {
        let graph = problem.assignment
        var chosen: Branching?
        var least = Int.max
        for row in 0..<problem.rows where graph.pairOfRow[row] >= 0 {
            let pair = Int(graph.pairOfRow[row])
            guard problem.lacksPrerequisite(pair, fill: graph.fill) else { continue }
            var undecided = 0, open = -1
            for column in problem.program.columns(ofPrerequisite: problem.prerequisite(of: pair))
            where isUndecided(Int(column)) {
                undecided += 1
                if open < 0, graph.fill[Int(column)] < problem.program.capacity[Int(column)] { open = Int(column) }
            }
            guard open >= 0, undecided < least else { continue }
            least = undecided
            chosen =
                undecided == 1 || !isShared(problem.prerequisite(of: pair))
                ? Branching(kind: .columnFilled, index: Int32(open))
                : Branching(kind: .prerequisiteMet, index: Int32(problem.prerequisite(of: pair)))
        }
        return chosen
    }

    /// Whether pairs of several rows have the prerequisite.
    private func isShared(_ prerequisite: Int) -> Bool {
        let first = Int(problem.dependentStart[prerequisite]), last = Int(problem.dependentStart[prerequisite + 1]) - 1
        let pairRow = problem.assignment.pairRow
        return pairRow[Int(problem.dependentPair[first])] != pairRow[Int(problem.dependentPair[last])]
    }

    /// The mixture of assignments that the cuts' multipliers describe, close to the relaxation's optimum.
    func averageCuts() {
        pairShare.update(repeating: 0, count: problem.pairs)
        rowShare.update(repeating: 0, count: problem.rows)
        columnShare.update(repeating: 0, count: problem.columns)
        meanActivation.update(repeating: 0, count: problem.stride)
        var total = 0.0
        for index in 0..<dual.cutCount { total += dual.multiplier[index] }
        let single = total <= 0
        for index in 0..<dual.cutCount {
            let share = single ? (index == dual.cutCount - 1 ? 1 : 0) : dual.multiplier[index] / total
            guard share > 0 else { continue }
            let pairs = dual.cutPair + index * problem.rows
            for row in 0..<problem.rows where pairs[row] >= 0 {
                pairShare[Int(pairs[row])] += share
                rowShare[row] += share
                columnShare[Int(problem.assignment.pairColumn[Int(pairs[row])])] += share
            }
            let activation = dual.cuts + index * problem.stride
            for neuron in 0..<problem.neurons { meanActivation[neuron] += share * activation[neuron] }
        }
    }

    /// The undecided convex neuron whose chord exceeds its ReLU most at the mean activation, if all together exceed
    /// theirs by `least`: many chords that are a little loose hold a bound up as one does.
    private func loosestChord(least: Double) -> Int? {
        var chosen: Int?
        var loosest = 1e-12, total = 0.0
        for neuron in 0..<problem.hidden {
            let loose = looseness(neuron)
            total += loose
            if loose > loosest { (chosen, loosest) = (neuron, loose) }
        }
        return total >= least ? chosen : nil
    }

    /// How far the chord of an undecided convex neuron exceeds its ReLU at the mean activation; 0 for other neurons.
    func looseness(_ neuron: Int) -> Double {
        let (low, high, mean) = (domain.low[neuron], domain.high[neuron], meanActivation[neuron])
        guard problem.weight[neuron] > 0, low < 0, high > 0 else { return 0 }
        return problem.weight[neuron] * (high * (mean - low) / (high - low) - max(0, mean))
    }

    /// The most divided column of one slot, row or pair; failing that, the first pair that is not decided.
    private func mostDivided() -> Branching {
        var chosen = Branching()
        var best = 0.1
        for column in 0..<problem.columns where problem.program.capacity[column] == 1 && isUndecided(column) {
            let score = min(columnShare[column], 1 - columnShare[column])
            if score > best {
                best = score
                let kind = columnShare[column] > 0.5 ? Branching.Kind.columnFilled : .columnNotFilled
                chosen = Branching(kind: kind, index: Int32(column))
            }
        }
        if chosen.kind != .none { return chosen }
        best = 0
        for row in 0..<problem.rows where domain.rowAlive[row] > 0 && domain.rowMust[row] == 0 {
            let score = min(rowShare[row], 1 - rowShare[row])
            if score > best + 0.1 {
                best = score
                chosen = Branching(kind: rowShare[row] > 0.5 ? .rowIn : .rowOut, index: Int32(row))
            }
        }
        for pair in 0..<problem.pairs where domain.alive[pair] != 0 && !domain.isForced(pair) {
            let score = min(pairShare[pair], 1 - pairShare[pair])
            if score > best || chosen.kind == .none {
                best = score
                chosen = Branching(kind: pairShare[pair] >= 0.5 ? .pairIn : .pairOut, index: Int32(pair))
            }
        }
        return chosen
    }
}
