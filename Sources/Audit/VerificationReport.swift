/// What an offline check of a log found.
package struct VerificationReport: Hashable, Codable, Sendable {
    package struct Problem: Hashable, Codable, Sendable {
        package enum Kind: String, Codable, Sendable {
            /// A record is no longer what was committed to.
            case recordChanged
            /// A record between others is gone.
            case recordMissing
            /// The records end before the checkpoint's size.
            case truncated
            /// A tile is not what the records say.
            case tileChanged
            /// A tile the checkpoint needs is gone.
            case tileMissing
            /// There is no checkpoint.
            case checkpointMissing
            /// The checkpoint cannot be read, is another log's, or is not signed by the key.
            case checkpointInvalid
            /// The records' root is not the signed one.
            case rootChanged
        }

        package let kind: Kind
        /// The first record concerned, where one can be named.
        package let index: Int?
        /// A sentence for the operator.
        package let message: String
    }

    /// Records found.
    package var size = 0
    /// The size that was signed; nil without a valid checkpoint.
    package var checkpointSize: Int?
    /// Records whose content was hashed again and agreed.
    package var recordsChecked = 0
    /// Records whose content was erased: their commitments were checked.
    package var recordsErased = 0
    package var tilesChecked = 0
    /// In the order found; at most ``limit``.
    package var problems: [Problem] = []

    static let limit = 100

    /// Whether nothing is wrong. Records after the checkpoint are not signed yet: compare the sizes.
    package var isSound: Bool { problems.isEmpty }

    /// The lowest record that is known to be wrong.
    package var firstWrongIndex: Int? { problems.compactMap(\.index).min() }

    mutating func add(_ kind: Problem.Kind, at index: Int? = nil, _ message: String) {
        if problems.count < Self.limit {
            problems.append(Problem(kind: kind, index: index, message: message))
        }
    }
}
