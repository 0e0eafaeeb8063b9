import PatrolFiles
import PatrolModel
import Testing

/// A file that must be refused, and what the sentence must say of it.
struct HostileFile: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let bytes: [UInt8]
    let status: Status
    let words: [String]

    init(_ description: String, _ bytes: [UInt8], _ status: Status = .invalidFile, _ words: String...) {
        testDescription = description
        self.bytes = bytes
        self.status = status
        self.words = words
    }
}

@Suite struct HostileFileTests {
    @Test(arguments: length + encoding + duplicates + metadata + fields)
    func headersAreRefused(_ file: HostileFile) {
        expectError(file.status, file.words) { _ = try opened(file.bytes) }
    }

    @Test(arguments: types + numbers + shapes + offsets + names)
    func tensorsAreRefused(_ file: HostileFile) {
        expectError(file.status, file.words) { _ = try opened(file.bytes) }
    }

    static let length = [
        HostileFile("empty", [], .invalidFile, "0 bytes"),
        HostileFile("seven bytes", [2, 0, 0, 0, 0, 0, 0], .invalidFile, "7 bytes"),
        HostileFile(
            "nothing after the length", [2, 0, 0, 0, 0, 0, 0, 0], .invalidFile, "would have 2 bytes", "only 0 follow"),
        HostileFile(
            "one byte short", Array(container("{}").dropLast()), .invalidFile, "would have 2 bytes", "only 1 follow"),
        HostileFile("length 2^64 - 1", [UInt8](repeating: 255, count: 64), .invalidFile, "18446744073709551615"),
        HostileFile("length 2^63", [0, 0, 0, 0, 0, 0, 0, 128, 123, 125], .invalidFile, "9223372036854775808"),
        HostileFile("length 0", container(""), .invalidFile, "length is 0"),
        HostileFile("length 1", container("{"), .invalidFile, "length is 1"),
        HostileFile(
            "header beyond the cap", container("{}" + String(repeating: " ", count: 4 << 20)), .unsupported,
            "length is 4194306", "4194304"),
    ]

