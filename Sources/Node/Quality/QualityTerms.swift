internal import Catalog
internal import Core

/// What is known of codes: systems, names, units, codelists, restrictions.
struct QualityTerms: Sendable {
    let systems: Set<String>
    let restricted: Set<String>
    /// Codelists but the restricted ones, by name.
    let lists: [ReferenceTable]
    /// Code -> its name.
    private(set) var names: [String: String] = [:]
    /// Codes of any of the lists.
    private(set) var listed: Set<String> = []
    /// Code system and code -> units that its bounds are in, in order.
    private(set) var units: [CodeKey: [String]] = [:]
    /// Any unit of the bounds.
    let knownUnits: Set<String>

    struct CodeKey: Hashable, Sendable {
        let system: String
        let code: String
    }

    init(_ catalog: Catalog) {
        systems = catalog.codeSystems
        restricted = catalog.restrictedCodes
        lists = catalog.codelists.values.filter { !catalog.restricted.contains($0.name) }
            .sorted { $0.name < $1.name }
        knownUnits = Set(catalog.bounds.map(\.unit))
        for list in lists {
            for (code, term) in list.codes {
                listed.insert(code)
                if let term { names[code] = term }
            }
        }
        for bound in catalog.bounds {
            names[bound.code] = bound.name
            units[CodeKey(system: bound.system, code: bound.code), default: []].append(bound.unit)
        }
    }

    func expectedUnits(_ system: String?, _ code: String?) -> [String]? {
        guard let system, let code else { return nil }
        return units[CodeKey(system: system, code: code)]
    }

    /// Whether a code may be printed: it is known to be one, or so many people have it that it is nobody's.
    func mayShow(_ code: String, system: String?, people: Int) -> Bool {
        guard !restricted.contains(code), Self.isPrintable(code) else { return false }
        if listed.contains(code) || names[code] != nil { return true }
        if let system, systems.contains(system), let form = CodeForm(system: system), form.matches(code) {
            return true
        }
        return people >= QualityRules.leastPeople
    }

    /// One short word or two: nothing that moves a cursor, no sentence.
    static func isPrintable(_ text: String) -> Bool {
        text.utf8.count <= QualityRules.longestCode
            && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }
}

extension ReferenceTable {
    /// The codes of a codelist with their names, in the order of the file.
    var codes: [(code: String, term: String?)] {
        guard let codes = rows.column("code")?.vector else { return [] }
        let terms = rows.column("term")?.vector
        return (0..<rows.rowCount).map { row in
            let term = terms.map { $0[row] }
            return (codes[row].text, term.flatMap { $0.isNull || $0.text.isEmpty ? nil : $0.text })
        }
    }
}
