/// Two-sided critical values of Student's t; exact to rounding.
///
/// - Parameters:
///   - error: the chance, above 0 and below 1: 0.05 for a 95 % interval.
///   - degrees: of freedom; infinite below 1.
public func studentQuantile(error: Double, degrees: Int) -> Double {
    guard degrees >= 1 else { return .infinity }
    var (low, high) = (0.0, 2.0)
    while studentTails(high, degrees: degrees) > error { (low, high) = (high, 2 * high) }
    while true {
        let middle = (low + high) / 2
        guard middle > low, middle < high else { return middle }
        if studentTails(middle, degrees: degrees) > error { low = middle } else { high = middle }
    }
}

/// The chance that |t| exceeds a value ≥ 0 (Abramowitz & Stegun 26.7.3 and 26.7.4).
private func studentTails(_ t: Double, degrees: Int) -> Double {
    let n = Double(degrees)
    let square = n / (n + t * t)
    let sine = t / (n + t * t).squareRoot()
    let isOdd = degrees % 2 == 1
    var (term, sum) = (1.0, 0.0)
    for k in 0..<(degrees / 2) {
        sum += term
        let j = Double(2 * k + (isOdd ? 2 : 1))
        term *= square * j / (j + 1)
    }
    guard isOdd else { return 1 - sine * sum }
    return 1 - 2 / Double.pi * (arcTangent(t / n.squareRoot()) + sine * square.squareRoot() * sum)
}

private func arcTangent(_ x: Double) -> Double {
    var x = x
    for _ in 0..<4 { x /= 1 + (1 + x * x).squareRoot() }
    // |x| < 0.1 now: the series' next term is below 10⁻¹⁸.
    var (power, sum) = (x, 0.0)
    for k in 0..<8 {
        sum += (k % 2 == 0 ? power : -power) / Double(2 * k + 1)
        power *= x * x
    }
    return 16 * sum
}
