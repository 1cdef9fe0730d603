internal import Catalog
internal import Core
internal import Policy

/// A codelist whose episodes a publication marks, so that a decision can exclude them.
struct RestrictedList: Sendable {
    /// A code as it is compared; an empty system stands for all.
    struct Entry: Hashable, Sendable {
        let system: String
        let code: String
    }

    /// What a publication remembers of a list that it was marked with.
    struct Frozen: Hashable, Codable, Sendable {
        /// Without `codelist.`.
        let name: String
        let version: String
        let digest: String
        /// The BOOLEAN column of every dataset in the publication.
        let column: String
    }

    let frozen: Frozen
    let entries: Set<Entry>

    /// - Parameter place: from 1, among the lists of one publication.
    init(_ table: ReferenceTable, place: Int) {
        frozen = Frozen(
            name: table.name, version: table.version, digest: table.digest, column: "restricted_\(place)")
        let codes = table.rows.column("code")?.vector
        let systems = table.rows.column("code_system")?.vector
        entries = Set(
            (0..<table.rows.rowCount).compactMap { row in
                guard case .text(let code)? = codes?[row], !code.isEmpty else { return nil }
                var system = ""
                if case .text(let text)? = systems?[row] { system = text }
                return Entry(system: Self.system(system), code: Self.code(code))
            })
    }

    /// Systems of which every node knows what they are; a coding of any other may be of any.
    static let knownSystems: Set<String> = [
        "http://snomed.info/sct", "http://hl7.org/fhir/sid/icd-10", "http://loinc.org", "https://dmd.nhs.uk",
        "http://unitsofmeasure.org",
    ]

    /// As `EpisodeMarks.codings` writes it in SQL.
    static func system(_ text: String) -> String {
        var text = text.lowercased()[...]
        while text.hasSuffix("/") { text.removeLast() }
        return String(text)
    }

    /// Without regard to case, and to the point after an ICD-10 or OPCS-4 category: `A50.0` is `A500`.
    static func code(_ text: String) -> String {
        var letters = Array(text.uppercased())
        if letters.count > 4, letters[3] == ".", letters[0].isLetter, letters[1].isNumber,
            letters[2].isNumber,
            letters[4].isNumber
        {
            letters.remove(at: 3)
        }
        return String(letters)
    }
}

extension NodeContext {
    /// The lists that a publication made now would mark: those restricted by law, and those that the policies
    /// exclude, as far as this node holds them.
    var restrictedLists: [RestrictedList] {
        catalog.restricted.union(policy.excludedCodelists).sorted().compactMap { catalog.codelists[$0] }
            .enumerated().map { RestrictedList($1, place: $0 + 1) }
    }
}
