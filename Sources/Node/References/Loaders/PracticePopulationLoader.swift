internal import Catalog

/// Makes `practice_population(practice, sex, age, people)` of NHS England's "Patients Registered at a GP Practice":
/// `gp-reg-pat-prac-sing-age-male.csv` and `…-female.csv` (a row a year of age), or
/// `gp-reg-pat-prac-quin-age.csv` (a row five years of age; `age` is then the first of them).
///
/// Rows of all ages or both sexes together, and of what is no practice, are left out.
enum PracticePopulationLoader {
    private struct Columns {
        let practice: Int
        let kind: Int?
        let sex: Int
        let age: Int
        let people: Int
        let date: Int?
    }

    private struct Key: Hashable, Comparable {
        let practice: String
        let sex: String
        let age: Int

        static func < (left: Key, right: Key) -> Bool {
            (left.practice, left.sex, left.age) < (right.practice, right.sex, right.age)
        }
    }

    static func read(_ files: [ReleaseFile]) throws -> LoadedTable {
        var people: [Key: Int] = [:]
        var days: Set<String> = []
        var isFiveYears: Set<Bool> = []
        for file in files { isFiveYears.insert(try read(file, &people, &days)) }
        guard isFiveYears.count == 1, days.count <= 1 else {
            throw NodeError(
                .input, "the files are of different days or age groups: load one publication at a time")
        }
        guard !people.isEmpty else { throw NodeError(.input, "no row is of a practice, a sex and an age") }
        var table = LoadedTable(
            kind: .reference, name: "practice_population", header: ["practice", "sex", "age", "people"])
        for (key, count) in people.sorted(by: { $0.key < $1.key }) {
            table.append([key.practice, key.sex, String(key.age), String(count)])
        }
        table.version = days.first.map { String($0.prefix(7)) }
        table.origin = ReferenceOrigin(
            asAt: days.first, licence: "OGL v3", source: files.map(\.name).joined(separator: ", "))
        if isFiveYears.contains(true) {
            table.notes.append("ages are groups of five years: 'age' is the first year of each")
        }
        let sexes = Set(people.keys.map(\.sex))
        if sexes.count == 1 {
            table.notes.append("only \(sexes.joined()) people: load both files in one command")
        }
        return table
    }

    /// - Returns: whether ages are groups of five years.
    private static func read(
        _ file: ReleaseFile, _ people: inout [Key: Int], _ days: inout Set<String>
    ) throws -> Bool {
        var columns: Columns?
        var isFiveYears = false
        try file.records { line, fields in
            guard let columns else {
                let header = OutsideHeader(file, fields)
                isFiveYears = header.called("age group 5") != nil
                columns = try Self.columns(header)
                return
            }
            let record = OutsideRecord(file: file.name, line: line, fields: fields)
            if let kind = columns.kind,
                !["gp", "gp practice", "practice"].contains(record.text(kind).lowercased())
            {
                return
            }
            guard let sex = sex(record.text(columns.sex)), let age = try age(record, columns.age) else {
                return
            }
            let key = Key(practice: record.text(columns.practice).uppercased(), sex: sex, age: age)
            let count = try record.require(
                record.number(columns.people, "number of people"), "number of people")
            guard people.updateValue(count, forKey: key) == nil else {
                throw record.fault("\(key.practice), \(sex), \(age) is there twice")
            }
            if let date = columns.date, let day = OutsideDate.iso(record.text(date)) { days.insert(day) }
        }
        return isFiveYears
    }

    private static func columns(_ header: OutsideHeader) throws -> Columns {
        Columns(
            practice: try header.require(
                header.called("org code", "code", "practice code"), "practices (ORG_CODE)"),
            kind: header.called("org type", "type"),
            sex: try header.require(header.called("sex"), "sex (SEX)"),
            age: try header.require(header.called("age", "age group 5"), "age (AGE or AGE_GROUP_5)"),
            people: try header.require(
                header.called("number of patients", "patients", "value"), "people (NUMBER_OF_PATIENTS)"),
            date: header.called("extract date"))
    }

    /// As FHIR's administrative gender, which `patient.sex` has.
    private static func sex(_ text: String) -> String? {
        switch text.lowercased() {
        case "male", "m": "male"
        case "female", "f": "female"
        default: nil
        }
    }

    /// `95+` is 95, `0_4` and `0-4` are 0; nil for all ages.
    private static func age(_ record: OutsideRecord, _ place: Int) throws -> Int? {
        let text = record.text(place)
        if text.lowercased() == "all" { return nil }
        guard let age = Int(text.prefix { $0.isNumber }), age < 130 else {
            throw record.fault("'\(text.prefix(16))' is no age")
        }
        return age
    }
}
