import Testing
import PatrolModel

@Suite struct BufferTests {
    @Test func impossibleSizesAreErrors() {
        for count in [-1, Int.max, 1 << 58] {
            #expect(throws: PatrolError.self) { _ = try Buffer<UInt64>(count: count, repeating: 0) }
        }
    }
}
