internal import Core

/// What is missing: values, months, people, codes, loads.
extension QualityFindings {
    // MARK: - Months

    /// Months with far fewer events than usual, and data that have ended.
    func drops(_ dataset: DatasetQuality) -> [QualityFinding] {
        var findings = Self.drops(dataset.months).map { drop in
            let latest = dataset.latestEvent.flatMap { CivilDate($0) }
            let isOver = drop.goesOn && latest.map { today - $0.days > QualityRules.quietDays } ?? false
            let words =
                isOver
                ? "nothing since \(dataset.latestEvent ?? "") (\(today - (latest?.days ?? 0)) days)"
                : "\(Self.count(drop.rows, "row")) in \(drop.month)" + (drop.goesOn ? ", and few since" : "")
            return QualityFinding(
                severity: drop.goesOn ? .high : .medium, area: "freshness", dataset: dataset.name,
                column: dataset.eventColumn, rows: max(0, drop.usual - drop.rows),
                words: "\(dataset.name): \(words), where \(drop.usual) a month were usual",
                remedy: drop.goesOn
                    ? "ask whether its extract still runs and was whole: load it again before you publish"
                    : "ask the source for that month again")
        }
        if findings.isEmpty, dataset.rows >= QualityRules.usualRows, let latest = dataset.latestEvent,
            let day = CivilDate(latest), today - day.days > QualityRules.quietDays
        {
            findings.append(
                QualityFinding(
                    severity: .medium, area: "freshness", dataset: dataset.name, column: dataset.eventColumn,
                    rows: 0, words: "\(dataset.name): nothing since \(latest) (\(today - day.days) days)",
                    remedy: "ask whether its extract still runs"))
        }
        return findings
    }

    struct Drop: Hashable {
        let month: String
        let rows: Int
        let usual: Int
        /// Whether it is still so in the last whole month.
        var goesOn: Bool
    }

    /// Whole months below half of the median of the six before; where it goes on, the first.
    static func drops(_ months: [DatasetQuality.Month]) -> [Drop] {
        let whole = Array(months.dropLast())
        var drops: [Drop] = []
        var isDown = false
        for place in whole.indices {
            // What was usual before it dropped stays usual while it is down.
            let usual = isDown ? drops.last?.usual : usual(before: place, in: whole)
            guard let usual else { continue }
            isDown = Double(whole[place].rows) < QualityRules.drop * Double(usual)
            if isDown, drops.last?.goesOn != true {
                drops.append(
                    Drop(month: whole[place].month, rows: whole[place].rows, usual: usual, goesOn: true))
            }
            if !isDown, !drops.isEmpty { drops[drops.count - 1].goesOn = false }
        }
        return drops
    }

    /// The median of the months before one; nil where that is too few to say anything.
    private static func usual(before place: Int, in months: [DatasetQuality.Month]) -> Int? {
        guard place >= QualityRules.usualMonths else { return nil }
        let rows = months[(place - QualityRules.usualMonths)..<place].map(\.rows).sorted()
        let median = (rows[rows.count / 2] + rows[(rows.count - 1) / 2]) / 2
        return median >= QualityRules.usualRows ? median : nil
    }

    // MARK: - Values

    /// Columns without which much cannot be asked.
    private static let needed: Set<String> = [
        "birth_date", "sex", "ethnic_category", "lsoa", "practice", "code", "value_unit",
    ]

    func completeness(_ dataset: DatasetQuality) -> [QualityFinding] {
        var findings: [QualityFinding] = []
        var empty: [String] = []
        for column in dataset.columns where dataset.rows > 0 {
            let missing = dataset.rows - column.filled
            if column.filled == 0 {
                empty.append(column.name)
                continue
            }
            let isNeeded = column.name == dataset.eventColumn || Self.needed.contains(column.name)
            guard isNeeded, column.name != "value_unit", missing > 0,
                Self.share(missing, of: dataset.rows) >= 0.05
            else { continue }
            let isHigh = Self.share(missing, of: dataset.rows) >= 0.5
            findings.append(
                QualityFinding(
                    severity: isHigh ? .high : .medium, area: "completeness", dataset: dataset.name,
                    column: column.name, rows: missing,
                    words: "\(Self.count(missing, "row")) of \(dataset.name) "
                        + "(\(Self.percent(missing, of: dataset.rows))) without \(column.name)",
                    remedy: "send it from the source: questions by \(column.name) leave these rows out"))
        }
        if !empty.isEmpty {
            let isNeeded = empty.contains { $0 == dataset.eventColumn || Self.needed.contains($0) }
            findings.append(
                QualityFinding(
                    severity: isNeeded ? .high : .low, area: "completeness", dataset: dataset.name,
                    column: empty.count == 1 ? empty[0] : nil, rows: dataset.rows,
                    words: "\(dataset.name): no row has \(empty.joined(separator: ", "))",
                    remedy: "say so in agreements that name these columns, or have the source send them"))
        }
        return findings
    }

