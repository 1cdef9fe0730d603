/// A table of the report, for people.
package struct QualitySection: Sendable, Hashable {
    package let title: String
    /// What to know to read it.
    package let note: String
    package let columns: [String]
    package let rows: [[String]]
}

extension QualityReport {
    /// Most frequent codes that a page or a terminal shows of a column; the JSON has more.
    private static let shownCodes = 10

    /// All but the findings, in the order in which they are read; none that is empty.
    package var sections: [QualitySection] {
        [
            overview, peopleSection, completeness, systemSection, codeSection, unitSection, dateSection,
            codelistSection, monthSection, quarantineSection, degradedSection, identitySection,
        ].filter { !$0.rows.isEmpty }
    }

    /// What the report is about, in a line or two.
    package var lead: [String] {
        let of =
            source == "live"
            ? "live data" + (controller.map { " of \($0)" } ?? "")
            : "publication \(publication?.id ?? 0) of \(publication?.publishedAt ?? "")"
        var lines = ["\(name) (\(organisation)): \(of), looked at \(madeAt)"]
        if synthetic { lines.append("SYNTHETIC data") }
        let publication = loads.lastPublication.map { "published \($0)" } ?? "nothing is published"
        lines.append(
            (loads.lastLoad.map { "Last load ended \($0); " } ?? "") + publication
                + (loads.stale.isEmpty ? "" : "; STALE"))
        return lines
    }

    private var filled: [DatasetQuality] { datasets.filter { $0.rows > 0 } }

    private var overview: QualitySection {
        QualitySection(
            title: "Datasets", note: "",
            columns: ["dataset", "rows", "people", "no NHS number", "latest event", "latest update"],
            rows: datasets.map {
                [
                    $0.name, String($0.rows), String($0.people),
                    $0.rows == 0 ? "" : QualityFindings.percent($0.withoutNumber, of: $0.rows),
                    $0.latestEvent ?? "", String(($0.latestUpdate ?? "").prefix(10)),
                ]
            })
    }

    private var peopleSection: QualitySection {
        var rows = [
            ["people", people.people], ["with an NHS number", people.withNumber],
            ["with a local key only", people.withoutNumber],
            ["with several patient ids", people.withSeveralIdentifiers],
            ["with several dates of birth", people.withSeveralBirthDates],
            ["without a patient record", people.withoutPatientRecord],
        ].map { $0.map { "\($0)" } }
        if let renumbered = people.renumbered {
            rows.append(["whose number was corrected", String(renumbered)])
        }
        return QualitySection(title: "People", note: "", columns: ["people", "count"], rows: rows)
    }

    private var completeness: QualitySection {
        QualitySection(
            title: "Completeness",
            note:
                "'not known': values that no list has, of the data model or of a reference table (imd, ods).",
            columns: ["dataset", "column", "filled", "share", "not known"],
            rows: filled.flatMap { dataset in
                dataset.columns.map {
                    [
                        dataset.name, $0.name, String($0.filled),
                        QualityFindings.percent($0.filled, of: dataset.rows),
                        $0.outside.map(String.init) ?? "",
                    ]
                }
            })
    }

    private func each(
        _ rows: (DatasetQuality, CodeColumnQuality) -> [[String]]
    ) -> [[String]] {
        filled.flatMap { dataset in dataset.codes.flatMap { rows(dataset, $0) } }
    }

    private var systemSection: QualitySection {
        QualitySection(
            title: "Codes by system", note: "A system marked ? is not declared by the data model.",
            columns: ["column", "system", "codes", "values", "share"],
            rows: each { dataset, field in
                let place = "\(dataset.name).\(field.column)"
                var rows = field.systems.map { system in
                    [
                        place, (system.isKnown ? "" : "? ") + (system.system ?? "(not shown)"),
                        String(system.codes), String(system.rows),
                        QualityFindings.percent(system.rows, of: field.values),
                    ]
                }
                if field.withoutSystem > 0 {
                    rows.append([
                        place, "(none)", "", String(field.withoutSystem),
                        QualityFindings.percent(field.withoutSystem, of: field.values),
                    ])
                }
                return rows
            })
    }

