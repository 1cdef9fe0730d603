internal import Crypto
internal import Disclosure
internal import Store

/// Secrets of a site that are derived from its vault and never leave it.
enum SiteSecrets {
    /// The secret of the record keys: the same as long as the vault is.
    static func recordKey(_ vault: KeyVault) -> RecordKey {
        RecordKey(secret: SymmetricKey(data: vault.derive(label: "record key")))
    }
}
