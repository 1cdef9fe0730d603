internal import Crypto
internal import Disclosure
internal import Store

/// Secrets of a site that are derived from its vault and never leave it.
enum SiteSecrets {
    /// The secret of the record keys: the same as long as the vault is.
    static func recordKey(_ vault: KeyVault) -> RecordKey {
        RecordKey(secret: SymmetricKey(data: vault.derive(label: "record key")))
    }

    /// Under which people's tables are named: NHS numbers are few enough to try them all on a plain digest.
    static func peopleTables(_ vault: KeyVault) -> [UInt8] { vault.derive(label: "people tables") }

    /// Under which the log names objections, so that what was recorded can be shown to be what was logged.
    static func objections(_ vault: KeyVault) -> [UInt8] { vault.derive(label: "objections in the log") }
}
