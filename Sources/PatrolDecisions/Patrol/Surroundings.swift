import CKernels
import PatrolModel

/// Demand and uncovered time around places, which depend only on the place and the `TimeScale`: kept for every patrol
/// location and recomputed only when the hour or the number of units on duty changes.
final class Surroundings {
    let area: ServiceArea
    /// e^(−g/2τ) and e^(−g/5τ), each of shape [locations, points].
    private let near: Buffer<Float>
    private let far: Buffer<Float>
    /// Demand around each location at 0.7τ, 2τ and 5τ now, and the same ahead, shape [locations, 6].
    private let demandAround: Buffer<Float>
    /// The same for one other node.
    private let otherNear: Buffer<Float>
    private let otherFar: Buffer<Float>
    private let otherDemand: Buffer<Float>
    private let nearest: Buffer<Float>
    var scale = TimeScale()

    struct Place {
        let near: UnsafePointer<Float>
        let far: UnsafePointer<Float>
        /// Shape [6]: 0.7τ, 2τ, 5τ now; the same ahead.
        let demandAround: UnsafePointer<Float>
    }

    /// Locations from the first on of which all is known, and those whose distances are scaled by the present τ and factor.
    private var done = 0
    private var decayed = 0

    init(area: ServiceArea, _ memory: inout WorkingMemory) {
        self.area = area
        let (cells, overflow) = area.locationCount.multipliedReportingOverflow(by: area.pointCount)
        near = memory.buffer(count: overflow ? -1 : cells, repeating: 0)
        far = memory.buffer(count: overflow ? -1 : cells, repeating: 0)
        demandAround = memory.buffer(count: area.locationCount * 6, repeating: 0)
        otherNear = memory.buffer(count: area.pointCount, repeating: 0)
        otherFar = memory.buffer(count: area.pointCount, repeating: 0)
        otherDemand = memory.buffer(count: 6, repeating: 0)
        nearest = memory.buffer(count: area.pointCount, repeating: 0)
    }

    /// - Returns: false where the clock ended it first; the next call goes on.
    func prepare(_ situation: Situation, _ clock: CallClock) -> Bool {
        let present = situation.scale
        if present != scale {
            if present.postSeconds != scale.postSeconds || present.factor != scale.factor { decayed = 0 }
            done = 0
            scale = present
        }
        while done < area.locationCount {
            if clock.expired { return false }
            let row = done * area.pointCount
            fill(
                situation, node: area.locationNodes[done], near: near.base + row, far: far.base + row,
                demandAround: demandAround.base + 6 * done, kernels: done == decayed)
            done += 1
            decayed = max(decayed, done)
        }
        return true
    }

    /// The surroundings of a node. For nodes other than patrol locations, valid until the next call.
    func place(_ node: Int32, _ situation: Situation) -> Place {
        let location = area.locationOf[Int(node)]
        if location >= 0 && area.locationNodes[Int(location)] == node {
            let row = Int(location) * area.pointCount
            return Place(
                near: near.base + row, far: far.base + row, demandAround: demandAround.base + 6 * Int(location))
        }
        fill(
            situation, node: node, near: otherNear.base, far: otherFar.base, demandAround: otherDemand.base,
            kernels: true)
        return Place(near: otherNear.base, far: otherFar.base, demandAround: otherDemand.base)
    }

    private func fill(
        _ situation: Situation, node: Int32, near: UnsafeMutablePointer<Float>, far: UnsafeMutablePointer<Float>,
        demandAround: UnsafeMutablePointer<Float>, kernels: Bool
    ) {
        let count = area.pointCount
        let t = situation.engine.secondsToPoints(node)
        let (factor, postSeconds) = (scale.factor, scale.postSeconds)
        if kernels {
            kernels_exp_decay(t, factor / (2 * postSeconds), near, count)
            kernels_exp_decay(t, factor / (5 * postSeconds), far, count)
        }
        kernels_exp_decay(t, factor / (0.7 * postSeconds), nearest.base, count)
        let demands = (situation.demand, situation.demandAhead)
        demandAround[0] = kernels_dot(demands.0, nearest.base, count)
        demandAround[1] = kernels_dot(demands.0, near, count)
        demandAround[2] = kernels_dot(demands.0, far, count)
        demandAround[3] = kernels_dot(demands.1, nearest.base, count)
        demandAround[4] = kernels_dot(demands.1, near, count)
        demandAround[5] = kernels_dot(demands.1, far, count)
    }
}
