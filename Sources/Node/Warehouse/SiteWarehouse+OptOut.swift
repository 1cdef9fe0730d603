internal import Core
internal import Crypto
internal import Exchange
internal import Foundation
internal import Policy
internal import Warehouse

extension SiteWarehouse {
    /// Numbers that are handed to the engine at a time.
    private static let batch = 100_000

    /// What became of a list that was read.
    struct ListRead: Sendable {
        let outcome: OptOutList.Outcome
        let digest: Exchange.Digest
    }

    /// Puts an allow-list in the place of the one before; the next publication freezes it. Either all of it or nothing.
    /// - Parameter isChecked: whether every number must be one that was asked about.
    /// - Throws: `NodeError` naming the first line that is wrong, never what it holds.
    func replaceAllowed(_ scheme: OptOutScheme, path: String, isChecked: Bool) async throws -> ListRead {
        let columns: [(name: String, type: ColumnType)] = [("line", .bigint), ("person", .text)]
        let text = schema.sql(.text)
        return try await engine.withSession { session in
            try await session.transaction { session in
                try await session.execute("CREATE TEMPORARY TABLE listed (line BIGINT, person \(text))")
                var pieces = try FilePieces(path: path)
                var reader = OptOutList.Reader()
                var (lines, people): ([Int64], [String]) = ([], [])
                func flush() async throws {
                    guard !people.isEmpty else { return }
                    let vectors = [
                        ColumnVector(type: .bigint, storage: .int64(lines)),
                        ColumnVector(type: .text, storage: .text(people)),
                    ]
                    try await session.load(
                        QualifiedName("listed"), columns: columns,
                        batch: Table(
                            columns: zip(columns, vectors).map { .init(name: $0.name, vector: $1) },
                            rowCount: people.count))
                    lines.removeAll(keepingCapacity: true)
                    people.removeAll(keepingCapacity: true)
                }
                while let piece = try pieces.next() {
                    reader.take(piece) { number, line in
                        lines.append(Int64(line))
                        people.append(number.digits)
                    }
                    if people.count >= Self.batch { try await flush() }
                }
                try await flush()
                let outcome = reader.finish()
                try await Self.check(outcome, scheme, isChecked: isChecked, session)
                let name = SQLQuoting.literal(scheme.rawValue)
                try await session.execute(
                    """
                    DELETE FROM governance.allowed WHERE scheme = \(name);
                    INSERT INTO governance.allowed SELECT DISTINCT \(name), person FROM listed;
                    DROP TABLE listed
                    """)
                return ListRead(outcome: outcome, digest: pieces.digest)
            }
        }
    }

    private static func check(
        _ outcome: OptOutList.Outcome, _ scheme: OptOutScheme, isChecked: Bool, _ session: any EngineSession
    ) async throws {
        if outcome.faultCount > 0 {
            let first = outcome.faults.first.map { "\($0)" } ?? ""
            throw NodeError(
                .input,
                "the list was not taken over: \(outcome.faultCount) faults, the first: \(first); ask for it again"
            )
        }
        guard isChecked else { return }
        let strangers = try await session.query(
            """
            SELECT min(l.line) AS first, count(*) AS n FROM listed l WHERE NOT EXISTS
              (SELECT 1 FROM governance.asked a WHERE a.scheme = \(SQLQuoting.literal(scheme.rawValue))
                AND a.person = l.person)
            """)
        guard let line = strangers.row(0)[0].whole, let count = strangers.row(0)[1].whole else { return }
        let fault = OptOutList.LineFault(line: Int(line), kind: .neverAsked)
        throw NodeError(
            .input,
            "the list was not taken over: \(count) faults, the first: \(fault). It is no reply to the last export: "
                + "find the reply that is, or ask again with 'concordat opt-out export'")
    }

    /// Writes the NHS numbers that records bear, also those that are not verified, each once, in ascending order: the order tells nothing.
    /// Remembers them as what was asked about, in the place of the list before.
    ///
    /// The format of the MESH check: a number, a comma, LF.
    func export(_ scheme: OptOutScheme, to path: String) async throws -> (count: Int, digest: Exchange.Digest)
    {
        let name = SQLQuoting.literal(scheme.rawValue)
        return try await engine.withSession { session in
            try await session.transaction { session in
                try await session.execute(
                    """
                    DELETE FROM governance.asked WHERE scheme = \(name);
                    INSERT INTO governance.asked SELECT DISTINCT \(name), person FROM (
                      SELECT person_id, person FROM live.person WHERE person NOT LIKE 'local:%'
                      UNION ALL \(PatientRegister.claimed(of: controller))) c
                    WHERE person <> '' AND person_id IN (
                      SELECT person_id FROM live.subject WHERE \(controller.ownership()))
                    """)
                let file = try NewPrivateFile(path)
                do {
                    var (hash, count, last) = (SHA256(), 0, "")
                    while true {
                        let page = try await session.query(
                            """
                            SELECT person FROM governance.asked
                            WHERE scheme = \(name) AND person > \(SQLQuoting.literal(last))
                            ORDER BY person LIMIT \(Self.batch)
                            """)
                        guard page.rowCount > 0, case .text(let people) = page.columns[0].vector.storage
                        else { break }
                        let bytes = Data((people.joined(separator: ",\n") + ",\n").utf8)
                        hash.update(data: bytes)
                        try file.write(bytes)
                        count += people.count
                        last = people[people.count - 1]
                    }
                    try file.finish()
                    return (count, Exchange.Digest(hash.finalize()))
                } catch {
                    file.discard()
                    throw error
                }
            }
        }
    }
}

/// A file that only its owner may read, made anew: what stands at the path already is never touched.
private struct NewPrivateFile {
    private let handle: FileHandle
    private let path: String

    init(_ path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw NodeError(
                .input,
                errno == EEXIST
                    ? "'\(path)' is there already: name another file with --output" : "cannot write '\(path)'"
            )
        }
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        self.path = path
    }

    func write(_ bytes: Data) throws { try handle.write(contentsOf: bytes) }

    func finish() throws {
        try handle.synchronize()
        try handle.close()
    }

    func discard() { unlink(path) }
}
