import Foundation
import PatrolFiles
import PatrolModel
import Testing

@Suite struct DiskTests {
    /// A folder for the length of one test.
    private func inFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private func writer(_ value: Float) throws -> TensorFileWriter {
        let writer = try TensorFileWriter()
        try writer.add("a", [1], [value])
        return writer
    }

    @Test func writtenFilesAreRead() throws {
        try inFolder { folder in
            let path = folder + "/żółw.policy"
            for value in [Float(1), 2] {
                try writer(value).write(path: path)
                #expect(try TensorFile.load(path: path)[0].floats().array == [value])
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 1)
            }
            let expected = try writer(2).finish().array
            #expect(try Array(Data(contentsOf: URL(fileURLWithPath: path))) == expected)
        }
    }

    @Test func onlyRegularFilesAreRead() throws {
        try inFolder { folder in
            expectError(.io, [folder, "folder"]) { _ = try TensorFile.load(path: folder) }
            expectError(.io, [folder + "/none", "no such file"]) { _ = try TensorFile.load(path: folder + "/none") }
            expectError(.io, ["/dev/zero", "device"]) { _ = try TensorFile.load(path: "/dev/zero") }
            expectError(.io, ["\"\"", "no such file"]) { _ = try TensorFile.load(path: "") }
            let pipe = folder + "/pipe"
            #expect(mkfifo(pipe, 0o600) == 0)
            expectError(.io, [pipe, "pipe"]) { _ = try TensorFile.load(path: pipe) }
            let long = folder + "/" + String(repeating: "\u{1b}", count: 5000)
            expectError(.io, [#"\u{1b}"#, "too long"]) { _ = try TensorFile.load(path: long) }
        }
    }

    @Test func sizesAreRespected() throws {
        try inFolder { folder in
            let path = folder + "/file"
            #expect(FileManager.default.createFile(atPath: path, contents: Data()))
            expectError(.invalidFile, ["0 bytes"]) { _ = try TensorFile.load(path: path) }
            #expect(truncate(path, 1 << 32 + 1) == 0)  // Sparse: it takes no room.
            expectError(.unsupported, [path, "4294967297 bytes"]) { _ = try TensorFile.load(path: path) }
            // A file of /proc tells no size, yet has content.
            let status = "/proc/self/status"
            expectError(.io, [status, "size changed"]) { _ = try TensorFile.load(path: status) }
        }
    }

    @Test func failedWritesLeaveNothing() throws {
        try inFolder { folder in
            let writer = try writer(1)
            expectError(.io, [folder, "folder"]) { try writer.write(path: folder) }
            expectError(.io, [folder + "/none/file", "no such"]) { try writer.write(path: folder + "/none/file") }
            let pipe = folder + "/pipe"
            #expect(mkfifo(pipe, 0o600) == 0)
            expectError(.io, [pipe, "pipe"]) { try writer.write(path: pipe) }
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["pipe"])
        }
    }
}
