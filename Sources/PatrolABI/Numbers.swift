import PatrolModel

/// Checks of one number each. `name` is built only when the check fails.
@inline(__always)
package func check(_ fine: Bool, _ status: Status, _ message: @autoclosure () -> ByteText) throws(PatrolError) {
    if !fine { throw PatrolError(status, message()) }
}

/// From 0 up to 10⁹.
@inline(__always)
package func checkNonNegative(_ value: Float, _ name: @autoclosure () -> ByteText) throws(PatrolError) {
    try check(value >= 0 && value <= 1e9, .invalidNumber, "\(name()) is \(value), expected 0 to 1e9")
}

/// From 0 up to 10⁹; infinite is allowed.
@inline(__always)
package func checkLimit(_ value: Float, _ name: @autoclosure () -> ByteText) throws(PatrolError) {
    try check(
        value >= 0 && value <= 1e9 || value == .infinity, .invalidNumber, "\(name()) is \(value), expected 0 to 1e9, or infinity")
}

/// Finite and above 0, up to 10⁹.
@inline(__always)
package func checkPositive(_ value: Float, _ name: @autoclosure () -> ByteText) throws(PatrolError) {
    try check(value > 0 && value <= 1e9, .invalidNumber, "\(name()) is \(value), expected above 0 and at most 1e9")
}

@inline(__always)
package func checkIndex(_ value: Int, below count: Int, _ name: @autoclosure () -> ByteText) throws(PatrolError) {
    try check(value >= 0 && value < count, .outOfRange, "\(name()) is \(value), expected 0 to \(count - 1)")
}
