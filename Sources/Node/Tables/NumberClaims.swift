internal import Core
internal import Warehouse

/// NHS numbers that rows of tables bear and that are not verified: nobody is told apart by them, but opt-outs and
/// objections under them hold (`Docs/decisions/0006`). Patients from FHIR keep theirs in `number_claims`.
///
/// A claim comes and goes with its row. Of a view there is one a subject and number, of when it was last read.
enum NumberClaims {
    static let table = "live.number_claim"

    static func definition(_ schema: SiteSchema) -> String {
        schema.define(
            SiteSchema.live, "number_claim",
            [
                ("controller", .text), ("mapping", .text), ("unit", .text), ("subject", .text),
                ("person", .text),
            ])
    }

    /// Each person of the controller, and a number that their rows claim.
    static func claimed(of controller: OrganisationCode) -> String {
        """
        SELECT DISTINCT j.person_id, n.person FROM \(table) n
        JOIN live.subject j ON j.controller = n.controller AND j.subject = n.subject
        WHERE \(controller.ownership(of: "n"))
        """
    }

    /// Puts what a view claims now in the place of what it claimed before.
    /// - Parameter rows: a table with `subject` and `claim`.
    static func replace(
        of mapping: String, _ controller: OrganisationCode, from rows: String, in session: any EngineSession
    ) async throws {
        let (mapping, controller) = (SQLQuoting.literal(mapping), controller.sql)
        try await session.execute(
            """
            DELETE FROM \(table) WHERE controller = \(controller) AND mapping = \(mapping);
            INSERT INTO \(table) (controller, mapping, unit, subject, person)
            SELECT DISTINCT \(controller), \(mapping), '', subject, claim FROM \(rows) WHERE claim IS NOT NULL
            """)
    }

    /// People of the controller's tables who bear such a number.
    static func count(of controller: OrganisationCode, in session: any EngineSession) async throws -> Int {
        let found = try await session.query(
            "SELECT count(DISTINCT person_id) AS n FROM (\(claimed(of: controller))) c")
        return Int(found.row(0)[0].number ?? 0)
    }
}
