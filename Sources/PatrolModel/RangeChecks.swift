/// Range checks of numbers from outside. The C interface, the file readers and Swift programs all use them, so a wrong value
/// gives the same error everywhere. `name` is built only if a check fails.

@inline(__always)
package func check(_ fine: Bool, _ status: Status, _ message: @autoclosure () -> ByteText) throws(PatrolError) {
    if !fine { throw PatrolError(status, message()) }
}

// MARK: Seconds, weights, rates, prices

/// Upper limit of most numbers: sums of them stay far from overflow.
package let largestNumber = 1e9
/// Latest time on a clock, in seconds.
package let latestTime = 1e12

package protocol CheckedNumber: BinaryFloatingPoint {
    var text: ByteText { get }
}
extension Float: CheckedNumber {}
extension Double: CheckedNumber {}

@inline(__always)
package func checkNumber<Number: CheckedNumber>(
    _ value: Number, in range: ClosedRange<Double>, _ name: @autoclosure () -> ByteText
) throws(PatrolError) {
    try check(range.contains(Double(value)), .invalidNumber, isNot(name(), value.text, within(range)))
}

/// From 0 up to 10⁹.
@inline(__always)
package func checkNonNegative<Number: CheckedNumber>(
    _ value: Number, _ name: @autoclosure () -> ByteText
) throws(PatrolError) {
    try checkNumber(value, in: 0...largestNumber, name())
}

/// From 0 up to 10⁹; infinite is allowed.
@inline(__always)
package func checkLimit<Number: CheckedNumber>(_ value: Number, _ name: @autoclosure () -> ByteText) throws(PatrolError)
{
    let range = 0...largestNumber
    try check(
        range.contains(Double(value)) || value == .infinity, .invalidNumber,
        isNot(name(), value.text, within(range) + ", or infinity"))
}

/// Above 0, up to 10⁹ or `most`.
@inline(__always)
package func checkPositive<Number: CheckedNumber>(
    _ value: Number, atMost most: Double = largestNumber, _ name: @autoclosure () -> ByteText
) throws(PatrolError) {
    try check(
        value > 0 && Double(value) <= most, .invalidNumber,
        isNot(name(), value.text, "above 0 and at most " + bound(most)))
}

/// What a time may be multiplied by.
@inline(__always)
package func checkFactor<Number: CheckedNumber>(
    _ value: Number, _ name: @autoclosure () -> ByteText
) throws(PatrolError) {
    try checkNumber(value, in: 0.1...10, name())
}

// MARK: Counts and indices

@inline(__always)
package func checkCount(
    _ value: Int, in range: ClosedRange<Int>, _ name: @autoclosure () -> ByteText, _ status: Status = .invalidArgument
) throws(PatrolError) {
    try check(range.contains(value), status, isNot(name(), value.text, within(range)))
}

@inline(__always)
package func checkIndex(
    _ value: Int, from least: Int = 0, below end: Int, _ name: @autoclosure () -> ByteText
) throws(PatrolError) {
    try check(value >= least && value < end, .outOfRange, isNot(name(), value.text, "\(least) to \(end - 1)"))
}

/// Hours after which demand or rates repeat.
@inline(__always)
package func checkPeriod(_ hours: Int, _ name: @autoclosure () -> ByteText) throws(PatrolError) {
    try check(
        hours == 1 || hours == 24 || hours == 168, .invalidArgument, isNot(name(), hours.text, "1, 24 or 168"))
}

// MARK: Sentences

extension Int {
    @inline(never)
    fileprivate var text: ByteText { "\(self)" }
}

extension Float {
    @inline(never)
    package var text: ByteText { "\(self)" }
}

extension Double {
    @inline(never)
    package var text: ByteText { "\(self)" }
}

@inline(never)
private func isNot(_ name: ByteText, _ value: ByteText, _ expected: ByteText) -> ByteText {
    "\(name) is \(value), expected \(expected)"
}

@inline(never)
private func within(_ range: ClosedRange<Int>) -> ByteText {
    let (least, most) = (range.lowerBound, range.upperBound)
    if least == most { return "\(least)" }
    return most == least + 1 ? "\(least) or \(most)" : "\(least) to \(most)"
}

@inline(never)
private func within(_ range: ClosedRange<Double>) -> ByteText {
    if range.upperBound == .infinity { return bound(range.lowerBound) + " or more" }
    return "\(bound(range.lowerBound)) to \(bound(range.upperBound))"
}

/// Whole numbers without a fraction, large powers of ten as 1e9.
private func bound(_ value: Double) -> ByteText {
    if value == 1e9 { return "1e9" }
    if value == 1e12 { return "1e12" }
    return value == value.rounded() ? "\(Int(value))" : "\(value)"
}
