import Core
import Foundation

@testable import Node

/// Records with everything wrong in them that a report should find, from a seed; and what they say, as plain values.
struct QualityRecords {
    /// A row of a dataset: its person, and its values by column, dates as microseconds since 1970.
    struct Row {
        let person: String
        let id: String
        var updated: Int64?
        var texts: [String: String] = [:]
        var dates: [String: Int64] = [:]
        var number: Double?
        var flag: Bool?
    }

    /// What a code may be: always shown, or only from ten people on.
    struct Coding {
        let system: String?
        let code: String
        let isAlwaysShown: Bool
        let weight: Int
        var isMalformed = false
    }

    static let snomed = "http://snomed.info/sct"
    static let loinc = "http://loinc.org"
    static let icd10 = "http://hl7.org/fhir/sid/icd-10"

    static let conditions = [
        Coding(system: snomed, code: "38341003", isAlwaysShown: true, weight: 40),
        Coding(system: snomed, code: "44054006", isAlwaysShown: true, weight: 30),
        Coding(system: snomed, code: "1091811000000102", isAlwaysShown: true, weight: 1),
        // Rounded by a spreadsheet.
        Coding(system: snomed, code: "999791000000100", isAlwaysShown: false, weight: 20, isMalformed: true),
        Coding(system: snomed, code: "38341004", isAlwaysShown: false, weight: 1, isMalformed: true),
        Coding(system: icd10, code: "I10", isAlwaysShown: true, weight: 5),
        Coding(system: "urn:local:codes", code: "HYPERT", isAlwaysShown: false, weight: 30),
        Coding(system: "urn:local:codes", code: "RARE", isAlwaysShown: false, weight: 1),
        Coding(system: "Mrs Rarely Seen", code: "X1", isAlwaysShown: false, weight: 1),
        Coding(system: nil, code: "59621000", isAlwaysShown: true, weight: 3),
        Coding(system: nil, code: "9990000018", isAlwaysShown: false, weight: 1),
    ]

    struct Measurement {
        let system: String
        let code: String
        let units: [String?]
    }

    static let measurements = [
        Measurement(system: loinc, code: "4548-4", units: ["%", "%", "%", "mmol/mol", nil]),
        Measurement(system: snomed, code: "60621009", units: ["kg/m2", "kg/m2", "kg", "ask Mrs Oddly"]),
        Measurement(system: loinc, code: "8480-6", units: ["mm[Hg]", "mm-Hg"]),
        Measurement(system: loinc, code: "1742-6", units: ["U/L", nil]),
    ]

    private(set) var lines: [String] = []
    private(set) var patients: [Row] = []
    private(set) var rows: [String: [Row]] = ["condition": [], "observation": [], "encounter": []]
    /// Patient id -> the person: the NHS number, or the id where there is none.
    private(set) var people: [String: String] = [:]
    private(set) var numbers: Set<String> = []

    private var random: SeededGenerator
    private let today: Int

    /// - Parameter today: days since 1970.
    init(seed: UInt64, today: Int) {
        random = SeededGenerator(seed: seed)
        self.today = today
        for place in 0..<70 { addPatient(place) }
        for place in 0..<600 { addCondition(place) }
        for place in 0..<600 { addObservation(place) }
        for place in 0..<300 { addEncounter(place) }
    }

