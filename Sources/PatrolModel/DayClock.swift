/// Sine and cosine of the time of day, 2π · (seconds mod 86,400) / 86,400, by Taylor series on an eighth of the circle:
/// the C library's differ between machines in the last bit.
/// - Parameter time: seconds since a midnight, finite, ≥ 0.
public func sineAndCosine(ofDayAt time: Double) -> (sine: Float, cosine: Float) {
    let turn = time.truncatingRemainder(dividingBy: 86_400) / 86_400
    let quarter = Int((4 * turn).rounded())
    let x = (turn - Double(quarter) / 4) * (2 * Double.pi)
    let square = x * x
    let sine = x * (1 - square / 6 * (1 - square / 20 * (1 - square / 42 * (1 - square / 72 * (1 - square / 110)))))
    let cosine =
        1 - square / 2
        * (1 - square / 12 * (1 - square / 30 * (1 - square / 56 * (1 - square / 90 * (1 - square / 132)))))
    switch quarter & 3 {
    case 0: return (Float(sine), Float(cosine))
    case 1: return (Float(cosine), Float(-sine))
    case 2: return (Float(-sine), Float(-cosine))
    default: return (Float(-cosine), Float(sine))
    }
}
