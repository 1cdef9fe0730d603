internal import Foundation

/// What is done with reference tables, terminologies and codelists at a node.
package enum ReferenceCommand: Codable, Sendable {
    case load(ReferenceLoad)
    case list(ReferenceShelf)
    case show(ReferenceShelf, name: String)
    /// The codes of a list, or a concept of a terminology with what lies below it.
    case codes(name: String, concept: UInt64?)
    case remove(ReferenceShelf, name: String)
    case addCodelist(path: String, name: String, version: String?, origin: OriginWords)
}

/// Which of the two commands asks: they show different things.
package enum ReferenceShelf: String, Codable, Sendable {
    /// Reference tables and terminologies.
    case reference
    case codelist
}

/// What can be loaded by `concordat reference load`.
package enum ReferenceKind: String, Codable, Sendable, CaseIterable {
    case imd
    case ods
    case practicePopulation = "practice-population"
    case snomed
    case dmd
}

package struct ReferenceLoad: Codable, Sendable {
    let kind: ReferenceKind
    /// Files, folders and archives, absolute.
    let paths: [String]
    /// In the place of what the files say.
    let version: String?
    let origin: OriginWords

    package init(_ kind: ReferenceKind, paths: [String], version: String?, origin: OriginWords) {
        self.kind = kind
        self.paths = paths
        self.version = version
        self.origin = origin
    }
}

/// What a person says of where something is from, in the place of what its files say.
package struct OriginWords: Codable, Sendable {
    let asAt: String?
    let licence: String?
    let source: String?

    package init(asAt: String? = nil, licence: String? = nil, source: String? = nil) {
        self.asAt = asAt
        self.licence = licence
        self.source = source
    }
}

extension ReferenceCommand {
    /// Whether it only reads the node's state.
    var isReading: Bool {
        switch self {
        case .list, .show, .codes: true
        case .load, .remove, .addCodelist: false
        }
    }
}
