internal import Catalog
internal import Core
internal import Warehouse

/// In which pieces the rows of a dataset are sorted into a publication, so that what is held in memory does not grow with
/// them: DuckDB sorts in memory only, for nothing is spilled.
///
/// The pieces follow one another in the order of the whole (`SiteWarehouse.order`): codes from one to another; where one
/// code has more rows than a piece, or the dataset has none, people from one number to another.
struct PublicationPieces: Sendable {
    /// What a value takes while it is sorted, in bytes; measured some 20 with texts of an identifier's length.
    private static let valueBytes = 24

    let schema: SiteSchema
    let controller: OrganisationCode
    /// Rows of a piece; nil: as many as a third of the engine's memory holds.
    var pieceRows: Int?

    /// Conditions on rows `d`, in order; each row meets one.
    func of(_ dataset: Dataset, in session: any EngineSession) async throws -> [String] {
        // PostgreSQL sorts on its disk.
        guard schema.dialect == .duckdb else { return ["true"] }
        let ours = "FROM \(schema.rows(dataset)) d WHERE \(controller.ownership(of: "d"))"
        let counts = try await session.query("SELECT count(*) AS n, max(d.person_id) AS last \(ours)").row(0)
        let most = try await size(dataset, session)
        let last = counts[1].whole ?? 0
        guard let rows = counts[0].whole, rows > most else { return ["true"] }
        guard dataset.name != "patient", dataset.column("code") != nil else {
            return Self.people(rows, upTo: last, most)
        }
        let codes = try await session.query(
            "SELECT d.code, count(*) AS n \(ours) GROUP BY d.code ORDER BY d.code NULLS LAST")
        return Self.pieces(codes.rows.map { ($0[0].isNull ? nil : $0[0].text, $0[1].whole ?? 0) }, last, most)
    }

    /// - Parameter codes: with how many rows each has, in the order of the codes; nil, the last, is none.
    static func pieces(_ codes: [(code: String?, rows: Int64)], _ last: Int64, _ most: Int64) -> [String] {
        var pieces: [String] = []
        var open: (first: String, last: String, rows: Int64)?
        func close() {
            guard let range = open else { return }
            open = nil
            pieces.append(
                "d.code >= \(SQLQuoting.literal(range.first)) AND d.code <= \(SQLQuoting.literal(range.last))"
            )
        }
        for (code, rows) in codes {
            guard let code, rows <= most else {
                close()
                let named = code.map { "d.code = \(SQLQuoting.literal($0))" } ?? "d.code IS NULL"
                pieces += people(rows, upTo: last, most).map { "\(named) AND \($0)" }
                continue
            }
            if let range = open, range.rows + rows > most { close() }
            open = (open?.first ?? code, code, (open?.rows ?? 0) + rows)
        }
        close()
        return pieces
    }

    /// People by number, in as many ranges as rows need.
    private static func people(_ rows: Int64, upTo last: Int64, _ most: Int64) -> [String] {
        let pieces = rows / max(1, most) + 1
        guard pieces > 1 else { return ["true"] }
        return (0..<pieces).map { piece in
            // Those of no person are never published: they need no piece.
            "d.person_id > \(last * piece / pieces) AND d.person_id <= \(last * (piece + 1) / pieces)"
        }
    }

    private func size(_ dataset: Dataset, _ session: any EngineSession) async throws -> Int64 {
        if let pieceRows { return Int64(pieceRows) }
        let limit = try await session.query(
            "SELECT CAST(current_setting('memory_limit') AS VARCHAR) AS words")
        let bytes = Self.bytes(limit.row(0)[0].text)
        let columns = schema.stored(dataset).count + 2 * OptOutScheme.listed.count + 2
        return max(1, bytes / 3 / Int64(columns * Self.valueBytes))
    }

    /// `366.2 MiB`, as DuckDB writes sizes; what cannot be read counts as 256 MiB.
    static func bytes(_ words: String) -> Int64 {
        let units = [
            "bytes": 1.0, "KiB": 1024, "MiB": 1_048_576, "GiB": 1_073_741_824, "TiB": 1_099_511_627_776,
        ]
        let parts = words.split(separator: " ")
        guard parts.count == 2, let number = Double(parts[0]), let unit = units[String(parts[1])] else {
            return 268_435_456
        }
        return Int64(number * unit)
    }
}
