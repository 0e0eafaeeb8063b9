/// The versioned feature tables; formulas in `Features.md`.
public enum CandidateTable {
    public static let name: StaticString = "candidate/1"
    public static let width = 28
    /// `candidate/2`: the features of `candidate/1`, then those of the second and third nearest other units.
    public static let widthWithBackup = 33
    /// Places of features that trainers take rewards from.
    package static let gain = 0
    package static let demandNear = 8
    package static let bestAnchorGain = 26
    package static let idleHours = 27
    package static let secondGain = 28
    package static let thirdGain = 30
    package static let bestAnchorBackup = 32

    /// Chance that a unit which is free now is busy when it is wanted: what a second nearest unit's arrival time counts
    /// against the nearest one's.
    package static let backupShare: Float = 0.25

    /// Name of the table of that width.
    static func name(width: Int) -> StaticString { width == widthWithBackup ? "candidate/2" : name }
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
