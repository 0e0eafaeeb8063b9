/// Coordinates as metres on a plane.
///
/// Geographic ones equirectangularly, with longitudes counted from the first node, so that an area may lie across
/// the 180th meridian.
struct Projection: Sendable {
    /// Metres a degree on a sphere of the mean radius of WGS 84, 6,371,008.8 m.
    static let metresADegree = 111_195.080_233_532_9

    private let isGeographic: Bool
    private let longitude: Double
    private let shrinkage: Double

    /// - Parameter coordinates: [nodes, 2], at least one node.
    init(_ system: CoordinateSystem, _ coordinates: UnsafeBufferPointer<Double>) {
        isGeographic = system == .geographic
        longitude = coordinates[0]
        var (south, north) = (coordinates[1], coordinates[1])
        for node in 1..<max(1, coordinates.count / 2) {
            south = min(south, coordinates[2 * node + 1])
            north = max(north, coordinates[2 * node + 1])
        }
        shrinkage = Self.cosine(ofDegrees: (south + north) / 2)
    }

    func metres(x: Double, y: Double) -> (x: Double, y: Double) {
        guard isGeographic else { return (x, y) }
        var east = x - longitude
        if east > 180 { east -= 360 } else if east < -180 { east += 360 }
        return (east * shrinkage * Self.metresADegree, y * Self.metresADegree)
    }

    /// Taylor's series, for up to 90 degrees: within 10⁻¹⁵ and, unlike the C library's, the same on every machine.
    static func cosine(ofDegrees degrees: Double) -> Double {
        let square = (degrees * (Double.pi / 180)) * (degrees * (Double.pi / 180))
        var sum = 1.0
        for term in stride(from: 22.0, through: 2.0, by: -2.0) { sum = 1 - sum * square / (term * (term - 1)) }
        return sum
    }
}
