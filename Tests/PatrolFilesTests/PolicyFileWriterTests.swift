import PatrolFiles
import PatrolModel
import PatrolNetworks
import Testing

@Suite struct PolicyFileWriterTests {
    @Test func metadataThatCCouldNotShowAreRefused() throws {
        expectError(.invalidArgument, [#""note""#, "NUL"]) {
            try PolicyFileWriter().addMetadata("note", "two\u{0}parts")
        }
        let writer = try TensorFileWriter()
        try writer.addMetadata("format", "libpatrol policy")
        try writer.addMetadata("format_version", "1")
        try writer.addMetadata("note", "two\u{0}parts")
        let bytes = try writer.finish()
        expectError(.invalidFile, [#""note""#, #"two\u{0}parts"#, "NUL"]) {
            _ = try PolicyFile(try TensorFile(bytes: UnsafeRawBufferPointer(bytes.elements)))
        }
    }

    private func patrolAlone(_ add: (PolicyFileWriter) throws -> Void) throws -> TrainedPolicy {
        var random = RandomNumbers(seed: 3)
        let writer = try PolicyFileWriter()
        try writer.add(patrol: try TrainableStack(StackShape([28, 1]), &random).layers(), normalization: nil)
        try add(writer)
        let bytes = try writer.finish()
        return try PolicyFile(try TensorFile(bytes: UnsafeRawBufferPointer(bytes.elements))).policy
    }

    @Test func whenAPolicyAbstainsIsReadBack() throws {
        let read = try patrolAlone { try $0.add(mostFreeShareForPatrol: 0.25) }
        #expect(read.mostFreeShareForPatrol == 0.25 && read.mostFreeShareForDispatch == 1)
        #expect(try patrolAlone { _ in }.mostFreeShareForPatrol == 1)
        #expect(try patrolAlone { try $0.add(mostFreeShareForPatrol: 0) }.mostFreeShareForPatrol == 0)
        for wrong in [Float(-0.1), 1.5] {
            expectError(.invalidFile, ["patrol.most_free_share", "\(wrong)", "0 to 1"]) {
                _ = try patrolAlone { try $0.add(mostFreeShareForPatrol: wrong) }
            }
        }
        expectError(.unsupported, ["dispatch.most_free_share"]) {
            _ = try patrolAlone { try $0.add(mostFreeShareForDispatch: 0.25) }
        }
        expectError(.unsupported, ["dispatch.unit"]) { _ = try patrolAlone { try $0.add(dispatchUnit: .postTime) } }
    }

    @Test func theUnitOfOutputsIsReadBackAndCopied() throws {
        let layer = DenseLayer(
            inputs: 24, outputs: 1, weights: try Buffer(count: 24, repeating: 1),
            bias: try Buffer(count: 1, repeating: 0))
        for unit in [DispatchUnit.minute, .postTime] {
            let writer = try PolicyFileWriter()
            try writer.add(pair: [layer], normalization: nil)
            try writer.add(dispatchUnit: unit)
            let bytes = try writer.finish()
            let file = try TensorFile(bytes: UnsafeRawBufferPointer(bytes.elements))
            #expect(try PolicyFile(file).policy.dispatchUnit == unit)
            let copy = try PolicyFileWriter()
            try copy.add(networksOf: file)
            let copied = try copy.finish()
            let read = try PolicyFile(try TensorFile(bytes: UnsafeRawBufferPointer(copied.elements)))
            #expect(read.policy.dispatchUnit == unit && read.file.count == file.count)
        }
    }

    @Test(arguments: [true, false]) func aPolicyReadBackDecidesTheSame(concave: Bool) throws {
        var random = RandomNumbers(seed: 31)
        let stack = try TrainableStack(StackShape([28, 8, 8, 1]), &random)
        let pair = try TrainableStack(StackShape([24, 6, 1]), &random)
        let shape = try ValueShape(inputs: 64, hidden: 7, anchors: 9, anchorWidth: 6, block: 3)
        let value = try Buffer<Float>(count: shape.parameterCount, repeating: 0)
        shape.initialize(value.base, concave: concave, &random)
        let rows = (0..<10 * 64).map { _ in Float(random.uniform()) }
        func normalization(_ inputs: Int) throws -> InputNormalization {
            try InputNormalization(rows: 10, inputs: inputs, input: rows, floor: 1e-3)
        }

        let writer = try PolicyFileWriter()
        try writer.add(patrol: stack.layers(), normalization: normalization(28))
        try writer.add(pair: pair.layers(), normalization: nil)
        try writer.add(value: shape.layers(value.base), normalization: normalization(64), concave: concave)
        try writer.addMetadata("scenario", "none")
        try writer.addMetadata("requires_categories", "2")
        let bytes = try writer.finish()
        let file = try PolicyFile(try TensorFile(bytes: UnsafeRawBufferPointer(bytes.elements)))
        #expect(file.policy.requiredCategories == 2)

        func expectSame(_ read: DenseNetwork?, _ written: DenseNetwork) throws {
            let read = try #require(read)
            var (first, second) = ([Float](repeating: 0, count: 10), [Float](repeating: 1, count: 10))
            let scratch = try NetworkScratch(for: written, maximumRows: 10)
            try written.evaluate(rows: 10, input: rows, output: &first, scratch: scratch)
            try read.evaluate(rows: 10, input: rows, output: &second, scratch: scratch)
            #expect(first == second)
        }
        try expectSame(file.policy.patrol, stack.network(normalization: normalization(28)))
        try expectSame(file.policy.pair, pair.network(normalization: nil))
        let written = try shape.network(value.base, normalization: normalization(64))
        let read = try #require(file.policy.value)
        #expect(read.isConcave == concave && written.isConcave == concave)
        for row in 0..<10 {
            rows.withUnsafeBufferPointer {
                #expect(read.evaluate($0.baseAddress! + row * 64) == written.evaluate($0.baseAddress! + row * 64))
            }
        }
    }
}
