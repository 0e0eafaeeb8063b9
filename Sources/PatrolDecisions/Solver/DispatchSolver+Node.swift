import CKernels
import PatrolModel

/// What happens at a node: bound, fix, list, split.
extension DispatchSolver {
    /// Bounds the domain and splits what is left of it.
    ///
    /// - Parameter parentBound: a bound of the domain that is known already.
    /// - Returns: a bound of the child to go on with, which `domain` then holds, or nil where the node is closed.
    func expand(_ parentBound: Double) -> Double? {
        let root = result.nodes == 0
        result.nodes += 1
        var bound = parentBound
        for round in 0..<(root ? effort.rootRounds : effort.nodeRounds) {
            if bound < .infinity, mustStop() { return close(bound, all: true) }
            guard domain.propagate(), domain.narrowIntervals(clock) else { return close(bound) }
            if domain.isLeaf {
                tryLeaf()
                return close(bound)
            }
            let before = bound
            let steps = root ? effort.rootSteps : effort.nodeSteps
            bound = min(bound, relax(steps: steps, around: root ? .promising : .kept))
            if bound <= target || mustStop() { return close(bound, all: stopped != nil) }
            if list(below: bound, budget: root ? rootVisits : effort.nodeVisits) { return close(bound) }
            if mustStop() { return close(bound, all: true) }
            let fixed = fix(below: bound)
            var tightened = false
            if root { compactIfWorthwhile() }
            if root || round == 0 {
                guard domain.propagate() else { return close(bound) }
                if mustStop() { return close(bound, all: true) }
                tightened = tightenIntervals(bound: &bound, share: root ? effort.rootShare : effort.nodeShare)
            }
            if tightened { continue }
            let isSlow = before - bound < (root ? 0.1 : 0.3) * (bound - target)
            if !fixed && (!root || converged) || round > 0 && isSlow { break }
        }
        guard domain.propagate() else { return close(bound) }
        if domain.isLeaf {
            tryLeaf()
            return close(bound)
        }
        let split = chooseBranching(bound: bound)
        pool.push(domain, dual, bound: bound, branching: split.opposite)
        domain.apply(split)
        return bound
    }

    /// Accounts for a closed node: nothing in it is worth more than its bound or, if it was finished, than the target.
    private func close(_ bound: Double, all: Bool = false) -> Double? {
        closedBound = max(closedBound, all ? bound : min(bound, target))
        return nil
    }

    /// Which of the assignments that a bound comes from are searched around.
    private enum Around { case none, kept, promising }

    /// The Lagrangian bound of the domain, by at most `steps` assignment problems.
    private func relax(steps: Int, around: Around) -> Double {
        dual.begin()
        var bestTried = -Double.infinity
        converged = false
        for step in 0..<steps {
            let outcome = dual.evaluate(clock: clock)
            guard outcome != .infeasible else { return -.infinity }
            guard outcome == .solved else {
                stop()
                return dual.boundSoFar
            }
            let value = worth(linear: dual.linear, dual.activation)
            let kept = consider()
            if around != .none, kept || around == .promising && value > bestTried,
                problem.satisfiesRules(problem.assignment.pairOfRow, activation: dual.activation)
            {
                searchAroundReduced(problem.assignment.pairOfRow)
            }
            bestTried = max(bestTried, value)
            dual.record()
            if dual.bestHeight <= target || mustStop() { break }
            if !dual.advance(target: target, first: step == 0) {
                converged = true
                break
            }
        }
        let bound = dual.certify(clock: clock)
        return bound < .infinity ? bound : dual.boundSoFar
    }

    /// Considers the only assignment of a leaf.
    private func tryLeaf() {
        for row in 0..<problem.rows {
            scratchPairs[row] = -1
            for pair in Int(problem.assignment.rowStart[row])..<Int(problem.assignment.rowStart[row + 1])
            where domain.alive[pair] != 0 {
                scratchPairs[row] = Int32(pair)
            }
        }
        let leaf = enumeration.pairOfRow
        leaf.update(from: scratchPairs, count: problem.rows)
        let linear = problem.activations(leaf, into: dual.activation)
        _ = consider(leaf, linear: linear, activation: dual.activation)
    }

    /// Without hidden neurons the first bound is an assignment problem, and often its solution keeps every rule.
    ///
    /// - Returns: whether that settled the program.
    func settledByAssignment() -> Bool {
        guard problem.hidden == 0 else { return false }
        startPrices()
        // What keeps every rule is the best that there is.
        let bound = relax(steps: 1, around: .none)
        guard bound <= target else { return false }
        closedBound = bound
        return true
    }

    /// Lists the domain without any bound if it is tiny.
    ///
    /// - Returns: whether that settled the program.
    func listAll(visits: Int) -> Bool {
        enumeration.start(priced: false, room: .infinity, budget: visits) && runList()
    }

    /// Lists what can still beat the target under the last bound's prices.
    ///
    /// - Returns: whether the list was complete, so that nothing in the domain is worth more than the target.
    private func list(below bound: Double, budget: Int) -> Bool {
        guard result.hasAssignment, enumeration.start(priced: true, room: bound - target, budget: budget) else {
            return false
        }
        return runList()
    }

    private func runList() -> Bool {
        while true {
            let value = target - problem.constant
            switch enumeration.next(above: value, clock: clock) {
            case .found:
                let last = target
                let linear = problem.activations(enumeration.pairOfRow, into: dual.activation)
                _ = consider(enumeration.pairOfRow, linear: linear, activation: dual.activation)
                if last > -.infinity { enumeration.room -= target - last }
            case .complete:
                passOver()
                return true
            case .tooMany: return false
            case .expired:
                _ = mustStop()
                return false
            }
        }
    }

    /// Notes that from here on assignments worth no more than the target may be passed over.
    func passOver() { closedBound = max(closedBound, target) }

    /// Removes what no assignment above the target can use, and requires what none can leave.
    private func fix(below bound: Double) -> Bool {
        guard result.hasAssignment else { return false }
        let graph = problem.assignment
        let room = bound - target
        var changed = false
        passOver()
        for pair in 0..<problem.pairs where domain.alive[pair] != 0 {
            if graph.slack(pair, row: Int(graph.pairRow[pair]), column: Int(graph.pairColumn[pair])) > room {
                domain.alive[pair] = 0
                changed = true
            }
        }
        for row in 0..<problem.rows where domain.rowMust[row] == 0 && graph.rowPrice[row] > room {
            domain.rowMust[row] = 1
            changed = true
        }
        for column in 0..<problem.columns where domain.columnMust[column] == 0 && graph.columnPrice[column] > room {
            guard domain.capacity[column] == problem.program.capacity[column] else { continue }
            domain.columnMust[column] = 1
            changed = true
        }
        return changed
    }

    /// Renumbers the pairs once many are gone.
    private func compactIfWorthwhile() {
        var alive = 0
        for pair in 0..<problem.pairs where domain.alive[pair] != 0 { alive += 1 }
        guard alive * 10 < problem.pairs * 8 else { return }
        scratchPairs.update(from: problem.original, count: problem.pairs)
        problem.compact(alive: domain.alive)
        domain.forgetLines()
        dual.renumber(original: scratchPairs)
        pool.reset(problem)
    }
}
