package import Core

/// A replicated table that is about no person: `reference.NAME`, or a codelist `codelist.NAME(code, term)`.
package struct ReferenceTable: Sendable {
    package enum Kind: String, Sendable, Codable {
        case reference
        case codelist
    }

    package let kind: Kind
    package let name: String
    package let columns: [DatasetColumn]
    /// Version as published, e.g. `2019` or a date.
    package let version: String
    /// SHA-256 of its canonical content, hex: requester and site must hold the same.
    package let digest: String
    /// Rows, in the order of the file.
    package let rows: Table
    /// Where it is from, if that is known.
    package var origin: ReferenceOrigin

    package init(
        kind: Kind, name: String, columns: [DatasetColumn], version: String, digest: String, rows: Table,
        origin: ReferenceOrigin = ReferenceOrigin()
    ) {
        self.kind = kind
        self.name = name
        self.columns = columns
        self.version = version
        self.digest = digest
        self.rows = rows
        self.origin = origin
    }

    /// `NAME@VERSION`: how plans, engines and requests name it, so that both sides mean the same version.
    package var key: String { "\(name)@\(version)" }

    /// The name within a key; what has no version is a name already.
    package static func bareName(_ key: String) -> String {
        key.firstIndex(of: "@").map { String(key[..<$0]) } ?? key
    }
}

/// Where a reference table, a codelist or a terminology is from, as whoever loaded it said.
package struct ReferenceOrigin: Hashable, Sendable, Codable {
    /// The day that its content is of, `2026-04-01`.
    package var asAt: String?
    /// In a few words, such as `OGL v3`.
    package var licence: String?
    /// The files or the address it was made from.
    package var source: String?

    package init(asAt: String? = nil, licence: String? = nil, source: String? = nil) {
        self.asAt = asAt
        self.licence = licence
        self.source = source
    }
}

/// What stands beside a table in a folder, as `NAME@VERSION.json`: its origin, and the digest it was taken in
/// with.
package struct ReferenceManifest: Hashable, Sendable, Codable {
    package var name: String
    package var version: String
    package var asAt: String?
    package var licence: String?
    package var source: String?
    package var rows: Int
    /// Of the content; a table that has another is not read.
    package var digest: String
    /// When it was loaded, e.g. `2026-04-01T09:00:00Z`; nil for what is shipped.
    package var loadedAt: String?

    package init(
        name: String, version: String, origin: ReferenceOrigin, rows: Int, digest: String, loadedAt: String?
    ) {
        self.name = name
        self.version = version
        asAt = origin.asAt
        licence = origin.licence
        source = origin.source
        self.rows = rows
        self.digest = digest
        self.loadedAt = loadedAt
    }

    package var origin: ReferenceOrigin { ReferenceOrigin(asAt: asAt, licence: licence, source: source) }
}

extension Sequence {
    /// Newest first: by the day that the content is of where all say one, then by version.
    func newestFirst(_ asAt: (Element) -> String?, _ version: (Element) -> String) -> [Element] {
        let isDated = allSatisfy { asAt($0) != nil }
        return sorted { left, right in
            if isDated, let one = asAt(left), let other = asAt(right), one != other { return one > other }
            return VersionOrder.isOlder(version(right), version(left))
        }
    }
}

/// Versions as people number them: runs of digits count as numbers, `9` is before `10`.
enum VersionOrder {
    /// A file without a version is older than any that has one.
    static let none = "unversioned"

    static func isOlder(_ left: String, _ right: String) -> Bool {
        if left == none || right == none { return left == none && right != none }
        let (one, other) = (parts(left), parts(right))
        for (a, b) in zip(one, other) where a != b {
            if let x = Int(a), let y = Int(b), x != y { return x < y }
            return a < b
        }
        return one.count < other.count
    }

    private static func parts(_ text: String) -> [String] {
        var parts: [String] = []
        var wasDigit: Bool?
        for character in text {
            let isDigit = character.isASCII && character.isNumber
            if isDigit == wasDigit {
                parts[parts.count - 1].append(character)
            } else {
                parts.append(String(character))
            }
            wasDigit = isDigit
        }
        return parts
    }
}
