import CServe
import PatrolFiles
import PatrolModel

/// What the command line says.
struct Arguments {
    var port: UInt16?
    var records: UnsafePointer<CChar>?
    var load: UnsafePointer<CChar>?
    var lineLimit = 8 << 20
    var supervises = false
    var patience: Int32 = 60
    var asksForHelp = false
    var asksForVersion = false

    static var help: StaticString {
        """
        usage: patrol-serve [--stdin | --port N] [--load FILE] [--records FILE] [--supervise [--patience SECONDS]]
                            [--line-bytes N]

        Answers requests, a line of JSON each, with a line of JSON each (share/doc/libpatrol/Serve.md).

          --stdin             read the standard input and write to the standard output (the default)
          --port N            serve TCP connections to 127.0.0.1; 0: any free port, which is said on the standard error
          --load FILE         begin with the load request in this file
          --records FILE      add the record of each decision to this file
          --supervise         serve in a second process, and start another one when it dies or is silent
          --patience SECONDS  for how long it may be silent, 1 to 3600; default 60
          --line-bytes N      the longest line, 1024 to 268435456; default 8388608
          --version, --help

        """
    }

    private static var names: NameList {
        NameList("--stdin|--port|--load|--records|--supervise|--patience|--line-bytes|--version|--help|-h")
    }

    init(_ arguments: UnsafeBufferPointer<UnsafeMutablePointer<CChar>?>) throws(PatrolError) {
        var place = 1
        while place < arguments.count, let argument = arguments[place] {
            place += 1
            guard let option = Arguments.names.entry(named: bytes(argument)) else {
                throw invalid("\(bytes(argument).quoted()) is not an option; see --help")
            }
            var value: UnsafeMutablePointer<CChar>?
            if [1, 2, 3, 5, 6].contains(option.place) {
                guard place < arguments.count, arguments[place] != nil else {
                    throw invalid("\(bytes(argument).quoted()) needs a value; see --help")
                }
                value = arguments[place]
                place += 1
            }
            switch option.place {
            case 0: port = nil
            case 1: port = UInt16(try number(value, 0...65535, "--port"))
            case 2: load = UnsafePointer(value)
            case 3: records = UnsafePointer(value)
            case 4: supervises = true
            case 5: patience = Int32(try number(value, 1...3600, "--patience"))
            case 6: lineLimit = try number(value, 1024...268_435_456, "--line-bytes")
            case 7: asksForVersion = true
            default: asksForHelp = true
            }
        }
    }
}

private func bytes(_ string: UnsafePointer<CChar>) -> UTF8Bytes {
    var count = 0
    while string[count] != 0 { count += 1 }
    return UTF8Bytes(start: UnsafeRawPointer(string).assumingMemoryBound(to: UInt8.self), count: count)
}

private func invalid(_ sentence: ByteText) -> PatrolError { PatrolError(.invalidArgument, sentence) }

private func number(
    _ value: UnsafePointer<CChar>?, _ range: ClosedRange<Int>, _ name: StaticString
) throws(PatrolError) -> Int {
    let digits = value.map(bytes) ?? UTF8Bytes(start: nil, count: 0)
    var number = 0
    var isNumber = !digits.isEmpty && digits.count < 12
    for digit in digits where isNumber {
        isNumber = digit >= UInt8(ascii: "0") && digit <= UInt8(ascii: "9")
        number = 10 * number + Int(digit) - Int(UInt8(ascii: "0"))
    }
    guard isNumber, range.contains(number) else {
        throw invalid(
            "\(name) is \(digits.quoted()), expected a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
}
