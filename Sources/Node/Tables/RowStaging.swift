internal import Catalog
internal import Core
internal import Warehouse

/// Where rows of tables wait on their way in, and how a batch of them gets there.
///
/// - `ROW`: one row a row of the source that is taken: who, which version, what it holds.
/// - `NAME`, for each dataset: the rows that it gives, tied to it by `seq`.
struct RowStaging: Sendable {
    let plan: MappingPlan
    let schema: SiteSchema
    /// In temporary tables of the session, a batch at a time; or in tables of `intake`, where a whole partition
    /// waits for the one transaction that brings it in. (DuckDB holds temporary tables in memory.)
    let isDurable: Bool

    static let rowColumns: [(name: String, type: ColumnType)] = [
        ("seq", .bigint), ("row_key", .text), ("fingerprint", .bigint), ("last_updated", .timestamp),
        ("number", .text), ("subject", .text), ("local_subject", .text), ("part", .text), ("codings", .text),
        ("claim", .text),
    ]

    func table(_ name: String) -> QualifiedName {
        isDurable ? QualifiedName(schema: "intake", "mapped_" + name) : QualifiedName("mapped_" + name)
    }

    var rowTable: QualifiedName { table("source_row") }

    /// Columns of the staged rows of a dataset.
    func columns(_ dataset: Dataset) -> [(name: String, type: ColumnType)] {
        [("seq", .bigint), ("ordinal", .integer)]
            + schema.recorded(dataset).filter { $0.name != "codings" }
    }

    /// Makes the tables new and empty: what a run that was killed left in them goes.
    func begin(_ session: any EngineSession) async throws {
        try await session.execute("DROP SCHEMA IF EXISTS intake CASCADE")
        if isDurable { try await session.execute("CREATE SCHEMA intake") }
        try await make(session)
    }

    private func make(_ session: any EngineSession) async throws {
        let tables = [(rowTable, Self.rowColumns)] + plan.datasets.map { (table($0.name), columns($0)) }
        for (name, columns) in tables {
            let list = columns.map { "\(SQLQuoting.identifier($0.name)) \(schema.sql($0.type))" }
            let kind = isDurable ? (schema.dialect == .postgresql ? "UNLOGGED " : "") : "TEMPORARY "
            try await session.execute(
                "DROP TABLE IF EXISTS \(name.sql); CREATE \(kind)TABLE \(name.sql) (\(list.joined(separator: ", ")))"
            )
        }
    }

    func clear(_ session: any EngineSession) async throws {
        // What is deleted keeps its room, in DuckDB's temporary tables until the session ends.
        guard schema.dialect == .postgresql else { return try await make(session) }
        let names = [rowTable] + plan.datasets.map { table($0.name) }
        try await session.execute("TRUNCATE " + names.map(\.sql).joined(separator: ", "))
    }

    func end(_ session: any EngineSession) async throws {
        if isDurable { return try await session.execute("DROP SCHEMA IF EXISTS intake CASCADE") }
        for name in [rowTable] + plan.datasets.map({ table($0.name) }) {
            try await session.execute("DROP TABLE IF EXISTS \(name.sql)")
        }
    }

    // MARK: - A batch

    /// What became of the rows of a batch before any merge.
    struct Sorted: Sendable {
        /// Rows times columns of all tables.
        var values = 0
        /// Outside the mapping's filter, or giving no row of any dataset.
        var passedOver = 0
        /// Places in the batch.
        var setAside: [Int] = []
    }

    /// Stages what can be taken.
    /// - Parameter first: the sequence number of the batch's first row.
    func stage(_ batch: Table, first: Int64, _ session: any EngineSession) async throws -> Sorted {
        var sorted = Sorted()
        let isKept = Self.booleans(batch.columns[MappingPlan.Place.isKept].vector)
        let isFaulty =
            batch.columns[MappingPlan.Place.reasons].vector.nulls?.map { !$0 }
            ?? [Bool](repeating: true, count: batch.rowCount)
        var gives = [Bool](repeating: false, count: batch.rowCount)
        var staged: [(QualifiedName, [(name: String, type: ColumnType)], Table)] = []
        for target in plan.targets {
            var parts = TargetRows(columns: columns(target.dataset))
            for row in target.rows {
                let holds = row.when.map {
                    Self.booleans(batch.columns[MappingPlan.Place.values + $0].vector)
                }
                let chosen = (0..<batch.rowCount).filter {
                    isKept[$0] && !isFaulty[$0] && holds?[$0] != false
                }
                for place in chosen { gives[place] = true }
                parts.append(
                    row, chosen, of: batch, first: first, names: schema.recorded(target.dataset).map(\.name))
            }
            staged.append((table(target.dataset.name), parts.columns, parts.table))
        }
        var taken: [Int] = []
        for place in 0..<batch.rowCount {
            if !isKept[place] {
                sorted.passedOver += 1
            } else if isFaulty[place] {
                sorted.setAside.append(place)
            } else if gives[place] {
                taken.append(place)
            } else {
                sorted.passedOver += 1
            }
        }
        staged.append((rowTable, Self.rowColumns, rows(taken, of: batch, first: first)))
        for (name, columns, table) in staged where table.rowCount > 0 {
            sorted.values += table.rowCount * columns.count
            try await session.load(name, columns: columns, batch: table)
        }
        return sorted
    }

