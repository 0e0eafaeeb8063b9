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
