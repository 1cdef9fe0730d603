internal import ArgumentParser
internal import Foundation
internal import Node
internal import Policy

struct PolicyCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Work with policies, which are written in Cedar.",
        subcommands: [
            Check.self, Test.self, Explain.self, Diff.self, WhoCan.self, Conformance.self, Sign.self,
            Load.self,
            Reload.self, State.self,
        ])

    struct Conformance: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "conformance", abstract: "Run Cedar's own test cases against this program's Cedar.",
            discussion: """
                DIR has the layout of Cedar's repository of integration tests: cases as JSON, with the policies, \
                entities and schemas that they name, by paths from its root. Archives of cases (.tar.gz) are \
                unpacked into a temporary folder first. Compared are every request's decision, determining \
                policies, errors and validity, and every case's validation.

                Prints the first ten that differ, and last "N agree, M differ". Ends with 1 if any differs.
                """, examples: ["concordat policy conformance cedar-integration-tests"])

        @Argument(help: "Folder of cases.", completion: .directory) var directory: String
        @Option(help: "How to print: table or json.") var format: OutputFormat = .table

        private struct Report: Encodable {
            let agree: Int
            let differ: Int
            /// The first ten, in words.
            let differences: [String]
        }

        func run() async throws {
            guard format != .csv else { throw ValidationError("--format takes table or json here") }
            var agree = 0
            var differ = 0
            var first: [String] = []
            func take(_ folder: URL) throws(CedarFault) -> [String] {
                let outcome = try CedarConformance.run(directory: folder)
                agree += outcome.agree
                differ += outcome.differ
                first += outcome.firstDifferences
                return outcome.packed
            }
            let root = URL(filePath: directory)
            do {
                for packed in try take(root).sorted() {
                    let archive = root.appending(path: packed)
                    let folder = try Self.unpacked(archive)
                    defer { try? FileManager.default.removeItem(at: folder) }
                    if try !Self.isUnpackedAlready(archive, as: folder) { _ = try take(folder) }
                }
            } catch {
                Terminal.error("\(error)")
                throw ExitStatus.failure
            }
            let shown = Array(first.prefix(10))
            if format == .json {
                Terminal.print(
                    try ScriptJSON.encode(Report(agree: agree, differ: differ, differences: shown)))
            } else {
                for difference in shown { Terminal.print(difference) }
                Terminal.print("\(agree) agree, \(differ) differ")
            }
            if differ > 0 { throw ExitStatus.failure }
        }

        /// Whether all that the archive holds stands beside it as well: then it was run with the folder.
        private static func isUnpackedAlready(_ archive: URL, as folder: URL) throws -> Bool {
            let beside = archive.deletingLastPathComponent()
            return try FileManager.default.contentsOfDirectory(atPath: folder.path).allSatisfy {
                FileManager.default.fileExists(atPath: beside.appending(path: $0).path)
            }
        }

        private static func unpacked(_ archive: URL) throws -> URL {
            let folder = FileManager.default.temporaryDirectory.appending(
                path: "concordat-cedar-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = ["tar", "xzf", archive.path, "-C", folder.path]
            try process.run()
            process.waitUntilExit()
            guard process.terminationStatus == 0 else {
                try? FileManager.default.removeItem(at: folder)
                throw CedarFault(
                    .document,
                    "\(archive.lastPathComponent) cannot be unpacked: unpack it yourself and name the folder")
            }
            return folder
        }
    }
}
