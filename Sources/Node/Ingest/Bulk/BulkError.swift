/// Why an export could not be taken. Names hosts, never whole addresses, tokens or what a record holds.
struct BulkError: Error, Hashable, Sendable, CustomStringConvertible {
    enum Code: String, Sendable {
        /// An address that is not used: not https, another origin, a redirection elsewhere.
        case address
        /// No key of the node's, or none that the server takes.
        case key
        /// The server's words, or its form, do not fit the protocol.
        case answer
        /// The server refused: its policy, its authorisation.
        case refused
        /// The server ended the export with an error.
        case failed
        /// The server no longer knows the export, or a file of it.
        case gone
        /// No connection, or errors of the network again and again.
        case unreachable
        /// The export is not done within the time that was given to it.
        case patience
        /// A file that is no NDJSON of FHIR, or cannot be written.
        case file
        /// Somebody interrupted it.
        case interrupted
        /// Another export of the same source is under way.
        case busy
    }

    let code: Code
    let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    /// Whether the same export can be carried on by running the command again.
    var leavesExport: Bool {
        switch code {
        case .address, .key, .refused, .unreachable, .patience, .file, .busy, .interrupted: true
        case .answer, .failed, .gone: false
        }
    }
}
