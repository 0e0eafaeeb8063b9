/// The versioned feature tables; formulas in `Features.md`.
public enum CandidateTable {
    public static let name: StaticString = "candidate/1"
    public static let width = 28
    /// Places of features that trainers take rewards from.
    package static let gain = 0
    package static let demandNear = 8
    package static let bestAnchorGain = 26
    package static let idleHours = 27
}

public enum PairTable {
    public static let name: StaticString = "pair/1"
    public static let width = 24
}

public enum StateTable {
    public static let name: StaticString = "state/1"
    public static let width = 64
    /// Features of one anchor; those of anchor a start at index a · `anchorWidth`.
    public static let anchorWidth = 6
    static let global = DecisionEngine.maximumAnchors * anchorWidth
}
