/// What an output of 1 of the networks for dispatch is worth: a mean call that waits so long.
public enum DispatchUnit: Int32, Sendable {
    case minute = 0
    /// The mean travel time from the nearest of as many posts as units on duty: carries over to cities with other drives.
    case postTime
}

/// The networks of a policy and what they need of an area.
public final class TrainedPolicy: Sendable {
    /// Q-value of a candidate move, table `candidate/1`.
    public let patrol: DenseNetwork?
    /// Separable value of an assignment, table `pair/1`.
    public let pair: DenseNetwork?
    /// Value of the state after the decision, table `state/1`.
    public let value: ValueNetwork?
    /// Of the outputs of `pair` and `value`.
    public let dispatchUnit: DispatchUnit
    /// While a larger share of the units on duty is free, the policy abstains: from patrol, and from dispatch; 1: never.
    public let mostFreeShareForPatrol: Float
    public let mostFreeShareForDispatch: Float
    /// Categories, and content hash, that the area must have; 0: any.
    public let requiredCategories: Int
    public let requiredArea: UInt64
    /// Of the file it came from; 0: none.
    public let contentHash: UInt64

    public init(
        patrol: DenseNetwork?, pair: DenseNetwork?, value: ValueNetwork?, dispatchUnit: DispatchUnit = .minute,
        mostFreeShareForPatrol: Float = 1, mostFreeShareForDispatch: Float = 1, requiredCategories: Int = 0,
        requiredArea: UInt64 = 0, contentHash: UInt64 = 0
    ) {
        self.patrol = patrol
        self.pair = pair
        self.value = value
        self.dispatchUnit = dispatchUnit
        self.mostFreeShareForPatrol = mostFreeShareForPatrol
        self.mostFreeShareForDispatch = mostFreeShareForDispatch
        self.requiredCategories = requiredCategories
        self.requiredArea = requiredArea
        self.contentHash = contentHash
    }
}
