internal import ArgumentParser
internal import Core
internal import Foundation
internal import Node
internal import Server
internal import Store

/// The `--home` option, and the way to whoever owns that home.
struct HomeOption: ParsableArguments {
    @Option(
        name: .customLong("home"), help: "The node's home directory; if left out, what CONCORDAT_HOME says.",
        completion: .directory)
    var given: String?

    func validate() throws {
        if root == nil {
            throw ValidationError("which node? Give its home by --home DIR, or set CONCORDAT_HOME")
        }
    }

    private var root: String? {
        given ?? ProcessInfo.processInfo.environment["CONCORDAT_HOME"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Runs a command at the node that serves this home or, if none does, in this process.
    func run(_ command: NodeCommand, label: String = "") async throws -> NodeReply {
        let bar = ProgressDisplay()
        let open: NodeAccess.Opener = command.loads ? Wiring.openForLoading : Wiring.open
        let reply = try await NodeAccess.run(command, home: absolute, open: open) {
            label, done, total, unit in
            bar.update(label, done, total, unit)
        }
        bar.finish()
        return reply
    }

    /// The home's own organisation.
    func organisation() throws -> String {
        do {
            return try Home.open(at: absolute).configuration.organisation.text
        } catch {
            throw ValidationError("\(error)")
        }
    }

    var absolute: String {
        URL(filePath: root ?? "").standardizedFileURL.path(percentEncoded: false).trimmedSlash
    }
}

extension String {
    fileprivate var trimmedSlash: String { count > 1 && hasSuffix("/") ? String(dropLast()) : self }
}

/// Prints a reply and turns it into the command's exit code.
enum ReplyPrinter {
    static func print(_ reply: NodeReply, format: OutputFormat) throws {
        switch reply {
        case .answer(let answer): try AnswerPrinter.print(answer, format: format)
        case .fault(let fault): try AnswerPrinter.print(fault, format: format)
        case .ingested(let report): try IngestPrinter.printWhole(report, format: format)
        case .published(let note):
            try show(
                Listing(
                    columns: ["snapshot", "published_at"], rows: [[String(note.id), note.publishedAt]]),
                format)
            if format == .table { for words in note.notes ?? [] { Terminal.print(words) } }
        case .status(let status): try StatusPrinter.print(status, format: format)
        case .document(let text): Terminal.print(text)
        case .listing(let columns, let rows): try show(Listing(columns: columns, rows: rows), format)
        case .record(let record): try RecordPrinter.print(record, format: format)
        case .refused(let rule, let words):
            if format == .json {
                Terminal.print(try ScriptJSON.encode(["refused": ["rule": rule, "words": words]]))
            }
            Terminal.error("concordat: refused (\(rule)): \(words)")
            throw ExitStatus.refused
        case .done(let text):
            if format == .json {
                Terminal.print(try ScriptJSON.encode(["done": text]))
            } else {
                Terminal.print(text)
            }
        case .failed(let text):
            if format == .json { Terminal.print(try ScriptJSON.encode(["error": ["message": text]])) }
            Terminal.error("concordat: \(text)")
            throw ExitStatus.failure
        }
    }

    private static func show(_ listing: Listing, _ format: OutputFormat) throws {
        Terminal.print(try listing.text(format), terminator: "")
    }
}
