internal import Foundation
internal import NIOHTTP1

/// Requests to one server as the protocol wants them: with a token that is good, and again after errors that pass.
struct BulkSession: Sendable {
    let connection: BulkConnection
    let tokens: BulkTokens
    let waiting: BulkWaiting
    /// Errors one after the other before it is given up.
    let attempts: Int

    /// - Parameter isRepeatable: whether it does no harm if the server gets it twice.
    /// - Returns: any answer but those that say to come again later.
    func ask(_ request: BulkConnection.Request, isRepeatable: Bool = true) async throws
        -> BulkConnection.Answer
    {
        var (failures, busy, isRenewed) = (0, 0, false)
        while true {
            var request = request
            let answer: BulkConnection.Answer
            do {
                request.token = try await tokens.token()
                answer = try await connection.send(request)
            } catch let error as BulkError where error.code == .unreachable && isRepeatable {
                failures += 1
                guard failures < attempts else { throw error }
                try await waiting.wait(nil, attempt: failures - 1)
                continue
            }
            if answer.status == 401, let token = request.token, !isRenewed {
                isRenewed = true
                await tokens.forget(token)
            } else if answer.status == 429 {
                try await waiting.wait(answer.headers.first(name: "retry-after"), attempt: busy)
                busy += 1
            } else if Self.passes(answer), failures + 1 < attempts {
                failures += 1
                try await waiting.wait(answer.headers.first(name: "retry-after"), attempt: failures - 1)
            } else {
                return answer
            }
        }
    }

    /// A gateway's errors, and those that the server itself calls transient.
    static func passes(_ answer: BulkConnection.Answer) -> Bool {
        switch answer.status {
        case 502, 503, 504: true
        case 500...: ServerWords.isTransient(answer.body)
        default: false
        }
    }

    /// Asks for an export.
    /// - Returns: where its state is asked for.
    func kickOff(_ source: BulkSource, since: String?) async throws -> URL {
        let answer = try await ask(
            .init(
                method: .GET, url: try source.kickOff(since: since), what: "the export's kick-off",
                accept: "application/fhir+json", prefer: "respond-async"),
            isRepeatable: false)
        guard answer.status == 202 else {
            let said = ServerWords.answered(answer.status, answer.body)
            let remedy =
                switch answer.status {
                case 401 where !tokens.isAuthorised: ": register a key and name '--client-id'"
                case 401, 403: ": does the server allow this client these types? ('--types', '--scope')"
                case 404: ": does the server have this export? ('--group ID', '--patients')"
                default: ""
                }
            throw BulkError(
                Self.passes(answer) ? .unreachable : .refused, "the server's kick-off \(said)\(remedy)")
        }
        guard let place = answer.headers.first(name: "content-location"),
            let url = URL(string: place, relativeTo: answer.url)?.absoluteURL
        else {
            throw BulkError(
                .answer, "the server began an export without saying where its state is (Content-Location)")
        }
        return url
    }

    /// Tells the server that the export is no longer wanted; a server that cannot be told ends it by itself.
    /// - Returns: whether the server has heard.
    func withdraw(_ statusURL: String) async -> Bool {
        guard let url = URL(string: statusURL), let token = try? await tokens.token() else {
            guard let url = URL(string: statusURL) else { return false }
            return await delete(url, token: nil)
        }
        return await delete(url, token: token)
    }

    private func delete(_ url: URL, token: String?) async -> Bool {
        let answer = try? await connection.send(
            .init(
                method: .DELETE, url: url, what: "the export's state", accept: "application/fhir+json",
                token: token))
        return answer.map { (200..<300).contains($0.status) || $0.status == 404 || $0.status == 410 } ?? false
    }
}
