package import Core

/// What a person at a node can ask of it, in one form for both ways in: the local socket of a node that is
/// serving, and the home opened by the command itself when no node runs.
package enum NodeCommand: Codable, Sendable {
    case ask(Question)
    /// Plans only: asks no site.
    case explain(sql: String, json: Bool)
    /// EXPLAIN that asks the sites: for a dry run, or (`analyze`) the question itself.
    case explainAtSites(Question, analyze: Bool, json: Bool)
    case ingest(paths: [String])
    case ingestTables(TableIngestCommand)
    /// Exports of Bulk Data servers, and the keys for them.
    case bulk(BulkCommand)
    /// What was set aside: counts by file and reasons, or each record.
    case quarantineList(entries: Bool)
    /// One record with what it holds.
    case quarantineShow(id: String, json: Bool)
    /// What was taken in and could not be held whole.
    case quarantineDegraded(entries: Bool)
    /// Ingests everything that was set aside again.
    case quarantineRetry
    case quarantineExport(path: String)
    /// How good the data are, as `QualityReport` in JSON.
    case quality(QualityRequest)
    case identity(IdentityCommand)
    /// A command about the data of a controller that the node keeps apart from its own.
    indirect case hosted(controller: OrganisationCode, NodeCommand)
    case publish
    case importOptOut(path: String, scheme: String, listedAt: String?)
    case consent(ConsentCommand)
    case people(PeopleCommand)
    case status
    case verifyAudit
    /// What the log keeps of one decision.
    case showDecision(id: String)
    case policyBundle(PolicyBundleCommand)

    /// This node's card for a directory: who it is, where it listens, its public keys.
    case membershipCard
    /// Starts a directory of which this node is steward.
    case createFederation(name: String)
    case addMember(card: String)
    case signDirectory(validDays: Int)
    /// Takes over a signed directory. The first one pins its stewards.
    case joinFederation(directory: String)
    case showFederation

    /// YAML (or what flags made of it) to a draft that parties can sign.
    case draftAgreement(yaml: String)
    /// Adds this node's signature to a draft; a controller adds its sealed linkage shares.
    case signAgreement(document: String)
    /// Takes over an agreement; it is in force once every party has signed.
    case importAgreement(document: String)
    case listAgreements
    case showAgreement(id: String)
    case revokeAgreement(id: String, reason: String)
    case agreement(AgreementCommand)
    case review(ReviewCommand)
    case reference(ReferenceCommand)
    case saved(SavedQueryCommand)
    case measure(MeasureCommand)
    case user(UserCommand)
    case token(TokenCommand)
    case openID(OpenIDCommand)
    /// What the node knows and has written down, as JSON; changes nothing.
    case inquire(Inquiry)

    /// One person's record for direct care, and what goes with it.
    case care(CareCommand)
    /// What the node decides by, as `PolicyFacts` in JSON, for the policy tools.
    case policyFacts
}

/// What comes of a command.
package enum NodeReply: Codable, Sendable {
    case answer(Answer)
    /// No answer, and why.
    case fault(QuestionFault)
    case ingested(IngestReport)
    case published(SnapshotNote)
    case status(NodeStatus)
    /// A document to hand on, as text.
    case document(String)
    /// Rows for people and scripts.
    case listing(columns: [String], rows: [[String]])
    /// One person's record, for those who care for them.
    case record(CareRecord)
    /// Refused by policy: the rule, and words that depend on no data.
    case refused(rule: String, words: String)
    /// A sentence about what was done.
    case done(String)
    /// The command failed: a sentence with the remedy.
    case failed(String)
}

/// What travels back over the local socket while a command runs: a line of JSON each.
package enum NodeEvent: Codable, Sendable {
    case progress(label: String, done: Int, total: Int, unit: String)
    case reply(NodeReply)
}

/// How far a long command has come: label, done, total (0: not known), and what is counted ("bytes", "rows") or other words.
package typealias ProgressSink =
    @Sendable (_ label: String, _ done: Int, _ total: Int, _ unit: String) -> Void
