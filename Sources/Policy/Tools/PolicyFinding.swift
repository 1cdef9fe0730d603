/// Something that is wrong with a folder of policies, or worth a look, with its place and its remedy.
package struct PolicyFinding: Hashable, Sendable, Codable {
    package enum Severity: String, Codable, Sendable {
        /// The folder does not do what its texts say, or is not loaded at all.
        case error
        case warning
    }

    package let file: String
    /// Count from 1; 0 where the whole file is meant.
    package let line: Int
    package let column: Int
    package let severity: Severity
    /// What kind of finding, for scripts.
    package let kind: Kind
    /// The policy's `@id`; empty where none is meant.
    package let policy: String
    package let message: String
    /// What to do about it.
    package let remedy: String
    /// The line of the text that is meant; empty where the whole file is.
    package let source: String

    package enum Kind: String, Codable, Sendable {
        case syntax
        case annotation
        case duplicateID = "duplicate-id"
        case template
        case schema
        case unknownName = "unknown-name"
        case unreachable
        case shadowed
        case noExpiry = "no-expiry"
        case expired
        case data
        case cases
    }

    /// The place as compilers write it, `file:line:column`.
    package var place: String { line == 0 ? file : "\(file):\(line):\(column)" }
}

/// One text of a folder, to point into.
struct PolicySource {
    let file: String
    private let lines: [Substring]

    init(_ file: String, _ text: String) {
        self.file = file
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    func finding(
        _ severity: PolicyFinding.Severity, _ kind: PolicyFinding.Kind, at position: CedarPosition?,
        of policy: String = "", _ message: String, _ remedy: String
    ) -> PolicyFinding {
        let line = position?.line ?? 0
        let source = (1...max(1, lines.count)).contains(line) && line <= lines.count ? lines[line - 1] : ""
        return PolicyFinding(
            file: file, line: line, column: position?.column ?? 0, severity: severity, kind: kind,
            policy: policy, message: message, remedy: remedy, source: String(source.prefix(200)))
    }
}
