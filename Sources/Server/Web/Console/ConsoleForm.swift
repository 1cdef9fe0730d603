internal import Foundation

/// Fields of a form or of an address (URL Standard, 5.1).
struct ConsoleForm: Sendable {
    private let fields: [String: [String]]

    static let empty = ConsoleForm("")

    static let type = "application/x-www-form-urlencoded"

    init(_ text: some StringProtocol) {
        var fields: [String: [String]] = [:]
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count == 2 ? Self.read(parts[1]) : ""
            // Browsers send lines of a text area with CR LF.
            fields[Self.read(parts[0]), default: []].append(value.replacing("\r\n", with: "\n"))
        }
        self.fields = fields
    }

    private static func read(_ text: some StringProtocol) -> String {
        let spaced = String(text).replacing("+", with: " ")
        return spaced.removingPercentEncoding ?? spaced
    }

    /// Without blanks around it; nil where nothing was written.
    subscript(name: String) -> String? {
        let text = fields[name]?.last?.trimmingCharacters(in: .whitespacesAndNewlines)
        return text?.isEmpty == false ? text : nil
    }

    /// As it was written; empty where nothing was.
    func raw(_ name: String) -> String { fields[name]?.last ?? "" }

    func all(_ name: String) -> [String] { fields[name] ?? [] }

    /// - Throws: `Problem` where nothing was written.
    func required(_ name: String, _ words: String) throws -> String {
        guard let text = self[name] else {
            throw Problem.invalid("\(words) is missing: go back and fill it in")
        }
        return text
    }

    func number(_ name: String) -> Int? { self[name].flatMap { Int($0) } }
}
