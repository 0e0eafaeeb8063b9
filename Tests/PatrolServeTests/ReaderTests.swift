import PatrolFiles
import PatrolModel
import Testing

@testable import PatrolServe

/// A line in memory, with the byte after it that numbers need.
func line(_ text: String) throws -> Buffer<UInt8> {
    let bytes = Array(text.utf8)
    let line = try Buffer<UInt8>(count: bytes.count + 1, repeating: 0)
    for k in 0..<bytes.count { line[k] = bytes[k] }
    return line
}

func reader(_ text: String) throws -> ValueReader {
    let line = try line(text)
    return ValueReader(json: try JSONReader(file: line, start: 0, end: line.count - 1, isLine: true))
}

/// The sentence of the error that `body` must throw.
func refusal(at location: SourceLocation = #_sourceLocation, _ body: () throws -> Void) -> String {
    do { try body() } catch let error as PatrolError { return error.message } catch {}
    Issue.record("nothing was refused", sourceLocation: location)
    return ""
}

@Suite struct JSONOfLines {
    @Test(arguments: [
        "0", "-0", "12", "-3.5e+7", "1E9", "0.001", "true", "false", "null", "\"\"", "\"\\u00e9\\n\"", "[]", "{}",
        " [ 1 , {\"a\" : [ ] } ] ", "[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]",
    ])
    func isSkipped(_ text: String) throws {
        var json = try reader(text).json
        try json.skip()
        #expect(json.peek() == nil)
    }

    @Test(arguments: [
        "", "-", "+1", "01", "-01", "1.", ".5", "1e", "1e+", "NaN", "Infinity", "nul", "tru e", "'a'", "\"", "\"\\x\"",
        "\"\\ud800\"", "[1,]", "[1 2]", "{\"a\"}", "{\"a\":}", "{a:1}", "{\"a\":1,}", "[", "{", "\"\u{1}\"",
        "[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]",
    ])
    func isRefused(_ text: String) throws {
        var json = try reader(text).json
        let sentence = refusal { try json.skip() }
        #expect(sentence.hasPrefix("line: "))
    }

    /// The text of strings has no room for more than one copy of each.
    @Test func readingAgainTakesNoMoreRoom() throws {
        let word = String(repeating: "x", count: 1000)
        var values = try reader("\"\(word)\"")
        for _ in 0..<3 {
            #expect(refusal { _ = try values.choice(NameList("a|b")) }.hasPrefix(" is \"xxxx"))
            values.json.place = (0, 0)
        }
        let line = try line("{\"kind\":\"\(word)\"}")
        var id: TextSpan?
        #expect(refusal { _ = try Request(line, count: line.count - 1, id: &id) }.hasPrefix("kind is \"xxxx"))
    }

    @Test func bracketsWithoutEndDoNotExhaustTheStack() throws {
        var json = try reader(String(repeating: "[", count: 1_000_000)).json
        #expect(refusal { try json.skip() }.contains("level 17"))
    }
}

@Suite struct Values {
    @Test func numbersAreTheNearest() throws {
        for value in [0, -0.0, 1, 0.1, -123.456, Double.leastNonzeroMagnitude, Double.greatestFiniteMagnitude, 2.0 / 3]
        {
            var values = try reader("\(value)")
            #expect(try values.double().bitPattern == value.bitPattern)
        }
        var names = try reader("[\"inf\", \"-inf\", \"nan\"]")
        var read: [Double] = []
        _ = try names.list(atMost: 3) { (reader, _) throws(PatrolError) in read.append(try reader.double()) }
        #expect(read[0] == .infinity && read[1] == -.infinity && read[2].isNaN)
    }

    @Test func numbersOutOfRangeAreRefused() throws {
        for text in ["1e309", "-1e999", "true", "null", "[1]", "\"1\"", "\"Infinity\""] {
            var values = try reader(text)
            #expect(refusal { _ = try values.double() }.contains("expected a finite number"))
        }
        var large = try reader("1e39")
        #expect(refusal { _ = try large.float() } == " is 1e39, expected a number within 3.4e38")
    }

