import CKernels
import PatrolModel

/// Before a list: items, their candidates and order, and what the items left at each depth can still do.
extension Enumeration {
    /// Prepares the list. `priced`: slacks and prices in `problem.assignment` are those of a bound that exceeds the
    /// value to beat by `room`; otherwise nothing is known, and `room` is infinite.
    ///
    /// - Returns: false where there are too many items, or more candidates than could be visited.
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
                let slack =
                    priced
                    ? graph.slack(pair, row: Int(graph.pairRow[pair]), column: Int(graph.pairColumn[pair])) : 0
                if slack <= room {
                    (candidate[candidates], loss[candidates]) = (Int32(pair), slack)
                    candidates += 1
                }
            }
            if candidates == first {
                let open = bySlot ? Int(domain.capacity[line]) : 1
                if open > 0 { pathLoss[0] += must ? .infinity : max(0, price) * Double(open) }
                continue
            }
            // Each candidate that fits is visited at least once.
            guard items + copies <= Self.depthLimit, candidates <= 2 * budget else { return false }
            for copy in 0..<copies {
                addItem(candidates: first..<candidates, isCopy: copy > 0, openLoss: must ? .infinity : max(0, price))
            }
        }
        preparePartners()
        orderTwins()
        if priced { prepareRest() }
        for index in 0..<items {
            original[index] = isCopy[index] != 0 ? original[index - 1] : Int32(index)
            sortedEnd[index] = -1
        }
        pathLinear[0] = 0
        pathActivation.update(from: problem.bias, count: problem.stride)
        enter()
        return true
    }

    /// Begins to sort an item's candidates: those not sorted yet are a heap whose root stands last.
    @_optimize(speed)
    func startSort(_ item: Int) {
        sortedEnd[item] = firstCandidate[item]
        let count = Int(endCandidate[item] - firstCandidate[item])
        for root in stride(from: count / 2 - 1, through: 0, by: -1) { sift(root, count, Int(endCandidate[item])) }
    }

    /// Brings the next candidate to its place, by ascending loss, the lower pair first on ties.
    @_optimize(speed)
    func sortOne(_ item: Int) {
        let end = Int(endCandidate[item]), place = Int(sortedEnd[item])
        exchange(place, end - 1)
        sortedEnd[item] += 1
        sift(0, end - place - 1, end)
    }

    @inline(__always)
    private func exchange(_ a: Int, _ b: Int) {
        (loss[a], loss[b]) = (loss[b], loss[a])
        (candidate[a], candidate[b]) = (candidate[b], candidate[a])
    }

    /// Lets an element of the heap that ends at `end` sink to its place.
    @inline(__always)
    private func sift(_ root: Int, _ count: Int, _ end: Int) {
        func precedes(_ a: Int, _ b: Int) -> Bool {
            let (a, b) = (end - 1 - a, end - 1 - b)
            return loss[a] != loss[b] ? loss[a] < loss[b] : candidate[a] < candidate[b]
        }
        var parent = root
        while 2 * parent + 1 < count {
            var child = 2 * parent + 1
            if child + 1 < count && precedes(child + 1, child) { child += 1 }
            guard precedes(child, parent) else { return }
            exchange(end - 1 - parent, end - 1 - child)
            parent = child
        }
    }

    /// Adds an item behind those that have no more candidates.
    private func addItem(candidates: Range<Int>, isCopy copied: Bool, openLoss lost: Double) {
        var index = items
        while index > 0, Int(endCandidate[index - 1] - firstCandidate[index - 1]) > candidates.count {
            firstCandidate[index] = firstCandidate[index - 1]
            endCandidate[index] = endCandidate[index - 1]
            isCopy[index] = isCopy[index - 1]
            openLoss[index] = openLoss[index - 1]
            index -= 1
        }
        firstCandidate[index] = Int32(candidates.lowerBound)
        endCandidate[index] = Int32(candidates.upperBound)
        isCopy[index] = copied ? 1 : 0
        openLoss[index] = lost
        items += 1
    }

    /// Lets rows that are alike be used in ascending order only: in any other they could change places. Their prices
    /// are equal too where the bound was not interrupted. Copies of an item keep an order of their own.
    private func orderTwins() {
        predecessor.update(repeating: -1, count: bySlot ? problem.rows : problem.columns)
        guard bySlot else { return }
        for index in 0..<items where isCopy[index] != 0 { return }
        let price = problem.assignment.rowPrice
        for row in 0..<problem.rows where domain.rowAlive[row] > 0 {
            var next = Int(problem.twin[row])
            while next > row {
                let sharesPrice = !priced || (price[row] - price[next]).magnitude <= 1e-12
                if sharesPrice, domain.isAlike(row, next) {
                    predecessor[next] = Int32(row)
                    break
                }
                next = Int(problem.twin[next])
            }
        }
    }

    /// Sums up what the items from each depth on can add to the activations.
    private func prepareRest() {
        let stride = problem.stride
        // The sign that a reserve demands is no interval of the domain.
        for neuron in 0..<stride {
            (low[neuron], high[neuron]) = (neuron < problem.hidden ? domain.low[neuron] : 0, domain.high[neuron])
        }
        (restLow + items * stride).update(repeating: 0, count: stride)
        (restHigh + items * stride).update(repeating: 0, count: stride)
        for index in Swift.stride(from: items - 1, through: 0, by: -1) {
            let least = restLow + index * stride, most = restHigh + index * stride
            let mayBeOpen = openLoss[index] <= room
            least.update(repeating: mayBeOpen ? 0 : .infinity, count: stride)
            most.update(repeating: mayBeOpen ? 0 : -.infinity, count: stride)
            let first = Int(firstCandidate[index])
            problem.influences.widen(least, most, by: candidate + first, Int(endCandidate[index]) - first)
            for neuron in 0..<stride {
                least[neuron] += least[stride + neuron]
                most[neuron] += most[stride + neuron]
            }
        }
        var size = 0.0
        for neuron in 0..<stride {
            let reach = problem.bias[neuron].magnitude + restLow[neuron].magnitude + restHigh[neuron].magnitude
            size += (problem.weight[neuron].magnitude + dual.slope[neuron].magnitude) * reach
        }
        rounding = size * Double(items + 16) * 0x1p-52
    }

    private func preparePartners() {
        let graph = problem.assignment
        partnerOfPair = bySlot ? graph.pairRow : graph.pairColumn
        for partner in 0..<(bySlot ? problem.rows : problem.columns) {
            let price = priced ? bySlot ? graph.rowPrice[partner] : graph.columnPrice[partner] : 0
            let must = bySlot ? domain.rowMust[partner] != 0 : domain.columnMust[partner] != 0
            let times = bySlot ? 1 : domain.capacity[partner]
            (used[partner], most[partner]) = (0, times)
            needed[partner] = must || price > room ? times : 0
            needs += Int(needed[partner])
            unusedLoss[partner] = must ? 0 : max(0, price)
            unused += unusedLoss[partner] * Double(times)
        }
    }
}
