import Foundation
import TestSupport
import Testing

@testable import Node

@Suite struct InflaterTests {
    /// Far more comes out than goes in: all of it, whatever the room for output.
    @Test(arguments: [0, 1, 256 << 10, (256 << 10) + 1, 3 << 20])
    func everythingComesOut(size: Int) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "inflate-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "zeros")
        try Data(count: size).write(to: file)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["gzip", file.path(percentEncoded: false)]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let packed = [UInt8](try Data(contentsOf: file.appendingPathExtension("gz")))
        // At once, and byte by byte.
        for pieces in [[packed], packed.map { [$0] }] {
            let inflater = try Inflater(.gzip)
            var made = 0
            for piece in pieces { try inflater.inflate(piece) { made += $0.count } }
            #expect(made == size)
            #expect(inflater.isAtEnd)
        }
    }
}
