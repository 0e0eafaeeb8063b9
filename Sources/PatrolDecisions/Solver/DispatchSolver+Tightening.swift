import CKernels
import PatrolModel

/// Narrower intervals for the neurons whose chord is loose, from the objective itself: only assignments whose relaxed
/// value R(x) reaches the target matter, so that for any price θ ≥ 0
///
///     ± z_k  ≤  max over x of ( ± z_k(x) + θ (R(x) − target) ),
///
/// which is one more assignment problem. (Optimality-based bound tightening; Gleixner et al. 2017.) The best θ is
/// where the lines of two assignments meet, one on each side of the target.
extension DispatchSolver {
    /// - Parameters:
    ///   - bound: the domain's bound, which is brought up to date.
    ///   - share: neurons are left alone whose chord is looser by less than this share of the gap.
    /// - Returns: whether an interval became much narrower.
    func tightenIntervals(bound: inout Double, share: Double) -> Bool {
        guard result.hasAssignment else { return false }
        let graph = problem.assignment
        averageCuts()
        var isLoose = false
        for neuron in 0..<problem.hidden where looseness(neuron) > share * (bound - target) { isLoose = true }
        guard isLoose else { return false }
        dual.begin()
        bound = min(bound, dual.certify(clock: clock))
        guard bound > target, !mustStop() else { return false }
        passOver()
        _ = problem.activations(graph.pairOfRow, into: anchorActivation)
        let constant = dual.height - graph.dualValue
        pairShare.update(from: graph.value, count: problem.pairs)
        rowShare.update(from: graph.rowPrice, count: problem.rows)
        var narrowed = false
        for neuron in 0..<problem.hidden where looseness(neuron) > share * (bound - target) {
            let width = domain.high[neuron] - domain.low[neuron]
            let reach = bound - target, activation = anchorActivation[neuron]
            let high = extreme(neuron, sign: 1, anchor: Line(value: activation, reach: reach), constant: constant)
            let low = -extreme(neuron, sign: -1, anchor: Line(value: -activation, reach: reach), constant: constant)
            domain.high[neuron] = min(domain.high[neuron], high)
            domain.low[neuron] = max(domain.low[neuron], low)
            if domain.high[neuron] - domain.low[neuron] < 0.9 * width { narrowed = true }
            if mustStop() { break }
        }
        graph.columnPrice.update(from: dual.bestPrice, count: problem.columns)
        return narrowed
    }

    /// An upper bound of sign · z_k over the assignments whose relaxed value reaches the target.
    private func extreme(_ neuron: Int, sign: Double, anchor: Line, constant: Double) -> Double {
        let graph = problem.assignment
        let influences = problem.influences
        var (left, right) = linesOfCuts(neuron, sign: sign, anchor: anchor)
        var best = Double.infinity
        for _ in 0..<3 {
            let price = left.reach < 0 ? max(0, (left.value - right.value) / (right.reach - left.reach)) : 0
            guard price < .infinity else { break }
            for pair in 0..<problem.pairs {
                graph.value[pair] =
                    domain.alive[pair] != 0
                    ? price * pairShare[pair] + sign * influences.influence(pair, neuron) : -.infinity
            }
            graph.priceColumns(rowPrices: rowShare, scale: price)
            guard graph.solve(clock: clock) == .solved else { break }
            let peak = sign * problem.bias[neuron] + price * (constant - target) + graph.dualValue
            best = min(best, peak + 1e-9 * (1 + peak.magnitude))
            var line = Line(value: sign * problem.bias[neuron], reach: constant - target)
            for row in 0..<problem.rows where graph.pairOfRow[row] >= 0 {
                let pair = Int(graph.pairOfRow[row])
                line.reach += pairShare[pair]
                line.value += sign * influences.influence(pair, neuron)
            }
            if price == 0, line.reach >= 0 { break }
            if line.reach >= 0 { right = line } else { left = line }
            guard right.reach > left.reach else { break }
            let next = max(0, (left.value - right.value) / (right.reach - left.reach))
            if best - (left.value + next * left.reach) <= 0.02 * (domain.high[neuron] - domain.low[neuron]) { break }
        }
        return best
    }

    /// The lines of the cuts that meet lowest: one that misses the target and one that reaches it. Where no cut
    /// that misses it has the greater value, both are the anchor's.
    private func linesOfCuts(_ neuron: Int, sign: Double, anchor: Line) -> (left: Line, right: Line) {
        func line(_ index: Int) -> Line {
            let activation = dual.cuts + index * problem.stride
            let reach = dual.constants[index] + kernels_dot64(dual.best, activation, problem.stride) - target
            return Line(value: sign * activation[neuron], reach: reach)
        }
        var left = anchor, right = anchor
        for index in 0..<dual.cutCount {
            let other = line(index)
            if other.reach < 0, other.value > left.value { left = other }
        }
        guard left.reach < 0 else { return (anchor, anchor) }
        for _ in 0..<8 {
            let price = max(0, (left.value - right.value) / (right.reach - left.reach))
            var highest = left
            for index in 0..<dual.cutCount {
                let other = line(index)
                if other.value + price * other.reach > highest.value + price * highest.reach + 1e-9 { highest = other }
            }
            if highest.reach == left.reach || highest.reach == right.reach { break }
            if highest.reach < 0 { left = highest } else { right = highest }
        }
        return (left, right)
    }
}

/// ± z_k and R − target of one assignment.
private struct Line {
    var value, reach: Double
}
