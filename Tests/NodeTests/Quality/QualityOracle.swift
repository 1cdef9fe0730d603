import Catalog
import Core

@testable import Node

/// Counts over plain values, written down a second time: what a report must say of `QualityRecords`.
struct QualityOracle {
    typealias Row = QualityRecords.Row

    let records: QualityRecords
    let catalog: Catalog
    /// Days since 1970.
    let today: Int
    /// Of a publication: one patient a person.
    var ofPublication = false

    private static let perDay: Int64 = 86_400_000_000

    /// Of several records of a person the newest, then that with the last id.
    private var chosen: [String: Row] {
        Dictionary(grouping: records.patients, by: \.person).compactMapValues { rows in
            rows.max { ($0.updated ?? .min, $0.id) < ($1.updated ?? .min, $1.id) }
        }
    }

    var people: QualityPeople {
        let byPerson = Dictionary(grouping: records.patients, by: \.person)
        var people = QualityPeople()
        people.people = byPerson.count
        people.withNumber = byPerson.keys.count { records.numbers.contains($0) }
        people.withoutNumber = people.people - people.withNumber
        if !ofPublication {
            people.withSeveralIdentifiers = byPerson.values.count { $0.count > 1 }
            people.withSeveralBirthDates = byPerson.values.count {
                Set($0.compactMap { $0.dates["birth_date"] }).count > 1
            }
            people.renumbered = 0
        }
        return people
    }

    func dataset(_ name: String) throws -> DatasetQuality {
        let dataset = try TestFailure.unwrap(catalog.datasets[name], "no such dataset")
        let rows =
            name == "patient"
            ? (ofPublication ? Array(chosen.values) : records.patients) : records.rows[name] ?? []
        var quality = DatasetQuality(name: name)
        quality.rows = rows.count
        quality.people = Set(rows.map(\.person)).count
        quality.withoutNumber = rows.count { !records.numbers.contains($0.person) }
        quality.columns = dataset.columns.filter { $0.name != "person" && $0.name != "site" }.map { column in
            .init(
                name: column.name, filled: rows.count { Self.has($0, column.name) },
                outside: column.type == .text
                    ? column.domain.map { domain in
                        rows.count { row in row.texts[column.name].map { !domain.contains($0) } ?? false }
                    } : nil)
        }
        let chosen = chosen
        let dates = Self.dates[name] ?? []
        quality.dates = dates.map { column in
            DatasetQuality.Dates(
                column: column,
                beforeBirth: column == "birth_date"
                    ? 0 : rows.count { isBeforeBirth($0, column, chosen[$0.person]) },
                afterDeath: column == dates[0] && name != "patient"
                    ? rows.count { isAfterDeath($0, column, chosen[$0.person]) } : nil,
                inFuture: rows.count { row in
                    (row.dates[column] ?? .min) >= Int64(today + 1) * Self.perDay
                        && row.texts["status"] != "planned"
                }, before1900: rows.count { ($0.dates[column] ?? .max) < Int64(-25_567) * Self.perDay })
        }
        quality.spans = (Self.spans[name] ?? []).map { start, end in
            .init(start: start, end: end, reversed: rows.count { isReversed($0, start, end) })
        }
        if name == "patient" {
            quality.implausiblyOld = rows.count(where: isTooOld)
            return quality
        }
        quality.eventColumn = dates[0]
        let past = rows.compactMap { $0.dates[dates[0]] }.filter { $0 < Int64(today + 1) * Self.perDay }
        quality.latestEvent = past.max().map { Civil.formatDate(Int($0 / Self.perDay)) }
        quality.months = months(rows.compactMap { $0.dates[dates[0]] })
        quality.codes = codes(name, rows)
        if name == "observation" { quality.measurements = measurements(rows) }
        return quality
    }

    private static let dates = [
        "patient": ["birth_date", "deceased_date"], "encounter": ["start_at", "end_at"],
        "condition": ["onset_date", "abatement_date", "recorded_date"], "observation": ["effective_at"],
    ]
    private static let spans = [
        "patient": [("birth_date", "deceased_date")], "encounter": [("start_at", "end_at")],
        "condition": [("onset_date", "abatement_date")],
    ]

    private static func has(_ row: Row, _ column: String) -> Bool {
        switch column {
        case "value_quantity": row.number != nil
        case "deceased": row.flag != nil
        default: row.texts[column] != nil || row.dates[column] != nil
        }
    }

    // MARK: - Dates

    /// The first moment after what a date may stand for: a year, a month, a day.
    private func after(_ moment: Int64) -> Int64 {
        let (year, month, day) = Civil.date(days: Int((Double(moment) / Double(Self.perDay)).rounded(.down)))
        if month == 1, day == 1 { return Int64(Civil.days(year: year + 1, month: 1, day: 1)) * Self.perDay }
        guard day == 1 else { return moment + Self.perDay }
        let next = month == 12 ? (year + 1, 1) : (year, month + 1)
        return Int64(Civil.days(year: next.0, month: next.1, day: 1)) * Self.perDay
    }

    private func isBeforeBirth(_ row: Row, _ column: String, _ person: Row?) -> Bool {
        guard let date = row.dates[column], let birth = person?.dates["birth_date"] else { return false }
        return date < birth && after(date) <= birth
    }

    private func isAfterDeath(_ row: Row, _ column: String, _ person: Row?) -> Bool {
        guard let date = row.dates[column], let death = person?.dates["deceased_date"] else { return false }
        return date >= after(death)
    }

    private func isReversed(_ row: Row, _ start: String, _ end: String) -> Bool {
        guard let start = row.dates[start], let end = row.dates[end] else { return false }
        return end < start && after(end) <= start
    }

