/// Why the node could not do what it was asked; its words name the remedy and bear no person's data.
package struct NodeError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        case stamp
        case input
        case notPublished
        case agreement
        case directory
        case configuration
        case busy
        case policy
        /// The node's policies do not allow what was asked of it.
        case refused
    }

    package let code: Code
    package let description: String

    package init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
