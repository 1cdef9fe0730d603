import Core
import Foundation
import TestSupport
import Testing

@testable import Node

@Suite(.postgreSQLCluster) struct TableIngestTests {
    @Test(arguments: WarehouseKind.allCases)
    func anEpisodeBecomesAdmissionEncounterConditionsAndProcedures(kind: WarehouseKind) async throws {
        try await IngestSite.with(kind) { node, folder in
            let path = folder + "/apc.csv"
            try IngestSite.write(
                TableText.apc([
                    TableText.episode(1, person: 1),
                    TableText.episode(
                        2, person: 1, ["EPIORDER": "2", "DIAG_4_02": "M36.10", "OPERTN_4_01": "-"]),
                    TableText.episode(3, person: 2, ["NEWNHSNO": "", "NHSNOIND": "03", "DIAG_4_01": "A150"]),
                ]), to: path)
            let report = try await node.tables("hes-apc", [path])
            #expect(
                report.files == [
                    IngestSite.file("apc.csv", "admission encounter condition procedure", new: 3)
                ])
            #expect(report.people == 2)
            #expect(
                try await node.held(
                    "spell_id, admitted_at, discharged_at, primary_diagnosis, diagnoses, procedures, provider",
                    "admission") == [
                        ["S1", "2026-04-02", "2026-04-05", "E11.9", "E11.9 I10", "K45.1", "RJ1"],
                        ["S3", "2026-04-02", "2026-04-05", "A15.0", "A15.0 I10", "K45.1", "RJ1"],
                    ])
            #expect(
                try await node.held("parent_id, code, rank, recorded_date, encounter_id", "condition") == [
                    ["hes-apc/1", "E11.9", "1.0", "2026-04-02", "hes-apc/1"],
                    ["hes-apc/1", "I10", "2.0", "2026-04-02", "hes-apc/1"],
                    ["hes-apc/2", "E11.9", "1.0", "2026-04-02", "hes-apc/2"],
                    ["hes-apc/2", "M36.1", "2.0", "2026-04-02", "hes-apc/2"],
                    ["hes-apc/3", "A15.0", "1.0", "2026-04-02", "hes-apc/3"],
                    ["hes-apc/3", "I10", "2.0", "2026-04-02", "hes-apc/3"],
                ])
            #expect(
                try await node.held("code, performed_start", "procedure") == [
                    ["K45.1", "2026-04-03"], ["K45.1", "2026-04-03"],
                ])
            // All codes of a row decide about every row that it gives.
            #expect(
                Set(try await node.held("codings", "encounter").flatMap { $0 }).contains(
                    "http://hl7.org/fhir/sid/icd-10|E11.9\nhttp://hl7.org/fhir/sid/icd-10|I10\n"
                        + "https://fhir.hl7.org.uk/CodeSystem/OPCS-4|K45.1\nurn:concordat:treatment-function|300"
                ))
            let people = try await node.rows("SELECT person FROM live.person ORDER BY 1").map { $0[0].text }
            #expect(people.contains(TableText.number(1)))
            #expect(people.contains { $0.hasPrefix("local:") })

            // The same file twice changes nothing.
            let again = try await node.tables("hes-apc", [path])
            #expect(
                again.files == [
                    IngestSite.file("apc.csv", "admission encounter condition procedure", unchanged: 3)
                ])
            // A changed row takes away what it gave before, in every dataset.
            try IngestSite.write(
                TableText.apc([TableText.episode(1, person: 1, ["DIAG_4_02": "", "OPERTN_4_01": ""])]),
                to: path)
            let changed = try await node.tables("hes-apc", [path])
            #expect(changed.files.map(\.replaced) == [1])
            #expect(try await node.held("code", "condition").count == 5)
            #expect(try await node.held("code", "procedure").count == 1)
            #expect(changed.addsUp)
        }
    }

    @Test(arguments: WarehouseKind.allCases)
    func whatCannotBeTakenIsKeptWithPlaceAndReasons(kind: WarehouseKind) async throws {
        try await IngestSite.with(kind) { node, folder in
            let path = folder + "/apc.csv"
            let wrong = String(TableText.number(1).dropLast()) + "x"
            let text =
                "\u{FEFF}"
                + TableText.apc(
                    [
                        TableText.episode(
                            1, person: 1, ["SUSSPELLID": "a \"quoted\", spell\r\nof two lines"]),
                        TableText.episode(2, person: 1, ["NEWNHSNO": wrong]),
                        TableText.episode(3, person: 1, ["ADMIDATE": "31/02/2026"]),
                        TableText.episode(4, person: 1, ["EPISTART": "02/04/26"]),
                        TableText.episode(5, person: 1, ["ADMIDATE": "", "EPISTART": "nonsense"]),
                        TableText.episode(6, person: 1, ["NEWNHSNO": "", "LOPATID": "NULL"]),
                        TableText.episode(7, person: 1, ["DISDATE": "2026-03-01"]),
                        TableText.episode(8, person: 1, ["DIAG_4_01": "?"]),
                        TableText.episode(9, person: 1, ["NEWNHSNO": "9434765919"]),
                        TableText.episode(10, person: 1, ["NEWNHSNO": "9434765919", "NHSNOIND": "03"]),
                    ], end: "\r\n") + "11,too,short\r\n"
            try IngestSite.write(text, to: path)
            let report = try await node.tables("hes-apc", [path])
            #expect(
                report.files == [
                    IngestSite.file(
                        "apc.csv", "admission encounter condition procedure", new: 1,
                        [
                            "invalid-nhs-number": 1, "impossible-date": 3, "no-person": 1,
                            "discharged-before-admission": 1, "not-a-code": 1,
                            "not-a-synthetic-nhs-number": 2,
                            "missing-columns": 1,
                        ])
                ])
            let entries = try node.quarantined()
            #expect(entries.count == 10)
            let third = try #require(entries.first { $0.line == 4 })
            #expect(third.position == "row 4")
            #expect(third.reasons == ["impossible-date"])
            #expect(third.mapping == "hes-apc")
            let bytes = try #require(third.bytes)
            let row = try #require(try JSONSerialization.jsonObject(with: bytes) as? [String: Any])
            #expect(row["ADMIDATE"] as? String == "31/02/2026")
            #expect(row["OPDATE_24"] is NSNull || row["OPDATE_24"] as? String == "")
            #expect(entries.first { $0.line == 6 }?.reasons == ["impossible-date", "missing-required"])
            #expect(
                entries.first { $0.reasons == ["missing-columns"] }.flatMap(\.bytes)
                    == Data("11,too,short".utf8))
            #expect(
                try await node.held("spell_id", "admission") == [
                    ["a \"quoted\", spell\r\nof two lines"]
                ])

            // The same again is the same again.
            #expect(try await node.tables("hes-apc", [path]).files.map(\.unchanged) == [1])
            #expect(try node.quarantined().count == 10)
            // Tried again they are refused again, each for the same; the line that is no row is not tried.
            let retried = try await node.retry()
            #expect(retried.files.map(\.records) == [9])
            #expect(retried.files.map(\.setAside) == [9])
            #expect(
                retried.notes == [
                    "1 records of tables cannot be tried again: lines that are no row, rows of another partition; "
                        + "correct the file and take it in again"
                ])
            #expect(try node.quarantined() == entries)
        }
    }
}
