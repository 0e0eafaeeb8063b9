import CKernels
import PatrolModel

/// Demand and uncovered time around places, which depend only on the place and the `TimeScale`: kept for every patrol location
/// that was asked about, until the hour or the number of units on duty changes.
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
    private var scale = TimeScale()
    /// Numbers of the present scale, and of the present τ and factor, by which distances decay; those that each location's rows
    /// were filled for, shape [locations].
    private var (scaleNumber, decayNumber): (UInt64, UInt64) = (0, 1)
    private let filledFor: Buffer<UInt64>
    private let decayedFor: Buffer<UInt64>

    struct Place {
        let near: UnsafePointer<Float>
        let far: UnsafePointer<Float>
        /// Shape [6]: 0.7τ, 2τ, 5τ now; the same ahead.
        let demandAround: UnsafePointer<Float>
    }

    init(area: ServiceArea, _ memory: inout WorkingMemory) {
        self.area = area
        let (cells, overflow) = area.locationCount.multipliedReportingOverflow(by: area.pointCount)
        near = memory.buffer(count: overflow ? -1 : cells, repeating: 0)
        far = memory.buffer(count: overflow ? -1 : cells, repeating: 0)
        demandAround = memory.buffer(count: area.locationCount * 6, repeating: 0)
        filledFor = memory.buffer(count: area.locationCount, repeating: 0)
        decayedFor = memory.buffer(count: area.locationCount, repeating: 0)
        otherNear = memory.buffer(count: area.pointCount, repeating: 0)
        otherFar = memory.buffer(count: area.pointCount, repeating: 0)
        otherDemand = memory.buffer(count: 6, repeating: 0)
        nearest = memory.buffer(count: area.pointCount, repeating: 0)
    }

    /// Takes the scale of a snapshot.
    func prepare(_ situation: Situation) {
        let present = situation.scale
        guard present != scale else { return }
        if present.postSeconds != scale.postSeconds || present.factor != scale.factor { decayNumber += 1 }
        scaleNumber += 1
        scale = present
    }

    /// Demand is that of another engine from now on; distances decay as before where τ is the same.
    func forgetDemand() { scale.hour = -1 }

    /// The surroundings of a node. For nodes other than patrol locations, valid until the next call.
    /// - Precondition: `prepare`.
    func place(_ node: Int32, _ situation: Situation) -> Place {
        let location = Int(area.locationOf[Int(node)])
        guard location >= 0 && area.locationNodes[location] == node else {
            fill(
                situation, node: node, near: otherNear.base, far: otherFar.base, demandAround: otherDemand.base,
                kernels: true)
            return Place(near: otherNear.base, far: otherFar.base, demandAround: otherDemand.base)
        }
        let (row, around) = (location * area.pointCount, demandAround.base + 6 * location)
        if filledFor[location] != scaleNumber {
            fill(
                situation, node: node, near: near.base + row, far: far.base + row, demandAround: around,
                kernels: decayedFor[location] != decayNumber)
            (filledFor[location], decayedFor[location]) = (scaleNumber, decayNumber)
        }
        return Place(near: near.base + row, far: far.base + row, demandAround: around)
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
