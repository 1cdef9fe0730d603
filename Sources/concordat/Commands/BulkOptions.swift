internal import ArgumentParser
internal import Dispatch
internal import Foundation
internal import Node

/// What `ingest` is told of a Bulk Data server.
struct BulkOptions: ParsableArguments {
    @Option(
        name: .customLong("bulk"),
        help: "Take in the Bulk Data export of this FHIR server (its base address).")
    var server: String?
    @Option(help: "Of the people of this Group only: its id.") var group: String?
    @Flag(help: "Of all patients (Patient/$export) in the place of the whole system.") var patients = false
    @Option(
        help: "Resource types, e.g. Patient,Condition; 'all': whatever there is. Default: what datasets take."
    )
    var types: String?
    @Option(help: "The node's client id at the server (SMART Backend Services); none: without a token.")
    var clientID: String?
    @Option(name: .customLong("token-url"), help: "The token endpoint, where the server does not say it.")
    var tokenURL: String?
    @Option(help: "The scopes to ask for, in the place of system/TYPE.rs of each type.") var scope: String?
    @Option(help: "Which key signs, by its id; default: the newest that the server takes.") var key: String?
    @Option(help: "Only what changed since this instant; default: since the last export that was taken in.")
    var since: String?
    @Flag(help: "Everything, whatever was taken in before.") var full = false
    @Option(
        help: "An origin that gets the access token besides the server's own, e.g. https://files.example.org."
    )
    var allowOrigin: [String] = []
    @Option(
        help: "A PEM file of certificate authorities to trust besides the machine's.", completion: .file())
    var caFile: String?
    @Option(
        help:
            "An HTTP proxy: http://host:port. One with a password: @FILE (mode 0600) or env:NAME, which hold http://user:password@host:port."
    )
    var proxy: String?
    @Option(help: "How many hours to wait for the server before giving up (the export can be carried on).")
    var patience = 12

    /// nil where no server is meant.
    func command(_ paths: [String], isTables: Bool) throws -> BulkIngestCommand? {
        guard let server else {
            guard group == nil, !patients, types == nil, clientID == nil, tokenURL == nil, scope == nil,
                key == nil,
                since == nil, !full, allowOrigin.isEmpty, caFile == nil, proxy == nil
            else { throw ValidationError("--group, --types, --client-id and their like go with --bulk") }
            return nil
        }
        guard paths.isEmpty, !isTables else {
            throw ValidationError("name files, --mapping or --bulk: one of them")
        }
        guard !(group != nil && patients) else { throw ValidationError("--group or --patients: one of them") }
        guard !(since != nil && full) else { throw ValidationError("--since or --full: one of them") }
        guard (1...23).contains(patience) else { throw ValidationError("--patience takes 1 to 23 hours") }
        let names = types.map { $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } }
        guard names?.isEmpty != true else {
            throw ValidationError("--types takes e.g. Patient,Condition, or all")
        }
        return BulkIngestCommand(
            base: server, level: group.map { .group($0) } ?? (patients ? .patients : .system),
            types: names == ["all"] ? [] : names, since: since, isFull: full, clientID: clientID,
            tokenURL: tokenURL, scope: scope, key: key, allowed: allowOrigin,
            authorities: caFile.map { URL(filePath: $0).standardizedFileURL.path(percentEncoded: false) },
            proxy: try proxy.map { try TableOptions.address($0, "--proxy") }, patienceHours: patience)
    }

    /// Runs the export; Ctrl-C withdraws it, a second one leaves at once.
    static func run(_ command: BulkIngestCommand, at home: HomeOption, _ output: FormatOption) async throws {
        let work = Task { try await home.run(.bulk(.ingest(command))) }
        signal(SIGINT, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
        source.setEventHandler {
            if work.isCancelled { Foundation.exit(130) }
            Terminal.error("concordat: withdrawing the export (again: leave at once, it can be carried on)")
            work.cancel()
        }
        source.resume()
        defer { source.cancel() }
        let reply = await work.result
        guard work.isCancelled else { return try ReplyPrinter.print(try reply.get(), format: output.format) }
        if case .success(.ingested) = reply {
            // It was faster than the wish to end it.
            return try ReplyPrinter.print(try reply.get(), format: output.format)
        }
        try ReplyPrinter.print(try await home.run(.bulk(.withdraw(command))), format: output.format)
        throw ExitStatus.failure
    }
}
