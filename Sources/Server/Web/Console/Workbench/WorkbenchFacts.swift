internal import Core
internal import Foundation
internal import Node

/// What the editor stands among: agreements to choose from, tables with their meanings, examples.
struct WorkbenchFacts: Sendable {
    let agreements: [AskableAgreement]
    private let tables: JSONTree
    private let saved: [JSONTree]

    init(_ call: ConsoleCall) async throws {
        agreements = try await call.run(.inquire(.askable)).decoded([AskableAgreement].self)
        tables = try await call.run(.inquire(.catalog)).tree
        saved = try await call.run(.inquire(.savedQueries)).tree.elements
    }

    func savedQuestion(_ name: String) -> JSONTree? { saved.first { $0["name"]?.text == name } }

    // MARK: For the page

    /// The editor with a question in it.
    func values(_ form: QuestionForm) -> ConsoleValues {
        [
            "sql": form.sql, "agreements": agreements.map { choice($0, form) },
            "hasNoAgreement": agreements.isEmpty,
            "sheets": agreements.map { sheet($0, form) }, "requirements": requirements(form),
            "deadline": String(form.deadlineSeconds), "maxAge": form.maximumAgeDays.map(String.init),
            "hasSettings": form.require != "all" || form.deadlineSeconds != 60 || form.maximumAgeDays != nil,
            "schemas": schemas, "examples": examples(form),
        ]
    }

    private func choice(_ agreement: AskableAgreement, _ form: QuestionForm) -> [String: any Sendable] {
        let chosen = form.purpose ?? agreement.purposes.first?.name
        return [
            "title": agreement.title,
            "purposes": agreement.purposes.enumerated().map { place, purpose -> [String: any Sendable] in
                [
                    "value": place == 0 ? agreement.id : "\(agreement.id)@\(purpose.name)",
                    "title": purpose.title,
                    "isChosen": agreement.id == form.agreement && purpose.name == chosen,
                ]
            },
        ]
    }

    private func sheet(_ agreement: AskableAgreement, _ form: QuestionForm) -> [String: any Sendable] {
        let isLast = agreement.daysLeft <= 60
        let names = agreement.controllers.map(\.name).joined(separator: "; ")
        var values: [String: any Sendable] = [
            "id": agreement.id, "title": agreement.title, "purpose": agreement.purposes.first?.title ?? "",
            "until": ConsoleWords.day(agreement.validUntil), "from": ConsoleWords.day(agreement.validFrom),
            "daysLeft": ConsoleWords.count(max(0, agreement.daysLeft), "day"), "endsSoon": isLast,
            "controllers": names, "profile": agreement.profile,
            "tables": agreement.datasets.joined(separator: " "),
            "tableCount": ConsoleWords.count(agreement.datasets.count, "table"),
            "isOther": form.agreement.isEmpty
                ? agreement.id != agreements.first?.id : agreement.id != form.agreement,
        ]
        if let text = agreement.purposeText { values["purposeText"] = text }
        if let linker = agreement.linker { values["linker"] = linker.name }
        return values
    }

    private func requirements(_ form: QuestionForm) -> [[String: any Sendable]] {
        let most = agreements.map(\.controllers.count).max() ?? 1
        let counts = most > 2 ? (2..<most).map { ("quorum=\($0)", "at least \($0) organisations") } : []
        var choices = [("all", "every organisation")] + counts + [("any", "whoever answers")]
        if !choices.contains(where: { $0.0 == form.require }) { choices.append((form.require, form.require)) }
        return choices.map { ["value": $0.0, "title": $0.1, "isChosen": $0.0 == form.require] }
    }

    private static let schemaWords = [
        ("public", "About people, at each organisation", ""),
        ("reference", "Reference tables", "reference."), ("codelist", "Lists of codes", "codelist."),
        ("released", "Answers of saved questions", "released."),
    ]

    private var schemas: [[String: any Sendable]] {
        Self.schemaWords.compactMap { schema, words, prefix in
            let found = (tables["tables"]?.elements ?? []).filter { $0["schema"]?.text == schema }
            guard !found.isEmpty else { return nil }
            return [
                "words": words, "name": schema, "isPeople": schema == "public",
                "tables": found.map { Self.table($0, prefix) },
            ]
        }
    }

    private static func table(_ table: JSONTree, _ prefix: String) -> [String: any Sendable] {
        let name = table["name"]?.text ?? ""
        // A name with other characters is quoted in SQL.
        let quoted = name.wholeMatch(of: /[a-z_][a-z0-9_]*/) == nil ? "\"\(name)\"" : name
        return [
            "name": name, "insert": prefix + quoted, "meaning": table["meaning"]?.text ?? "",
            "columns": (table["columns"]?.elements ?? []).map { column -> [String: any Sendable] in
                [
                    "name": column["name"]?.text ?? "", "type": column["type"]?.text ?? "",
                    "meaning": column["meaning"]?.text ?? "",
                ]
            },
        ]
    }

    private func examples(_ form: QuestionForm) -> [[String: any Sendable]] {
        let agreed = agreements.flatMap { agreement in
            agreement.examples.enumerated().map { place, sql in
                (title: "\(agreement.title): question \(place + 1) that it was signed for", sql: sql)
            }
        }
        return (WorkbenchExamples.all + agreed).enumerated().map { place, example in
            [
                "title": example.title, "sql": example.sql,
                "address": "/workbench?"
                    + AddressText.pairs(
                        [("example", String(place))]
                            + (form.agreement.isEmpty ? [] : [("under", form.under)])),
            ]
        }
    }

    /// The question of an example; nil for a number that there is not.
    func example(_ number: Int) -> String? {
        let all = WorkbenchExamples.all.map(\.sql) + agreements.flatMap(\.examples)
        return all.indices.contains(number) ? all[number] : nil
    }
}

/// Questions to begin with: each shows something else that can be asked.
enum WorkbenchExamples {
    static let all: [(title: String, sql: String)] = [
        (
            "People by sex, each counted once",
            "SELECT sex, count(DISTINCT person) AS people\nFROM patient\nGROUP BY sex\nORDER BY sex"
        ),
        (
            "Hypertension by age",
            """
            SELECT b.name AS age_band, count(DISTINCT p.person) AS people,
                   count(DISTINCT c.person) AS with_hypertension
            FROM patient p
            JOIN reference.age_band b ON date_part('year', age(p.birth_date)) BETWEEN b.lo AND b.hi
            LEFT JOIN condition c ON c.person = p.person AND c.code IN (SELECT code FROM codelist.hypertension)
            GROUP BY b.name, b.lo
            ORDER BY b.lo
            """
        ),
        (
            "Organisations side by side, for a funnel plot",
            """
            SELECT p.site, count(DISTINCT p.person) AS people,
                   count(DISTINCT c.person) AS with_hypertension
            FROM patient p
            LEFT JOIN condition c ON c.person = p.person AND c.code IN ('38341003', '59621000')
            GROUP BY p.site
            ORDER BY p.site
            """
        ),
        (
            "Mean body mass index by sex",
            """
            SELECT p.sex, count(*) AS measurements, round(avg(o.value_quantity)::numeric, 1) AS mean_bmi
            FROM observation o JOIN patient p USING (person)
            WHERE o.code IN ('60621009', '39156-5') AND o.value_unit = 'kg/m2'
            GROUP BY p.sex
            ORDER BY p.sex
            """
        ),
        (
            "Encounters by month",
            """
            SELECT date_trunc('month', start_at) AS month, count(*) AS encounters
            FROM encounter
            GROUP BY 1
            ORDER BY 1
            """
        ),
    ]
}
