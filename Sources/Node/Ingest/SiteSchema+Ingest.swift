internal import Catalog
internal import Core
internal import Warehouse

/// Where records wait on their way in: tables of the ingesting session alone.
///
/// - `held_…`: records whose patient has not come yet, until the end of the run. `taken`: what was taken in of their
///   dataset meanwhile. `set_aside`: everything that merges refused in this run.
/// - `WorkingTable`: what is asked for, or done, in one batch.
extension SiteSchema {
    static func held(_ dataset: Dataset) -> String { "held_" + dataset.name }

    var ingestDefinitions: String {
        let text = columnSQL(.text)
        let held = kept.map { dataset in
            define(nil, Self.held(dataset), Self.stagedColumns + recorded(dataset))
                .replacing("CREATE TABLE IF NOT EXISTS", with: "CREATE TEMPORARY TABLE IF NOT EXISTS")
        }
        return held.joined(separator: "\n")
            + """
            CREATE TEMPORARY TABLE IF NOT EXISTS set_aside (seq BIGINT, reasons \(text), dataset \(text));
            CREATE TEMPORARY TABLE IF NOT EXISTS taken (dataset \(text), id \(text), seq BIGINT);
            """
    }

    /// Makes a working table new and empty.
    ///
    /// What DELETE and TRUNCATE take out of a temporary table of DuckDB keeps its room until the session ends: some 45
    /// bytes a row, which of a long run were all the memory that it had.
    func renewed(_ table: WorkingTable) -> String {
        let list = table.columns.map { "\($0.name) \(columnSQL($0.type))" }.joined(separator: ", ")
        return dialect == .duckdb
            ? "CREATE OR REPLACE TEMPORARY TABLE \(table.rawValue) (\(list));"
            : "CREATE TEMPORARY TABLE IF NOT EXISTS \(table.rawValue) (\(list)); TRUNCATE \(table.rawValue);"
    }

    /// Puts rows in the place of what a working table had.
    /// - Parameter vectors: of its columns, in order.
    func fill(
        _ table: WorkingTable, _ vectors: [ColumnVector], in session: any EngineSession
    ) async throws {
        try await session.execute(renewed(table))
        try await table.append(vectors, in: session)
    }
}

/// A table of a session that ingests, made when a batch first needs it and filled anew for each.
enum WorkingTable: String {
    /// Which records are asked for.
    case wanted
    /// Their numbers.
    case wantedSequence = "wanted_sequence"
    /// Of whom subjects are.
    case stagedTie = "staged_tie"
    /// What a source deleted.
    case deletion
    /// Patients or NHS numbers that are looked for.
    case sought

    var columns: [(name: String, type: ColumnType)] {
        switch self {
        case .wanted: [("place", .bigint), ("id", .text)]
        case .wantedSequence: [("place", .bigint), ("seq", .bigint)]
        case .stagedTie: [("subject", .text), ("person", .text)]
        case .deletion, .sought: [("id", .text)]
        }
    }

    /// - Parameter vectors: of its columns, in order.
    func append(_ vectors: [ColumnVector], in session: any EngineSession) async throws {
        guard let rowCount = vectors.first?.count, rowCount > 0 else { return }
        let batch = Table(
            columns: zip(columns, vectors).map { .init(name: $0.name, vector: $1) }, rowCount: rowCount)
        try await session.load(QualifiedName(rawValue), columns: columns, batch: batch)
    }
}

/// The number of a record in one run: which file, and where it begins there.
///
/// Unique, and in the order of reading: of two versions without a time the later stands.
enum RecordSequence {
    /// Bits of the offset: files of up to a terabyte, decompressed.
    static let offsetBits: Int64 = 40

    static func number(file: Int, offset: Int) -> Int64 { Int64(file) << offsetBits | Int64(offset) }
    static func file(_ number: Int64) -> Int { Int(number >> offsetBits) }
    static func offset(_ number: Int64) -> Int { Int(number & (1 << offsetBits - 1)) }
    /// The file's number of a column `seq`.
    static let fileSQL = "seq >> \(offsetBits)"
}

extension Value {
    /// An integer, exactly.
    var whole: Int64? { if case .integer(let value) = self { value } else { nil } }
}
