internal import Audit
internal import Core
internal import Exchange
internal import Foundation
internal import Logging
internal import Policy

/// What can be done with the policies that a node goes by.
package enum PolicyBundleCommand: Codable, Sendable {
    /// Packs and signs a folder of this machine.
    case sign(path: String, version: Int?)
    /// Takes over a signed bundle.
    case load(document: String)
    /// Reads the folder again.
    case reload
    case status
}

/// Signs, takes over and shows policies.
struct PolicyAdministration: Sendable {
    /// The local socket takes a command of 8 MB, in which the document is a string once more.
    private static let longest = 6 << 20

    let context: NodeContext

    func run(_ command: PolicyBundleCommand) async throws -> NodeReply {
        switch command {
        case .sign(let path, let version): .document(try await sign(path, version))
        case .load(let document): .done(try await take { try $0.load(document, at: Clock.now) })
        case .reload: .done(try await take { try $0.reload(at: Clock.now) })
        case .status: status()
        }
    }

    private func sign(_ path: String, _ version: Int?) async throws -> String {
        let signed = try signed(path, version)
        try await record("signed", signed.version, signed.digest)
        return signed.document
    }

    /// Apart from `sign`: of both in one function Swift 6.3's optimiser crashes.
    private func signed(
        _ path: String, _ version: Int?
    ) throws -> (document: String, version: String, digest: Digest) {
        let next = try context.policy.nextNumber()
        guard version ?? next >= next else {
            throw NodeError(.policy, PolicyRecords.tooOld(version ?? next, next - 1))
        }
        let files = try checked(path)
        let now = Clock.now
        let bundle = PolicyBundle(
            controller: context.organisation, version: version ?? next, madeAt: now, files: files)
        let document = try context.policy.signature.sign(bundle, at: WireInstant(milliseconds: now))
        guard document.utf8.count <= Self.longest else {
            throw NodeError(.policy, "the policies are larger than 6 MB when signed: shorten the codelists")
        }
        return (document, String(bundle.version), files.digest)
    }

    /// A folder that can be signed: it is read, checked, and its cases pass.
    private func checked(_ path: String) throws -> PolicyFiles {
        do {
            let files = try PolicyFiles(directory: URL(filePath: path))
            _ = try PolicyTrial.engine(files)
            return files
        } catch let error as CocoaError {
            throw NodeError(
                .policy,
                "the folder cannot be read (\(error.code.rawValue)): name one that holds *.cedar files")
        } catch {
            throw NodeError(.policy, "the policies were not signed: \(PolicyWords.of(error))")
        }
    }

    /// Takes policies over, and writes down which, or that they were refused.
    private func take(
        _ body: (PolicyKeeper) throws -> (policy: PolicyInForce, isNew: Bool)
    ) async throws -> String {
        let taken: (policy: PolicyInForce, isNew: Bool)
        do {
            taken = try body(context.policy)
        } catch {
            let refused = context.policy.note.refused?.version ?? "unknown"
            context.log.error(
                "policies were refused", metadata: ["version": "\(refused)", "error": "\(error)"])
            try await record("refused", refused, nil)
            throw error
        }
        let policy = taken.policy
        guard taken.isNew else { return "nothing changed: version \(policy.version) is in force" }
        context.log.notice("policies", metadata: ["version": "\(policy.version)"])
        try await record("loaded", policy.version, policy.digest)
        return "version \(policy.version) is in force from now on "
            + "(\(policy.engine.policies.policies.count) policies, sha256 \(policy.digest.description.prefix(12)))"
    }

    private func record(_ act: String, _ version: String, _ digest: Digest?) async throws {
        var details = ["act": act, "policyVersion": version]
        if let digest { details["policyDigest"] = digest.description }
        _ = try await context.audit.append(
            AuditRecord(kind: .administration, at: Clock.now, details: details))
    }

    private func status() -> NodeReply {
        let note = context.policy.note
        var rows = [
            ["version", note.version ?? "NONE: every question is refused"], ["from", note.origin ?? "none"],
            ["digest", note.digest ?? "none"], ["since", note.since ?? "none"],
        ]
        if let refused = note.refused {
            rows.append(["refused", "\(refused.version) at \(refused.at): \(refused.reason)"])
        }
        return .listing(columns: ["what", "value"], rows: rows)
    }
}
