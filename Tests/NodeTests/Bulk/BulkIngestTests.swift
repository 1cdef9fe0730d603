import Audit
import Core
import Foundation
import TestSupport
import Testing

@testable import Node

/// Exports from the kick-off to the warehouse, over real HTTP.
@Suite struct BulkIngestTests {
    @Test(arguments: BulkAdministration.algorithms)
    func takesAWholeExport(_ algorithm: ClientKey.Algorithm) async throws {
        var script = BulkSite.script
        script.algorithms = [algorithm.rawValue]
        script.polls = 2
        script.retryAfter = "7"
        try await BulkSite.with(script, algorithm: algorithm) { (site: BulkSite) async throws in
            let report = try await site.ingest()
            #expect(report.addsUp)
            #expect(
                report.files == [
                    IngestSite.file("bulk-Patient-1.ndjson", "patient", new: 2),
                    IngestSite.file("bulk-Condition-1.ndjson", "condition", new: 2),
                    IngestSite.file("bulk-Observation-1.ndjson", "observation", new: 1),
                ])
            #expect(report.published != nil)
            #expect(
                report.notes.first
                    == "export 1 of \(site.server.base) (system), as of 2026-11-20T01:02:03.456Z: 5 resources in 3 "
                    + "files, everything")
            #expect(site.waits.all == [.seconds(7), .seconds(7)])
            #expect(try await site.states() == ["taken"])
            // Nothing of the patients is left in the home, nor at the server.
            #expect(site.files() == [])
            #expect(await site.server.withdrawn == ["e1"])
            let kickOff = try await site.kickOff()
            #expect(kickOff.path == "/fhir/$export")
            #expect(kickOff.query["_since"] == nil)
            let types = try #require(kickOff.query["_type"]).split(separator: ",")
            #expect(types.contains("Patient") && types.contains("Consent") && !types.contains("Practitioner"))
            #expect(await site.server.scopes == [types.map { "system/\($0).rs" }.joined(separator: " ")])
        }
    }

    @Test func theNextExportAsksForWhatHasChangedAndDeletes() async throws {
        try await BulkSite.with(BulkSite.script) { (site: BulkSite) async throws in
            _ = try await site.ingest()
            await site.server.change { script in
                script.resources = [
                    "Patient": [FHIRText.patient("p1", number: FHIRText.number(1), version: 5)],
                    "Condition": [FHIRText.condition("c3", of: "p1")],
                ]
                script.deleted = [
                    BundleText.bundle("transaction", [], deletes: ["Condition/c1", "Observation/o1"])
                ]
                script.transactionTime = "2026-11-21T00:00:00+00:00"
            }
            let report = try await site.ingest()
            #expect(try await site.kickOff().query["_since"] == "2026-11-20T01:02:03.456Z")
            #expect(report.addsUp)
            #expect(
                Set(report.files) == [
                    IngestSite.file("bulk-Patient-1.ndjson", "patient", replaced: 1),
                    IngestSite.file("bulk-Condition-1.ndjson", "condition", new: 1),
                    IngestSite.file("bulk-deleted-1.ndjson", "condition", deleted: 1),
                    IngestSite.file("bulk-deleted-1.ndjson", "observation", deleted: 1),
                ])
            #expect(try await site.node.ids("condition") == ["c2", "c3"])
            #expect(try await site.node.ids("observation") == [])

            // The plus sign of an offset arrives as one.
            _ = try await site.ingest()
            #expect(try await site.kickOff().query["_since"] == "2026-11-21T00:00:00+00:00")
            _ = try await site.ingest { $0.since = "2020-01-01T00:00:00Z" }
            #expect(try await site.kickOff().query["_since"] == "2020-01-01T00:00:00Z")
            _ = try await site.ingest { $0.isFull = true }
            #expect(try await site.kickOff().query["_since"] == nil)
        }
    }

    /// Whoever skips a time does not make the node forget that it was skipped.
    @Test func aGapIsAskedForAgain() async throws {
        try await BulkSite.with(BulkSite.script) { (site: BulkSite) async throws in
            _ = try await site.ingest { $0.since = "2026-01-01T00:00:00Z" }
            let report = try await site.ingest()
            #expect(try await site.kickOff().query["_since"] == nil)
            #expect(report.notes.count == 1)
            await site.server.change { $0.transactionTime = "2026-12-24T00:00:00Z" }
            // The same moment by another clock leaves no gap, a second later does.
            let skipped = try await site.ingest { $0.since = "2026-11-20T01:02:04.456Z" }
            #expect(
                skipped.notes.last
                    == "--since left a gap: the next export asks since 2026-11-20T01:02:03.456Z")
            _ = try await site.ingest { $0.since = "2026-11-20T02:02:03.456+01:00" }
            _ = try await site.ingest()
            #expect(try await site.kickOff().query["_since"] == "2026-12-24T00:00:00Z")
        }
    }

    @Test func groupsAndTypesAreSourcesOfTheirOwn() async throws {
        try await BulkSite.with(BulkSite.script) { (site: BulkSite) async throws in
            _ = try await site.ingest()
            let report = try await site.ingest {
                $0.level = .group("ward-7.a")
                $0.types = ["Patient", "Condition"]
            }
            var kickOff = try await site.kickOff()
            #expect(kickOff.path == "/fhir/Group/ward-7.a/$export")
            #expect(kickOff.query["_type"] == "Condition,Patient")
            // What was taken of the whole system says nothing of a group.
            #expect(kickOff.query["_since"] == nil)
            #expect(await site.server.scopes.last == "system/Condition.rs system/Patient.rs")
            #expect(report.files.map(\.dataset) == ["patient", "condition"])
            #expect(report.files.map(\.unchanged) == [2, 2])

            _ = try await site.ingest {
                $0.level = .group("ward-7.a")
                $0.types = ["Condition", "Patient"]
            }
            #expect(try await site.kickOff().query["_since"] == "2026-11-20T01:02:03.456Z")
            _ = try await site.ingest {
                $0.level = .patients
                $0.types = []
            }
            kickOff = try await site.kickOff()
            #expect(kickOff.path == "/fhir/Patient/$export")
            #expect(kickOff.query["_type"] == nil)
            #expect(kickOff.query["_since"] == nil)
            #expect(await site.server.scopes.last == "system/*.rs")
        }
    }

    @Test func anExportOfNothingIsNoError() async throws {
        try await BulkSite.with(BulkSite.script) { (site: BulkSite) async throws in
            _ = try await site.ingest()
            await site.server.change { $0.resources = ["Patient": []] }
            let report = try await site.ingest()
            #expect(report.files == [])
            #expect(try await site.states() == ["taken", "taken"])
        }
    }

    /// What is set aside is there with its bytes; the same export again does not set it aside twice.
    @Test func badLinesAreSetAside() async throws {
        var script = BulkSite.script
        script.resources["Condition"]?.append("{broken")
        script.resources["Condition"]?.append(FHIRText.condition("c9", of: "nobody"))
        try await BulkSite.with(script) { (site: BulkSite) async throws in
            for _ in 0..<2 {
                let report = try await site.ingest { $0.isFull = true }
                #expect(report.addsUp)
                #expect(report.files.reduce(0) { $0 + $1.setAside } == 2)
                let entries = try site.node.quarantined()
                #expect(entries.count == 2)
                #expect(Set(entries.map(\.file)) == ["bulk-Condition-1.ndjson"])
                #expect(entries.contains { $0.bytes == Data("{broken".utf8) })
            }
        }
    }

    @Test func partsOfAManifestAreFollowed() async throws {
        var script = BulkSite.script
        script.pages = 3
        try await BulkSite.with(script) { (site: BulkSite) async throws in
            let report = try await site.ingest()
            #expect(report.files.map(\.new) == [2, 2, 1])
            #expect(await site.server.count("GET /jobs/e1/") == 2)
        }
    }

    @Test func compressedFilesAreTakenAsTheyCome() async throws {
        var script = BulkSite.script
        script.isCompressed = true
        try await BulkSite.with(script) { (site: BulkSite) async throws in
            let report = try await site.ingest()
            #expect(report.files.map(\.new) == [2, 2, 1])
        }
    }

    /// What the server could not give is counted, never shown; and asked for again.
    @Test func issuesOfTheServerKeepTheMemoryBack() async throws {
        var script = BulkSite.script
        script.errors = [
            #"{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"exception","#
                + #""diagnostics":"Patient Jane Roe 943 476 5919 failed"}]}"#,
            #"{"resourceType":"OperationOutcome","issue":[{"severity":"information","code":"informational"}]}"#,
        ]
        try await BulkSite.with(script) { (site: BulkSite) async throws in
            let report = try await site.ingest()
            #expect(
                report.notes.contains(
                    "the server reports issues: error exception 1, information informational 1"))
            #expect(!report.notes.contains { $0.contains("Jane") || $0.contains("943") })
            await site.server.change { $0.errors = [] }
            _ = try await site.ingest()
            #expect(try await site.kickOff().query["_since"] == nil)
            _ = try await site.ingest()
            #expect(try await site.kickOff().query["_since"] == "2026-11-20T01:02:03.456Z")
        }
    }

    @Test func aServerWithoutAuthorisationGetsNoToken() async throws {
        var script = BulkSite.script
        script.isGuarded = false
        script.requiresToken = false
        try await BulkSite.with(script) { (site: BulkSite) async throws in
            let report = try await site.ingest { $0.clientID = nil }
            #expect(report.files.map(\.new) == [2, 2, 1])
            #expect(await site.server.log.allSatisfy { $0.headers["authorization"] == nil })
        }
    }

    @Test func theLogBearsTheExport() async throws {
        try await BulkSite.with(BulkSite.script) { (site: BulkSite) async throws in
            _ = try await site.ingest()
            let record = try #require(try site.node.records().last { $0.details["act"] == "bulk-export" })
            #expect(record.details["source"] == site.server.base)
            #expect(record.details["as-of"] == "2026-11-20T01:02:03.456Z")
            #expect(record.details["files"] == "3")
        }
    }
}
