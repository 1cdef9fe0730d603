import Catalog
import Core
import Warehouse

/// A generator that replays from its seed (SplitMix64, Steele et al. 2014).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }

    mutating func below(_ count: Int) -> Int { Int.random(in: 0..<max(1, count), using: &self) }
    mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
    mutating func pick<Element>(_ list: [Element]) -> Element { list[below(list.count)] }
}

/// Few rows, of the values that engines disagree about: NULLs, ties, duplicates, signs, NaN and infinities, the ends
/// of integers, empty and foreign texts, leap days.
///
/// Numbers with a fraction are eighths, so that sums of them are exact in whatever order an engine adds.
struct NastyData {
    /// One person's rows at one site.
    struct Row {
        let site: String
        let person: Int
        let values: [Value]
    }

    static let sites = ["RJ1", "RYJ", "RAX"]
    static let datasets = ["patient", "condition", "observation", "encounter", "medication_request"]
    static let people = 36

    static let codes = [
        "73211009", "46635009", "44054006", "38341003", "195967001", "", " 12 ", "7", "-3", "0", "12345678", "x1",
        "A%b", "a_b", "É1", "é1", "ß", "日本", "z'q", "Zz", "E\u{301}1",
    ]
    static let words = ["active", "resolved", "final", "AMB", "IMP", "", "Ünder", "over", "a", "B", "mm[Hg]", "%"]
    static let numbers: [Double] = [
        0, -0.0, 1, -1, 0.5, 2.5, 3.5, -2.5, 0.125, 0.375, 7.875, 42, 57.5, 58, 58.125, 99.875, 100, 140, 1e6, -1e6,
        .nan, .infinity, -.infinity, 4_294_967_296, 123_456.75,
    ]
    static let wholes: [Int64] = [0, 1, 1, 2, 3, -1, -7, 10, 2_147_483_647, -2_147_483_648, 99]
    static let days: [String] = [
        "2020-02-29", "2019-02-28", "2019-03-01", "2021-12-31", "2022-01-01", "2000-02-29", "1999-12-31", "2024-02-29",
        "2023-06-15", "2023-06-15", "2023-03-31", "2023-04-30", "1970-01-01", "1969-12-31", "2016-01-03",
    ]
    static let births: [String] = [
        "1950-02-28", "1952-02-29", "1960-12-31", "1970-01-01", "1985-06-15", "2000-02-29", "2019-12-31", "1931-07-07",
    ]

    let catalog: Catalog
    private(set) var rows: [String: [Row]] = [:]

    init(catalog: Catalog, seed: UInt64) {
        self.catalog = catalog
        var random = SeededGenerator(seed: seed)
        for name in Self.datasets { rows[name] = make(name, &random) }
    }

    /// The dataset's columns, `person` and `site` apart.
    static func columns(_ catalog: Catalog, _ dataset: String) -> [DatasetColumn] {
        (catalog.datasets[dataset]?.columns ?? []).filter { !$0.isPerson && $0.name != "site" }
    }

    private func make(_ dataset: String, _ random: inout SeededGenerator) -> [Row] {
        let columns = Self.columns(catalog, dataset)
        var rows: [Row] = []
        for (place, site) in Self.sites.enumerated() {
            // Two in three people of a site are seen at the next one too.
            let present = (0..<Self.people).filter { ($0 + place) % 3 != 0 || $0 < 4 }
            for person in present {
                let count = dataset == "patient" ? 1 : random.pick([0, 0, 1, 1, 2, 3, 6])
                for _ in 0..<count {
                    let values = columns.map { value($0, &random) }
                    rows.append(Row(site: site, person: person, values: values))
                    if dataset != "patient", random.chance(8), let last = rows.last { rows.append(last) }
                }
            }
        }
        return rows
    }

    private func value(_ column: DatasetColumn, _ random: inout SeededGenerator) -> Value {
        if random.chance(column.columnClass == .identifier ? 30 : 12) { return .null }
        switch column.type {
        case .boolean: return .boolean(random.chance(50))
        case .integer, .bigint: return .integer(random.pick(Self.wholes))
        case .double, .numeric: return .double(random.pick(Self.numbers))
        case .date: return .date(day(column, &random))
        case .timestamp:
            let hours: [Int64] = [0, 0, 43_200_000_000, 86_399_000_000, 1_500_000]
            return .timestamp(Int64(day(column, &random)) * 86_400_000_000 + random.pick(hours))
        default: return .text(text(column, &random))
        }
    }

