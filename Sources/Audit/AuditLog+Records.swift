import Foundation
import GRDB
import Store

/// A record of the log, as it can be shown to somebody who doubts it.
package struct ProvenRecord: Sendable {
    package let entry: LogEntry
    package let record: AuditRecord
    /// Whether record and nonce are what the leaf commits to, and the leaf is in the tree that was signed.
    package let isProven: Bool
    /// Hashes of the proof.
    package let steps: Int
    /// Entries of the log that was signed.
    package let size: Int
}

extension AuditLog {
    /// The records of decisions whose identifier begins so, each with its proof checked against the signed head.
    /// Records that were erased are not found: their commitments say nothing.
    /// - Parameter prefix: hexadecimal digits, lower case.
    /// - Throws: `AuditError` where the head does not verify, or a tile is missing.
    package func decisions(beginning prefix: String, publicKey: [UInt8]) async throws -> [ProvenRecord] {
        let rows = try await store.read { db in try RecordTable.rows(ofDecision: prefix, in: db) }
        return try proven(rows, publicKey: publicKey)
    }

    /// What is written down, newest first, without proofs.
    /// - Parameters:
    ///   - before: an index; nil: from the newest on.
    ///   - kinds: empty: all. Records that were erased are of no kind.
    package func entries(
        before: Int?, kinds: Set<AuditRecord.Kind>, limit: Int
    ) async throws -> [(entry: LogEntry, record: AuditRecord?)] {
        let rows = try await store.read { db in
            try RecordTable.rows(before: before, kinds: kinds, limit: limit, in: db)
        }
        return try rows.map { row in
            (
                LogEntry(
                    index: row.index, commitment: row.commitment, leafHash: TreeHash.leaf(row.commitment)),
                try row.opening.map {
                    try JSONDecoder().decode(AuditRecord.self, from: Data($0.json.utf8))
                }
            )
        }
    }

    /// One entry with its proof; nil where there is none, or it was erased.
    /// - Throws: `AuditError` where the head does not verify, or a tile is missing.
    package func entry(_ index: Int, publicKey: [UInt8]) async throws -> ProvenRecord? {
        guard index >= 0, index < Int.max else { return nil }
        let rows = try await store.read { db in
            try RecordTable.rows(before: index + 1, kinds: [], limit: 1, in: db)
        }
        return try proven(rows.filter { $0.index == index }, publicKey: publicKey).first
    }

    private func proven(_ rows: [RecordTable.Row], publicKey: [UInt8]) throws -> [ProvenRecord] {
        guard !rows.isEmpty else { return [] }
        let head = try Checkpoint.verify(try checkpoint(), name: origin, publicKey: publicKey)
        return try rows.compactMap { row -> ProvenRecord? in
            guard let opening = row.opening else { return nil }
            let record = try JSONDecoder().decode(AuditRecord.self, from: Data(opening.json.utf8))
            let leaf = TreeHash.leaf(row.commitment)
            let proof = try inclusionProof(index: row.index, size: head.size)
            let isSame = RecordTable.commitment(nonce: opening.nonce, json: opening.json) == row.commitment
            return ProvenRecord(
                entry: LogEntry(index: row.index, commitment: row.commitment, leafHash: leaf), record: record,
                isProven: isSame
                    && TreeProof.verifyInclusion(
                        leaf: leaf, index: row.index, size: head.size, proof: proof, root: head.root),
                steps: proof.count, size: head.size)
        }
    }
}