    @Test func wholeNumbersAreExact() throws {
        var largest = try reader("18446744073709551615")
        #expect(try largest.natural() == .max)
        var least = try reader("-2147483648")
        #expect(try least.integer(Int64(Int32.min)...Int64(Int32.max)) == Int64(Int32.min))
        for text in ["18446744073709551616", "-1", "1.0", "1e2", "99999999999999999999999999", "\"1\"", "{}"] {
            var values = try reader(text)
            #expect(
                refusal { _ = try values.natural() }.hasSuffix("expected a whole number from 0 to 18446744073709551615")
            )
        }
        for text in ["9223372036854775808", "-9223372036854775809", "-9223372036854775808"] {
            var values = try reader(text)
            #expect(refusal { _ = try values.integer(-5...5) }.hasSuffix("from -5 to 5"))
        }
    }

    @Test func othersAreOfTheirType() throws {
        var (yes, no, maybe) = (try reader("true"), try reader(" false"), try reader("1"))
        #expect(try yes.boolean())
        #expect(try !no.boolean())
        #expect(refusal { _ = try maybe.boolean() } == " is 1, expected true or false")
        var nul = try reader("\"a\\u0000b\"")
        #expect(refusal { _ = try nul.cString() }.contains("without NUL"))
        var empty = try reader("\"\"")
        #expect(refusal { _ = try empty.cString() }.contains("not empty"))
        var choice = try reader("\"walk\"")
        #expect(
            refusal { _ = try choice.choice(NameList("stay|drive")) } == " is \"walk\", expected one of stay, drive")
    }

    @Test func pathsSayWhere() throws {
        var values = try reader("{\"a\": [1, {\"b\": \"x\"}]}")
        let sentence = refusal {
            try values.object(NameList("c|a")) { (reader, _) throws(PatrolError) in
                _ = try reader.list(atMost: 9) { (reader, k) throws(PatrolError) in
                    if k == 0 {
                        _ = try reader.natural()
                    } else {
                        try reader.object(NameList("b")) { (reader, _) throws(PatrolError) in
                            _ = try reader.natural(atMost: 7)
                        }
                    }
                }
            }
        }
        #expect(sentence == ".a[1].b is \"x\", expected a whole number from 0 to 7")
    }

    @Test func keysAreKnownAndOccurOnce() throws {
        for (text, expected) in [
            ("{\"a\":1,\"a\":2}", " has the key \"a\" twice"), ("{\"d\":1}", " has the key \"d\", expected only a, b"),
            ("{\"\\u0061\":1,\"a\":2}", " has the key \"a\" twice"),
        ] {
            var values = try reader(text)
            let sentence = refusal {
                try values.object(NameList("a|b")) { (reader, _) throws(PatrolError) in _ = try reader.natural() }
            }
            #expect(sentence == expected)
        }
    }

    @Test func listsHaveAMost() throws {
        var values = try reader("[1,2,3]")
        #expect(
            refusal { _ = try values.list(atMost: 2) { (reader, _) throws(PatrolError) in _ = try reader.natural() } }
                == " has more than 2 entries")
    }
}

@Suite struct Requests {
    func request(_ text: String) throws -> (Request?, id: String?, sentence: String) {
        let line = try line(text)
        var id: TextSpan?
        func written() -> String? {
            id.map { String(decoding: line.elements[$0.start..<$0.start + $0.count], as: UTF8.self) }
        }
        do {
            let request = try Request(line, count: line.count - 1, id: &id)
            return (request, written(), "")
        } catch {
            return (nil, written(), error.message)
        }
    }

    @Test func membersComeInAnyOrder() throws {
        let (found, id, sentence) = try request(
            #" {"limit": 3, "snapshot": {}, "id": "a\"b", "kind": "rank", "incident_id": 7} "#)
        #expect(sentence == "" && id == #""a\"b""#)
        var limit: UInt64 = 0
        let hasLimit = try found?.read("limit") { (reader) throws(PatrolError) in limit = try reader.natural() }
        #expect(hasLimit == true && limit == 3)
    }

    @Test func theIdIsFoundWhereTheRestIsWrong() throws {
        #expect(try request(#"{"kind":"dance","id":5}"#).id == "5")
        #expect(
            try request(#"{"id":6,"kind":"stop","snapshot":{}}"#).sentence
                == #"the request has the key "snapshot", expected only id, kind"#)
        #expect(try request(#"{"id":6,"kind":"stop","snapshot":{}}"#).id == "6")
        #expect(try request(#"{"id":7}"#).sentence.hasPrefix("kind is not there"))
        for id in ["null", "1.5", "-1", "[1]", "true", "\"" + String(repeating: "x", count: 127) + "\""] {
            #expect(try request("{\"id\":\(id),\"kind\":\"stop\"}").sentence.hasPrefix("id is neither"))
        }
    }

    @Test func whatIsNoObjectIsRefused() throws {
        for text in ["[]", "1", "\"kind\"", "", "{\"kind\":\"stop\"} {}", "{\"kind\":\"stop\"", "POST / HTTP/1.1"] {
            #expect(try request(text).sentence.hasPrefix("line: "))
        }
    }
}
