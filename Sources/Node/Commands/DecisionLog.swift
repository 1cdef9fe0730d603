internal import Audit
internal import Core
internal import Exchange
internal import Policy

/// Shows what the log keeps of a decision.
struct DecisionLog: Sendable {
    /// Of an identifier, as receipts print it.
    private static let shortest = 12

    /// In the order in which they are shown, with what they are called.
    private static let words: [(key: String, words: String)] = [
        ("outcome", "outcome"), ("rule", "refused by"), ("requester", "requester"),
        ("user", "person, as a pseudonym"),
        ("agreement", "agreement"), ("purpose", "purpose"), ("query", "question"),
        ("question", "digest of the question"), ("policies", "policies that decided"),
        ("tables", "reference tables and codelists read"), ("obligations", "conditions"),
        ("policyVersion", "version of the policies"),
        ("policyDigest", "digest of the policies"), ("input", "digest of what was decided on"),
        ("decidedAt", "time that the policies saw, in ms"), ("snapshot", "publication"),
        ("profile", "disclosure profile"), ("cells", "cells that left"),
    ]

    let context: NodeContext

    /// Every record of the decision: more than one where a question was broken off and asked again.
    /// - Throws: `NodeError` where there is none, and where one cannot be proven to be in the log.
    func show(_ id: String) async throws -> NodeReply {
        let prefix = id.lowercased()
        guard prefix.utf8.count >= Self.shortest,
            prefix.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else {
            throw NodeError(
                .input,
                "a decision is named by at least \(Self.shortest) hexadecimal digits: the receipt has them")
        }
        let found = try await context.audit.decisions(
            beginning: prefix, publicKey: context.keys.publicKeys.checkpoint.bytes)
        guard let first = found.first else {
            throw NodeError(.input, "the log of \(context.organisation) has no decision of that name")
        }
        if let bad = found.first(where: { !$0.isProven }) {
            throw NodeError(
                .input,
                "entry \(bad.entry.index) is NOT what the log was signed for: run 'concordat audit verify'")
        }
        let names = Set(found.compactMap { $0.record.details["decision"] })
        guard names.count == 1 else {
            throw NodeError(.input, "\(names.count) decisions begin so: give more digits")
        }
        return .listing(
            columns: ["what", "value"],
            rows: [["decision", first.record.details["decision"] ?? ""]] + found.flatMap(rows))
    }

    private func rows(_ proven: ProvenRecord) -> [[String]] {
        let details = proven.record.details
        return [["recorded", Clock.text(proven.record.at)]]
            + Self.words.compactMap { key, words in
                details[key].flatMap { $0.isEmpty ? nil : [words, $0] }
            } + [
                ["log entry", "\(proven.entry.index) \(Hexadecimal.encode(proven.entry.leafHash.bytes))"],
                [
                    "proof",
                    "in the log: \(proven.steps) hashes lead from the entry to the signed head of "
                        + "\(proven.size) entries",
                ],
            ]
    }
}