    private static func booleans(_ vector: ColumnVector) -> [Bool] {
        guard case .boolean(var values) = vector.storage else {
            return (0..<vector.count).map { vector[$0] == .boolean(true) }
        }
        if let nulls = vector.nulls {
            for place in values.indices where nulls[place] { values[place] = false }
        }
        return values
    }

    /// Who each row is of: by number where there is one, else by the source's own id.
    private func rows(_ taken: [Int], of batch: Table, first: Int64) -> Table {
        let numbers = batch.columns[MappingPlan.Place.number].vector
        let locals = batch.columns[MappingPlan.Place.localID].vector
        var subjects: [String] = []
        var localSubjects: [Value] = []
        let system = plan.localSystem
        for place in taken {
            let local: Value
            if case .text(let id) = locals[place] { local = .text("\(system):\(id)") } else { local = .null }
            if case .text(let number) = numbers[place] {
                subjects.append("nhs:\(number)")
                localSubjects.append(local)
            } else {
                subjects.append(local.text)
                localSubjects.append(.null)
            }
        }
        func gathered(_ place: Int) -> ColumnVector { batch.columns[place].vector.picking(taken) }
        let vectors = [
            ColumnVector(type: .bigint, storage: .int64(taken.map { first + Int64($0) })),
            gathered(MappingPlan.Place.key), gathered(MappingPlan.Place.fingerprint),
            gathered(MappingPlan.Place.version), numbers.picking(taken),
            ColumnVector(type: .text, storage: .text(subjects)),
            ColumnVector(type: .text, values: localSubjects),
            gathered(MappingPlan.Place.partition), gathered(MappingPlan.Place.codings),
            gathered(MappingPlan.Place.claim),
        ]
        return Table(
            columns: zip(Self.rowColumns, vectors).map { Table.Column(name: $0.name, vector: $1) },
            rowCount: taken.count)
    }
}

/// The rows of one dataset that a batch gives, column by column.
private struct TargetRows {
    let columns: [(name: String, type: ColumnType)]
    private var parts: [[ColumnVector]]
    private var count = 0

    init(columns: [(name: String, type: ColumnType)]) {
        self.columns = columns
        parts = Array(repeating: [], count: columns.count)
    }

    /// - Parameter names: of the plan's cells.
    mutating func append(
        _ row: MappingPlan.Row, _ chosen: [Int], of batch: Table, first: Int64, names: [String]
    ) {
        guard !chosen.isEmpty else { return }
        let cells = Dictionary(zip(names, row.cells)) { first, _ in first }
        for (index, column) in columns.enumerated() {
            let vector: ColumnVector
            switch column.name {
            case "seq":
                vector = ColumnVector(type: .bigint, storage: .int64(chosen.map { first + Int64($0) }))
            case "ordinal":
                vector = ColumnVector(
                    type: .integer, storage: .int64(Array(repeating: Int64(row.ordinal), count: chosen.count))
                )
            default:
                switch cells[column.name] ?? nil {
                case .constant(let text):
                    vector = ColumnVector(
                        type: .text, storage: .text(Array(repeating: text, count: chosen.count)))
                case .value(let place):
                    vector = batch.columns[MappingPlan.Place.values + place].vector.picking(chosen)
                case nil:
                    vector = ColumnVector(missing: column.type, count: chosen.count)
                }
            }
            parts[index].append(vector)
        }
        count += chosen.count
    }

    var table: Table {
        Table(
            columns: zip(columns, parts).map {
                Table.Column(name: $0.name, vector: ColumnVector(joining: $1, type: $0.type))
            }, rowCount: count)
    }
}
