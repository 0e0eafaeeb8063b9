import PatrolModel

/// What a decision is made from, for whoever asks: the units that could serve a call, the eligible pairs, the program. Each throws
/// `noTime` where the clock ends it.
extension DispatchPlanner {
    /// Ranks the eligible units of a call that waits into `ranking`, best worth first. Where the clock ends it once they are known:
    /// the nearest first, their worth not a number.
    /// - Returns: their number.
    func rank(incident: Int, _ clock: CallClock) throws(PatrolError) -> Int {
        guard let only = situation.waiting(incident) else { return 0 }
        guard try pairs.prepare(only: only, clock), try layProgram(clock) != .outOfTime else {
            throw CallClock.outOfTime
        }
        let isValued = try fillProgram(clock)
        for f in 0..<situation.freeCount { chosen[f] = -1 }
        let holding = isValued ? program.evaluate(chosen.base) : 0
        var (count, lastUnit) = (0, Int32(-1))
        for p in 0..<program.pairCount {
            let pair = pairs.pairs[Int(problem.source[p])]
            // A unit may fit several kinds of slots of one call: the first stands for all.
            guard pair.unit != lastUnit else { continue }
            lastUnit = pair.unit
            let excess = isValued && policy == .minimumWeightedTravel ? values.excess(p) : 0
            let worth = isValued ? program.evaluate(pair: p) - holding - excess : 0
            ranking[count] = RankedUnit(unit: pair.unit, seconds: pair.seconds, worth: worth)
            count += 1
        }
        sortRanking(count)
        if !isValued { for k in 0..<count { ranking[k].worth = .nan } }
        return count
    }

    private func sortRanking(_ count: Int) {
        sort(ranking.base, count: count) { a, b in
            if a.worth != b.worth { return a.worth > b.worth }
            return a.seconds != b.seconds ? a.seconds < b.seconds : a.unit < b.unit
        }
    }

    /// Fills in the values of the program, and the pairs' scores. - Returns: false where the clock ended it first.
    func fillProgram(without forbidden: Int32 = -1, _ clock: CallClock) throws(PatrolError) -> Bool {
        if policy == .learned { guard try values.scorePairs(clock) else { return false } }
        return try fill(without: forbidden, clock)
    }

    /// The program of the prepared situation.
    func programForExport(_ clock: CallClock) throws(PatrolError) -> DispatchProgram {
        guard policy.isProgram else {
            throw PatrolError(.unsupported, "the dispatch policy \"\(policy.name)\" is a heuristic and has no program")
        }
        guard try pairs.prepare(clock) else { throw CallClock.outOfTime }
        switch try layProgram(clock) {
        case .fits: break
        case .outOfTime: throw CallClock.outOfTime
        case .tooLarge:
            throw PatrolError(.unsupported, "the decision is too large for a program: a heuristic makes it")
        }
        guard try fillProgram(clock) else { throw CallClock.outOfTime }
        return program
    }

    /// Eligible pairs with their scores, and the held state's features.
    func observe(_ clock: CallClock) throws(PatrolError) -> UnsafeBufferPointer<DispatchPair> {
        guard try pairs.prepare(clock) else { throw CallClock.outOfTime }
        values.pairObservation.prepare()
        values.stateObservation.prepare()
        guard try values.scorePairs(clock) else { throw CallClock.outOfTime }
        return UnsafeBufferPointer(start: pairs.pairs.base, count: pairs.count)
    }

    /// Features of an eligible pair (shape [24]), of what it adds to the state (shape [64]), and of the state in which
    /// every call is held (shape [64]), after `DecisionSession.eligiblePairs`.
    public func writeFeatures(pair: Int, into row: UnsafeMutablePointer<Float>) {
        values.pairObservation.write(pair..<pair + 1, into: row)
    }

    public func writeDelta(pair: Int, into row: UnsafeMutablePointer<Float>) {
        values.stateObservation.writeDelta(pairs.pairs[pair], into: row)
    }

    /// The immediate reward of an eligible pair, weighted seconds, after `DecisionSession.eligiblePairs`.
    public func reward(ofPair pair: Int) -> Double { pairs.reward(pairs.pairs[pair]) }

    public var heldState: UnsafePointer<Float> { UnsafePointer(values.stateObservation.held.base) }
}