    static let encoding =
        [
            HostileFile("leading space", container(" {}"), .invalidFile, "byte 8", "is 32"),
            HostileFile("byte order mark", container("\u{FEFF}{}"), .invalidFile, "byte 8", "is 239"),
            HostileFile("an array", container("[]"), .invalidFile, "byte 8", "is 91"),
            HostileFile("two objects", container("{}{}"), .invalidFile, "byte 10", "\"{\"", "spaces"),
            HostileFile("a newline trails", container("{}\n"), .invalidFile, "byte 10", "\\u{a}", "spaces"),
            HostileFile("a NUL trails", container("{}\0"), .invalidFile, "byte 10", "\\u{0}"),
            HostileFile("unclosed", container("{ "), .invalidFile, "end of the header"),
            HostileFile("ends in a string", container(#"{"abc"#), .invalidFile, "end of the header"),
            HostileFile("ends in an escape", container(#"{"abc\"#), .invalidFile, "end of the header"),
            HostileFile("ends in a code", container(#"{"abc\u12"#), .invalidFile, "end of the header", "hexadecimal"),
            HostileFile("trailing comma", container(#"{"__metadata__":{},}"#), .invalidFile, "byte 27", "\"}\""),
            HostileFile(
                "raw newline in a string", container("{\"a\nb\":0}"), .invalidFile, "byte 11", "\\u{a}", "escape"),
            HostileFile("unknown escape", container(#"{"\x":0}"#), .invalidFile, "byte 11", "\"x\""),
            HostileFile("lone high surrogate", container(#"{"\ud800":0}"#), .invalidFile, "surrogate"),
            HostileFile("lone low surrogate", container(#"{"\udc00":0}"#), .invalidFile, "surrogate"),
            HostileFile("two high surrogates", container(#"{"\ud800\ud800":0}"#), .invalidFile, "surrogate"),
            HostileFile("deep nesting", container(String(repeating: #"{"a":"#, count: 100_000)), .invalidFile, "\"a\""),
        ]
        + [
            ("stray continuation", [0x80]), ("overlong slash", [0xC0, 0xAF]),
            ("overlong in three", [0xE0, 0x80, 0xAF]),
            ("encoded surrogate", [0xED, 0xA0, 0x80]), ("beyond U+10FFFF", [0xF4, 0x90, 0x80, 0x80]),
            ("cut short", [0xE2, 0x82]), ("overlong in four", [0xF0, 0x80, 0x80, 0x80]), ("not a lead", [0xFF]),
        ].map { (name: String, sequence: [UInt8]) in
            HostileFile(
                "not UTF-8: " + name, container(Array(#"{""#.utf8) + sequence + Array(#"":0}"#.utf8)), .invalidFile,
                "byte 10", "is \(sequence[0])", "UTF-8")
        }

    private static let empty = #"{"dtype":"U8","shape":[0],"data_offsets":[0,0]}"#

    static let duplicates = [
        HostileFile("tensor twice", container(#"{"a":\#(empty),"a":\#(empty)}"#), .invalidFile, "\"a\"", "twice"),
        HostileFile(
            "twice once unescaped", container(#"{"b":\#(empty),"a/":\#(empty),"\u0061\/":\#(empty)}"#), .invalidFile,
            "tensor \"a/\"", "twice"),
        HostileFile(
            "metadata twice", container(#"{"__metadata__":{},"__metadata\u005f_":{}}"#), .invalidFile,
            "__metadata__", "twice"),
        HostileFile(
            "metadata key twice", container(#"{"__metadata__":{"k":"1","\u006b":"1"}}"#), .invalidFile,
            "metadata entry \"k\"", "twice"),
        HostileFile(
            "field twice", container(#"{"a":{"dtype":"U8","shape":[0],"\u0073hape":[0],"data_offsets":[0,0]}}"#),
            .invalidFile, "tensor \"a\"", "\"shape\"", "once"),
    ]

    static let metadata =
        [
            ("null", "null"), ("a string", "\"x\""), ("an array", "[]"), ("a number", "1"),
        ].map { (name: String, value: String) in
            HostileFile(
                "metadata is " + name, container(#"{"__metadata__":\#(value)}"#), .invalidFile, "byte 24", "\"{\"")
        }
        + [("null", "null"), ("a number", "1"), ("an object", "{}"), ("true", "true")].map {
            (name: String, value: String) in
            HostileFile(
                "metadata value is " + name, container(#"{"__metadata__":{"k":\#(value)}}"#), .invalidFile,
                "metadata entry \"k\"", "byte 29", "a string")
        }

    static let fields = [
        HostileFile("tensor is null", container(#"{"a":null}"#), .invalidFile, "tensor \"a\"", "\"n\""),
        HostileFile(
            "no dtype", container(#"{"a":{"shape":[0],"data_offsets":[0,0]}}"#), .invalidFile,
            "tensor \"a\"", "dtype is missing"),
        HostileFile(
            "no shape", container(#"{"a":{"dtype":"U8","data_offsets":[0,0]}}"#), .invalidFile,
            "tensor \"a\"", "shape is missing"),
        HostileFile(
            "no offsets", container(#"{"a":{"dtype":"U8","shape":[0]}}"#), .invalidFile,
            "tensor \"a\"", "data_offsets is missing"),
        HostileFile(
            "misspelt field", container(#"{"a":{"dtype":"U8","shape":[0],"offsets":[0,0]}}"#), .invalidFile,
            "tensor \"a\"", "\"offsets\""),
        HostileFile("empty tensor", container(#"{"a":{}, "b":\#(empty)}"#), .invalidFile, "\"a\"", "dtype is missing"),
        HostileFile(
            "a field more", container(#"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"strides":[1]}}"#),
            .invalidFile, "tensor \"a\"", "\"strides\""),
        HostileFile("many cut short", container(#"{"a":\#(empty),"# + #""b":0}"#), .invalidFile, "tensor \"b\""),
    ]

    static let types =
        ["f32", "F128", "", "FLOAT", "F32 "].map { name in
            HostileFile(
                "unknown dtype '\(name)'", container(name, "[]", [0]), .invalidFile,
                "tensor \"a\"", "\"\(name)\"", "unknown")
        }
        + [
            "BOOL", "I8", "I16", "U32", "U64", "C64", "F4", "F6_E2M3", "F6_E3M2", "F8_E5M2", "F8_E4M3", "F8_E8M0",
            "F8_E4M3FNUZ", "F8_E5M2FNUZ",
        ].map { name in
            HostileFile(
                "dtype " + name, container(name, "[]", [0]), .unsupported, "tensor \"a\"", "\"\(name)\"",
                "not supported")
        } + [
            HostileFile("dtype is a number", container(#"{"a":{"dtype":1}}"#), .invalidFile, "tensor \"a\"", "a string")
        ]

    static let numbers =
        [
            "-0", "-1", "+1", "1.0", "1e0", "0E1", "01", "00", "\"1\"", "null", "[1]", "0x1", "NaN",
            "9223372036854775808", "18446744073709551617", "99999999999999999999999999",
        ].map { number in
            HostileFile(
                "number " + number, container("U8", "[\(number)]", [0]), .invalidFile, "tensor \"a\"", "byte",
                "expected")
        } + [
            HostileFile("no comma", container("U8", "[1 1]", [0]), .invalidFile, "tensor \"a\"", "\",\" or \"]\""),
            HostileFile("comma at the end", container("U8", "[1,]", [0]), .invalidFile, "tensor \"a\"", "integer"),
            HostileFile("shape is an object", container("U8", "{}", [0]), .invalidFile, "tensor \"a\"", "\"[\""),
        ]

    static let shapes = [
        HostileFile(
            "rank 9", container("U8", "[1,1,1,1,1,1,1,1,1]", [0]), .unsupported, "tensor \"a\"", "8 dimensions"),
        HostileFile(
            "huge dimension", container("U8", "[2147483648,0]", []), .unsupported, "tensor \"a\"", "2147483648"),
        HostileFile(
            "product of 2^64", container("U8", "[65536,65536,65536,65536]", []), .invalidFile, "tensor \"a\"",
            "[65536, 65536, 65536, 65536]"),
        HostileFile(
            "product 2^62 of 8 bytes", container("F64", "[1073741824,1073741824,4]", []), .invalidFile,
            "tensor \"a\"", "F64"),
    ]

    private static func pair(_ first: (Int, Int), _ second: (Int, Int), data: Int) -> [UInt8] {
        func tensor(_ offsets: (Int, Int)) -> String {
            #"{"dtype":"U8","shape":[\#(offsets.1 - offsets.0)],"data_offsets":[\#(offsets.0),\#(offsets.1)]}"#
        }
        return container(#"{"a":\#(tensor(first)),"b":\#(tensor(second))}"#, data: data)
    }

    static let offsets = [
        HostileFile(
            "one number", container(#"{"a":{"dtype":"U8","shape":[],"data_offsets":[0]}}"#, data: 1),
            .invalidFile, "tensor \"a\"", "1 numbers"),
        HostileFile(
            "three numbers", container(#"{"a":{"dtype":"U8","shape":[],"data_offsets":[0,1,1]}}"#, data: 1),
            .invalidFile, "tensor \"a\"", "3 numbers"),
        HostileFile(
            "end before begin", container(#"{"a":{"dtype":"U8","shape":[],"data_offsets":[1,0]}}"#, data: 1),
            .invalidFile, "tensor \"a\"", "[1, 0]"),
        HostileFile(
            "beyond the file", container(#"{"a":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}}"#, data: 8),
            .invalidFile, "tensor \"a\"", "[0, 9]", "8 bytes"),
        HostileFile(
            "near the largest integer",
            container(#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[9223372036854775806,9223372036854775807]}}"#),
            .invalidFile, "tensor \"a\"", "9223372036854775806"),
        HostileFile(
            "too small for the shape", container("F32", "[2]", [0, 0, 0, 0]), .invalidFile,
            "tensor \"a\"", "span 4 bytes", "[2] of F32 takes 8"),
        HostileFile("empty scalar", container("U8", "[]", []), .invalidFile, "tensor \"a\"", "takes 1"),
        HostileFile(
            "hole at the start", pair((1, 2), (2, 3), data: 3), .invalidFile, "tensor \"a\"", "at 1", "expected 0"),
        HostileFile("hole between", pair((0, 1), (2, 3), data: 3), .invalidFile, "tensor \"b\"", "at 2", "expected 1"),
        HostileFile("overlap", pair((0, 2), (1, 3), data: 3), .invalidFile, "tensor \"b\"", "at 1", "expected 2"),
        HostileFile("the same bytes twice", pair((0, 2), (0, 2), data: 2), .invalidFile, "tensor \"b\"", "expected 2"),
        HostileFile(
            "empty tensor inside another", pair((0, 2), (1, 1), data: 2), .invalidFile, "tensor \"b\"", "at 1"),
        HostileFile("data after the last", pair((0, 1), (1, 2), data: 3), .invalidFile, "byte 2", "3 bytes"),
        HostileFile("data without tensors", container("{}", data: 1), .invalidFile, "byte 0", "1 bytes"),
    ]

    static let names = [
        HostileFile(
            "name with NUL", container(#"{"a\u0000b":\#(empty)}"#), .invalidFile, #"tensor "a\u{0}b""#, "NUL"),
        HostileFile(
            "metadata key with NUL", container(#"{"__metadata__":{"\u0000":""}}"#), .invalidFile, #""\u{0}""#, "NUL"),
        HostileFile(
            "long name", container(#"{"\#(String(repeating: "é", count: 257))":\#(empty)}"#), .unsupported,
            "514 bytes", "é…"),
        HostileFile(
            "too many tensors", container("{" + (0..<4097).map { #""\#($0)":\#(empty)"# }.joined(separator: ",") + "}"),
            .unsupported, "tensor \"4096\"", "4096 entries"),
        HostileFile(
            "too many metadata entries",
            container(#"{"__metadata__":{"# + (0..<1025).map { #""\#($0)":"""# }.joined(separator: ",") + "}}"),
            .unsupported, "metadata entry \"1024\"", "1024 entries"),
        HostileFile(
            "name that would deceive", container("{\"a\\u202e\\\"\\u001b[2J\u{200B}\":0}"), .invalidFile,
            #"tensor "a\u{202e}\u{22}\u{1b}[2J\u{200b}""#),
    ]

    @Test func numbersThatAreNotFiniteAreRefused() throws {
        let single = try opened(container("F32", "[3]", bytes(of: [Float(1), .nan, 2]))).tensor(named: "a", shape: [3])
        expectError(.invalidFile, ["tensor \"a\"", "element 1", "nan"]) { _ = try single.floats() }
        expectError(.invalidFile, ["tensor \"a\"", "element 1", "nan"]) { _ = try single.doubles() }

        let tooLarge = [1, -Double(Float.greatestFiniteMagnitude), 3.4028235677973366e+38]
        let double = try opened(container("F64", "[3]", bytes(of: tooLarge))).tensor(named: "a", shape: [3])
        expectError(.invalidFile, ["tensor \"a\"", "element 2", "3.4028235677973366e+38"]) { _ = try double.floats() }
        #expect(try double.doubles().array == tooLarge)

        for (type, bits) in [("F16", UInt16(0xFC00)), ("BF16", 0xFF80)] {
            let half = try opened(container(type, "[2]", bytes(of: [0, bits]))).tensor(named: "a", shape: [2])
            expectError(.invalidFile, ["tensor \"a\"", "element 1", "-inf"]) { _ = try half.floats() }
        }
    }

    @Test func integersOutOfRangeAreRefused() throws {
        let values: [Int64] = [0, 255, -1, 1 << 40]
        let tensor = try opened(container("I64", "[4]", bytes(of: values))).tensor(named: "a", shape: [nil])
        #expect(try tensor.integers(Int64.self).array == values)
        expectError(.invalidFile, ["tensor \"a\"", "element 3", "1099511627776", "-2147483648 to 2147483647"]) {
            _ = try tensor.integers(Int32.self)
        }
        expectError(.invalidFile, ["element 2", "-1", "0 to 9223372036854775807"]) {
            _ = try tensor.integers(UInt64.self)
        }
        expectError(.invalidFile, ["element 1", "255", "0 to 254"]) {
            _ = try tensor.integers(Int64.self, from: 0, through: 254)
        }
        expectError(.invalidFile, ["element 0", "0", "0 to -1"]) {
            _ = try tensor.integers(Int32.self, from: 0, through: -1)
        }
    }

    @Test func whatIsExpectedMustBeThere() throws {
        let file = try opened(container("F32", "[2,3]", [UInt8](repeating: 0, count: 24)))
        expectError(.invalidFile, ["\"weight\"", "missing", "[any, 3]"]) {
            _ = try file.tensor(named: "weight", shape: [nil, 3])
        }
        let others: [([Int?], String)] = [
            ([2, 4], "[2, 4]"), ([nil], "[any]"), ([], "[]"), ([2, 3, nil], "[2, 3, any]"),
        ]
        for (shape, words) in others {
            expectError(.invalidFile, ["tensor \"a\"", "[2, 3]", words]) {
                _ = try file.tensor(named: "a", shape: shape)
            }
        }
        #expect(try file.tensor(named: "a", shape: [nil, 3]).shape[0] == 2)
        expectError(.invalidFile, ["tensor \"a\"", "F32", "U8, U16, I32 or I64"]) {
            _ = try file.tensor(named: "a", shape: [nil, nil]).integers(Int32.self)
        }
        let bytes = try opened(container("U8", "[1]", [7])).tensor(named: "a", shape: [1])
        expectError(.invalidFile, ["tensor \"a\"", "U8", "F64, F32, F16 or BF16"]) { _ = try bytes.floats() }
    }
}
