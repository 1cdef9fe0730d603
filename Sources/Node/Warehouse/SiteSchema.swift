internal import Catalog
internal import Core
internal import Store
internal import Warehouse

/// Where a controller's rows stand in its warehouse: the names and the definitions of all tables.
///
/// - `live`: what ingest keeps, with hidden columns.
/// - `snapshot_N`: a publication, which questions are answered from: people by a dense number, with
///   the record key, the allow-lists and the restricted codelists as columns, so that no question has to join
///   them in.
/// - `governance`: allow-lists. `reference`, `codelist`: tables about nobody.
struct SiteSchema: Sendable {
    let catalog: Catalog
    let dialect: EngineDialect
    /// What becomes of a measurement whose unit the catalog does not know for its code.
    var unknownUnits = UnknownUnits.quarantine

    static let live = "live"

    /// How publications lie: 2 since their rows are marked by restricted codelists, and have `nhs_number` and consents;
    /// 3 since they have `claim`.
    static let layout = 3

    static let snapshotPrefix = "snapshot_"

    static func snapshot(_ id: Int) -> String { snapshotPrefix + String(id) }

    /// The allow-list of a scheme within a snapshot.
    static func allowed(_ scheme: OptOutScheme) -> String {
        "allowed_" + scheme.rawValue.replacing("-", with: "_")
    }

    /// The column of a dataset that says whether a person is allowed by a scheme.
    /// - Parameter countingUnnumbered: whether people without an NHS number, whom no list can name, are.
    static func allowed(_ scheme: OptOutScheme, countingUnnumbered: Bool) -> String {
        allowed(scheme) + (countingUnnumbered ? "_or_unnumbered" : "")
    }

    /// Columns of a live table before the dataset's own.
    static let keyColumns: [(name: String, type: ColumnType)] = [
        ("resource_id", .text), ("parent_id", .text), ("fingerprint", .bigint), ("last_updated", .timestamp),
        ("controller", .text), ("subject", .text), ("person_id", .integer),
    ]

    /// Columns of rows on their way in, before the dataset's own.
    static let stagedColumns: [(name: String, type: ColumnType)] = [
        ("seq", .bigint), ("resource_id", .text), ("parent_id", .text), ("fingerprint", .bigint),
        ("last_updated", .timestamp), ("subject", .text), ("subject_number", .text),
    ]

    /// The dataset's own columns as stored: neither `person` nor `site`.
    func stored(_ dataset: Dataset) -> [(name: String, type: ColumnType)] {
        dataset.columns.filter { !$0.isPerson && $0.name != "site" }.map { ($0.name, $0.type) }
    }

    /// Hidden columns that `live` keeps, for what is decided when data are published: they are in no publication.
    private static let keptNames: Set<String> = [
        "encounter_id", "part_of_id", "episode_ids", "codings", "number_claims", "links",
        "birth_date_precision", "degraded",
    ]

    /// The columns of the dataset in `live`: those stored, and what tells episodes and their codes.
    func recorded(_ dataset: Dataset) -> [(name: String, type: ColumnType)] {
        stored(dataset)
            + dataset.hidden.filter { Self.keptNames.contains($0.name) }.map { ($0.name, $0.type) }
    }

    var datasets: [Dataset] { catalog.datasets.values.sorted { $0.name < $1.name } }

    func sql(_ type: ColumnType) -> String {
        switch type {
        case .boolean: "BOOLEAN"
        case .integer: "INTEGER"
        case .bigint: "BIGINT"
        case .numeric, .double: "DOUBLE PRECISION"
        case .date: "DATE"
        case .timestamp: "TIMESTAMP"
        case .interval: "INTERVAL"
        case .text, .unknown: dialect == .duckdb ? "VARCHAR" : "TEXT"
        }
    }

    /// The type of a column in a definition: text sorts and compares by its bytes, whatever the database's collation.
    func columnSQL(_ type: ColumnType) -> String {
        dialect == .postgresql && sql(type) == "TEXT" ? "TEXT COLLATE \"C\"" : sql(type)
    }

    func define(_ schema: String?, _ name: String, _ columns: [(name: String, type: ColumnType)]) -> String {
        let list = columns.map { "\(SQLQuoting.identifier($0.name)) \(columnSQL($0.type))" }
            .joined(separator: ", ")
        return "CREATE TABLE IF NOT EXISTS \(QualifiedName(schema: schema, name).sql) (\(list));"
    }

    /// Everything a new warehouse needs; running it again changes nothing.
    var definitions: String {
        var statements = [Self.live, "governance", "reference", "codelist"].map {
            "CREATE SCHEMA IF NOT EXISTS \($0);"
        }
        let text = columnSQL(.text)
        statements.append(
            "CREATE TABLE IF NOT EXISTS live.migration (number INTEGER PRIMARY KEY, title \(text) NOT NULL, "
                + "applied_at TIMESTAMP NOT NULL);")
        statements.append("CREATE TABLE IF NOT EXISTS live.stamp (synthetic BOOLEAN NOT NULL);")
        statements.append(
            "CREATE TABLE IF NOT EXISTS live.person (person_id INTEGER PRIMARY KEY, person \(text) NOT NULL UNIQUE, "
                + "record_key INTEGER NOT NULL);")
        statements.append(
            "CREATE TABLE IF NOT EXISTS live.subject (controller \(text) NOT NULL, subject \(text) NOT NULL, "
                + "person_id INTEGER NOT NULL, PRIMARY KEY (controller, subject));")
        statements.append(
            "CREATE TABLE IF NOT EXISTS live.renumbered (former_id INTEGER NOT NULL, person_id INTEGER NOT NULL, "
                + "controller \(text));"
        )
        // Whom records are of whose patient was deleted: they follow if the patient comes again as somebody else.
        statements.append(
            "CREATE TABLE IF NOT EXISTS live.untied (controller \(text) NOT NULL, subject \(text) NOT NULL, "
                + "person_id INTEGER NOT NULL, PRIMARY KEY (controller, subject));")
        statements.append(
            "CREATE TABLE IF NOT EXISTS governance.bound (code_system \(text), code \(text), unit \(text), "
                + "lower_end DOUBLE PRECISION, upper_end DOUBLE PRECISION);")
        statements.append(
            "CREATE TABLE IF NOT EXISTS governance.held_reference (name \(text) PRIMARY KEY, digest \(text) NOT NULL);"
        )
        statements.append(
            "CREATE TABLE IF NOT EXISTS governance.allowed (scheme \(text) NOT NULL, person \(text) NOT NULL);"
        )
        statements.append(TableMerge.definitions(self))
        statements.append(consentDefinitions)
        for dataset in kept {
            statements.append(define(Self.live, dataset.name, Self.keyColumns + recorded(dataset)))
        }
        return statements.joined(separator: "\n")
    }
}
