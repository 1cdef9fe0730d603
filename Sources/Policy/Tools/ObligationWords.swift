package import Core

/// An obligation in words, with who asked for it.
package struct ObligationWords: Hashable, Sendable, Codable {
    /// The field, for scripts.
    package let field: String
    package let words: String
    /// Policies, the agreement or the gateway.
    package let from: [String]

    /// Every obligation of a decision, in one order always.
    package static func list(_ obligations: Obligations) -> [ObligationWords] {
        var list: [ObligationWords] = []
        func add(_ field: String, _ words: String) {
            list.append(
                ObligationWords(field: field, words: words, from: obligations.provenance[field] ?? []))
        }
        func joined(_ items: some Sequence<String>) -> String { items.sorted().joined(separator: ", ") }
        if let people = obligations.minimumPeople {
            add("minimumPeople", "every number stands for at least \(people) people")
        }
        if !obligations.profiles.isEmpty {
            add("profiles", "disclosure profile \(joined(obligations.profiles))")
        }
        if !obligations.honour.isEmpty {
            add("honour", "left out are people under \(joined(obligations.honour.map(\.rawValue)))")
        }
        if !obligations.excludedCodelists.isEmpty {
            add("excludedCodelists", "left out are records in \(joined(obligations.excludedCodelists))")
        }
        if let cap = obligations.releaseCap { add("releaseCap", "at most \(cap) releases") }
        if let day = obligations.validUntil { add("validUntil", "until \(day)") }
        if !obligations.alerts.isEmpty { add("alerts", "told at once: \(joined(obligations.alerts))") }
        if obligations.needsReview { add("needsReview", "looked at by a person afterwards") }
        if let columns = obligations.columns { add("columns", "only the columns \(joined(columns))") }
        return list
    }

    /// Without those that a question brings itself, in one line.
    package static func line(_ obligations: Obligations) -> String {
        list(obligations).filter { !["columns", "validUntil"].contains($0.field) }.map(\.words)
            .joined(separator: "; ")
    }
}
