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
    private let mappings: [Code: Purpose]
    /// Codes that restrict a use and are no purpose, with what has to be so.
    package let modifiers: [Code: Modifier]
    /// Codes that stand for none of our purposes, with why.
    package let unmapped: [Code: String]

    /// A code of another vocabulary, e.g. `duo`, `DUO:0000042`.
    package struct Code: Hashable, Sendable {
        package let vocabulary: String
        package let code: String

        package init(vocabulary: String, code: String) {
            self.vocabulary = vocabulary
            self.code = code
        }
    }

    /// What a code asks for beside a purpose, e.g. DUO's `NCU`: no commercial use.
    package struct Modifier: Hashable, Sendable {
        package let name: String
        package let restriction: String
    }

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

        struct Modifier: Decodable {
            let vocabulary: String
            let code: String
            let name: String
            let restriction: String
        }

        struct Unmapped: Decodable {
            let vocabulary: String
            let code: String
            let because: String
        }

        let version: Int
        let purposes: [Term]
        let mappings: [Mapping]
        let modifiers: [Modifier]?
        let unmapped: [Unmapped]?
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
        var seen: Set<Code> = []
        func once(_ vocabulary: String, _ code: String) throws -> Code {
            let code = Code(vocabulary: vocabulary, code: code)
            guard seen.insert(code).inserted else {
                throw PolicyFault("purposes.yaml", "\(vocabulary) \(code.code) stands twice")
            }
            return code
        }
        mappings = try document.mappings.reduce(into: [:]) { mappings, mapping in
            guard parents[mapping.purpose] != nil else {
                throw PolicyFault("purposes.yaml", "\(mapping.code) maps to a purpose that is not there")
            }
            mappings[try once(mapping.vocabulary, mapping.code)] = mapping.purpose
        }
        modifiers = try (document.modifiers ?? []).reduce(into: [:]) { modifiers, item in
            modifiers[try once(item.vocabulary, item.code)] = Modifier(
                name: item.name, restriction: item.restriction)
        }
        unmapped = try (document.unmapped ?? []).reduce(into: [:]) { unmapped, item in
            unmapped[try once(item.vocabulary, item.code)] = item.because
        }
        version = document.version
        titles = Dictionary(document.purposes.map { ($0.name, $0.title) }) { first, _ in first }
        self.parents = parents
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
    package func purpose(vocabulary: String, code: String) -> Purpose? {
        mappings[Code(vocabulary: vocabulary, code: code)]
    }

    /// The codes of a vocabulary that are mapped, restrict, or are said to be neither.
    package func codes(of vocabulary: String) -> Set<String> {
        let known = Array(mappings.keys) + modifiers.keys + unmapped.keys
        return Set(known.filter { $0.vocabulary == vocabulary }.map(\.code))
    }
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
