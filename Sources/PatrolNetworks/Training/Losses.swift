import PatrolModel

/// Huber's loss (1964) of an error: e² / 2 up to the threshold δ, δ(|e| − δ/2) beyond, and its derivative.
public func huber(_ error: Float, threshold: Float) -> (loss: Float, slope: Float) {
    let size = abs(error)
    if size <= threshold { return (0.5 * error * error, error) }
    return (threshold * (size - 0.5 * threshold), error < 0 ? -threshold : threshold)
}

/// A quantity that goes linearly from `first` to `last` over `steps` steps and stays there: a learning rate, an ε.
public struct LinearSchedule: Sendable, Equatable {
    public var first: Float
    public var last: Float
    public var steps: Int

    public init(from first: Float, to last: Float, steps: Int) {
        (self.first, self.last, self.steps) = (first, last, steps)
    }

    public func value(at step: Int) -> Float {
        guard step < steps else { return last }
        return first + (last - first) * (Float(step) / Float(steps))
    }
}