    private mutating func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &random) < share }

    private static func padded(_ number: Int) -> String { String("000\(number)".suffix(4)) }

    /// A date as FHIR writes it, sometimes without day or month, and its first moment.
    private mutating func date(_ days: Int, partial: Double = 0.3) -> (text: String, moment: Int64) {
        let whole = Civil.formatDate(days)
        let (year, month, _) = Civil.date(days: days)
        guard chance(partial) else { return (whole, Int64(days) * 86_400_000_000) }
        let length = chance(0.5) ? 4 : 7
        let first = Civil.days(year: year, month: length == 4 ? 1 : month, day: 1)
        return (String(whole.prefix(length)), Int64(first) * 86_400_000_000)
    }

    /// Any day: most in the last three years, some long ago, some to come.
    private mutating func anyDay() -> Int {
        if chance(0.6) { return today - Int.random(in: 0..<1_100, using: &random) }
        if chance(0.1) { return today + Int.random(in: 1..<900, using: &random) }
        return Int.random(in: -30_000..<20_000, using: &random)
    }

    private mutating func anyone() -> String {
        String("p\(Self.padded(Int.random(in: 0..<patients.count, using: &random)))")
    }

    private mutating func addPatient(_ place: Int) {
        let id = "p\(Self.padded(place))"
        var fields = [#""resourceType":"Patient""#, #""id":"\#(id)""#]
        // Every seventh shares the number of the one before; every ninth has none.
        let number = place % 9 == 8 ? nil : FHIRText.number(place % 7 == 6 ? place - 1 : place)
        people[id] = number ?? id
        if let number {
            numbers.insert(number)
            fields.append(
                #""identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"\#(number)"}]"#)
        }
        var row = Row(person: number ?? id, id: id)
        if chance(0.4) {
            let day = 18_000 + Int.random(in: 0..<5, using: &random)
            row.updated = Int64(day) * 86_400_000_000
            fields.append(#""meta":{"lastUpdated":"\#(Civil.formatDate(day))T00:00:00Z"}"#)
        }
        // Who shares a number is the same person to the node only if the two could be one: a year written wrongly.
        let shared = place % 7 == 6 && number != nil ? patients.last : nil
        let sex = shared?.texts["sex"] ?? (chance(0.1) ? "divers" : chance(0.5) ? "female" : "male")
        row.texts["sex"] = sex
        fields.append(#""gender":"\#(sex)""#)
        if chance(0.95) {
            var birth = date(chance(0.1) ? -45_000 : Int.random(in: -25_000..<20_000, using: &random))
            if let moment = shared?.dates["birth_date"] {
                let (year, month, day) = Civil.date(days: Int(moment / 86_400_000_000))
                // The first of a month may stand for a date that is not whole: that stays.
                let days = Civil.days(year: day == 1 ? year : year + 4, month: month, day: day)
                birth = (Civil.formatDate(days), Int64(days) * 86_400_000_000)
            }
            row.dates["birth_date"] = birth.moment
            fields.append(#""birthDate":"\#(birth.text)""#)
        }
        row.flag = false
        if chance(0.3) {
            let death = date(Int.random(in: -20_000..<today, using: &random))
            row.dates["deceased_date"] = death.moment
            row.flag = true
            fields.append(#""deceasedDateTime":"\#(death.text)""#)
        }
        lines.append("{\(fields.joined(separator: ","))}")
        patients.append(row)
    }

    private mutating func addCondition(_ place: Int) {
        let (id, patient) = ("c\(Self.padded(place))", anyone())
        var row = Row(person: people[patient] ?? "", id: id)
        var fields = [
            #""resourceType":"Condition""#, #""id":"\#(id)""#,
            #""subject":{"reference":"Patient/\#(patient)"}"#,
        ]
        if chance(0.95) {
            let coding =
                Self.conditions.flatMap { Array(repeating: $0, count: $0.weight) }
                .randomElement(using: &random) ?? Self.conditions[0]
            row.texts["code"] = coding.code
            row.texts["code_system"] = coding.system
            let system = coding.system.map { #""system":"\#($0)","# } ?? ""
            fields.append(#""code":{"coding":[{\#(system)"code":"\#(coding.code)"}]}"#)
        }
        if chance(0.5) {
            let status = chance(0.1) ? "gone" : "active"
            row.texts["clinical_status"] = status
            fields.append(#""clinicalStatus":{"coding":[{"code":"\#(status)"}]}"#)
        }
        for (column, element) in [
            ("onset_date", "onsetDateTime"), ("abatement_date", "abatementDateTime"),
            ("recorded_date", "recordedDate"),
        ] where chance(column == "onset_date" ? 0.9 : 0.4) {
            let date = date(anyDay())
            row.dates[column] = date.moment
            fields.append(#""\#(element)":"\#(date.text)""#)
        }
        lines.append("{\(fields.joined(separator: ","))}")
        rows["condition", default: []].append(row)
    }

    private mutating func addObservation(_ place: Int) {
        let (id, patient) = ("o\(Self.padded(place))", anyone())
        var row = Row(person: people[patient] ?? "", id: id)
        let measured = Self.measurements.randomElement(using: &random) ?? Self.measurements[0]
        row.texts = ["code": measured.code, "code_system": measured.system, "status": "final"]
        var fields = [
            #""resourceType":"Observation""#, #""id":"\#(id)""#, #""status":"final""#,
            #""subject":{"reference":"Patient/\#(patient)"}"#,
            #""code":{"coding":[{"system":"\#(measured.system)","code":"\#(measured.code)"}]}"#,
        ]
        if chance(0.9) {
            // Within the bounds of whatever unit.
            row.number = measured.code == "8480-6" ? 120 : 21.5
            var value = #""value":\#(measured.code == "8480-6" ? 120 : 21.5)"#
            if let unit = measured.units.randomElement(using: &random) ?? nil {
                row.texts["value_unit"] = unit
                value += #","unit":"\#(unit)""#
            }
            fields.append(#""valueQuantity":{\#(value)}"#)
        }
        if chance(0.95) {
            let date = date(anyDay())
            row.dates["effective_at"] = date.moment
            fields.append(#""effectiveDateTime":"\#(date.text)""#)
        }
        lines.append("{\(fields.joined(separator: ","))}")
        rows["observation", default: []].append(row)
    }

    private mutating func addEncounter(_ place: Int) {
        let (id, patient) = ("e\(Self.padded(place))", anyone())
        var row = Row(person: people[patient] ?? "", id: id)
        let status = chance(0.2) ? "planned" : "finished"
        row.texts = ["status": status, "class": "AMB", "encounter_id": id]
        let start = anyDay()
        let (from, to) = (date(start), date(start + Int.random(in: -40..<40, using: &random)))
        row.dates = ["start_at": from.moment, "end_at": to.moment]
        lines.append(
            """
            {"resourceType":"Encounter","id":"\(id)","status":"\(status)","class":{"code":"AMB"},\
            "subject":{"reference":"Patient/\(patient)"},"period":{"start":"\(from.text)","end":"\(to.text)"}}
            """)
        rows["encounter", default: []].append(row)
    }
}
