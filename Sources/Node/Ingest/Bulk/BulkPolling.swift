internal import Foundation
internal import NIOHTTP1
internal import Store

/// Asks for the state of an export until its manifest is there, all parts of it.
struct BulkPolling: Sendable {
    let session: BulkSession
    let store: BulkStore
    let progress: ProgressSink

    private static let mostPages = 10_000

    /// - Returns: the secrets with every page of the manifest, written down.
    func run(_ export: BulkStore.Export) async throws -> BulkStore.Secrets {
        try await read(try store.secrets(export)) { secrets, isWhole in
            try await store.update(export.id, isWhole ? .ready : .waiting, secrets)
        }
    }

    /// Reads the manifest of an export anew: a server may give other addresses for the same files each time.
    func again(_ export: BulkStore.Export) async throws -> BulkStore.Secrets {
        var secrets = try store.secrets(export)
        (secrets.nextURL, secrets.pages) = (secrets.statusURL, [])
        return try await read(secrets) { _, _ in }
    }

    private func read(
        _ secrets: BulkStore.Secrets, _ keep: (BulkStore.Secrets, Bool) async throws -> Void
    ) async throws -> BulkStore.Secrets {
        var secrets = secrets
        var silent = 0
        while true {
            guard let url = URL(string: secrets.nextURL) else {
                throw BulkError(.answer, "the server names an address for the export's state that is none")
            }
            let answer = try await session.ask(
                .init(
                    method: .GET, url: url, what: "the export's state",
                    accept: "application/json, application/fhir+json"))
            switch answer.status {
            case 200:
                let next = try add(answer, to: &secrets)
                try await keep(secrets, next == nil)
                if next == nil { return secrets }
                silent = 0
            case 202:
                show(answer)
                let later = answer.headers.first(name: "retry-after")
                try await session.waiting.wait(later, attempt: silent)
                silent += 1
            default: throw Self.fault(answer)
            }
        }
    }

    /// - Returns: where the next part of the manifest is; nil if this was the last.
    private func add(_ answer: BulkConnection.Answer, to secrets: inout BulkStore.Secrets) throws -> String? {
        guard let page = try? JSONDecoder().decode(BulkManifest.self, from: Data(answer.body)) else {
            throw BulkError(
                .answer, "the server's manifest of the export is not one (transactionTime, output)")
        }
        if let first = secrets.pages.first, first.transactionTime != page.transactionTime {
            throw BulkError(.answer, "the parts of the server's manifest are of different times")
        }
        secrets.pages.append(page)
        guard let next = page.next else { return nil }
        guard let url = URL(string: next, relativeTo: answer.url)?.absoluteString, url != secrets.nextURL,
            secrets.pages.count < Self.mostPages
        else { throw BulkError(.answer, "the server's manifest goes on without an end") }
        secrets.nextURL = url
        return url
    }

    /// What the server says of how far it is: a share if there is one, else its words.
    private func show(_ answer: BulkConnection.Answer) {
        let said =
            answer.headers.first(name: "x-progress").map { ServerWords.shown(String($0.prefix(80))) } ?? ""
        let share = said.firstMatch(of: /([0-9]{1,3})(?:\.[0-9]+)? ?%/).flatMap { Int($0.output.1) } ?? 0
        progress("waiting for the export", min(share, 99), 100, said)
    }

    private static func fault(_ answer: BulkConnection.Answer) -> BulkError {
        let said = ServerWords.answered(answer.status, answer.body)
        return switch answer.status {
        case 404, 410:
            BulkError(.gone, "the server no longer knows the export (it answered \(answer.status))")
        case 401, 403: BulkError(.refused, "asked for the export's state, the server \(said)")
        case 502, 503, 504: BulkError(.unreachable, "asked for the export's state, the server \(said)")
        default: BulkError(.failed, "the server gave the export up: it \(said)")
        }
    }
}