    var emptyDatasets: [QualityFinding] {
        let empty = report.datasets.filter { $0.rows == 0 }.map(\.name)
        guard !empty.isEmpty else { return [] }
        return [
            QualityFinding(
                severity: .low, area: "completeness", dataset: empty.count == 1 ? empty[0] : nil, column: nil,
                rows: 0, words: "no rows at all in \(empty.joined(separator: ", "))",
                remedy: "nothing to do if this organisation does not hold them; answers count it as 0")
        ]
    }

    // MARK: - People

    var people: [QualityFinding] {
        let people = report.people
        func finding(
            _ severity: QualityFinding.Severity, _ count: Int, _ words: String, _ remedy: String
        ) -> QualityFinding? {
            count == 0
                ? nil
                : QualityFinding(
                    severity: severity, area: "identity", dataset: nil, column: nil, rows: count,
                    words: "\(Self.count(count, "person", "people")) \(words)", remedy: remedy)
        }
        let missing = Self.share(people.withoutNumber, of: people.people)
        return [
            finding(
                missing >= 0.2 ? .high : missing >= 0.05 ? .medium : .low, people.withoutNumber,
                "(\(Self.percent(people.withoutNumber, of: people.people))) without an NHS number: never linked "
                    + "across sites, and no opt-out list names them",
                "trace them (PDS) at the source and send their records again"),
            finding(
                .medium, people.withSeveralBirthDates, "with patient records of different dates of birth",
                "two people may share a number: check them before anybody counts them as one"),
            finding(
                .low, people.withSeveralIdentifiers, "with more than one patient id here",
                "merge them in the patient index; their records are counted as one person's by the NHS number"
            ),
            finding(
                .low, people.withoutPatientRecord, "known from events only, without a patient record",
                "load the patient index too: age and sex of these people are unknown"),
        ].compactMap(\.self)
    }

    // MARK: - Codelists

    var codelists: [QualityFinding] {
        guard isWhole, report.datasets.contains(where: { !$0.codes.isEmpty }) else { return [] }
        return report.codelists.compactMap { list in
            guard list.found < list.codes else { return nil }
            if list.found == 0 {
                return QualityFinding(
                    severity: .medium, area: "codelists", dataset: nil, column: nil, rows: 0,
                    words: "none of the \(list.codes) codes of codelist '\(list.name)' is in use here",
                    remedy:
                        "look below which codes this organisation uses for it, and tell the list's owner: "
                        + "a question by it finds nobody here")
            }
            let missing = list.entries.filter { $0.rows == 0 }
            guard list.codes <= 20, !missing.isEmpty else { return nil }
            return QualityFinding(
                severity: .low, area: "codelists", dataset: nil, column: nil, rows: 0,
                words: "codelist '\(list.name)': "
                    + "\(missing.map { Self.named($0) }.joined(separator: ", ")) not in use here, "
                    + "\(Self.count(list.found, "other")) found",
                remedy: "nothing to do if clinicians here code otherwise; ask by the list, not by one code")
        }
    }

    private static func named(_ code: CodelistQuality.Code) -> String {
        code.term.map { "\(code.code) (\($0))" } ?? code.code
    }

    // MARK: - Loads

    var quarantine: [QualityFinding] {
        let rows = report.datasets.reduce(0) { $0 + $1.rows }
        return report.quarantine.map { set in
            let dataset = set.dataset.map { " of \($0)" } ?? ""
            return QualityFinding(
                severity: Self.share(set.records, of: rows) >= 0.01 ? .high : .medium, area: "quarantine",
                dataset: set.dataset, column: nil, rows: set.records,
                words: "\(Self.count(set.records, "record"))\(dataset) set aside: \(set.reason)",
                remedy:
                    "'concordat quarantine list --entries' has their places: \(Self.correction(set.reason))")
        }
    }

    private static func correction(_ reason: String) -> String {
        guard reason == MeasurementUnits.reason else {
            return "correct the source, then load again, or 'concordat quarantine retry'"
        }
        return
            "say in the home's units.csv which unit is meant if it is a spelling of one, or correct the mapping, and "
            + "'concordat quarantine retry'; or correct the source and load again"
    }

    var loads: [QualityFinding] {
        report.loads.stale.map {
            QualityFinding(
                severity: .high, area: "freshness", dataset: nil, column: nil, rows: 0, words: $0,
                remedy: "load the data again, then 'concordat publish'")
        }
            + (report.loads.lastPublication == nil
                ? [
                    QualityFinding(
                        severity: .high, area: "freshness", dataset: nil, column: nil, rows: 0,
                        words: "nothing is published: no question is answered",
                        remedy: "run 'concordat publish'")
                ] : [])
    }
}
