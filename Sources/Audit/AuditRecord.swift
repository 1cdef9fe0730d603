/// What is written down about one act of the node.
///
/// `details` holds identifiers of documents, organisations, agreements and rules, digests and counts that
/// have passed disclosure control. INVARIANT: never data about a person: no NHS number, no name, no query
/// text with values in it. Callers keep this; the log cannot check it.
package struct AuditRecord: Hashable, Codable, Sendable {
    package enum Kind: String, CaseIterable, Codable, Sendable {
        /// A request was permitted or refused.
        case decision
        /// Something left the node.
        case release
        case ingest
        /// A publication snapshot was frozen.
        case publish
        /// An agreement was signed, countersigned or revoked.
        case agreement
        /// A key was made, rotated or revoked.
        case key
        case signIn
        case optOutList
        /// A message did not verify, or was a replay.
        case refusedMessage
        case administration
    }

    package let kind: Kind
    /// Milliseconds since 1970, UTC.
    package let at: Int64
    package let details: [String: String]

    package init(kind: Kind, at: Int64, details: [String: String]) {
        self.kind = kind
        self.at = at
        self.details = details
    }

    /// The record as JSON in one form only: keys in order of their UTF-8, no white space, as RFC 8785 for the
    /// ASCII keys used here.
    package var canonicalJSON: String {
        let members = details.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            .map { Self.quoted($0.key) + ":" + Self.quoted($0.value) }
        return "{\"at\":\(at),\"details\":{\(members.joined(separator: ","))},\"kind\":\"\(kind.rawValue)\"}"
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\" + String(scalar)
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case "\u{8}": quoted += "\\b"
            case "\u{C}": quoted += "\\f"
            case _ where scalar.value < 0x20:
                let hex = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

/// Where a record came to stand; the evidence a receipt carries.
package struct LogEntry: Hashable, Sendable {
    package let index: Int
    /// SHA-256(nonce || canonical JSON): the leaf's data. Says nothing about the record without the nonce.
    package let commitment: [UInt8]
    package let leafHash: TreeHash
}
