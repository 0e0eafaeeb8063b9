import CFuzz
import CKernels
import PatrolFiles
import PatrolModel

@testable import PatrolServe

/// The whole of patrol-serve but for its sockets: each line of an input is a request to a server that has loaded a small city.
/// Whatever the lines, each gets one line of JSON with a status, and with a sentence where that is not OK.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzServer(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    var server = loadedServer
    for line in UnsafeBufferPointer(start: bytes, count: count).split(separator: UInt8(ascii: "\n")) {
        let line = UnsafeBufferPointer(rebasing: line)
        switch kind(of: line) {
        case .tooLargeLoad: continue
        // What it loads is not for the inputs that follow.
        case .load: if server === loadedServer { server = makeServer() }
        case .other: break
        }
        server.answer(line, start: kernels_monotonic_nanoseconds())
        check(server)
    }
    return 0
}

/// A server is made once, since a session takes longer to make than most lines to answer. libFuzzer has one thread.
nonisolated(unsafe) private let loadedServer: Server = {
    make_files()
    return makeServer()
}()

private func makeServer() -> Server {
    var load =
        #"{"kind":"load","area":"/proc/self/fd/100","policy":"/proc/self/fd/101","max_units":8,"max_incidents":8}"#
    guard let server = try? Server(lineLimit: 1 << 16, records: nil) else { fatalError("no server") }
    load.withUTF8 { server.answer($0, start: kernels_monotonic_nanoseconds()) }
    precondition(status(server) == "OK")
    return server
}

private enum Kind { case load, tooLargeLoad, other }

/// Sessions of the usual size take too long to be made again and again.
private func kind(of line: UnsafeBufferPointer<UInt8>) -> Kind {
    guard let copy = try? Buffer<UInt8>(count: line.count + 1, repeating: 0) else { return .other }
    if let start = line.baseAddress { copy.base.update(from: start, count: line.count) }
    var id: TextSpan?
    guard let request = try? Request(copy, count: line.count, id: &id), request.kind == .load else { return .other }
    for name in ["max_units", "max_incidents"] as [StaticString] {
        var isSmall = false
        _ = try? request.read(name) { (reader) throws(PatrolError) in isSmall = try reader.natural() <= 16 }
        if !isSmall { return .tooLargeLoad }
    }
    return .load
}

/// One line: an object that says how it went.
private func check(_ server: Server) {
    let count = server.outputCount
    precondition(count > 1 && count <= server.output.count && server.output[count - 1] == UInt8(ascii: "\n"))
    precondition(is_json_object(server.output.base, count - 1) != 0)
    precondition(!(0..<count - 1).contains { server.output[$0] == UInt8(ascii: "\n") })
    let status = status(server)
    precondition(!status.isEmpty && status != "INTERNAL" && status != "NOT_LOADED")
    precondition(server.wasJSON || status == "BAD_REQUEST")
}

/// The status of the last answer.
private func status(_ server: Server) -> String {
    var status = ""
    do throws(PatrolError) {
        let line = try Buffer<UInt8>(count: server.outputCount, repeating: 0)
        line.base.update(from: server.output.base, count: server.outputCount)
        var json = try JSONReader(file: line, start: 0, end: line.count, isLine: true)
        try json.object { (json, key) throws(PatrolError) in
            guard json.text[key].elementsEqual("status".utf8) else {
                try json.skip()
                return
            }
            status = String(decoding: json.text[try json.string()], as: UTF8.self)
        }
    } catch { preconditionFailure("the answer is not read: \(error.message)") }
    return status
}
