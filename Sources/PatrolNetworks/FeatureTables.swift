/// The versioned feature tables that networks read: names in policy files, widths and places. Formulas in `Features.md` of
/// PatrolDecisions.
public enum CandidateTable {
    public static let name: StaticString = "candidate/1"
    public static let width = 28
    /// The features of `candidate/1`, then those of the second and third nearest other units.
    public static let nameWithBackup: StaticString = "candidate/2"
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
}

public enum PairTable {
    public static let name: StaticString = "pair/1"
    public static let width = 24
}

public enum StateTable {
    public static let name: StaticString = "state/1"
    public static let width = 64
    /// The features of anchor a start at index a · `anchorWidth`; those of no anchor start at `global`.
    public static let anchors = 9
    public static let anchorWidth = 6
    package static let global = anchors * anchorWidth
}
