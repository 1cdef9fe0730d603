internal import ArgumentParser
internal import Foundation
internal import Node
internal import Warehouse

/// What `ingest` is told of tables.
struct TableOptions: ParsableArguments {
    @Option(
        help: "Take tables in by this mapping: its name (Schemas/mappings) or file. CSV (.gz) and Parquet.")
    var mapping: String?
    @Flag(help: "The rows take the place of all that the mapping has of the partition.") var replace = false
    @Flag(help: "With --replace: also where the input has no row that can be taken.") var allowEmpty = false
    @Option(help: "With --replace: which partition, e.g. month=2026-04.") var partition: String?
    @Option(
        help: ArgumentHelp(
            "Read from this PostgreSQL server (postgresql://…, 'host=…') in the place of files; @FILE or env:NAME hold it.",
            valueName: "address"))
    var source: String?
    @Option(
        help: ArgumentHelp(
            "Read by unixODBC in the place of files: a data source's name, or a connection string; @FILE or env:NAME hold it.",
            valueName: "dsn"))
    var odbc: String?
    @Option(
        help:
            "With --source or --odbc or --as-view: this table or view (schema.table), not the one that the mapping names."
    )
    var table: String?
    @Flag(
        help:
            "Show a table of the warehouse's own PostgreSQL database as rows of datasets: nothing is copied until data are published."
    )
    var asView = false
    @Flag(help: "Show it no more.") var noView = false
    @Option(help: "With --odbc: the rows of this SELECT, in the server's own SQL; @FILE holds it.") var query:
        String?

    /// nil where FHIR is meant.
    func command(_ paths: [String]) throws -> TableIngestCommand? {
        guard let mapping else {
            guard !replace, !asView, !noView,
                [partition, source, odbc, table, query].allSatisfy({ $0 == nil })
            else {
                throw ValidationError(
                    "--replace, --partition, --source, --odbc, --table, --query, --as-view and --no-view go with --mapping"
                )
            }
            guard !paths.isEmpty else { throw ValidationError("name files or folders") }
            return nil
        }
        let origins = [
            try source.map { TableIngestCommand.Origin.postgresql(try Self.address($0, "--source")) },
            try odbc.map { TableIngestCommand.Origin.odbc(try Self.address($0, "--odbc")) },
            asView ? .view : nil, noView ? .noView : nil,
        ]
        .compactMap(\.self)
        guard origins.count + (paths.isEmpty ? 0 : 1) == 1 else {
            throw ValidationError("name files, or one of --source, --odbc, --as-view and --no-view")
        }
        guard replace || !allowEmpty else { throw ValidationError("--allow-empty goes with --replace") }
        guard table == nil || !origins.isEmpty else {
            throw ValidationError("--table goes with --source, --odbc or --as-view")
        }
        guard query == nil || (odbc != nil && table == nil) else {
            throw ValidationError("--query goes with --odbc, and without --table")
        }
        let file = mapping.contains("/") || mapping.hasSuffix(".yaml") || mapping.hasSuffix(".yml")
        var command = TableIngestCommand(
            mapping: file ? URL(filePath: mapping).standardizedFileURL.path(percentEncoded: false) : mapping,
            origin: origins.first ?? .files(paths), replaces: replace, partition: partition, table: table,
            query: try query.map { $0.hasPrefix("@") ? try Self.text(of: $0, "--query") : $0 })
        command.allowsEmpty = allowEmpty
        return command
    }

    /// The way in to a database, from where it is held. Everybody on the machine sees a command line.
    static func address(
        _ given: String, _ option: String,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> String {
        if given.hasPrefix("@") { return try text(of: given, option) }
        if given.hasPrefix("env:") {
            let name = String(given.dropFirst(4))
            guard let value = environment[name], !value.isEmpty else {
                throw ValidationError("\(option): there is nothing in the environment variable '\(name)'")
            }
            return value
        }
        let isURL = given.contains(/:\/\/[^\/@]*:[^\/@]*@/)
        guard !isURL, ODBCConnectionText(given).secrets.isEmpty, !given.lowercased().contains("password=")
        else {
            throw ValidationError(
                "\(option) bears a password, which everybody on this machine can see: put the whole text into a "
                    + "file of mode 0600 and write \(option) @FILE, or into a variable and write \(option) env:NAME"
            )
        }
        return given
    }

    private static func text(of given: String, _ option: String) throws -> String {
        let path = URL(filePath: String(given.dropFirst())).standardizedFileURL.path(percentEncoded: false)
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ValidationError("\(option): cannot read '\(path)'")
        }
        let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.isEmpty else { throw ValidationError("\(option): '\(path)' is empty") }
        return text
    }
}
