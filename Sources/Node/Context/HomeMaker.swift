internal import Audit
internal import Core
internal import Exchange
package import Store
internal import Warehouse

/// Makes a new home: configuration, vault, keys, stores, log, and the stamp of its warehouse.
package enum HomeMaker {
    /// - Parameter engine: opens the warehouse's engine, so that it is stamped at creation.
    /// - Throws: `StoreError` for a directory that is not empty; `NodeError` for a warehouse that is not.
    /// - Returns: what a person should know about how the keys are protected.
    package static func make(
        at root: String, configuration: NodeConfiguration, open: (Home) async throws -> NodeContext
    ) async throws -> String {
        let home = try Home.create(at: root, configuration: configuration)
        let vault = try KeyVault.create(home.layout)
        let now = WireInstant(milliseconds: Clock.now)
        let keys = try NodeKeys.generate(organisation: configuration.organisation, validFrom: now)
        try keys.save(in: vault)
        let context = try await open(home)
        _ = try await context.audit.append(
            AuditRecord(
                kind: .key, at: Clock.now,
                details: ["act": "made", "query": keys.publicKeys.query.keyID.text]))
        await context.close()
        return vault.passphraseSource == .unlockFile
            ? "keys are encrypted under keys/unlock in the home: set CONCORDAT_PASSPHRASE instead on a real node"
            : "keys are encrypted under the passphrase given"
    }
}
