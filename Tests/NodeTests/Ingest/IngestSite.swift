import Core
import Foundation
import Store

@testable import Node

/// A controller of its own for one test of ingest.
enum IngestSite {
    /// Runs a body with a new node and an empty folder to write files to.
    static func with(
        _ kind: WarehouseKind, unknownUnits: UnknownUnits = .quarantine,
        _ body: (NodeContext, String) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { root in
            let folder = root + "/input"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try await NodeHome.with(
                NodeFederation.organisation("RJ1"), at: root + "/home", warehouse: kind,
                unknownUnits: unknownUnits
            ) { node in
                try await body(node, folder)
            }
        }
    }

    /// What a report should say of a file, its counts adding up.
    static func file(
        _ name: String, _ dataset: String?, new: Int = 0, replaced: Int = 0, unchanged: Int = 0,
        superseded: Int = 0, deleted: Int = 0, _ reasons: [String: Int] = [:]
    ) -> IngestReport.File {
        var file = IngestReport.File(name: name, dataset: dataset)
        file.new = new
        file.replaced = replaced
        file.unchanged = unchanged
        file.superseded = superseded
        file.deleted = deleted
        file.reasons = reasons
        file.setAside = reasons.values.reduce(0, +)
        file.records = new + replaced + unchanged + superseded + deleted + file.setAside
        return file
    }

    static func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path))
    }
}

extension IngestReport {
    var addsUp: Bool { files.allSatisfy { $0.addsUp } }
}

extension IngestReport.File {
    /// Whether every record has become something.
    var addsUp: Bool {
        records == new + replaced + unchanged + superseded + deleted + setAside + passedOver
            && setAside == reasons.values.reduce(0, +)
    }
}

extension NodeContext {
    struct QuarantineCount: Hashable {
        let file: String
        let reasons: String
        let count: Int
    }

    /// What `quarantine list` says.
    func quarantine() async throws -> Set<QuarantineCount> {
        guard
            case .listing(_, let rows) = await CommandRunner(context: self, isServing: false).run(
                .quarantineList(entries: false), progress: { _, _, _, _ in })
        else { throw TestFailure(description: "no listing") }
        return Set(rows.map { QuarantineCount(file: $0[0], reasons: $0[2], count: Int($0[3]) ?? -1) })
    }

    /// Every entry with its bytes, by id.
    func quarantined() throws -> [QuarantineJournal.Entry] {
        var all: [QuarantineJournal.Entry] = []
        try QuarantineJournal(directory: home.layout.quarantineDirectory).forEach { all.append($0) }
        return all.sorted { $0.id < $1.id }
    }

    func retry(of controller: OrganisationCode? = nil) async throws -> IngestReport {
        try await QuarantineAdministration(context: self, controller: controller).retry { _, _, _, _ in }
    }

    /// Every resource of a dataset with the person it is of: the same at any node that took in the same.
    func resources(_ dataset: String) async throws -> Set<[Value]> {
        Set(
            try await rows(
                """
                SELECT d.resource_id, d.parent_id, d.fingerprint, d.subject, p.person
                FROM live.\(dataset) d JOIN live.person p ON p.person_id = d.person_id
                """))
    }

    /// Ids of the resources of a dataset.
    func ids(_ dataset: String) async throws -> [String] {
        try await rows("SELECT resource_id FROM live.\(dataset) ORDER BY 1").map { $0[0].text }
    }
}

/// Bundles, written by hand.
enum BundleText {
    static func bundle(_ type: String, _ resources: [String], deletes: [String] = []) -> String {
        let entries =
            resources.map { #"{"fullUrl":"https://a.example/x","resource":\#($0)}"# }
            + deletes.map { #"{"request":{"method":"DELETE","url":"\#($0)"}}"# }
        return #"{"resourceType":"Bundle","type":"\#(type)","entry":[\#(entries.joined(separator: ","))]}"#
    }

    /// The same over many lines.
    static func pretty(_ json: String) throws -> String {
        let value = try JSONSerialization.jsonObject(with: Data(json.utf8))
        let data = try JSONSerialization.data(withJSONObject: value, options: [.prettyPrinted, .sortedKeys])
        return String(decoding: data, as: UTF8.self) + "\n"
    }
}

/// Data that is not part of the project, named by `CONCORDAT_OUTSIDE_DATA`.
enum OutsideData {
    static let root = ProcessInfo.processInfo.environment["CONCORDAT_OUTSIDE_DATA"]

    static var isHere: Bool { root != nil }

    static func path(_ relative: String) -> String { (root ?? "") + "/" + relative }
}
