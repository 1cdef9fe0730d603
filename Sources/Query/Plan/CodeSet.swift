package import Catalog
import Core

/// A set of codes that is the same at every node: what `in_codelist` and `descends_from` ask about.
package enum CodeSet: Hashable, Sendable, ExpressibleByStringLiteral {
    /// By the catalog's name, `NAME@VERSION`; a bare name means the version that the reader's catalog takes.
    case codelist(String)
    /// A concept of a terminology with all below it.
    case descendants(Descendants)

    package init(stringLiteral name: String) { self = .codelist(name) }

    /// The table that it is from, which requester and site must hold alike: `codelist.NAME@VERSION` or
    /// `terminology.NAME@VERSION`.
    package var table: String {
        switch self {
        case .codelist(let name): "codelist.\(name)"
        case .descendants(let set): "terminology.\(set.terminology.key)"
        }
    }

    /// For outlines and messages.
    var description: String {
        switch self {
        case .codelist(let name): "codelist.\(name)"
        case .descendants(let set): "descendants of \(set.concept) in \(set.terminology.key)"
        }
    }
}

/// A concept of a terminology, and what lies below it.
package struct Descendants: Hashable, Sendable {
    package let concept: UInt64
    package let terminology: Terminology

    package init(concept: UInt64, terminology: Terminology) {
        self.concept = concept
        self.terminology = terminology
    }

    /// As `descends_from` takes it.
    var arguments: String { "\(concept), \(SQLQuoting.literal(terminology.key))" }

    /// The codes as an array that an engine takes apart itself.
    ///
    /// They are taken from the closure's file here and now: an engine holds no closure, no publication copies it, and
    /// a constant of many codes is hashed once, as a table would be.
    var array: String {
        "string_to_array(\(SQLQuoting.literal(codes.map(String.init).joined(separator: ","))), ',')"
    }

    /// The concept's own code and those below it, ascending.
    package var codes: [UInt64] { terminology.descendants(of: concept) ?? [] }
}
