import PatrolModel

/// A decision that splits a domain in two.
struct Branching {
    enum Kind: Int32 {
        case none, pairIn, pairOut, rowIn, rowOut, columnFilled, columnNotFilled, neuronUp, neuronDown
        /// All columns of a prerequisite are filled; it is relied on by no pair.
        case prerequisiteMet, prerequisiteUnused
    }

    var kind = Kind.none
    var index: Int32 = 0

    var opposite: Branching {
        switch kind {
        case .none: self
        case .pairIn: Branching(kind: .pairOut, index: index)
        case .pairOut: Branching(kind: .pairIn, index: index)
        case .rowIn: Branching(kind: .rowOut, index: index)
        case .rowOut: Branching(kind: .rowIn, index: index)
        case .columnFilled: Branching(kind: .columnNotFilled, index: index)
        case .columnNotFilled: Branching(kind: .columnFilled, index: index)
        case .neuronUp: Branching(kind: .neuronDown, index: index)
        case .neuronDown: Branching(kind: .neuronUp, index: index)
        case .prerequisiteMet: Branching(kind: .prerequisiteUnused, index: index)
        case .prerequisiteUnused: Branching(kind: .prerequisiteMet, index: index)
        }
    }
}

extension Domain {
    /// Where rows are alike one of them stands for all: what it is not to do, none of them does, since otherwise they
    /// could change places. (Orbital branching; Ostrowski, Linderoth, Rossi & Smriglio 2011.)
    func apply(_ branching: Branching) {
        let (graph, index) = (problem.assignment, Int(branching.index))
        switch branching.kind {
        case .none: break
        case .pairIn: force(index)
        case .pairOut:
            let row = Int(graph.pairRow[index])
            forEachTwin(of: row) { other in
                let pair = problem.pair(row: other, column: Int(graph.pairColumn[index]))
                if pair >= 0 { alive[pair] = 0 }
            }
            alive[index] = 0
        case .rowIn: rowMust[index] = 1
        case .rowOut:
            forEachTwin(of: index) { other in leave(row: other) }
            leave(row: index)
        case .columnFilled: columnMust[index] = 1
        case .columnNotFilled: capacity[index] = min(capacity[index], problem.program.capacity[index] - 1)
        case .neuronUp: (phase[index], low[index]) = (1, max(low[index], 0))
        case .neuronDown: (phase[index], high[index]) = (-1, min(high[index], 0))
        case .prerequisiteMet:
            for column in problem.program.columns(ofPrerequisite: index) { columnMust[Int(column)] = 1 }
        case .prerequisiteUnused:
            for other in 0..<problem.program.prerequisiteCount where problem.program.contains(other, index) {
                for dependent in Int(problem.dependentStart[other])..<Int(problem.dependentStart[other + 1]) {
                    alive[Int(problem.dependentPair[dependent])] = 0
                }
            }
        }
    }

    private func leave(row: Int) {
        let graph = problem.assignment
        for pair in Int(graph.rowStart[row])..<Int(graph.rowStart[row + 1]) { alive[pair] = 0 }
    }

    /// Visits the other rows that neither the program nor the domain tells from this one.
    private func forEachTwin(of row: Int, _ visit: (Int) -> Void) {
        var other = Int(problem.twin[row])
        while other != row {
            if isAlike(row, other) { visit(other) }
            other = Int(problem.twin[other])
        }
    }

    /// Whether the domain allows two twins the same.
    func isAlike(_ row: Int, _ other: Int) -> Bool {
        guard rowMust[row] == rowMust[other] else { return false }
        let graph = problem.assignment
        var (pair, same) = (Int(graph.rowStart[row]), Int(graph.rowStart[other]))
        let (end, sameEnd) = (Int(graph.rowStart[row + 1]), Int(graph.rowStart[other + 1]))
        while true {
            while pair < end, alive[pair] == 0 { pair += 1 }
            while same < sameEnd, alive[same] == 0 { same += 1 }
            guard pair < end, same < sameEnd else { return pair == end && same == sameEnd }
            guard graph.pairColumn[pair] == graph.pairColumn[same] else { return false }
            (pair, same) = (pair + 1, same + 1)
        }
    }
}
