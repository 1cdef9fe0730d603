/// Why the home could not be used.
///
/// The description names files and settings, never a secret or anything about a person.
package struct StoreError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// Another process owns the home.
        case homeInUse
        /// A new home was asked for in a directory that holds something.
        case homeNotEmpty
        /// The directory is no home: it has no configuration.
        case notAHome
        /// A setting is missing, unknown or not allowed.
        case configuration
        /// The control store was written by a newer program.
        case newerStore
        /// Two rooms named a migration alike.
        case duplicateMigration
        /// No passphrase was given where one is needed.
        case passphraseMissing
        /// The passphrase does not open the vault.
        case wrongPassphrase
        /// Sealed bytes were changed, or belong to another name or key.
        case tampered
        /// There is no secret of that name.
        case secretNotFound
        /// A name that cannot be a secret's.
        case badName
        /// libsodium could not start or had no memory.
        case cryptography
        /// The operating system refused a file operation.
        case file
    }

    package let code: Code
    /// What happened and what to do about it, in a sentence.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
