import Foundation
import Testing

/// Lists and releases that are loaded while all nodes serve, from the command line to the next answer.
enum ReferenceChecks {
    private static let holders = ["QWE"] + Federation.trusts

    static func check(_ federation: Federation) async throws {
        let folder = federation.root + "-references"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        do {
            try await lists(federation, folder)
            try await terminology(federation, folder)
            try await populations(federation, folder)
        } catch {
            try? FileManager.default.removeItem(atPath: folder)
            throw error
        }
        try FileManager.default.removeItem(atPath: folder)
    }

    private static func lists(_ federation: Federation, _ folder: String) async throws {
        let file = folder + "/list.csv"
        try Data("code,term\n38341003,\"Hypertension, any\"\n38341003,again\n".utf8).write(
            to: URL(filePath: file))
        let add = [
            "--name", "pressure", "--version", "2026.1", "--as-at", "2026-01-31", "--licence", "OGL v3",
        ]
        let sql = "SELECT count(*) AS n FROM condition WHERE in_codelist(code, 'pressure')"
        let unknown = try await federation.ask(sql)
        #expect(unknown.status == 2)
        let said = try await federation.run(["codelist", "add"], at: "QWE", [file] + add)
        #expect(said.status == 0, "\(said.errors)")
        #expect(said.output.contains("codelist.pressure@2026.1: 1 codes"))
        #expect(said.output.contains("note: 1 repeated codes taken once: 38341003"))
        // Only the requester holds it: every site refuses.
        let alone = try await federation.ask(sql)
        #expect(alone.status == 3)
        #expect(
            try alone.json()["error"]["sites"].elements.allSatisfy {
                $0["reason"].text?.contains("codelist \"pressure@2026.1\" does not exist") == true
            })
        for site in Federation.trusts {
            #expect(try await federation.run(["codelist", "add"], at: site, [file] + add).status == 0)
        }
        let listed = try await federation.ask(sql)
        let written = try await federation.ask(
            "SELECT count(*) AS n FROM condition WHERE code IN ('38341003')")
        #expect(listed.status == 0, "\(listed.errors)")
        #expect(try listed.json()["rows"] == written.json()["rows"])
        let note = try listed.json()["receipt"]["references"].elements.first
        #expect(note?["name"].text == "codelist.pressure")
        #expect(note?["version"].text == "2026.1")
        #expect(note?["as_at"].text == "2026-01-31")
        #expect(note?["licence"].text == "OGL v3")
        #expect(note?["digest"].text?.count == 64)
        try await faults(federation, folder, file, add)
        let codes = try await federation.run(
            ["codelist", "show"], at: "RJ1", ["pressure", "--format", "csv"])
        #expect(codes.output == "code,term\r\n38341003,\"Hypertension, any\"\r\n")
        let all = try await federation.run(["codelist", "list"], at: "RJ1", ["--format", "csv"])
        #expect(all.output.contains("codelist.pressure,2026.1,yes,2026-01-31,1,OGL v3,"))
    }

    private static func faults(
        _ federation: Federation, _ folder: String, _ file: String, _ add: [String]
    ) async throws {
        let other = folder + "/other.csv"
        try Data("code,term\n59621000,Other\n".utf8).write(to: URL(filePath: other))
        let changed = try await federation.run(["codelist", "add"], at: "RJ1", [other] + add)
        #expect(changed.status == 1)
        #expect(changed.errors.contains("give this one another --version"))
        let again = try await federation.run(["codelist", "add"], at: "RJ1", [file] + add)
        #expect(again.output.contains("is there already, with the same content"))
        try Data("code,term\n,Nothing\n".utf8).write(to: URL(filePath: other))
        let empty = try await federation.run(
            ["codelist", "add"], at: "RJ1", [other, "--name", "x", "--version", "1"])
        #expect(empty.status == 1)
        #expect(empty.errors.contains("other.csv: line 2: has no code"))
        #expect(try await federation.run(["codelist", "show"], at: "RJ1", ["nothing"]).status == 1)
        #expect(try await federation.run(["codelist", "remove"], at: "RJ1", ["asthma"]).status == 1)
    }

    private static func terminology(_ federation: Federation, _ folder: String) async throws {
        let sql = "SELECT count(*) AS n FROM condition WHERE descends_from(code, 38341003)"
        let before = try await federation.ask(sql)
        #expect(before.status == 2)
        #expect(try before.json()["error"]["hint"].text?.contains("concordat reference load snomed") == true)
        try writeSnomed(to: folder + "/rf2")
        for member in holders {
            let said = try await federation.run(
                ["reference", "load"], at: member, ["snomed", folder + "/rf2"])
            #expect(said.status == 0, "\(said.errors)")
            #expect(said.output.contains("terminology.snomed@20260401: 4 concepts, 3 ties, 8 pairs"))
        }
        let below = try await federation.ask(sql)
        #expect(below.status == 0, "\(below.errors)")
        let written = try await federation.ask(
            "SELECT count(*) AS n FROM condition WHERE code IN ('38341003', '59621000')")
        #expect(try below.json()["rows"] == written.json()["rows"])
        #expect(
            try below.json()["receipt"]["references"].elements.first?["name"].text == "terminology.snomed")
        // Above the cut the requester's own engine asks it, of released codes.
        let above = try await federation.ask(
            """
            SELECT code, count(*) AS n FROM condition GROUP BY code
            HAVING descends_from(code, 38341003) OR count(*) < 0 ORDER BY code
            """)
        let grouped = try await federation.ask(
            """
            SELECT code, count(*) AS n FROM condition WHERE code IN ('38341003', '59621000') GROUP BY code
            ORDER BY code
            """)
        #expect(above.status == 0, "\(above.errors)")
        #expect(try above.json()["rows"] == grouped.json()["rows"])
        let shown = try await federation.run(
            ["reference", "show"], at: "QWE", ["snomed", "--concept", "38341003", "--format", "csv"])
        #expect(shown.output == "code,term\r\n38341003,Hypertension\r\n59621000,Essential hypertension\r\n")
    }

    /// The least that is a release: three diseases below one.
    private static func writeSnomed(to folder: String) throws {
        let names = [
            (64_572_001, "Disease"), (38_341_003, "Hypertension"), (59_621_000, "Essential hypertension"),
            (73_211_009, "Diabetes"),
        ]
        let ties = [(38_341_003, 64_572_001), (59_621_000, 38_341_003), (73_211_009, 64_572_001)]
        let head = "id\teffectiveTime\tactive\tmoduleId\t"
        var files = [
            "Concept": [head + "definitionStatusId"],
            "Relationship": [
                head + "sourceId\tdestinationId\trelationshipGroup\ttypeId\tcharacteristicTypeId\tmodifierId"
            ],
            "Description": [head + "conceptId\tlanguageCode\ttypeId\tterm\tcaseSignificanceId"],
        ]
        for (concept, name) in names {
            files["Concept"]?.append("\(concept)\t20260401\t1\t1\t900000000000074008")
            files["Description"]?.append(
                "\(concept)1\t20260401\t1\t1\t\(concept)\ten\t900000000000003001\t\(name)\t1")
        }
        for (place, tie) in ties.enumerated() {
            files["Relationship"]?.append(
                "\(place)\t20260401\t1\t1\t\(tie.0)\t\(tie.1)\t0\t116680003\t900000000000011006\t1")
        }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (kind, lines) in files {
            try Data((lines.joined(separator: "\n") + "\n").utf8).write(
                to: URL(filePath: "\(folder)/sct2_\(kind)_Snapshot_GB_20260401.txt"))
        }
    }

    /// A table that only the requester holds: it is shown, and every site refuses it.
    private static func populations(_ federation: Federation, _ folder: String) async throws {
        let file = folder + "/gp-reg-pat-prac-sing-age-male.csv"
        let text =
            "EXTRACT_DATE,ORG_CODE,SEX,AGE,NUMBER_OF_PATIENTS\n01APR2026,A81001,MALE,ALL,40\n01APR2026,A81001,MALE,0,17\n"
        try Data(text.utf8).write(to: URL(filePath: file))
        let said = try await federation.run(
            ["reference", "load"], at: "QWE", ["practice-population", file, "--source", "a test"])
        #expect(said.output.contains("reference.practice_population@2026-04: 1 rows"), "\(said.errors)")
        #expect(said.output.contains("note: only male people: load both files in one command"))
        let shown = try await federation.run(
            ["reference", "show"], at: "QWE", ["practice_population@2026-04", "--format", "csv"])
        #expect(shown.output.contains("made from,a test\r\n"))
        #expect(shown.output.contains("as at,2026-04-01\r\n"))
        let refused = try await federation.ask(
            """
            SELECT q.practice, count(*) AS n FROM patient p
            JOIN reference.practice_population q ON q.practice = p.practice GROUP BY q.practice
            """)
        #expect(refused.status == 3, "\(refused.errors)")
        let list = try await federation.run(["reference", "list"], at: "QWE", ["--format", "csv"])
        #expect(list.output.contains("reference.practice_population,2026-04,yes,2026-04-01,1,OGL v3,"))
        let removed = try await federation.run(["reference", "remove"], at: "QWE", ["practice_population"])
        #expect(removed.output.contains("is removed"), "\(removed.errors)")
    }
}
