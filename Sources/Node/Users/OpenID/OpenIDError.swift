/// Why somebody who came back from the provider was not let in. Its words bear nothing of a token.
package struct OpenIDError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// The provider is not to be reached, or does not answer as it should.
        case provider
        /// What came back does not belong to what was begun in this browser.
        case state
        case token
        /// The person signed in in another way than is demanded.
        case context
        /// The person has no role at this node, or no name that could be taken.
        case person
    }

    package let code: Code
    package let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
