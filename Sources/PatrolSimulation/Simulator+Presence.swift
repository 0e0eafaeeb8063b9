import PatrolModel

/// Where units have been. A patrol location counts as visited while a unit stands there, and for `presenceSeconds` after a unit stood
/// or arrived there.
extension Simulator {
    /// Seconds since the start in which places did not count as visited, each by its share of demand. O(patrol locations).
    var cumulativeAbsence: Double {
        var sum = absence
        for location in 0..<standing.count { sum += missed(location) }
        return sum
    }

    /// A unit is at a node.
    func visit(_ node: Int32) {
        let location = place(node)
        guard location >= 0 else { return }
        absence += missed(location)
        lastVisit.base[location] = now
    }

    /// A unit begins to stand at its node.
    func takePlace(_ node: Int32) {
        let location = place(node)
        guard location >= 0 else { return }
        absence += missed(location)
        standing.base[location] += 1
    }

    /// A unit no longer stands at its node, which counts as visited for as long as it did.
    func leavePlace(_ node: Int32) {
        visit(node)
        let location = place(node)
        if location >= 0 { standing.base[location] -= 1 }
    }

    /// Absence from a place that is not in `absence` yet.
    @inline(__always)
    private func missed(_ location: Int) -> Double {
        guard standing.base[location] == 0 else { return 0 }
        let since = lastVisit.base[location] + Double(model.scenario.presenceSeconds)
        return now > since ? model.locationShares.base[location] * (now - since) : 0
    }

    /// The patrol location at a node, or −1.
    @inline(__always)
    private func place(_ node: Int32) -> Int {
        let location = model.area.locationOf.base[Int(node)]
        return location >= 0 && model.area.locationNodes.base[Int(location)] == node ? Int(location) : -1
    }
}
