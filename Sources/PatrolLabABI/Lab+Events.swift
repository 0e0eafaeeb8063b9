import CPatrol
import PatrolABI
import PatrolModel
import PatrolSimulation

@_cdecl("patrol_simulation_read_events") @implementation
public func patrol_simulation_read_events(
    _ simulation: OpaquePointer!, _ events: UnsafeMutablePointer<patrol_simulation_event>!, _ capacity: Int,
    _ stride: Int,
    _ count: UnsafeMutablePointer<Int>!, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let simulator = try simulator(simulation)
        let count = try required(count, "count")
        guard let ring = simulator.events else { throw invalid("the simulation keeps no events: event_capacity was 0") }
        let length = min(ring.count, try size(capacity, "capacity"))
        let output = try Strided(UnsafePointer(events), count: min(capacity, max(length, 1)), stride: stride, "events")
        for k in 0..<length {
            guard let event = ring.next() else { break }
            output.store(cEvent(event), at: k)
        }
        count.pointee = length
    }
}

private func cEvent(_ event: SimulationEvent) -> patrol_simulation_event {
    patrol_simulation_event.with {
        $0.time_seconds = event.time
        $0.incident_id = event.call
        $0.kind = event.kind.rawValue
        $0.unit = event.unit
        $0.node = UInt32(bitPattern: event.node)
        $0.priority = Int16(event.priority)
        $0.category = Int16(truncatingIfNeeded: event.category)
    }
}
