internal import Core
internal import Exchange
internal import Policy
internal import Warehouse

extension SiteWarehouse {
    /// What is known of one study's consents: the controller's own counts.
    struct StudyConsents: Sendable {
        let study: String
        let consented: Int
        let withdrawn: Int
        /// Day of the latest event.
        let latest: String
    }

    /// Takes over a study's list: of each person's events the latest stands, on one day the withdrawal. People who are
    /// not on it keep what is known of them. In force at once.
    /// - Throws: `NodeError` naming the first line that is wrong, never what it holds; nothing is taken over then.
    func mergeConsents(_ study: String, path: String, today: Int) async throws -> (
        people: Int, digest: String
    ) {
        let columns: [(name: String, type: ColumnType)] = [
            ("person", .text), ("day", .date), ("given", .boolean),
        ]
        let (text, isSynthetic) = (schema.sql(.text), isSynthetic)
        return try await engine.withSession { session in
            try await session.transaction { session in
                try await session.execute(
                    "CREATE TEMPORARY TABLE consenting (person \(text), day DATE, given BOOLEAN)")
                var pieces = try FilePieces(path: path)
                var reader = StudyConsentList.Reader(today: today, isSynthetic: isSynthetic)
                var events: [StudyConsentList.Event] = []
                func flush() async throws {
                    guard !events.isEmpty else { return }
                    let rows = events.map {
                        [Value.text($0.person.digits), .date(Int32($0.day)), .boolean($0.isGiven)]
                    }
                    try await session.load(
                        QualifiedName("consenting"), columns: columns, batch: Table(columns, rows: rows))
                    events.removeAll(keepingCapacity: true)
                }
                while let piece = try pieces.next() {
                    reader.take(piece) { events.append($0) }
                    if events.count >= 50_000 { try await flush() }
                }
                reader.finish { events.append($0) }
                try await flush()
                if let fault = reader.fault {
                    throw NodeError(
                        .input, "nothing was taken over: \(fault); correct the list and import it again")
                }
                try await session.execute(Self.merge(SQLQuoting.literal(study)))
                return (reader.people, pieces.digest.description)
            }
        }
    }

    private static func merge(_ study: String) -> String {
        """
        CREATE TEMPORARY TABLE consented AS SELECT person, day, given FROM (
          SELECT person, day, given, row_number() OVER (PARTITION BY person ORDER BY day DESC, given) AS place FROM (
            SELECT person, day, given FROM consenting
            UNION ALL SELECT person, day, given FROM governance.study_consent WHERE study = \(study)) a) r
        WHERE place = 1;
        DELETE FROM governance.study_consent WHERE study = \(study)
          AND EXISTS (SELECT 1 FROM consented c WHERE c.person = study_consent.person
            AND (c.day <> study_consent.day OR c.given <> study_consent.given));
        INSERT INTO governance.study_consent SELECT \(study), c.person, c.day, c.given FROM consented c
        WHERE NOT EXISTS (SELECT 1 FROM governance.study_consent s WHERE s.study = \(study) AND s.person = c.person);
        DROP TABLE consented;
        DROP TABLE consenting
        """
    }

    /// Every study whose list was taken over.
    func studyConsents() async throws -> [StudyConsents] {
        try await engine.withSession { session in
            try await session.query(
                """
                SELECT study, count(*) FILTER (WHERE given) AS consented, count(*) FILTER (WHERE NOT given) AS withdrawn,
                  CAST(max(day) AS \(self.schema.sql(.text))) AS latest
                FROM governance.study_consent GROUP BY study ORDER BY study
                """)
        }.rows.map {
            StudyConsents(
                study: $0[0].text, consented: Int($0[1].number ?? 0), withdrawn: Int($0[2].number ?? 0),
                latest: $0[3].text)
        }
    }

    /// FHIR Consents that ingest took in, by people and forms.
    func fhirConsents() async throws -> (people: Int, documents: Int, forms: Int) {
        let row = try await engine.withSession { session in
            try await session.query(
                """
                SELECT count(DISTINCT person_id) AS people, count(*) AS documents, count(DISTINCT terms) AS forms
                FROM live.consent WHERE \(controller.ownership())
                """)
        }.row(0)
        return (Int(row[0].number ?? 0), Int(row[1].number ?? 0), Int(row[2].number ?? 0))
    }
}
