import Core
import Exchange
import Testing

@Suite("Tables on the wire")
struct WireTableTests {
    @Test func readsAsDocumented() throws {
        let table = Table(
            [("sex", .text), ("n", .bigint), ("mean", .double), ("day", .date), ("at", .timestamp)],
            rows: [
                [
                    .text("female"), .integer(9_007_199_254_740_993), .double(0.1), .date(19_000),
                    .timestamp(1),
                ],
                [.null, .integer(.min), .double(.infinity), .date(-1), .null],
            ])
        let json = String(decoding: try WireJSON.encode(WireTable(table)), as: UTF8.self)
        #expect(
            json == #"{"columns":[{"name":"sex","type":"text","values":["female",null]},"#
                + #"{"name":"n","type":"bigint","values":[9007199254740993,-9223372036854775808]},"#
                + #"{"name":"mean","type":"double precision","values":[0.1,"Infinity"]},"#
                + #"{"name":"day","type":"date","values":[19000,-1]},"#
                + #"{"name":"at","type":"timestamp without time zone","values":[1,null]}],"rows":2}"#)
        #expect(try WireJSON.decode(WireTable.self, from: Array(json.utf8)).table == table)
    }

    @Test func readsBackWhatItWrites() throws {
        let seed = UInt64.random(in: .min ... .max)
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let table = Self.table(&generator)
            let bytes = try WireJSON.encode(WireTable(table))
            let back = try WireJSON.decode(WireTable.self, from: bytes).table
            #expect(back.columns.map(\.name) == table.columns.map(\.name), "seed \(seed)")
            #expect(back.columns.map(\.type) == table.columns.map(\.type), "seed \(seed)")
            #expect(
                back.rows.map { $0.map(Self.bits) } == table.rows.map { $0.map(Self.bits) }, "seed \(seed)")
        }
    }

    @Test func releasedBlocksReadBack() throws {
        let seed = UInt64.random(in: .min ... .max)
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<100 {
            let keys = Self.table(&generator, finite: true)
            let count = (0..<keys.rowCount).map { _ in
                Bool.random(using: &generator) ? nil : Int64.random(in: 0...1000, using: &generator)
            }
            let sums = count.map { $0 == nil ? nil : Double.random(in: -1e9...1e9, using: &generator) }
            let zero = count.map { $0 == nil ? nil : Double(0) }
            let block = ReleasedBlock(
                keys: keys,
                aggregates: [
                    ReleasedAggregate(shape: Self.shape(.count), rows: count, sums: zero),
                    ReleasedAggregate(shape: Self.shape(.sum), rows: count, sums: sums),
                ])
            let bytes = try WireJSON.encode(WireReleasedBlock(block))
            let back = try WireJSON.decode(WireReleasedBlock.self, from: bytes).block
            #expect(back.aggregates == block.aggregates, "seed \(seed)")
            #expect(back.keys.rows == block.keys.rows, "seed \(seed)")
        }
    }

    @Test(arguments: [
        #"{"columns":[{"name":"a","type":"bigint","values":[1]}],"rows":2}"#,
        #"{"columns":[{"name":"a","type":"bigint","values":["1"]}],"rows":1}"#,
        #"{"columns":[{"name":"a","type":"bigint","values":[1.5]}],"rows":1}"#,
        #"{"columns":[{"name":"a","type":"date","values":[4294967296]}],"rows":1}"#,
        #"{"columns":[{"name":"a","type":"double precision","values":["nan"]}],"rows":1}"#,
        #"{"columns":[{"name":"a","type":"money","values":[]}],"rows":0}"#,
        #"{"columns":[{"name":"a","type":"unknown","values":[1]}],"rows":1}"#,
    ])
    func refusesWhatIsNoTable(json: String) async {
        #expect(await code { _ = try WireJSON.decode(WireTable.self, from: Array(json.utf8)) } == .malformed)
    }

    @Test func refusesTooManyRowsColumnsAndLevels() async {
        var limits = WireLimits()
        (limits.rows, limits.columns, limits.depth) = (2, 1, 8)
        func decode(_ json: String) async -> ExchangeError.Code? {
            await code { _ = try WireJSON.decode(WireTable.self, from: Array(json.utf8), limits: limits) }
        }
        let column = #"{"name":"a","type":"bigint","values":[]}"#
        #expect(await decode(#"{"columns":[],"rows":3}"#) == .tooLarge)
        #expect(await decode(#"{"columns":[],"rows":-1}"#) == .tooLarge)
        #expect(await decode(#"{"columns":[\#(column),\#(column)],"rows":0}"#) == .tooLarge)
        #expect(
            await decode(#"{"columns":[{"name":"a","type":"bigint","values":[1,2,3]}],"rows":2}"#)
                == .tooLarge)
        #expect(await decode(String(repeating: "[", count: 100_000)) == .tooLarge)
    }

    private static func shape(_ kind: AggregateShape.Kind) -> AggregateShape {
        AggregateShape(kind: kind, type: .bigint, lower: 0, upper: nil, isConditional: true)
    }

    /// Values with NaN and signed zeros told apart by their bits.
    private static func bits(_ value: Value) -> String {
        if case .double(let number) = value { return number.isNaN ? "NaN" : "\(number.bitPattern)" }
        return "\(value)"
    }

    private static func table(_ generator: inout SeededGenerator, finite: Bool = false) -> Table {
        let types = ColumnType.allCases
        let rows = Int.random(in: 0...12, using: &generator)
        let columns = (0..<Int.random(in: 0...6, using: &generator)).map { index in
            let type = types[Int.random(in: 0..<types.count, using: &generator)]
            let values = (0..<rows).map { _ in value(type, finite: finite, &generator) }
            return Table.Column(name: "c\(index) \"é", vector: ColumnVector(type: type, values: values))
        }
        return Table(columns: columns, rowCount: rows)
    }

    private static func value(_ type: ColumnType, finite: Bool, _ generator: inout SeededGenerator) -> Value {
        if type == .unknown || Int.random(in: 0..<5, using: &generator) == 0 { return .null }
        let bits = UInt64.random(in: .min ... .max, using: &generator)
        switch type {
        case .boolean: return .boolean(bits & 1 == 1)
        case .integer, .bigint: return .integer(Int64(bitPattern: bits))
        case .timestamp: return .timestamp(Int64(bitPattern: bits))
        case .numeric, .double:
            let number = Double(bitPattern: bits)
            return .double(finite && !number.isFinite ? 1 : number)
        case .text: return .text(["", "é\u{0}\"\\/\n", "person", "\u{1F600}"][Int(bits % 4)])
        case .date: return .date(Int32(truncatingIfNeeded: Int64(bitPattern: bits)))
        default: return .interval(months: Int32(bits % 100), days: -5, microseconds: Int64(bits >> 8))
        }
    }
}
