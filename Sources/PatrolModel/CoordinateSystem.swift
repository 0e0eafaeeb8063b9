/// What the coordinates of an area are.
public enum CoordinateSystem: UInt32, Sendable {
    /// There are none: units and calls are placed by node.
    case none = 0
    /// x, y in metres.
    case planar = 1
    /// x = longitude, y = latitude in degrees (WGS 84).
    case geographic = 2

    /// - Throws: `invalidNumber` if x or y is not finite; `outOfRange` if a place cannot have these coordinates.
    package func check(x: Double, y: Double, _ name: @autoclosure () -> ByteText) throws(PatrolError) {
        guard x.isFinite && y.isFinite else {
            throw PatrolError(.invalidNumber, "\(name()) is (\(x), \(y)), expected finite coordinates")
        }
        if self == .geographic && (abs(x) > 180 || abs(y) > 90) {
            throw PatrolError(
                .outOfRange, "\(name()) is (\(x), \(y)), expected longitude -180 to 180 and latitude -90 to 90")
        }
        if max(abs(x), abs(y)) > largestNumber {
            throw PatrolError(.outOfRange, "\(name()) is (\(x), \(y)), expected at most 1e9 metres either way")
        }
    }
}
