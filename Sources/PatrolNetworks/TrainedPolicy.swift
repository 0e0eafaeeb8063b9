/// The networks of a policy and what they need of an area.
public final class TrainedPolicy: Sendable {
    /// Q-value of a candidate move, table `candidate/1`.
    public let patrol: DenseNetwork?
    /// Separable value of an assignment, table `pair/1`.
    public let pair: DenseNetwork?
    /// Value of the state after the decision, table `state/1`.
    public let value: ValueNetwork?
    /// While more units are free, the policy abstains: from patrol, and from dispatch.
    public let mostFreeUnitsForPatrol: Int
    public let mostFreeUnitsForDispatch: Int
    /// Categories, and content hash, that the area must have; 0: any.
    public let requiredCategories: Int
    public let requiredArea: UInt64
    /// Of the file it came from; 0: none.
    public let contentHash: UInt64

    public init(
        patrol: DenseNetwork?, pair: DenseNetwork?, value: ValueNetwork?, mostFreeUnitsForPatrol: Int = .max,
        mostFreeUnitsForDispatch: Int = .max, requiredCategories: Int = 0, requiredArea: UInt64 = 0,
        contentHash: UInt64 = 0
    ) {
        self.patrol = patrol
        self.pair = pair
        self.value = value
        self.mostFreeUnitsForPatrol = mostFreeUnitsForPatrol
        self.mostFreeUnitsForDispatch = mostFreeUnitsForDispatch
        self.requiredCategories = requiredCategories
        self.requiredArea = requiredArea
        self.contentHash = contentHash
    }
}
