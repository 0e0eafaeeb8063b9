import PatrolDecisions
import PatrolModel

/// The whole state in one row: of the deciding unit its node; of the others how many are or will be free at each node,
/// and how many are busy with calls there; the weight that waits at each node; the hour of the day.
///
/// For one road graph only, and wide: the network has to learn the geography that `candidate/1` brings along.
enum FlattenedState {
    private static var hours: Int { 24 }

    static func width(_ area: ServiceArea) -> Int { 4 * area.nodeCount + hours }

    /// - Parameter row: written, shape [width].
    static func write(unit: Int, _ snapshot: Snapshot, _ engine: DecisionEngine, into row: UnsafeMutablePointer<Float>) {
        let nodes = engine.area.nodeCount
        for k in 0..<width(engine.area) { row[k] = 0 }
        row[Int(snapshot.units[unit].node)] = 1
        for i in 0..<snapshot.unitCount where i != unit {
            let other = snapshot.units[i]
            switch other.status {
            case .offDuty: break
            case .patrolling: row[nodes + Int(other.target >= 0 ? other.target : other.node)] += 1
            case .enRoute, .onScene:
                let node = other.incident >= 0 ? snapshot.incidents[Int(other.incident)].node : other.node
                row[2 * nodes + Int(node)] += 1
            }
        }
        for j in 0..<snapshot.incidentCount {
            let call = snapshot.incidents[j]
            row[3 * nodes + Int(call.node)] += call.weight / engine.meanWeight * call.missingShare
        }
        row[4 * nodes + ServiceArea.hour(ofWeekAt: snapshot.time, period: hours)] = 1
    }
}
