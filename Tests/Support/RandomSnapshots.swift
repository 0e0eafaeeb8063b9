import PatrolDecisions
import PatrolModel

extension DecisionSession {
    /// Starts a new snapshot at a random time of day, with calls and patrolling units at random nodes.
    /// - Parameters:
    ///   - calls, units: how many of each.
    ///   - nodes: of the city.
    ///   - call, unit: change each of them before it is added.
    public func fill(
        _ random: inout RandomNumbers, calls: ClosedRange<Int>, units: ClosedRange<Int>, nodes: Int,
        call: (inout Incident, inout RandomNumbers) -> Void = { _, _ in },
        unit: (inout PatrolUnit, inout RandomNumbers) -> Void = { _, _ in }
    ) {
        begin(time: Double(random.below(86_400)))
        for _ in 0..<calls.lowerBound + random.below(calls.count) {
            add(call: random.below(nodes), priority: Int32(1 + random.below(4))) {
                $0.unitsRequired = Int32(1 + random.below(2))
                $0.secondsWaited = Float(random.below(900))
                $0.weight = Float(1 + random.below(4))
                call(&$0, &random)
                $0.unitsMissing = $0.unitsRequired
            }
        }
        for _ in 0..<units.lowerBound + random.below(units.count) {
            add(unit: random.below(nodes)) {
                $0.secondsToNode = Float(random.below(60))
                unit(&$0, &random)
            }
        }
    }
}
