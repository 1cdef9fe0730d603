internal import ArgumentParser
internal import Foundation
internal import Node

/// What `ingest` is told of tables.
struct TableOptions: ParsableArguments {
    @Option(
        help: "Take tables in by this mapping: its name (Schemas/mappings) or file. CSV (.gz) and Parquet.")
    var mapping: String?
    @Flag(help: "The rows take the place of all that the mapping has of the partition.") var replace = false
    @Option(help: "With --replace: which partition, e.g. month=2026-04.") var partition: String?
    @Option(help: "Read from this PostgreSQL server (postgresql://…) in the place of files.") var source:
        String?
    @Option(help: "Read from this unixODBC data source in the place of files.") var odbc: String?

    /// nil where FHIR is meant.
    func command(_ paths: [String]) throws -> TableIngestCommand? {
        guard let mapping else {
            guard !replace, partition == nil, source == nil, odbc == nil else {
                throw ValidationError("--replace, --partition, --source and --odbc go with --mapping")
            }
            guard !paths.isEmpty else { throw ValidationError("name files or folders") }
            return nil
        }
        let origins = [
            source.map(TableIngestCommand.Origin.postgresql), odbc.map(TableIngestCommand.Origin.odbc),
        ]
        .compactMap(\.self)
        guard origins.count + (paths.isEmpty ? 0 : 1) == 1 else {
            throw ValidationError("name files, or one of --source and --odbc")
        }
        let file = mapping.contains("/") || mapping.hasSuffix(".yaml") || mapping.hasSuffix(".yml")
        return TableIngestCommand(
            mapping: file ? URL(filePath: mapping).standardizedFileURL.path(percentEncoded: false) : mapping,
            origin: origins.first ?? .files(paths), replaces: replace, partition: partition)
    }
}
