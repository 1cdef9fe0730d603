internal import Core

/// What the counts mean, in plain words with what to do about it; the most urgent first.
struct QualityFindings: Sendable {
    let report: QualityReport
    /// Days since 1970.
    let today: Int
    /// Whether all datasets were looked at: only then does it mean something that a code is nowhere.
    let isWhole: Bool

    init(_ report: QualityReport, today: Int, isWhole: Bool) {
        self.report = report
        self.today = today
        self.isWhole = isWhole
    }

    /// By severity, then by how many rows it is about.
    var ranked: [QualityFinding] {
        let all =
            report.datasets.flatMap { dataset in
                units(dataset) + codes(dataset) + dates(dataset) + drops(dataset) + completeness(dataset)
            } + emptyDatasets + people + codelists + quarantine + loads
        return all.sorted {
            if $0.severity != $1.severity { return $0.severity < $1.severity }
            if $0.rows != $1.rows { return $0.rows > $1.rows }
            return $0.words < $1.words
        }
    }

    // MARK: - Words

    static func share(_ part: Int, of whole: Int) -> Double { whole == 0 ? 0 : Double(part) / Double(whole) }

    /// `3.4 %`; never 0 or 100 where it is not.
    static func percent(_ part: Int, of whole: Int) -> String {
        let share = share(part, of: whole) * 100
        if part > 0, share < 0.1 { return "less than 0.1 %" }
        if part < whole, share > 99.9 { return "more than 99.9 %" }
        let tenths = Int((share * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10) %" : "\(tenths / 10).\(tenths % 10) %"
    }

    static func count(_ number: Int, _ one: String, _ many: String? = nil) -> String {
        "\(number) \(number == 1 ? one : many ?? one + "s")"
    }

    private static func severity(
        _ part: Int, of whole: Int, high: Double, medium: Double
    ) -> QualityFinding.Severity {
        let share = share(part, of: whole)
        return share >= high ? .high : share >= medium ? .medium : .low
    }

    private func finding(
        _ severity: QualityFinding.Severity, _ area: String, _ dataset: String? = nil,
        _ column: String? = nil, rows: Int, _ words: String, _ remedy: String
    ) -> QualityFinding {
        QualityFinding(
            severity: severity, area: area, dataset: dataset, column: column, rows: rows, words: words,
            remedy: remedy)
    }

    // MARK: - Units

    private func units(_ dataset: DatasetQuality) -> [QualityFinding] {
        guard let measured = dataset.measurements else { return [] }
        var findings = measured.unknown.map { unit in
            let name = unit.name.isEmpty ? unit.code : "\(unit.code) (\(unit.name))"
            let expected = unit.expected.map { "'\($0)'" }.joined(separator: " or ")
            let words =
                switch unit.unit {
                case "": "\(Self.count(unit.rows, "row")) of \(name) with a value and no unit"
                case let text?:
                    "\(Self.count(unit.rows, "row")) of \(name) in '\(text)': the catalog knows \(expected)"
                case nil:
                    "\(Self.count(unit.rows, "row")) of \(name) in rare units that are not shown: the catalog knows "
                        + expected
                }
            return finding(
                Self.severity(unit.rows, of: measured.values, high: 0.1, medium: 0.0005), "units",
                dataset.name,
                "value_unit", rows: unit.rows, words, Self.remedy(unit, expected))
        }
        if measured.withoutBounds > 0 {
            findings.append(
                finding(
                    .low, "units", dataset.name, "code", rows: measured.withoutBounds,
                    "\(Self.count(measured.codesWithoutBounds, "measured code")) "
                        + "(\(Self.count(measured.withoutBounds, "row"))) without bounds: no slip of unit is noticed",
                    "add the ones that matter to Schemas/bounds.csv, in all nodes together"))
        }
        return findings
    }

    private static func remedy(_ unit: MeasurementQuality.Unit, _ expected: String) -> String {
        let known = unit.expected.first { folded($0) == folded(unit.unit ?? "") }
        if let known {
            return
                "it may be '\(known)' in another spelling: say so in the home's units.csv and load these records "
                + "again, or send the UCUM code from the source"
        }
        return unit.unit == ""
            ? "send the UCUM code (\(expected)) from the source: questions that name a unit leave these rows out"
            : "if it is the same quantity, convert it to \(expected) at the source; if not, correct the code; "
                + "until then these values are checked against no bounds"
    }

    /// Without case and marks: `mmHg` and `mm[Hg]` are alike.
    private static func folded(_ unit: String) -> [UInt8] {
        unit.utf8.compactMap { byte in
            switch byte {
            case 0x41...0x5A: byte + 0x20
            case 0x61...0x7A, 0x30...0x39, 0x25, 0x2F: byte
            default: nil
            }
        }
    }

    // MARK: - Codes

    private func codes(_ dataset: DatasetQuality) -> [QualityFinding] {
        dataset.codes.flatMap { field -> [QualityFinding] in
            var findings: [QualityFinding] = []
            let place = "\(dataset.name).\(field.column)"
            if field.withoutSystem > 0 {
                findings.append(
                    finding(
                        Self.severity(field.withoutSystem, of: field.values, high: 0.2, medium: 0.001),
                        "codes",
                        dataset.name, field.column, rows: field.withoutSystem,
                        "\(Self.count(field.withoutSystem, "code")) of \(place) "
                            + "(\(Self.percent(field.withoutSystem, of: field.values))) without a code system",
                        "send Coding.system from the source, or name it in the mapping"))
            }
            for system in field.systems where !system.isKnown {
                let name = system.system.map { "'\($0)'" } ?? "rare systems that are not shown"
                findings.append(
                    finding(
                        Self.severity(system.rows, of: field.values, high: 0.2, medium: 0.01), "codes",
                        dataset.name, field.column, rows: system.rows,
                        "\(Self.count(system.rows, "code")) of \(place) "
                            + "(\(Self.count(system.codes, "different one"))) of \(name), "
                            + "systems that the data model does not know",
                        "map them to SNOMED CT or another declared system at the source: no shared codelist finds them"
                    ))
            }
            if field.malformed > 0 {
                findings.append(
                    finding(
                        Self.severity(field.malformed, of: field.values, high: 0.2, medium: 0.0005), "codes",
                        dataset.name, field.column, rows: field.malformed,
                        "\(Self.count(field.malformed, "code")) of \(place) "
                            + "(\(Self.count(field.malformedCodes, "different one"))) not of the form of their system",
                        "look for codes cut short or rounded by a spreadsheet, and for texts or numbers in the code field"
                    ))
            }
            return findings
        } + domains(dataset)
    }

    private func domains(_ dataset: DatasetQuality) -> [QualityFinding] {
        dataset.columns.compactMap { column in
            let list =
                switch column.name {
                case "lsoa": "in reference.imd"
                case "practice", "provider", "commissioner": "in reference.ods"
                default: "among those that the data model lists"
                }
            guard let outside = column.outside, outside > 0 else { return nil }
            return finding(
                Self.severity(outside, of: column.filled, high: 0.5, medium: 0.01), "codes", dataset.name,
                column.name, rows: outside,
                "\(Self.count(outside, "value")) of \(dataset.name).\(column.name) "
                    + "(\(Self.percent(outside, of: column.filled))) not \(list)",
                "map them at the source, or load the reference table of their year: "
                    + "questions by that value leave these rows out")
        }
    }

    // MARK: - Dates

    private func dates(_ dataset: DatasetQuality) -> [QualityFinding] {
        var found: [(rows: Int, column: String, words: String, remedy: String)] = []
        for date in dataset.dates {
            let place = "\(dataset.name).\(date.column)"
            found += [
                (
                    date.beforeBirth, date.column, "of \(place) before the person's birth",
                    "look for records of another person and for default dates at the source"
                ),
                (
                    date.afterDeath ?? 0, date.column, "of \(place) after the person's death",
                    "results and letters may follow a death; visits and prescriptions do not: check the date of death"
                ),
                (
                    date.inFuture, date.column, "of \(place) in the future",
                    "look for slips of the year, and for plans that are sent as events"
                ),
                (
                    date.before1900, date.column, "of \(place) before 1900",
                    "look for default dates such as 1753-01-01 or 1899-12-30, and send nothing where nothing is known"
                ),
            ]
        }
        for span in dataset.spans {
            found.append(
                (
                    span.reversed, span.end,
                    "of \(dataset.name) with \(span.end) before \(span.start)",
                    "correct them at the source: lengths of stay and of waiting are negative"
                ))
        }
        if let old = dataset.implausiblyOld {
            found.append(
                (
                    old, "birth_date",
                    "of \(dataset.name) about people older than \(QualityRules.oldestAge)",
                    "trace them: most have died and nobody told this organisation"
                ))
        }
        return found.filter { $0.rows > 0 }.map { rows, column, words, remedy in
            finding(
                Self.severity(rows, of: dataset.rows, high: 0.05, medium: 0.001), "dates", dataset.name,
                column,
                rows: rows,
                "\(Self.count(rows, "row")) \(words)", remedy)
        }
    }
}