    private func day(_ column: DatasetColumn, _ random: inout SeededGenerator) -> Int32 {
        let text = random.pick(column.columnClass == .quasiIdentifier ? Self.births : Self.days)
        return Int32(Civil.parseDate(text) ?? 0)
    }

    private func text(_ column: DatasetColumn, _ random: inout SeededGenerator) -> String {
        if column.columnClass == .identifier { return "e\(random.below(12))" }
        if column.columnClass == .quasiIdentifier { return "E0100000\(random.below(4))" }
        if let domain = column.domain, random.chance(80) { return random.pick(domain) }
        return random.pick(column.name.hasSuffix("code") ? Self.codes : Self.words)
    }
}

extension NastyData {
    /// The name of a site's schema.
    static func schema(_ site: String) -> String { "snapshot_" + String((sites.firstIndex(of: site) ?? 0) + 1) }

    /// What a site stores a dataset in the order of.
    static func order(_ dataset: Dataset) -> [String] {
        if dataset.name == "patient" { return ["person"] }
        let time = dataset.columns.first { $0.type == .date || $0.type == .timestamp }?.name
        return [dataset.column("code").map { _ in "code" }, "person", time].compactMap(\.self)
    }

    /// Makes the sites' publications, and the pooled tables of the oracle, in one engine.
    func load(into engine: any Engine) async throws {
        let text = engine.dialect == .duckdb ? "VARCHAR" : "TEXT COLLATE \"C\""
        try await engine.withSession { session in
            try await session.execute("CREATE SCHEMA pooled")
            for site in Self.sites {
                let schema = Self.schema(site)
                try await session.execute(
                    "CREATE SCHEMA \(schema); CREATE TABLE \(schema).person (person_id INTEGER, person \(text), "
                        + "record_key SMALLINT)")
            }
            for name in Self.datasets { try await load(name, text, session) }
        }
    }

    private func load(_ name: String, _ text: String, _ session: any EngineSession) async throws {
        let columns = Self.columns(catalog, name).map { (name: $0.name, type: $0.type) }
        let list = columns.map { column in
            "\(SQLQuoting.identifier(column.name)) \(column.type == .text ? text : Self.type(column.type))"
        }.joined(separator: ", ")
        try await session.execute("CREATE TABLE pooled.\(name) (site \(text), person \(text), \(list))")
        let all = rows[name] ?? []
        try await session.load(
            QualifiedName(schema: "pooled", name), columns: [("site", .text), ("person", .text)] + columns,
            batch: Table(
                [("site", .text), ("person", .text)] + columns,
                rows: all.map { [.text($0.site), .text("P\($0.person)")] + $0.values }))
        let physical = [("person_id", ColumnType.integer), ("record_key", .integer)] + columns
        for site in Self.sites {
            let schema = Self.schema(site)
            try await session.execute(
                "CREATE TABLE \(schema).\(name) (person_id INTEGER, record_key INTEGER, \(list))")
            try await session.load(
                QualifiedName(schema: schema, name), columns: physical,
                batch: Table(
                    physical,
                    rows: sorted(all.filter { $0.site == site }, name).map {
                        [.integer(Int64($0.person)), .integer(Int64($0.person * 7 % 256))] + $0.values
                    }))
        }
    }

    private static func type(_ type: ColumnType) -> String {
        switch type {
        case .timestamp: "TIMESTAMP"
        case .numeric: "DOUBLE PRECISION"
        default: type.rawValue.uppercased()
        }
    }

    /// As a publication stores them: binary, NULLs last.
    private func sorted(_ rows: [Row], _ name: String) -> [Row] {
        guard let dataset = catalog.datasets[name] else { return rows }
        let columns = Self.columns(catalog, name).map(\.name)
        let places = Self.order(dataset).map { columns.firstIndex(of: $0) }
        func key(_ row: Row, _ place: Int?) -> Value {
            place.map { row.values[$0] } ?? .integer(Int64(row.person))
        }
        return rows.sorted { a, b in
            for place in places {
                let (x, y) = (key(a, place), key(b, place))
                if x == y { continue }
                return Self.precedes(x, y)
            }
            return false
        }
    }

    private static func precedes(_ a: Value, _ b: Value) -> Bool {
        switch (a, b) {
        case (.null, _): false
        case (_, .null): true
        case (.text(let x), .text(let y)): x.utf8.lexicographicallyPrecedes(y.utf8)
        case (.integer(let x), .integer(let y)), (.timestamp(let x), .timestamp(let y)): x < y
        case (.date(let x), .date(let y)): x < y
        default: false
        }
    }
}
