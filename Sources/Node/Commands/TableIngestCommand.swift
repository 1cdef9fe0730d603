internal import Audit
internal import Core
internal import Foundation
internal import Store
internal import Warehouse

/// What a person at a controller asks for when tables are taken in.
package struct TableIngestCommand: Codable, Sendable, Hashable {
    /// Where the rows are.
    package enum Origin: Codable, Sendable, Hashable {
        case files([String])
        /// The connection string of a PostgreSQL server.
        case postgresql(String)
        /// A data source name, or a whole connection string, of unixODBC.
        case odbc(String)
    }

    /// The name of a mapping, or the path of one.
    package var mapping: String
    package var origin: Origin
    /// Whether the rows take the place of all that the mapping has of the partition.
    package var replaces: Bool
    /// `month=2026-04`; several parts with `/` between.
    package var partition: String?

    package init(mapping: String, origin: Origin, replaces: Bool = false, partition: String? = nil) {
        (self.mapping, self.origin, self.replaces, self.partition) = (mapping, origin, replaces, partition)
    }
}

/// Takes tables in, notes that in the log and publishes if nothing has been published yet.
struct TableAdministration: Sendable {
    let context: NodeContext
    /// Whose data; nil for the node's own organisation.
    var controller: OrganisationCode?

    var library: MappingLibrary {
        MappingLibrary(folders: [context.schemas + "/mappings", context.home.layout.root + "/mappings"])
    }

    func ingest(_ command: TableIngestCommand, progress: @escaping ProgressSink) async throws -> IngestReport
    {
        let holding = try context.holding(of: controller)
        guard command.replaces || command.partition == nil else {
            throw NodeError(.input, "--partition goes with --replace")
        }
        let (mapping, file) = try library.mapping(command.mapping)
        let ingest = TableIngest(
            warehouse: holding.warehouse, mapping: mapping, file: file, quarantine: holding.quarantine,
            progress: progress,
            replacing: command.replaces ? .init(partition: command.partition ?? "") : nil)
        let sources = try await sources(command.origin, mapping)
        var report: IngestReport
        do {
            report = try await ingest.run(sources)
        } catch {
            for source in sources { await source.close() }
            throw error
        }
        for source in sources { await source.close() }
        try await note(report, command, mapping)
        if holding.isOwn, try context.publications.current() == nil, report.people > 0 {
            progress("publishing", 0, 1, "")
            report.published = try await ControllerAdministration(context: context).publish().note(
                at: Clock.now)
        }
        return report
    }

    private func sources(
        _ origin: TableIngestCommand.Origin, _ mapping: TableMapping
    ) async throws -> [any TableSource] {
        switch origin {
        case .files(let paths):
            var sources: [any TableSource] = []
            do {
                for path in paths {
                    sources.append(
                        try await FileTableSource(path: path, source: mapping.source, settings: reader))
                }
            } catch {
                for source in sources { await source.close() }
                throw error
            }
            return sources
        case .postgresql(let address):
            let table = try DatabaseTableSource.tableName(mapping)
            return [
                try await DatabaseTableSource(
                    name: mapping.source.table?.text ?? "",
                    reader: PostgreSQLRowReader(connectionString: address, table: table), settings: reader)
            ]
        case .odbc:
            throw NodeError(.input, "reading by ODBC is not there yet: export to CSV or Parquet")
        }
    }

    /// An instance for each file, small: rows stream through it.
    private var reader: DuckDBSettings {
        var settings = DuckDBSettings()
        settings.memoryLimitMegabytes = min(512, context.configuration.memoryLimitMegabytes)
        settings.threads = max(1, min(4, ProcessInfo.processInfo.activeProcessorCount))
        return settings
    }

    private func note(
        _ report: IngestReport, _ command: TableIngestCommand, _ mapping: TableMapping
    ) async throws {
        func total(_ count: (IngestReport.File) -> Int) -> String {
            String(report.files.reduce(0) { $0 + count($1) })
        }
        var details = [
            "files": String(report.files.count), "mapping": mapping.name, "records": total(\.records),
            "new": total(\.new), "replaced": total(\.replaced), "set-aside": total(\.setAside),
        ]
        if command.replaces { details["partition"] = command.partition ?? "all" }
        _ = try await context.audit.append(AuditRecord(kind: .ingest, at: Clock.now, details: details))
    }
}
