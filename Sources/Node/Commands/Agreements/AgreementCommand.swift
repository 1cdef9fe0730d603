/// What else can be done with agreements at a node, beside making, signing, taking over and revoking them.
package enum AgreementCommand: Codable, Sendable {
    /// The next version of a known agreement, from a person's YAML, as a draft to sign.
    case amend(id: String, yaml: String)
    case suspend(id: String, reason: String)
    case resume(id: String, reason: String)
    case print(AgreementSource, as: AgreementForm)
    /// What a version (or a draft) changes, in words.
    case compare(id: String, from: Int?, to: Int?, draft: String?, json: Bool)
    case rehearse(AgreementSource, queries: [String], recent: Int, json: Bool)
}

/// Which agreement: one that the node knows, or one that comes with the command.
package enum AgreementSource: Codable, Sendable {
    /// The newest version where none is named.
    case known(id: String, version: Int?)
    /// YAML as a person writes it, or a file that goes from party to party.
    case text(String)
}

/// How an agreement is printed.
package enum AgreementForm: String, Codable, Sendable, CaseIterable {
    case text
    case html
    case yaml
    /// The bytes that are signed.
    case json
    /// `ReadingText` as JSON, for pages of the console.
    case reading

    /// What people are offered.
    package static let allCases: [AgreementForm] = [.text, .html, .yaml, .json]
}

/// What is done with releases that wait for a person.
package enum ReviewCommand: Codable, Sendable {
    case list
    case show(id: Int64, json: Bool)
    case approve(id: Int64)
    case decline(id: Int64, reason: String)
}
