/// Why the log could not be used. The description names no record's content.
package struct AuditError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// The records are fewer than the signed checkpoint says: restored from an old copy, or cut.
        case truncated
        /// There are records but no checkpoint.
        case checkpointMissing
        /// The text is no signed checkpoint.
        case checkpointMalformed
        /// The records' root is not the signed one, or a tile is not what the records say.
        case mismatch
        /// An earlier write failed; the log takes no more until it is opened again.
        case broken
        /// An index or size beyond the log.
        case outOfRange
        /// The key cannot be used.
        case badKey
    }

    package let code: Code
    package let message: String
    /// The record it is about, where there is one.
    package let index: Int?

    init(_ code: Code, _ message: String, index: Int? = nil) {
        self.code = code
        self.message = message
        self.index = index
    }

    package var description: String { message }
}
