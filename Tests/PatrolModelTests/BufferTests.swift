import CKernels
import Glibc
import Testing

@testable import PatrolModel

@Suite struct BufferTests {
    @Test func impossibleSizesAreErrors() {
        for count in [-1, Int.max, 1 << 58] {
            #expect(throws: PatrolError.self) { _ = try Buffer<UInt64>(count: count, repeating: 0) }
            #expect(throws: PatrolError.self) { _ = try Buffer<UInt64>(unwritten: count) }
        }
    }

    /// What is asked for after a refusal is made, and the refusal is not forgotten.
    @Test func oneRefusalIsToldOfAll() throws {
        var memory = WorkingMemory()
        let first = memory.buffer(count: 3, repeating: Int32(7))
        try memory.check()
        let refused: Buffer<Float> = memory.buffer(unwritten: -2)
        let last = memory.buffer(count: 5, repeating: UInt8(9))
        #expect(Array(first.elements) == [7, 7, 7] && Array(last.elements) == [9, 9, 9, 9, 9] && refused.count == -2)
        var other = WorkingMemory()
        other.join(memory)
        for memory in [memory, other] {
            let error = #expect(throws: PatrolError.self) { try memory.check() }
            #expect(error?.status == .outOfMemory && error?.message == "no memory for -2 elements of 4 bytes")
        }
    }

    @Test func elementsAreFilledAndCopied() throws {
        struct Odd: BitwiseCopyable, Equatable {
            var one: UInt8
            var two: UInt16
            var three: UInt8
        }
        func expectFilled<Element: BitwiseCopyable & Equatable>(_ empty: Element, _ value: Element) throws {
            for count in [0, 1, 7, 100] {
                let buffer = try Buffer<Element>(count: 102, repeating: empty)
                (buffer.base + 1).update(repeating: value, count: count)
                let filled = [empty] + Array(repeating: value, count: count)
                #expect(Array(buffer.elements) == filled + Array(repeating: empty, count: 101 - count))
            }
        }
        try expectFilled(UInt8(1), 200)
        try expectFilled(false, true)
        try expectFilled(Int32(-1), 1 << 30)
        try expectFilled(Float(0), -.pi)
        try expectFilled(Double(0), .pi)
        try expectFilled(Odd(one: 1, two: 2, three: 3), Odd(one: 9, two: 999, three: 8))
        let numbers = try Buffer<Int32>(count: 50, repeating: 0)
        for k in 0..<50 { numbers[k] = Int32(k) }
        (numbers.base + 3).update(from: numbers.base, count: 40)
        #expect(Array(numbers.elements) == [0, 1, 2] + Array(0..<40) + Array(43..<50))
        numbers.base.update(from: numbers.base + 3, count: 40)
        #expect(Array(numbers.elements) == Array(0..<40) + Array(37..<40) + Array(43..<50))
    }

    /// So that an initializer that does more than ask for memory ends the tests that ask what a session takes.
    @Test func nothingIsBehindMemoryThatIsOnlyCounted() throws {
        let meter = kernels_meter_begin()
        var memory = WorkingMemory()
        let buffer = memory.buffer(count: 100, repeating: UInt64(7))
        #expect(kernels_meter_end(meter) == 832, "in whole lines of 64 bytes")
        try memory.check()
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        for distance in [0, 799, 1 << 20, 1 << 40] {
            // The kernel is asked to read and to write there, which would end this process.
            let place = UnsafeMutableRawPointer(buffer.base) + distance
            #expect(write(ends[1], place, 1) == -1 && errno == EFAULT)
            #expect(write(ends[1], "x", 1) == 1 && read(ends[0], place, 1) == -1 && errno == EFAULT)
        }
    }
}
