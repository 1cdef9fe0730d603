import ArgumentParser
import Foundation
import Testing

@testable import concordat

/// What people read before they type: help, examples, completions, the manual page.
@Suite("Command line: help") struct CommandHelpTests {
    private struct Command {
        let path: [String]
        let type: any ParsableCommand.Type

        var name: String { path.joined(separator: " ") }
    }

    private static let leaves: [Command] = leaves(of: Concordat.self, at: [])

    private static func leaves(of type: any ParsableCommand.Type, at path: [String]) -> [Command] {
        let children = type.configuration.subcommands
        guard !children.isEmpty else { return [Command(path: path, type: type)] }
        return children.flatMap { leaves(of: $0, at: path + [$0._commandName]) }
    }

    /// The command lines of a help text, each on one line again.
    private static func examples(in help: String) -> [String] {
        help.replacing(/\x20\\\n\x20+/, with: " ").split(separator: "\n").map(String.init)
            .filter { $0.hasPrefix("  concordat ") }.map { String($0.dropFirst(2)) }
    }

    /// Words as a shell makes them, up to what it redirects.
    private static func words(_ line: String) -> [String] {
        line.matches(of: /(?:'[^']*'|[^ '])+/).map { String($0.output).replacing("'", with: "") }
            .prefix { $0 != ">" }.map(\.self)
    }

    @Test func everyCommandHasExamplesThatItTakes() throws {
        #expect(Self.leaves.count > 100)
        for command in Self.leaves {
            let help = Concordat.helpMessage(for: command.type, columns: 80)
            let own = Self.examples(in: help).filter { $0.hasPrefix("concordat \(command.name)") }
            #expect(!own.isEmpty, "no example of \(command.name)")
            for example in own {
                #expect(throws: Never.self, "\(example)") {
                    let parsed = try Concordat.parseAsRoot(Array(Self.words(example).dropFirst()))
                    #expect(type(of: parsed) == command.type, "\(example)")
                }
            }
        }
    }

    @Test func helpFitsATerminal() {
        for command in Self.leaves {
            let help = Concordat.helpMessage(for: command.type, columns: 80)
            let wide = help.split(separator: "\n").filter { $0.count > 80 && !$0.hasPrefix("USAGE:") }
            #expect(wide.isEmpty, "\(command.name): \(wide)")
        }
    }

    @Test func theHomeMayComeFromTheEnvironment() async throws {
        let none = try await Program.run(other: "env", ["-u", "CONCORDAT_HOME", Program.path, "status"])
        #expect(none.status == 2)
        #expect(none.errors.contains("--home DIR") && none.errors.contains("CONCORDAT_HOME"))
        let named = try await Program.run(
            other: "env", ["CONCORDAT_HOME=/nonexistent", Program.path, "status"])
        #expect(named.status == 1)
        #expect(named.errors.contains("/nonexistent"))
    }

    @Test func everyCommandHasAManualPage() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "manual-\(UUID().uuidString)")
            .path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let outcome = try await Program.run(
            other: "python3", [ProjectFiles.root + "/Infra/manual.py", try Program.path, folder])
        #expect(outcome.status == 0, "\(outcome.errors)")
        for command in Self.leaves {
            let page = try ProjectFiles.text("\(folder)/concordat-\(command.path.joined(separator: "-")).1")
            #expect(page.contains(".SH OPTIONS") && page.contains(".SH EXAMPLES"), "\(command.name)")
        }
        let top = try ProjectFiles.text(folder + "/concordat.1")
        #expect(top.contains("concordat\\-query"))
    }

    @Test func bashCompletesCommandsAndOptions() async throws {
        func completions(_ words: [String]) async throws -> Set<String> {
            let line = words.map { "'\($0)'" }.joined(separator: " ")
            let script = """
                source /dev/stdin <<< "$('\(try Program.path)' --generate-completion-script bash)"
                COMP_WORDS=(\(line)); COMP_CWORD=\(words.count - 1); COMP_LINE="${COMP_WORDS[*]}"; COMP_POINT=${#COMP_LINE}
                _concordat concordat "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
                printf '%s\\n' "${COMPREPLY[@]}"
                """
            let outcome = try await Program.run(other: "bash", ["-c", script])
            #expect(outcome.status == 0, "\(outcome.errors)")
            return Set(outcome.output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) })
        }
        #expect(try await completions(["concordat", "qua"]) == ["quality", "quarantine"])
        #expect(try await completions(["concordat", "agreement", "res"]) == ["resume"])
        #expect(try await completions(["concordat", "query", "--de"]) == ["--deadline"])
        #expect(try await completions(["concordat", "status", "--format", "j"]) == ["json"])
    }
}
