import PatrolFiles
import PatrolModel
import Testing

@Suite struct RoundTripTests {
    @Test func everyTypeReturnsAsItWasWritten() throws {
        let writer = try TensorFileWriter()
        try writer.addMetadata("format", "patrol")
        try writer.addMetadata("żółć \"quoted\\\" \u{1}\n\u{1F}", "\u{0}\u{7F} 👮‍♀️ \u{2028}")
        try writer.add("bytes", [3], [UInt8.min, 1, .max])
        try writer.add("double", [2, 2], [0, -0.0, Double.leastNonzeroMagnitude, .greatestFiniteMagnitude])
        try writer.add("float", [2, 1, 2], [Float(1) / 3, -0.0, .leastNonzeroMagnitude, -.greatestFiniteMagnitude])
        try writer.add("short", [2], [UInt16.min, .max])
        try writer.add("", [2], [Int32.min, .max])
        try writer.add("long\t\u{1D11E}", [2], [Int64.min, .max])
        try writer.add("scalar", [], [Double.pi])
        try writer.add("none", [0, 7], [Float]())
        let bytes = try writer.finish().array
        #expect(try writer.finish().array == bytes)

        let headerCount = bytes.withUnsafeBytes { Int($0.loadUnaligned(as: UInt64.self)) }
        #expect((8 + headerCount) % 8 == 0)

        let file = try opened(bytes)
        #expect(file.bytes.array == bytes)
        let names = (0..<file.count).map { file[$0].name.string }
        #expect(names == ["bytes", "double", "float", "short", "", "long\t\u{1D11E}", "scalar", "none"])
        #expect(file.metadataCount == 2)
        #expect(file.metadata(named: "format").map(\.string) == "patrol")
        #expect(file.metadata(at: 1).key.elementsEqual("żółć \"quoted\\\" \u{1}\n\u{1F}".utf8))
        #expect(file.metadata(at: 1).value.elementsEqual("\u{0}\u{7F} 👮‍♀️ \u{2028}".utf8))
        #expect(file.metadata(named: "Format") == nil)

        func tensor(_ name: ByteText, _ type: ElementType, _ shape: [Int?]) throws -> Tensor {
            let tensor = try file.tensor(named: name, shape: shape)
            #expect(tensor.type == type)
            #expect(tensor.byteRange.count == tensor.count * type.size)
            return tensor
        }
        #expect(try tensor("bytes", .u8, [3]).integers(UInt8.self).array == [0, 1, 255])
        #expect(
            try tensor("double", .f64, [2, 2]).doubles().array.map(\.bitPattern)
                == [0, -0.0, Double.leastNonzeroMagnitude, .greatestFiniteMagnitude].map(\.bitPattern))
        #expect(
            try tensor("float", .f32, [2, 1, 2]).floats().array.map(\.bitPattern)
                == [Float(1) / 3, -0.0, .leastNonzeroMagnitude, -.greatestFiniteMagnitude].map(\.bitPattern))
        #expect(try tensor("short", .u16, [2]).integers(Int32.self).array == [0, 65535])
        #expect(try tensor("", .i32, [2]).integers(Int64.self).array == [Int64(Int32.min), Int64(Int32.max)])
        #expect(try tensor("long\t\u{1D11E}", .i64, [2]).integers(Int64.self).array == [.min, .max])
        #expect(try tensor("scalar", .f64, []).floats().array == [Float.pi.nextUp])
        #expect(try tensor("none", .f32, [0, 7]).floats().count == 0)
    }

    @Test func bytesAreTheFormatsOwn() throws {
        let writer = try TensorFileWriter()
        try writer.addMetadata("k", "v")
        try writer.add("a", [2], [UInt16(1), 0x0203])
        let header = #"{"__metadata__":{"k":"v"},"a":{"dtype":"U16","shape":[2],"data_offsets":[0,4]}}"#
        let padded = header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
        #expect(try writer.finish().array == container(Array(padded.utf8), data: [1, 0, 3, 2]))
        #expect(try TensorFileWriter().finish().array == container("{}      "))
    }

    @Test func legalOdditiesAreRead() throws {
        #expect(try opened(container("{}")).count == 0)
        #expect(try opened(container("{}     ")).metadataCount == 0)
        #expect(try opened(container(#"{"__metadata__":{}}"#)).count == 0)

        let header = """
            {\t"b" : {"data_offsets":[ 4 , 8 ],"shape":[1],"dtype":"\\u00463\\u0032"},\r
            "\\ud83d\\ude93\\/":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}, "__metadata__": {"":"\\b\\f"},
            "end":{"dtype":"I64","shape":[0,2147483647],"data_offsets":[8,8]},
            "start":{"dtype":"I64","shape":[0],"data_offsets":[0,0]}}
            """
        let file = try opened(container(Array(header.utf8), data: [1, 2, 3, 4] + bytes(of: [Float(5)])))
        #expect(file.count == 4)
        #expect(try file.tensor(named: "🚓/", shape: [4]).integers(Int32.self).array == [1, 2, 3, 4])
        #expect(try file.tensor(named: "b", shape: [nil]).floats().array == [5])
        #expect(try file.tensor(named: "end", shape: [0, nil]).integers(Int64.self).count == 0)
        #expect(file.metadata(named: "").map(\.string) == "\u{8}\u{C}")
    }

    @Test func limitsThemselvesAreAllowed() throws {
        let longest = String(repeating: "n", count: 512)
        let writer = try TensorFileWriter()
        for index in 0..<4095 { try writer.add("\(index)", [1], [UInt8(truncatingIfNeeded: index)]) }
        try writer.add(longest, [1, 1, 1, 1, 1, 1, 1, 1], [UInt8(9)])
        for index in 0..<1024 { try writer.addMetadata("\(index)", "") }
        expectError(.invalidArgument, ["4096"]) { try writer.add("more", [1], [UInt8(0)]) }
        expectError(.invalidArgument, ["1024"]) { try writer.addMetadata("more", "") }
        let file = try opened(writer.finish().array)
        #expect(file.count == 4096)
        #expect(file.metadataCount == 1024)
        #expect(file.tensor(named: ByteText(longest))?.shape.rank == 8)
        for index in [0, 1, 77, 4094] {
            #expect(try file.tensor(named: "\(index)", shape: [1]).integers(Int32.self).array == [Int32(index & 255)])
        }
        let padding = String(repeating: " ", count: 4 << 20 - 2)
        #expect(try opened(container("{}" + padding)).count == 0)
    }

    @Test func writerRefusesWhatCouldNotBeRead() throws {
        let writer = try TensorFileWriter()
        try writer.addMetadata("k", "v")
        try writer.add("a", [1], [Float(1)])
        let before = try writer.finish().array
        expectError(.invalidArgument, ["\"a\"", "already"]) { try writer.add("a", [1], [Float(1)]) }
        expectError(.invalidArgument, ["\"k\"", "already"]) { try writer.addMetadata("k", "w") }
        expectError(.invalidArgument, ["__metadata__"]) { try writer.add("__metadata__", [1], [Float(1)]) }
        expectError(.invalidArgument, ["NUL"]) { try writer.add("a\0", [1], [Float(1)]) }
        expectError(.invalidArgument, ["513 bytes"]) {
            try writer.add(String(repeating: "n", count: 513), [1], [Float(1)])
        }
        expectError(.invalidArgument, ["\"b\"", "1 elements", "[2]"]) { try writer.add("b", [2], [Float(1)]) }
        expectError(.invalidArgument, ["\"b\"", "[-1]"]) { try writer.add("b", [-1], [Float(1)]) }
        expectError(.invalidArgument, ["\"b\"", "[2147483648]"]) { try writer.add("b", [1 << 31], [Float(1)]) }
        expectError(.invalidArgument, ["\"b\"", "8 dimensions"]) {
            try writer.add("b", [1, 1, 1, 1, 1, 1, 1, 1, 1], [Float(1)])
        }
        expectError(.invalidNumber, ["\"b\"", "element 1", "nan"]) { try writer.add("b", [2], [1, Float.nan]) }
        expectError(.invalidNumber, ["\"b\"", "element 0", "-inf"]) { try writer.add("b", [1], [-Double.infinity]) }
        #expect(try writer.finish().array == before)

        try writer.addMetadata("large", String(repeating: "x", count: 4 << 20))
        expectError(.invalidArgument, ["header", "4194304"]) { _ = try writer.finish() }
    }

    @Test func shortFloatFormatsConvertExactly() throws {
        let patterns = (0...UInt16.max).map { $0 }
        for (type, reference) in [
            ("F16", patterns.map { Float(Float16(bitPattern: $0)) }),
            ("BF16", patterns.map { Float(bitPattern: UInt32($0) << 16) }),
        ] {
            let finite = patterns.filter { reference[Int($0)].isFinite }
            let expected = reference.filter(\.isFinite).map(\.bitPattern)
            let tensor = try opened(container(type, "[\(finite.count)]", bytes(of: finite)))[0]
            #expect(try tensor.floats().array.map(\.bitPattern) == expected)
            #expect(try tensor.doubles().array.map { Float($0).bitPattern } == expected)
            for pattern in patterns where !reference[Int(pattern)].isFinite {
                let tensor = try opened(container(type, "[1]", bytes(of: [pattern])))[0]
                expectError(.invalidFile, ["element 0"]) { _ = try tensor.floats() }
            }
        }
    }

    @Test func doublesRoundToTheNearestFloat() throws {
        let ulp = Double(Float.ulpOfOne)
        let values = [1 + ulp / 2, 1 + 3 * ulp / 2, 1 + ulp / 2 + ulp / 1024, 1e-46, -7e-46, 3.4028235677973362e+38]
        let tensor = try opened(container("F64", "[6]", bytes(of: values)))[0]
        #expect(
            try tensor.floats().array
                == [1, 1 + 2 * .ulpOfOne, 1 + .ulpOfOne, 0, -0.0, .greatestFiniteMagnitude])
    }
}
