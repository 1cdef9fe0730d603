internal import Audit
internal import Core
internal import Exchange
internal import Foundation
internal import Policy

/// Answers inquiries.
struct InquiryDesk: Sendable {
    let context: NodeContext

    static let mostEntries = 1_000

    func answer(_ inquiry: Inquiry) async throws -> NodeReply {
        switch inquiry {
        case .catalog: .document(try ScriptJSON.encode(CatalogPage(context)))
        case .askable: .document(try ScriptJSON.encode(try await AskableAgreement.all(context)))
        case .logHead: .document(try ScriptJSON.encode(try await head()))
        case .logEntries(let kinds, let before, let limit):
            .document(try ScriptJSON.encode(try await entries(kinds, before, limit)))
        case .logEntry(let index): .document(try ScriptJSON.encode(try await entry(index)))
        case .savedQueries: .document(try ScriptJSON.encode(try context.saved.all().map(SavedLine.init)))
        case .asked(let search):
            .document(try ScriptJSON.encode(try await AskedDesk(context: context).page(search)))
        case .askedQuestion(let entry):
            .document(try ScriptJSON.encode(try await AskedDesk(context: context).question(entry)))
        case .askedExport(let search, let form):
            .document(try await AskedDesk(context: context).export(search, form))
        case .purposes:
            .document(
                try ScriptJSON.encode(PurposeLine.all(try context.policy.current().engine.purposes)))
        case .peers: .document(try ScriptJSON.encode(try await context.peerNotes().notes))
        case .operations:
            .document(try ScriptJSON.encode(try await OperationsDesk(context: context).note()))
        }
    }

    // MARK: The log

    private struct Head: Encodable {
        let origin: String
        let size: Int
        let rootHash: String
        /// The signed note (C2SP tlog-checkpoint).
        let checkpoint: String
    }

    private func head() async throws -> Head {
        let note = try await context.audit.checkpoint()
        let head = try Checkpoint.verify(
            note, name: NodeContext.origin(context.organisation),
            publicKey: context.keys.publicKeys.checkpoint.bytes)
        return Head(
            origin: head.origin, size: head.size, rootHash: Hexadecimal.encode(head.root.bytes),
            checkpoint: note)
    }

    private struct Entry: Encodable {
        let index: Int
        let leafHash: String
        /// nil for what was erased.
        let kind: String?
        let at: String?
        let details: [LogDetail]?
    }

    /// As a list: a name is data here, and keys of objects are not.
    private struct LogDetail: Encodable {
        let name: String
        let value: String
    }

    private func entries(_ kinds: [String], _ before: Int?, _ limit: Int) async throws -> [Entry] {
        let known = Set(kinds.compactMap(AuditRecord.Kind.init))
        guard known.count == Set(kinds).count else {
            let all = AuditRecord.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw NodeError(.input, "entries of the log are of the kinds \(all)")
        }
        let found = try await context.audit.entries(
            before: before, kinds: known, limit: min(limit, Self.mostEntries))
        return found.map { entry, record in
            Entry(
                index: entry.index, leafHash: Hexadecimal.encode(entry.leafHash.bytes),
                kind: record?.kind.rawValue, at: record.map { Clock.text($0.at) },
                details: record.map(Self.details))
        }
    }

    private static func details(_ record: AuditRecord) -> [LogDetail] {
        record.details.sorted { $0.key < $1.key }.map { LogDetail(name: $0.key, value: $0.value) }
    }

    private struct Proven: Encodable {
        let index: Int
        let leafHash: String
        let kind: String
        let at: String
        let details: [LogDetail]
        let isProven: Bool
        let treeSize: Int
        /// RFC 9162, 2.1.3: hashes from the leaf to the root.
        let proof: [String]
    }

    private func entry(_ index: Int) async throws -> Proven {
        guard
            let found = try await context.audit.entry(
                index, publicKey: context.keys.publicKeys.checkpoint.bytes)
        else {
            throw NodeError(.input, "the log has no entry \(index), or it was erased")
        }
        let proof = try await context.audit.inclusionProof(index: index, size: found.size)
        return Proven(
            index: index, leafHash: Hexadecimal.encode(found.entry.leafHash.bytes),
            kind: found.record.kind.rawValue, at: Clock.text(found.record.at),
            details: Self.details(found.record), isProven: found.isProven, treeSize: found.size,
            proof: proof.map { Hexadecimal.encode($0.bytes) })
    }
}

/// A saved question in a list.
private struct SavedLine: Encodable {
    let name: String
    let sql: String
    let agreement: String
    let purpose: String?
    let require: String
    let comment: String?
    let table: String
    let ranAt: String?
    let rows: Int?

    init(_ query: SavedQuery) {
        name = query.name
        sql = query.question.sql
        agreement = query.question.agreement
        purpose = query.question.purpose
        require = query.question.require.text
        comment = query.comment
        table = "released.\(query.name)"
        ranAt = query.ranAt.map { Clock.text($0) }
        rows = query.answer?.table.rowCount
    }
}
