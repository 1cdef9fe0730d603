import Foundation
import Store
import Testing

@testable import Node

/// Damaged documents of a node's own input, from printed seeds: a value or a clear error for each, never a crash.
/// `FUZZ_ROUNDS` makes it longer.
@Suite struct InputFuzzTests {
    private static let rounds = Int(ProcessInfo.processInfo.environment["FUZZ_ROUNDS"] ?? "") ?? 150

    /// Bytes changed, cut out, doubled or put in.
    private func damage(
        _ bytes: [UInt8], _ marks: [UInt8], _ random: inout SeededGenerator
    ) -> [UInt8] {
        var result = bytes
        for _ in 0...Int.random(in: 0..<4, using: &random) where !result.isEmpty {
            let place = Int.random(in: 0..<result.count, using: &random)
            let end = min(result.count, place + Int.random(in: 0..<20, using: &random))
            switch Int.random(in: 0..<4, using: &random) {
            case 0: result[place] = marks.randomElement(using: &random) ?? 0
            case 1: result.removeSubrange(place..<end)
            case 2: result.insert(contentsOf: result[place..<end], at: place)
            default: result.insert(marks.randomElement(using: &random) ?? 0, at: place)
            }
        }
        return result
    }

    /// Mutants of every mapping that is shipped.
    @Test(arguments: [1, 2] as [UInt64]) func mappingsAreReadOrRefused(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let folder = NodeHome.shared.root + "/Schemas/mappings"
        let texts = try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map {
            Array(try Data(contentsOf: URL(filePath: folder + "/" + $0)))
        }
        #expect(texts.count > 5)
        var (read, refused) = (0, 0)
        for round in 0..<Self.rounds {
            let text = damage(
                try #require(texts.randomElement(using: &random)),
                Array("{}[]:,-\"'&*|>\n \t#!%@0".utf8) + [0, 0xFF], &random)
            do {
                let mapping = try TableMapping(yaml: String(decoding: text, as: UTF8.self), file: "m.yaml")
                #expect(!mapping.name.isEmpty)
                read += 1
            } catch let fault as MappingFault {
                #expect("\(fault)".hasPrefix("m.yaml"), "seed \(seed), round \(round)")
                refused += 1
            }
        }
        #expect(read > 0 && refused > 0, "seed \(seed)")
    }

    /// Documents that are made to exhaust whoever reads them.
    @Test func mappingsThatExhaustAreRefused() {
        let laughs = (1...30).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1), *a\($0 - 1)]" }
        let texts = [
            String(repeating: "[", count: 100_000), String(repeating: "{a: ", count: 100_000),
            (0..<2_000).map { String(repeating: " ", count: $0) + "a:" }.joined(separator: "\n").prefix(
                1_000_000
            ).description,
            "a0: &a0 [x]\n" + laughs.joined(separator: "\n"), "a: *b", "a: &a [*a]",
            String(repeating: "x", count: 2_000_000), "%YAML 9.9\n---\na", "--- a\n--- b", "\u{FEFF}",
            "\u{0}",
        ]
        for text in texts {
            #expect(throws: MappingFault.self) { try TableMapping(yaml: text, file: "m.yaml") }
        }
    }

    /// A quarantine whose file was damaged: what can be read of it is shown and tried, or it is said what is wrong.
    @Test(arguments: [1, 2] as [UInt64]) func quarantinesAreReadOrRefused(_ seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        try await IngestSite.with(.duckdb) { node, folder in
            try FHIRText.write(
                [FHIRText.patient("p1", number: "9990000000")]
                    + (0..<4).map { FHIRText.condition("c\($0)", of: "p1") },
                to: folder + "/in.ndjson")
            _ = try await node.ingest([folder + "/in.ndjson"])
            let directory = node.home.layout.quarantineDirectory
            let name = try #require(try PrivateFile.names(in: directory).first { $0.hasPrefix("records-") })
            let whole = Array(try Data(contentsOf: URL(filePath: directory + "/" + name)))
            for _ in 0..<max(10, Self.rounds / 15) {
                let damaged = damage(whole, Array("{}[]\":,\n\\0".utf8) + [0, 0xFF], &random)
                try Data(damaged).write(to: URL(filePath: directory + "/" + name))
                let runner = CommandRunner(context: node, isServing: false)
                for command in [NodeCommand.quarantineList(entries: true), .quarantineRetry] {
                    if case .failed(let words) = await runner.run(command, progress: { _, _, _, _ in }) {
                        #expect(words.contains("quarantine"), "seed \(seed): \(words)")
                    }
                }
            }
        }
    }
}
