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
        /// A table of the warehouse's own PostgreSQL database, which is shown and not loaded; or shown no more.
        case view
        case noView
    }

    /// The name of a mapping, or the path of one.
    package var mapping: String
    package var origin: Origin
    /// Whether the rows take the place of all that the mapping has of the partition.
    package var replaces: Bool
    /// `month=2026-04`; several parts with `/` between.
    package var partition: String?
    /// Of a database: in the place of the table that the mapping names.
    package var table: String?
    /// Whether a partition that has rows may be replaced by none.
    package var allowsEmpty = false
    /// By ODBC: one SELECT in the server's own SQL, in the place of a table.
    package var query: String?

    package init(
        mapping: String, origin: Origin, replaces: Bool = false, partition: String? = nil,
        table: String? = nil, query: String? = nil
    ) {
        (self.mapping, self.origin, self.replaces, self.partition) = (mapping, origin, replaces, partition)
        (self.table, self.query) = (table, query)
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
        if [.view, .noView].contains(command.origin) {
            return try await view(command, mapping, file, holding, progress)
        }
        guard try await !ViewRegister(warehouse: holding.warehouse).names().contains(mapping.name) else {
            throw NodeError(
                .input,
                "'\(mapping.name)' is shown as a view: loaded as well, its rows would be there twice; take the view away "
                    + "first (--no-view)")
        }
        let ingest = TableIngest(
            warehouse: holding.warehouse, mapping: mapping, file: file, quarantine: holding.quarantine,
            progress: progress,
            replacing: command.replaces
                ? .init(partition: command.partition ?? "", allowsEmpty: command.allowsEmpty) : nil,
            mappingPath: MappingLibrary.isPath(command.mapping) ? command.mapping : nil)
        let sources = try await sources(command, mapping)
        let report: IngestReport
        do {
            report = try await administration.noting("table \(mapping.name)", of: holding) {
                try await ingest.run(sources)
            }
        } catch {
            for source in sources { await source.close() }
            throw error
        }
        for source in sources { await source.close() }
        var details = ["mapping": mapping.name]
        if command.replaces { details["partition"] = command.partition ?? "all" }
        return try await administration.finish(report, details, of: holding, progress: progress)
    }

    private var administration: ControllerAdministration { ControllerAdministration(context: context) }

    private func view(
        _ command: TableIngestCommand, _ mapping: TableMapping, _ file: String, _ holding: Holding,
        _ progress: ProgressSink
    ) async throws -> IngestReport {
        guard holding.isOwn else {
            throw NodeError(
                .input, "views are of \(context.organisation)'s own tables: load those of another controller")
        }
        let register = ViewRegister(warehouse: holding.warehouse)
        guard !command.replaces else {
            throw NodeError(.input, "a view is never replaced by parts: leave --replace out")
        }
        let report =
            command.origin == .noView
            ? try await register.remove(mapping.name)
            : try await register.register(
                mapping, file: file,
                table: try DatabaseTableSource.tableName(mapping, given: command.table))
        return try await administration.finish(
            report, ["mapping": mapping.name, "view": command.origin == .noView ? "removed" : "shown"],
            of: holding, progress: progress)
    }

    private func sources(
        _ command: TableIngestCommand, _ mapping: TableMapping
    ) async throws -> [any TableSource] {
        switch command.origin {
        case .files(let paths):
            var sources: [any TableSource] = []
            do {
                for path in paths {
                    sources.append(
                        try await FileTableSource(
                            path: path, source: mapping.source, settings: reader,
                            scratch: context.home.layout.quarantineDirectory))
                }
            } catch {
                for source in sources { await source.close() }
                throw error
            }
            return sources
        case .postgresql(let address):
            let table = try DatabaseTableSource.tableName(mapping, given: command.table)
            return [
                try await DatabaseTableSource(
                    name: command.table ?? mapping.source.table?.text ?? "",
                    reader: PostgreSQLRowReader(connectionString: address, table: table), settings: reader)
            ]
        case .view, .noView: return []
        case .odbc(let connection):
            let statement = try ODBCRowReader.statement(mapping, table: command.table, query: command.query)
            let rows = try await ODBCRowReader(connection: connection, statement)
            let table = command.table ?? mapping.source.table?.text ?? ""
            return [
                try await DatabaseTableSource(
                    name: command.query == nil ? table : "odbc query", reader: rows, settings: reader)
            ]
        }
    }

    /// An instance for each file, small: rows stream through it.
    var reader: DuckDBSettings {
        var settings = DuckDBSettings()
        settings.memoryLimitMegabytes = min(320, context.configuration.memoryLimitMegabytes)
        settings.threads = max(1, min(4, ProcessInfo.processInfo.activeProcessorCount))
        return settings
    }
}
