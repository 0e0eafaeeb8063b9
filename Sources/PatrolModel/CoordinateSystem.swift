/// What the coordinates of an area are.
public enum CoordinateSystem: UInt32, Sendable {
    /// There are none: units and calls are placed by node.
    case none = 0
    /// x, y in metres.
    case planar = 1
    /// x = longitude, y = latitude in degrees (WGS 84).
    case geographic = 2

    /// Whether a finite x, y is a place: degrees have limits.
    public func contains(x: Double, y: Double) -> Bool {
        switch self {
        case .none: false
        case .planar: true
        case .geographic: abs(x) <= 180 && abs(y) <= 90
        }
    }
}
