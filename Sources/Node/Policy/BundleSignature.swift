internal import Core
internal import Exchange
internal import Foundation
internal import Policy

/// Signs this controller's bundles, and believes nobody else's.
struct BundleSignature: Sendable {
    private static let role = "controller"

    let organisation: OrganisationCode
    let keys: NodeKeys
    let directory: PeerDirectory

    func sign(_ bundle: PolicyBundle, at now: WireInstant) throws -> String {
        let document = try SignedDocument(payload: try bundle.canonicalJSON(), type: .policyBundle).signed(
            as: Self.role, of: organisation, by: keys.agreement, at: now)
        return String(decoding: try document.serialised(), as: UTF8.self)
    }

    /// Reads a bundle that is to be taken over now: by the keys that the directory has in force or, before the node
    /// is in a federation, by its own.
    /// - Throws: `NodeError` with the remedy.
    func open(_ text: String, at now: WireInstant) throws -> (PolicyBundle, SignedDocument) {
        guard let document = try? SignedDocument(parsing: Array(text.utf8)) else {
            throw NodeError(.policy, "this is not a signed bundle: make one with 'concordat policy sign'")
        }
        let bundle = try read(document)
        let valid: [VerifyingKey]
        do {
            valid =
                directory.current == nil
                ? [keys.publicKeys.agreement]
                : try directory.verifyingKeys(of: organisation, for: .agreement, at: now)
        } catch {
            throw NodeError(
                .policy, "the directory has no key of \(organisation) that is in force (\(error))")
        }
        guard signature(of: document, verifiesWith: { _ in valid }) else {
            throw NodeError(
                .policy,
                "the bundle does not bear \(organisation)'s signature: sign it at a node of \(organisation), and "
                    + "do not change the file")
        }
        return (bundle, document)
    }

    /// Reads a bundle that was taken over before: by any key that this organisation had when it signed, and that is not
    /// revoked.
    func reopen(_ bytes: Data) throws -> PolicyBundle {
        let document = try SignedDocument(parsing: Array(bytes))
        let bundle = try read(document)
        let known = directory.current
        let sets = (known?.members.first { $0.organisation == organisation }?.keys ?? []) + [keys.publicKeys]
        let revoked = known?.revocations.filter { $0.organisation == organisation } ?? []
        let kept = sets.filter { set in
            !revoked.contains { $0.generation == nil || $0.generation == set.generation }
        }
        guard
            signature(
                of: document,
                verifiesWith: { at in
                    kept.filter { $0.validFrom <= at && at <= $0.validUntil }.map(\.agreement)
                })
        else {
            throw NodeError(
                .policy,
                "its signature does not verify any more: sign the policies again, and load the bundle")
        }
        return bundle
    }

    private func read(_ document: SignedDocument) throws -> PolicyBundle {
        guard document.payloadType == DocumentType.policyBundle.payloadType else {
            throw NodeError(.policy, "this document is not a bundle of policies")
        }
        let bundle = try PolicyBundle(canonicalJSON: document.payload.bytes)
        guard bundle.controller == organisation else {
            throw NodeError(
                .policy, "the bundle is \(bundle.controller)'s: a node takes over its own organisation's only"
            )
        }
        return bundle
    }

    private func signature(
        of document: SignedDocument, verifiesWith keys: (WireInstant) -> [VerifyingKey]
    ) -> Bool {
        document.signatures.contains { signature in
            signature.organisation == organisation && signature.role == Self.role
                && document.isValid(signature, by: keys(signature.signedAt))
        }
    }
}
