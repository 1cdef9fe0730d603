/// What is wrong with a policy text, or went wrong when one was evaluated. Never bears a value of a request.
package struct CedarFault: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        case syntax
        case annotation
        case type
        case missingAttribute
        case missingEntity
        case overflow
        case extensionValue
        case tooDeep
        case tooLarge
        /// A template that does not exist, or a slot without an entity.
        case link
        /// A document that is not of the form it should have.
        case document
        /// A schema that contradicts itself.
        case schema
        /// What is not of the types that a schema says.
        case unknownType
        case unknownAction
        case notInEnumeration
        case notApplicable
        case arguments
        case optionalAttribute
        case unknownTag
        case emptySet
        case incompatibleTypes
        /// A policy that can never apply: a warning.
        case impossible
        /// A text that looks like another: a warning.
        case confusable
    }

    package let code: Code
    package let message: String
    package let position: CedarPosition?

    package init(_ code: Code, _ message: String, at position: CedarPosition? = nil) {
        self.code = code
        self.message = message
        self.position = position
    }

    package var description: String { position.map { "\($0): \(message)" } ?? message }
}

/// A place in a policy text; lines and columns (in characters) count from 1.
package struct CedarPosition: Hashable, Sendable, CustomStringConvertible {
    package let line: Int
    package let column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    package var description: String { "\(line):\(column)" }
}
