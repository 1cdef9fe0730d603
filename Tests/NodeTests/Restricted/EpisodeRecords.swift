import Foundation

@testable import Node

/// FHIR records as dictionaries, and which of them an episode with a listed code takes with it: written from
/// the rule (`EpisodeMarks`), without any SQL, to test against.
struct EpisodeRecords {
    private struct Record {
        let type: String
        let id: String
        let patient: String
        let encounter: String?
        let days: [String]
        var isListed = false
        var fields: [String: Any]
    }

    private var records: [Record] = []
    private var patients: [[String: Any]] = []

    var count: Int { records.count }

    /// Reads a synthesised site, gives half of its events an encounter of the same patient, ties some
    /// encounters, and puts a code of sexual health on some records, mostly as a second coding.
    init(folder: String, using random: inout SeededGenerator) throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasSuffix(".ndjson") }.sorted()
        var all: [[String: Any]] = []
        for file in files {
            let text = try String(contentsOf: URL(filePath: folder + "/" + file), encoding: .utf8)
            for line in text.split(separator: "\n") {
                let read = try JSONSerialization.jsonObject(with: Data(line.utf8))
                all.append(try TestFailure.unwrap(read as? [String: Any], "not a record"))
            }
        }
        patients = all.filter { $0["resourceType"] as? String == "Patient" }
        var encounters: [String: [String]] = [:]
        for record in all where record["resourceType"] as? String == "Encounter" {
            encounters[Self.patient(record), default: []].append(record["id"] as? String ?? "")
        }
        for record in all where record["resourceType"] as? String != "Patient" {
            records.append(Self.changed(record, encounters[Self.patient(record)] ?? [], &random))
        }
    }

    private static func changed(
        _ original: [String: Any], _ encounters: [String], _ random: inout SeededGenerator
    ) -> Record {
        var fields = original
        let type = fields["resourceType"] as? String ?? ""
        if type == "Encounter" {
            if let other = encounters.randomElement(using: &random),
                Int.random(in: 0..<8, using: &random) == 0
            {
                fields["partOf"] = ["reference": "Encounter/\(other)"]
            }
            if Int.random(in: 0..<8, using: &random) == 0 {
                let care = "\(patient(fields))-\(Int.random(in: 0..<2, using: &random))"
                fields["episodeOfCare"] = [["reference": "EpisodeOfCare/\(care)"]]
            }
        } else if let other = encounters.randomElement(using: &random), Bool.random(using: &random) {
            fields["encounter"] = ["reference": "Encounter/\(other)"]
        }
        let isListed = Int.random(in: 0..<60, using: &random) == 0
        // Some synthetic people have HIV, which is on the list by itself.
        let isListedAlready = "\(original["code"] ?? "")".contains("86406008")
        if isListed {
            let element =
                ["MedicationRequest": "medicationCodeableConcept", "Immunization": "vaccineCode"][type]
                ?? (type == "Encounter" ? "reasonCode" : "code")
            let coding: [String: Any] =
                Bool.random(using: &random)
                ? ["system": "http://hl7.org/fhir/sid/icd-10", "code": "A54.9"] : ["code": "a549"]
            if type == "Encounter" {
                fields[element] = [["coding": [coding]]]
            } else {
                var concept = fields[element] as? [String: Any] ?? [:]
                concept["coding"] = (concept["coding"] as? [[String: Any]] ?? []) + [coding]
                fields[element] = concept
            }
        }
        return Record(
            type: type, id: fields["id"] as? String ?? "", patient: patient(fields),
            encounter: type == "Encounter" ? fields["id"] as? String : reference(fields["encounter"]),
            days: days(fields), isListed: isListed || isListedAlready, fields: fields)
    }

    private static func reference(_ value: Any?) -> String? {
        ((value as? [String: Any])?["reference"] as? String).map {
            String($0.split(separator: "/").last ?? "")
        }
    }

    private static func patient(_ fields: [String: Any]) -> String {
        reference(fields["subject"]) ?? reference(fields["patient"]) ?? ""
    }

    /// The days of every date that a dataset of that type has.
    private static func days(_ fields: [String: Any]) -> [String] {
        let names = [
            "onsetDateTime", "abatementDateTime", "recordedDate", "effectiveDateTime", "performedDateTime",
            "authoredOn", "occurrenceDateTime", "issued",
        ]
        let type = fields["resourceType"] as? String
        var found = names.filter { !(type == "DiagnosticReport" && $0 == "effectiveDateTime") }
            .compactMap { fields[$0] as? String }
        for period in ["period", "performedPeriod"] {
            let both = fields[period] as? [String: Any]
            found += ["start", "end"].compactMap { both?[$0] as? String }
        }
        return found.map { String($0.prefix(10)) }
    }

    /// The ids of all records that belong to a restricted episode.
    func restricted() -> Set<String> {
        let spans = Dictionary(
            uniqueKeysWithValues: records.filter { $0.type == "Encounter" }.map {
                ($0.id, (patient: $0.patient, first: $0.days.min() ?? "", last: $0.days.max() ?? ""))
            })
        let listed = records.filter(\.isListed)
        let loose = Set(
            listed.filter { $0.encounter == nil }.flatMap { row in row.days.map { "\(row.patient) \($0)" } })
        func covers(_ id: String, _ patient: String, _ day: String) -> Bool {
            spans[id].map { $0.patient == patient && $0.first <= day && day <= $0.last } ?? false
        }
        var encounters = Set(listed.compactMap(\.encounter))
        for row in listed where row.encounter == nil {
            for id in spans.keys where row.days.contains(where: { covers(id, row.patient, $0) }) {
                encounters.insert(id)
            }
        }
        close(&encounters)
        let days = Set(listed.flatMap { row in row.days.map { "\(row.patient) \($0)" } })
        return Set(
            records.filter { row in
                if row.isListed || row.encounter.map(encounters.contains) == true { return true }
                return row.days.contains { day in
                    if loose.contains("\(row.patient) \(day)") { return true }
                    guard row.encounter == nil else { return false }
                    return days.contains("\(row.patient) \(day)")
                        || encounters.contains { covers($0, row.patient, day) }
                }
            }.map(\.id))
    }

    private func close(_ encounters: inout Set<String>) {
        var ties: [String: Set<String>] = [:]
        for row in records where row.type == "Encounter" {
            if let whole = Self.reference(row.fields["partOf"]) {
                ties["part of \(whole)", default: []].formUnion([row.id, whole])
            }
            for care in row.fields["episodeOfCare"] as? [[String: Any]] ?? [] {
                ties["care \(Self.reference(care) ?? "")", default: []].insert(row.id)
            }
        }
        var before = -1
        while encounters.count > before {
            before = encounters.count
            for tie in ties.values where !tie.isDisjoint(with: encounters) { encounters.formUnion(tie) }
        }
    }

    func write(to path: String, without ids: Set<String>) throws {
        let kept = patients + records.filter { !ids.contains($0.id) }.map(\.fields)
        let lines = try kept.map {
            String(decoding: try JSONSerialization.data(withJSONObject: $0), as: UTF8.self)
        }
        try FHIRText.write(lines, to: path)
    }
}
