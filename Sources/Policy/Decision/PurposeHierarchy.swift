package import Core
import Yams

/// The versioned hierarchy of purposes: an agreement for a term covers the term and its descendants.
///
/// Codes of other vocabularies are mapped one by one and inherit nothing: in HL7 v3 population health stands
/// under treatment, and inheriting that would pass it off as direct care.
package struct PurposeHierarchy: Sendable {
    package let version: Int
    /// Parent of each term; nil for roots.
    private let parents: [Purpose: Purpose?]
    private let titles: [Purpose: String]
    private let mappings: [String: Purpose]

    private struct Document: Decodable {
        struct Term: Decodable {
            let name: Purpose
            let title: String
            let parent: Purpose?
        }

        struct Mapping: Decodable {
            let vocabulary: String
            let code: String
            let purpose: Purpose
        }

        let version: Int
        let purposes: [Term]
        let mappings: [Mapping]
    }

    /// Reads `purposes.yaml`: a term stands after its parent.
    package init(yaml: String) throws {
        let document = try YAMLDecoder().decode(Document.self, from: yaml)
        var parents: [Purpose: Purpose?] = [:]
        for term in document.purposes {
            if let parent = term.parent, parents[parent] == nil {
                throw PolicyFault("purposes.yaml", "the parent of \(term.name) does not stand before it")
            }
            guard parents.updateValue(term.parent, forKey: term.name) == nil else {
                throw PolicyFault("purposes.yaml", "\(term.name) stands twice")
            }
        }
        var mappings: [String: Purpose] = [:]
        for mapping in document.mappings {
            guard parents[mapping.purpose] != nil else {
                throw PolicyFault("purposes.yaml", "\(mapping.code) maps to a purpose that is not there")
            }
            mappings["\(mapping.vocabulary)|\(mapping.code)"] = mapping.purpose
        }
        version = document.version
        titles = Dictionary(document.purposes.map { ($0.name, $0.title) }) { first, _ in first }
        self.parents = parents
        self.mappings = mappings
    }

    /// All terms, by name.
    package var terms: [Purpose] { parents.keys.sorted { $0.name < $1.name } }

    /// Whether the hierarchy has this term.
    package func contains(_ purpose: Purpose) -> Bool { parents[purpose] != nil }

    /// The term in words that a person understands; the term itself where it is not known here.
    package func title(of purpose: Purpose) -> String { titles[purpose] ?? purpose.name }

    /// The term above; nil for a root.
    package func parent(of purpose: Purpose) -> Purpose? { parents[purpose] ?? nil }

    /// Whether the first is the second or stands below it; an unknown term covers nothing.
    package func isWithin(_ purpose: Purpose, _ ancestor: Purpose) -> Bool {
        guard contains(purpose) else { return false }
        var next: Purpose? = purpose
        while let term = next {
            if term == ancestor { return true }
            next = parent(of: term)
        }
        return false
    }

    /// Our term for a code of another vocabulary, e.g. `duo`, `DUO:0000042`.
    package func purpose(vocabulary: String, code: String) -> Purpose? { mappings["\(vocabulary)|\(code)"] }
}

/// What is wrong with a file of the policy directory.
package struct PolicyFault: Error, Hashable, Sendable, CustomStringConvertible {
    package let file: String
    package let message: String

    package init(_ file: String, _ message: String) {
        self.file = file
        self.message = message
    }

    package var description: String { "\(file): \(message)" }
}
