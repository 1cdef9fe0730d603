internal import Core
internal import Warehouse

/// Counts, of one controller's patients, who is known by what.
struct IdentityCensus: Sendable {
    struct Line: Hashable, Sendable {
        let what: String
        let count: Int
    }

    let warehouse: SiteWarehouse

    private var controller: String { warehouse.controller.sql }

    /// What the codes mean.
    ///
    /// Source: NHS Data Dictionary, "NHS NUMBER STATUS INDICATOR CODE".
    private static let words = [
        "02": "present but not traced", "03": "trace required",
        "04": "trace attempted, no match or several", "05": "trace to be resolved",
        "06": "trace in progress", "07": "not present, trace not required", "08": "trace postponed",
    ]

    func conflicts(in session: any EngineSession) async throws -> [IdentityConflict] {
        let notable = try await PatientRegister(warehouse).notable(in: session)
        return IdentityResolution(notable).conflicts
    }

    func lines(in session: any EngineSession) async throws -> [Line] {
        let notable = try await PatientRegister(warehouse).notable(in: session)
        return try await totals(session) + standings(session) + tables(session) + links(notable)
            + conflictLines(IdentityResolution(notable).conflicts)
    }

    /// What deserves a word after an ingest: nothing where there is nothing to see to.
    func notes(in session: any EngineSession) async throws -> [String] {
        let notable = try await PatientRegister(warehouse).notable(in: session)
        let unverified = try await standings(session).filter { $0.what.hasPrefix(Self.unverified) }
            .reduce(0) { $0 + $1.count }
        let conflicts = IdentityResolution(notable).conflicts
        var notes: [String] = []
        if unverified > 0 {
            notes.append(
                "\(unverified) patients have an NHS number that is not verified: they are counted under local keys, "
                    + "which never link across sites ('concordat identity report')")
        }
        if !conflicts.isEmpty {
            notes.append(
                "\(conflicts.count) conflicts of identity: the patients are kept apart until their source "
                    + "corrects them ('concordat identity list')")
        }
        return notes
    }

    private func totals(_ session: any EngineSession) async throws -> [Line] {
        let found = try await session.query(
            """
            SELECT (SELECT count(*) FROM live.patient WHERE controller = \(controller)) AS patients,
              count(DISTINCT s.person_id) AS people,
              count(DISTINCT CASE WHEN p.person LIKE 'local:%' THEN s.person_id END) AS locals
            FROM live.subject s JOIN live.person p ON p.person_id = s.person_id WHERE s.controller = \(controller)
            """
        ).row(0)
        let moves = try await session.query(
            "SELECT count(DISTINCT person_id) AS n FROM live.renumbered WHERE controller = \(controller)")
        return [
            Line(what: "patients", count: Int(found[0].number ?? 0)),
            Line(what: "people", count: Int(found[1].number ?? 0)),
            Line(what: "people under a local key", count: Int(found[2].number ?? 0)),
            Line(what: "people whose records were moved", count: Int(moves.row(0)[0].number ?? 0)),
        ]
    }

    private static let unverified = "NHS number not verified"

    /// Patients by the standing of the first number that they bear.
    private func standings(_ session: any EngineSession) async throws -> [Line] {
        let found = try await session.query(
            """
            SELECT standing, count(*) AS n FROM (
              SELECT CASE WHEN number_claims = '' THEN 'none'
                ELSE split_part(split_part(number_claims, chr(10), 1), '|', 2) END AS standing
              FROM live.patient WHERE controller = \(controller) AND parent_id IS NULL) s
            GROUP BY 1 ORDER BY 1
            """)
        return found.rows.map { row in
            let what =
                switch row[0].text {
                case "none": "no NHS number"
                case "": "NHS number without a status"
                case "+01": "NHS number verified (01)"
                case let code:
                    "\(Self.unverified) (\(Self.words.keys.contains(String(code.dropFirst())) ? String(code.dropFirst()) : "other")"
                        + (Self.words[String(code.dropFirst())].map { ": \($0)" } ?? "") + ")"
                }
            return Line(what: what, count: Int(row[1].number ?? 0))
        }
    }

    /// Rows of tables bear numbers, too; of those that are verified nothing has to be told.
    private func tables(_ session: any EngineSession) async throws -> [Line] {
        let count = try await NumberClaims.count(of: warehouse.controller, in: session)
        return count == 0
            ? [] : [Line(what: "people of tables with an NHS number not verified", count: count)]
    }

    private func links(_ patients: [PatientIdentity]) -> [Line] {
        let known = Dictionary(patients.map { ($0.id, $0) }) { $1 }
        let people = IdentityResolution(patients).people
        var counts: [String: Int] = [:]
        for patient in patients {
            for link in patient.links {
                let what: String
                switch (link.isMerge, link.other) {
                case (_, nil): what = "links that name no patient"
                case (false, _): what = "links refer and seealso, which tie nobody"
                case (true, let other?) where known[other] == nil: what = "links to patients not here yet"
                case (true, let other?):
                    what = people[patient.id] == people[other] ? "links followed" : "links not followed"
                }
                counts[what, default: 0] += 1
            }
        }
        return counts.sorted { $0.key < $1.key }.map { Line(what: $0.key, count: $0.value) }
    }

    private func conflictLines(_ conflicts: [IdentityConflict]) -> [Line] {
        IdentityConflict.Kind.allCases.compactMap { kind in
            let count = conflicts.count { $0.kind == kind }
            return count == 0 ? nil : Line(what: "conflicts: \(kind.rawValue)", count: count)
        }
    }
}