    private func isTooOld(_ row: Row) -> Bool {
        guard let birth = row.dates["birth_date"] else { return false }
        let (year, month, day) = Civil.date(days: Int(birth / Self.perDay))
        let last = min(day, Civil.daysInMonth(year: year + 115, month: month))
        let birthday = Civil.days(year: year + 115, month: month, day: last)
        if let death = row.dates["deceased_date"] { return Int64(birthday) * Self.perDay <= death }
        return row.flag == false && birthday <= today
    }

    private func months(_ events: [Int64]) -> [DatasetQuality.Month] {
        let (year, month, _) = Civil.date(days: today)
        return (-24...0).map { offset in
            let number = year * 12 + month - 1 + offset
            let name = String(
                Civil.formatDate(Civil.days(year: number / 12, month: number % 12 + 1, day: 1)).prefix(7))
            return .init(
                month: name,
                rows: events.count { Civil.formatDate(Int($0 / Self.perDay)).hasPrefix(name) && $0 >= 0 })
        }
    }

    // MARK: - Codes

    private func codes(_ name: String, _ rows: [Row]) -> [CodeColumnQuality] {
        switch name {
        case "encounter":
            var field = CodeColumnQuality(column: "class")
            field.values = rows.count
            field.distinct = 1
            field.top = [
                .init(
                    code: "AMB", system: nil, term: nil, rows: rows.count,
                    people: Set(rows.map(\.person)).count)
            ]
            return [field, CodeColumnQuality(column: "type_code")]
        case "condition":
            return [coded(rows, QualityRecords.conditions), CodeColumnQuality(column: "category")]
        default:
            let pool = QualityRecords.measurements.map {
                QualityRecords.Coding(system: $0.system, code: $0.code, isAlwaysShown: true, weight: 1)
            }
            return [
                coded(rows, pool), CodeColumnQuality(column: "category"),
                CodeColumnQuality(column: "value_code"),
            ]
        }
    }

    private func coded(_ rows: [Row], _ pool: [QualityRecords.Coding]) -> CodeColumnQuality {
        var field = CodeColumnQuality(column: "code")
        field.systemColumn = "code_system"
        var systems: [String: [Row]] = [:]
        var (unseen, codes): ([String: Int], [String: Int]) = ([:], [:])
        for coding in pool {
            let of = rows.filter {
                $0.texts["code"] == coding.code && $0.texts["code_system"] == coding.system
            }
            guard !of.isEmpty else { continue }
            let people = Set(of.map(\.person)).count
            field.values += of.count
            field.distinct += 1
            if let system = coding.system {
                systems[system, default: []] += of
                codes[system, default: 0] += 1
            } else {
                field.withoutSystem += of.count
            }
            if coding.isMalformed {
                field.malformed += of.count
                field.malformedCodes += 1
            }
            if coding.isAlwaysShown || people >= 10 {
                field.top.append(
                    .init(
                        code: coding.code, system: coding.system, term: Self.terms[coding.code],
                        rows: of.count, people: people))
            } else {
                field.notShown += 1
                field.notShownValues += of.count
            }
        }
        let known = [QualityRecords.snomed, QualityRecords.loinc, QualityRecords.icd10]
        for (system, of) in systems {
            if known.contains(system) || Set(of.map(\.person)).count >= 10 {
                field.systems.append(
                    .init(
                        system: system, rows: of.count, codes: codes[system] ?? 0,
                        isKnown: known.contains(system)))
            } else {
                unseen[system] = of.count
            }
        }
        if !unseen.isEmpty {
            field.systems.append(
                .init(
                    system: nil, rows: unseen.values.reduce(0, +),
                    codes: unseen.keys.reduce(0) { $0 + (codes[$1] ?? 0) }, isKnown: false))
        }
        field.systems.sort { ($1.rows, $0.system ?? "") < ($0.rows, $1.system ?? "") }
        field.top.sort { ($1.rows, $0.code, $0.system ?? "") < ($0.rows, $1.code, $1.system ?? "") }
        return field
    }

    private static let terms = [
        "38341003": "Hypertensive disorder", "44054006": "Type 2 diabetes mellitus",
        "59621000": "Essential hypertension", "1091811000000102": "Diastolic blood pressure",
        "4548-4": "HbA1c", "60621009": "Body mass index", "8480-6": "Systolic blood pressure",
    ]

    // MARK: - Units

    private func measurements(_ rows: [Row]) -> MeasurementQuality {
        var quality = MeasurementQuality()
        let rows = rows.filter { $0.number != nil }
        quality.values = rows.count
        quality.withoutUnit = rows.count { $0.texts["value_unit"] == nil }
        quality.withoutBounds = rows.count { $0.texts["code"] == "1742-6" }
        quality.codesWithoutBounds = 1
        let expected = ["4548-4": "%", "60621009": "kg/m2", "8480-6": "mm[Hg]"]
        let wrong = rows.filter { row in
            expected[row.texts["code"] ?? ""].map { $0 != row.texts["value_unit"] } ?? false
        }
        quality.inUnknownUnit = wrong.count { $0.texts["value_unit"] != nil }
        let groups = Dictionary(grouping: wrong) { [$0.texts["code"] ?? "", $0.texts["value_unit"] ?? ""] }
        for (key, of) in groups {
            let people = Set(of.map(\.person)).count
            let isShown = ["", "mmol/mol", "kg"].contains(key[1]) || people >= 10
            quality.unknown.append(
                .init(
                    code: key[0], system: of[0].texts["code_system"], name: Self.terms[key[0]] ?? "",
                    unit: isShown ? key[1] : nil, rows: of.count, people: people,
                    expected: [expected[key[0]] ?? ""]))
        }
        quality.unknown.sort { ($1.rows, $0.code, $0.unit ?? "~") < ($0.rows, $1.code, $1.unit ?? "~") }
        return quality
    }
}
