/// How long a part of a decision is expected to take at most, by what it took lately.
struct ExpectedTime {
    private(set) var nanoseconds: Int64 = 0

    /// - Parameter spent: what it took now. One long time is forgotten slowly.
    mutating func note(_ spent: Int64) { nanoseconds = max(spent, nanoseconds - nanoseconds / 64) }
}
