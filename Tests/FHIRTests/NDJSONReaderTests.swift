import FHIR
import Foundation
import Testing

@Suite struct NDJSONReaderTests {
    /// A file in a folder of its own that goes away with the test.
    private func withFile<Result>(
        _ bytes: some Sequence<UInt8>, gzip: Bool = false, _ body: (String) throws -> Result
    ) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "data.ndjson")
        try Data(bytes).write(to: file)
        guard gzip else { return try body(file.path) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["gzip", file.path]
        try process.run()
        process.waitUntilExit()
        return try body(file.path + ".gz")
    }

    private func read(_ path: String, blockSize: Int) throws -> (lines: [LineBlock.Line], faults: [LineFault])
    {
        var reader = try NDJSONReader(path: path, blockSize: blockSize)
        var (lines, faults): ([LineBlock.Line], [LineFault]) = ([], [])
        while let block = try reader.next() {
            lines += block.lines
            faults += block.faults
        }
        return (lines, faults)
    }

    @Test(arguments: [1, 2, 7, 64, 4096], [false, true])
    func blocksOfAnySizeGiveTheSameLines(_ blockSize: Int, _ gzip: Bool) throws {
        let text = "\u{FEFF}{\"a\":1}\r\n\n  \n{\"b\":22}\n{\"c\":333}"
        let lines = try withFile(text.utf8, gzip: gzip) { try read($0, blockSize: blockSize).lines }
        #expect(lines.map(\.number) == [1, 4, 5])
        #expect(lines.map(\.byteOffset) == [0, 16, 25])
        #expect(lines.map(\.length) == [8, 8, 9])
    }

    @Test func aLineThatIsTooLongIsPassedOver() throws {
        var bytes = Array("{\"a\":1}\n\"".utf8)
        bytes += [UInt8](repeating: 0x78, count: NDJSONReader.lineLimit + 10)
        bytes += Array("\"\n{\"b\":2}\n".utf8)
        let (lines, faults) = try withFile(bytes) { try read($0, blockSize: 1 << 20) }
        #expect(faults == [LineFault(line: 2, byteOffset: 8, reason: .tooLong)])
        #expect(lines.map(\.number) == [1, 3])
    }

    @Test func aFileCutOffIsAnError() throws {
        let text = (0..<20_000).map { "{\"n\":\($0 &* 2_654_435_761)}\n" }.joined()
        try withFile(text.utf8, gzip: true) { path in
            let whole = try Data(contentsOf: URL(filePath: path))
            try whole.prefix(whole.count - 200).write(to: URL(filePath: path))
            #expect(throws: ReadFault.self) { try read(path, blockSize: 4096) }
        }
    }

    @Test func aMissingFileIsAnError() {
        #expect(throws: ReadFault.self) { _ = try NDJSONReader(path: "/nowhere/at/all.ndjson") }
    }
}
