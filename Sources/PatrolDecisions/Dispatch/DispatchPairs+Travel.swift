import PatrolModel

/// How long a free unit takes to a waiting call.
extension DispatchPairs {
    /// Travel seconds from every free unit to every waiting call: the host's where it gives them, else ours, from the table
    /// where the call is at a demand point and the roads are unchanged, else searched for all at once.
    func fillTravel(_ calls: Range<Int>, _ clock: CallClock) -> Bool {
        let columns = situation.waitingCount
        var (clock, count) = (clock, 0)
        for w in calls {
            if clock.expired(after: situation.freeCount) { return false }
            if takeKnown(w) { continue }
            searched[count] = Int32(w)
            callNodes[count] = snapshot.incidents[Int(situation.waiting[w])].node
            count += 1
        }
        guard count > 0 else { return true }
        for f in 0..<situation.freeCount { unitNodes[f] = snapshot.units[Int(situation.free[f])].node }
        let isDone = matrix.fill(
            from: UnsafeBufferPointer(start: unitNodes.base, count: situation.freeCount), slots: situation.free.base,
            to: UnsafeBufferPointer(start: callNodes.base, count: count), mode: .emergency, by: router, clock: clock
        ) { f, call, time in
            let place = f * columns + Int(searched[call])
            if travel[place].isNaN { travel[place] = arrival(f, Milliseconds.seconds(time)) }
        }
        guard isDone else { return false }
        for call in 0..<count {
            for f in 0..<situation.freeCount {
                let place = f * columns + Int(searched[call])
                if travel[place].isNaN { travel[place] = .infinity }
            }
        }
        return true
    }

    /// Fills a call's column with the times that need no search, NaN elsewhere. - Returns: whether that were all.
    @_optimize(speed)
    private func takeKnown(_ w: Int) -> Bool {
        let j = Int(situation.waiting[w])
        let node = snapshot.incidents[j].node
        let point = Int(engine.area.pointOf[Int(node)])
        let inTable = snapshot.overlay.isEmpty && engine.area.pointNodes[point] == node
        var isComplete = true
        for f in 0..<situation.freeCount {
            let i = Int(situation.free[f])
            var seconds = snapshot.hostSeconds(unit: i, incident: j)
            if seconds.isNaN && inTable && engine.area.hasOwnSeconds(snapshot.units[i].node) {
                seconds = arrival(f, engine.secondsToPoints(snapshot.units[i].node)[point])
            }
            travel[f * situation.waitingCount + w] = seconds
            if seconds.isNaN { isComplete = false }
        }
        return isComplete
    }

    /// - Parameter way: seconds of the area's own times.
    private func arrival(_ f: Int, _ way: Float) -> Float {
        way < ServiceArea.unreachableSeconds
            ? situation.offset(snapshot.units[Int(situation.free[f])]) + way * situation.factors.emergency : .infinity
    }

    /// First node on the way of a pair, also where the host gave the travel time; −1 where the roads do not lead there.
    func nextNode(_ pair: DispatchPair) -> Int32 {
        let unit = snapshot.units[Int(pair.unit)]
        let call = snapshot.incidents[Int(pair.incident)]
        if unit.secondsToNode > 0 || unit.node == call.node { return unit.node }
        let step = router.firstStep(
            from: unit.node, to: call.node, mode: .emergency, within: pair.seconds / situation.factors.emergency)
        return step == unit.node ? -1 : step
    }

    /// Emergency travel seconds, infinite without a way.
    func roadSeconds(from node: Int32, to other: Int32) -> Float {
        let time = router.milliseconds(from: node, to: other, mode: .emergency)
        return time < Milliseconds.unreachable ? Milliseconds.seconds(time) * situation.factors.emergency : .infinity
    }
}
