internal import Catalog
internal import Core
internal import Warehouse

extension SiteWarehouse {
    /// The warehouse's own number of the person with this NHS number; nil where nobody here has it.
    ///
    /// - Parameter untied: whether people whom no source names any more count, who were counted in earlier releases.
    /// The NHS number goes to the engine as a parameter: it is in no statement, and so in no log of statements.
    func personID(of number: NHSNumber, orUntied untied: Bool = false) async throws -> Int? {
        let named = "EXISTS (SELECT 1 FROM live.subject j WHERE j.person_id = p.person_id"
        let former = untied ? " OR NOT \(named))" : ""
        let found = try await engine.withSession { [controller] session in
            try await session.query(
                "SELECT p.person_id FROM live.person p WHERE p.person = $1 "
                    + "AND (\(named) AND \(controller.ownership(of: "j")))\(former))",
                parameters: [.text(number.digits)])
        }
        guard found.rowCount > 0 else { return nil }
        return found.row(0)[0].number.map { Int($0) }
    }

    /// Whether the person has an encounter here that was under way or began on `day` or later, and that really
    /// was: neither planned, nor cancelled, nor entered in error.
    /// - Parameter day: days since 1970.
    func hasEncounter(_ person: Int, since day: Int, until today: Int) async throws -> Bool {
        guard let encounters = schema.catalog.datasets["encounter"].map(schema.rows) else { return false }
        let found = try await engine.withSession { session in
            try await session.query(
                """
                SELECT count(*) AS n FROM \(encounters) d WHERE d.person_id = \(person)
                  AND \(controller.ownership(of: "d"))
                  AND CAST(coalesce(d.end_at, d.start_at) AS DATE) >= DATE '\(Civil.formatDate(day))'
                  AND CAST(coalesce(d.start_at, d.end_at) AS DATE) <= DATE '\(Civil.formatDate(today))'
                  AND coalesce(d.status, 'unknown') NOT IN ('planned', 'cancelled', 'entered-in-error')
                """)
        }
        return found.row(0)[0] != .integer(0)
    }
}
