/// Another library in Embedded Swift, with a copy of the runtime functions that such a library brings along.
final class Tally {
    var values: [Int] = []
    var remainders: Set<Int> = []
}

@_cdecl("other_tally")
public func otherTally(_ count: Int32) -> Int32 {
    let tally = Tally()
    for value in 0..<Int(count) {
        tally.values.append(value)
        tally.remainders.insert(value % 5)
    }
    return Int32(tally.values.count + tally.remainders.count)
}
