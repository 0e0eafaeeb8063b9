import CPatrol
import CServe
import PatrolABI
import PatrolModel

/// The program from its arguments to its exit status: 0, or 2 where it cannot begin.
func run(_ arguments: UnsafeBufferPointer<UnsafeMutablePointer<CChar>?>) -> Int32 {
    do throws(PatrolError) {
        let options = try Arguments(arguments)
        if options.asksForHelp { return say(Arguments.help) }
        if options.asksForVersion {
            say("patrol-serve \(text(patrol_version()))\n")
            return 0
        }
        try open(options)
        var restarts: Int32 = 0
        if options.supervises, serve_supervise(options.patience, &restarts) != 0 {
            throw PatrolError(.io, "no second process can be made")
        }
        let server = try makeServer(options)
        if restarts > 0, options.port == nil { tellOfRestart() }
        serve(server)
        return 0
    } catch {
        say("patrol-serve: \(error.text)\n")
        return 2
    }
}

private func open(_ options: Arguments) throws(PatrolError) {
    guard var port = options.port else {
        _ = serve_standard(options.lineLimit)
        return
    }
    let failure = serve_listen(&port, options.lineLimit)
    guard failure == 0 else {
        throw PatrolError(
            .io, "port \(UInt32(options.port ?? 0)) of 127.0.0.1 cannot be opened: \(reason(failure)); is it in use?")
    }
    say("patrol-serve: listening on 127.0.0.1:\(UInt32(port))\n")
}

private func makeServer(_ options: Arguments) throws(PatrolError) -> Server {
    var records: RecordsFile?
    if let path = options.records {
        let file = try RecordsFile(path: path)
        if file.cut > 0 {
            say(
                "patrol-serve: the file of records ended in the middle of record \(file.count): \(file.cut) bytes are cut off\n"
            )
        }
        records = file
    }
    let server = try Server(lineLimit: options.lineLimit, records: records)
    if let path = options.load { try server.begin(with: path) }
    return server
}

/// Whoever waits for an answer of the process before would wait forever.
private func tellOfRestart() {
    let line: StaticString =
        "\n{\"id\":null,\"status\":\"RESTARTED\",\"error\":\"the process was started again: requests without an answer are lost\"}\n"
    _ = serve_send(0, line.utf8Start, line.utf8CodeUnitCount, 0)
}

private func serve(_ server: Server) {
    var event = serve_event()
    while !server.hasStopped {
        serve_wait(&event)
        switch event.kind {
        case Int32(SERVE_LINE):
            let line = UnsafeBufferPointer(start: event.line, count: event.count)
            if line.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") }) { continue }
            server.answer(line, start: event.nanoseconds)
        case Int32(SERVE_LONG): server.refuseLongLine()
        case Int32(SERVE_IDLE):
            server.syncRecords()
            continue
        default:
            server.syncRecords()
            return
        }
        _ = serve_send(event.connection, server.output.base, server.outputCount, server.wasJSON ? 1 : 0)
    }
    server.syncRecords()
    serve_finish()
}

@discardableResult
private func say(_ sentence: StaticString) -> Int32 {
    serve_say(sentence.utf8Start, sentence.utf8CodeUnitCount)
    return 0
}

private func say(_ sentence: ByteText) {
    sentence.bytes.withUnsafeBufferPointer { serve_say($0.baseAddress, $0.count) }
}
