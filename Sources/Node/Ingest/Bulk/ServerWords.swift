internal import Foundation

/// What a server says of an error, made fit to be shown: short, without long numbers, tokens or addresses.
enum ServerWords {
    /// Longest text that is shown of one server's message.
    private static let longest = 240

    private struct Outcome: Decodable {
        struct Coding: Decodable {
            let code: String?
            let display: String?
        }
        struct Concept: Decodable {
            let text: String?
            let coding: [Coding]?
        }
        struct Issue: Decodable {
            let severity: String?
            let code: String?
            let diagnostics: String?
            let details: Concept?
        }
        let resourceType: String?
        let issue: [Issue]?
    }

    private struct OAuthError: Decodable {
        let error: String
        let errorDescription: String?
    }

    /// `answered 403 (error, forbidden: …)`
    static func answered(_ status: Int, _ body: [UInt8]) -> String {
        let said = of(body)
        return "answered \(status)" + (said.map { " (\($0))" } ?? "")
    }

    /// The words of an OperationOutcome or of an OAuth error; nil for any other body.
    static func of(_ body: [UInt8]) -> String? {
        let data = Data(body)
        if let outcome = try? JSONDecoder().decode(Outcome.self, from: data), let issues = outcome.issue,
            outcome.resourceType == "OperationOutcome", !issues.isEmpty
        {
            return issues.prefix(3).map(words).joined(separator: "; ")
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        if let error = try? decoder.decode(OAuthError.self, from: data) {
            return shown([error.error, error.errorDescription].compactMap(\.self).joined(separator: ": "))
        }
        return nil
    }

    private static func words(_ issue: Outcome.Issue) -> String {
        let kind = [issue.severity, issue.code].compactMap(\.self).joined(separator: ", ")
        let coding = issue.details?.coding?.first
        let text = issue.details?.text ?? issue.diagnostics ?? coding?.display ?? coding?.code
        return shown(text.map { "\(kind): \($0)" } ?? kind)
    }

    /// Whether an error of status 5xx is said to pass.
    static func isTransient(_ body: [UInt8]) -> Bool {
        let outcome = try? JSONDecoder().decode(Outcome.self, from: Data(body))
        return outcome?.issue?.contains { $0.code == "transient" } ?? false
    }

    /// One line of printable text. What may be an NHS number, a token or an address is left out.
    static func shown(_ text: String) -> String {
        var line = text.replacing(/https?:\/\/[^\s"'<>]+/, with: "…")
        line = line.replacing(/[0-9](?:[ \-]?[0-9]){6,}/, with: "…")
        line = line.replacing(/[A-Za-z0-9_\-+\/=.]{32,}/, with: "…")
        let printable = line.unicodeScalars.map { scalar in
            CharacterSet.controlCharacters.contains(scalar) || CharacterSet.newlines.contains(scalar)
                ? " " : String(scalar)
        }.joined()
        let words = printable.split(separator: " ").joined(separator: " ")
        return words.count > longest ? words.prefix(longest) + "…" : words
    }
}