    private var codeSection: QualitySection {
        QualitySection(
            title: "Most frequent codes",
            note:
                "Codes that fewer than \(leastPeople) people have are shown only where they are known to be codes.",
            columns: ["column", "code", "term", "values", "people"],
            rows: each { dataset, field in
                let place = "\(dataset.name).\(field.column)"
                var rows = field.top.prefix(Self.shownCodes).map {
                    [place, $0.code, Self.short($0.term ?? ""), String($0.rows), String($0.people)]
                }
                let further = field.distinct - rows.count
                if further > 0 {
                    let values = field.values - field.top.prefix(Self.shownCodes).reduce(0) { $0 + $1.rows }
                    rows.append([place, "(\(further) others)", "", String(values), ""])
                }
                return rows
            })
    }

    private var unitSection: QualitySection {
        QualitySection(
            title: "Units that are not known for their code", note: "",
            columns: ["code", "name", "unit", "known", "rows", "people"],
            rows: filled.flatMap { dataset in
                (dataset.measurements?.unknown ?? []).map { unit in
                    [
                        unit.code, Self.short(unit.name),
                        unit.unit.map { $0.isEmpty ? "(none)" : $0 } ?? "(not shown)",
                        unit.expected.joined(separator: " "), String(unit.rows), String(unit.people),
                    ]
                }
            })
    }

    private var dateSection: QualitySection {
        QualitySection(
            title: "Dates out of range", note: "",
            columns: ["column", "before birth", "after death", "future", "before 1900", "end before start"],
            rows: filled.flatMap { dataset in
                dataset.dates.map { date in
                    let reversed = dataset.spans.first { $0.end == date.column }?.reversed
                    return [
                        "\(dataset.name).\(date.column)", String(date.beforeBirth),
                        date.afterDeath.map(String.init) ?? "", String(date.inFuture),
                        String(date.before1900),
                        reversed.map(String.init) ?? "",
                    ]
                }
            })
    }

    private var codelistSection: QualitySection {
        QualitySection(
            title: "Codelists", note: "Which codes of each list are in use here.",
            columns: ["codelist", "code", "term", "rows", "people", "where"],
            rows: codelists.flatMap { list -> [[String]] in
                let name = "\(list.name)@\(list.version)"
                guard list.codes > 20 else {
                    return list.entries.map {
                        [
                            name, $0.code, Self.short($0.term ?? ""), String($0.rows), String($0.people),
                            $0.columns.joined(separator: " "),
                        ]
                    }
                }
                return [[name, "\(list.found) of \(list.codes) found", "", String(list.rows), "", ""]]
            })
    }

    private var monthSection: QualitySection {
        QualitySection(
            title: "Events by month",
            note: "The last 24 whole months and this one, oldest first; a gap is a gap.",
            columns: ["dataset", "24 months", "last whole", "this month"],
            rows: filled.filter { dataset in dataset.months.contains { $0.rows > 0 } }.map { dataset in
                [
                    dataset.name, Self.bars(dataset.months.map(\.rows)),
                    String(dataset.months.dropLast().last?.rows ?? 0), String(dataset.months.last?.rows ?? 0),
                ]
            })
    }

    private var quarantineSection: QualitySection {
        QualitySection(
            title: "Quarantine", note: "A record with several reasons counts under each.",
            columns: ["dataset", "reason", "records"],
            rows: quarantine.map { [$0.dataset ?? "-", $0.reason, String($0.records)] })
    }

    private var degradedSection: QualitySection {
        QualitySection(
            title: "Not held whole", note: "Records that are in, marked: 'concordat quarantine degraded'.",
            columns: ["dataset", "mark", "records"],
            rows: (degraded ?? []).map { [$0.dataset, $0.mark, String($0.records)] })
    }

    private var identitySection: QualitySection {
        QualitySection(
            title: "Identity", note: "Of patient records: 'concordat identity report'.",
            columns: ["what", "count"], rows: (identity ?? []).map { [$0.what, String($0.count)] })
    }

    private static func short(_ text: String) -> String {
        text.count <= 36 ? text : text.prefix(35) + "…"
    }

    /// A row of bars, the highest for the largest number; nothing for 0.
    private static func bars(_ counts: [Int]) -> String {
        let bars = Array("▁▂▃▄▅▆▇█")
        let most = max(1, counts.max() ?? 1)
        return counts.map { $0 == 0 ? "·" : String(bars[min(7, ($0 * 8 - 1) / most)]) }.joined()
    }
}
