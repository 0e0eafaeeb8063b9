import Testing

@_silgen_name("arc4random_buf")
private func fillWithRandomBytes(_ buffer: UnsafeMutableRawPointer, _ count: Int)

@Suite struct EntropyTests {
    @Test func fillsExactlyWhatIsAsked() {
        let fills = (0..<8).map { _ in
            var bytes = [UInt8](repeating: 0, count: 40)
            fillWithRandomBytes(&bytes, 32)
            #expect(bytes[32...].allSatisfy { $0 == 0 })
            return Array(bytes[..<32])
        }
        #expect(Set(fills).count == fills.count)
    }
}
