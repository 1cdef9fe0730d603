internal import Core
internal import Foundation
internal import Warehouse

/// The columns of staged patients that say who they are.
struct PatientColumns {
    private let claims, links, birth, digits, sex: ColumnVector?

    init(_ table: Table) {
        func vector(_ name: String) -> ColumnVector? { table.columns.first { $0.name == name }?.vector }
        (claims, links, sex) = (vector("number_claims"), vector("links"), vector("sex"))
        (birth, digits) = (vector("birth_date"), vector("birth_date_precision"))
    }

    func identity(of id: String, _ row: Int) -> PatientIdentity {
        PatientIdentity(
            id: id, claims: claims?[row].text ?? "", links: links?[row].text ?? "",
            demographics: Demographics(
                date: birth?[row].text ?? "", digits: digits?[row].whole.map { Int($0) },
                sex: sex?[row].text))
    }
}

/// Reads from `live.patient` what has to be known to tell who a few of its patients are.
struct PatientRegister: Sendable {
    private let controller: String
    private let schema: SiteSchema

    init(_ warehouse: SiteWarehouse) {
        (controller, schema) = (warehouse.controller.sql, warehouse.schema)
    }

    /// The first number that a row writes; most have one.
    private static let firstNumber =
        "replace(replace(split_part(number_claims, '|', 1), ' ', ''), '-', '')"
    private static let columns =
        "resource_id, number_claims, links, CAST(birth_date AS TEXT), birth_date_precision, sex"
    /// Rows of tables say nothing of who the patients of another source are.
    private var patients: String { "live.patient WHERE controller = \(controller) AND parent_id IS NULL" }
    private static let isUnusual = "(links <> '' OR number_claims LIKE '%' || chr(10) || '%')"

    /// Each NHS number that a person's records bear, whatever its standing; a few of them stand twice.
    static func claimed(of controller: OrganisationCode) -> String {
        """
        SELECT person_id, replace(replace(split_part(part, '|', 1), ' ', ''), '-', '') AS person
        FROM (SELECT person_id, unnest(string_to_array(number_claims, chr(10))) AS part
          FROM live.patient WHERE number_claims <> '' AND person_id IS NOT NULL
            AND \(controller.ownership())) c
        UNION ALL \(NumberClaims.claimed(of: controller))
        """
    }

    /// Of rows that were taken in before their numbers were kept: those that they were tied by.
    static let formerClaims = """
        UPDATE live.patient SET links = '', number_claims = coalesce((
          SELECT p.person || '|' FROM live.person p
          WHERE p.person_id = patient.person_id AND p.person NOT LIKE 'local:%'), '')
        WHERE parent_id IS NULL
        """

    /// Who the patients are that come, and everybody who is somebody else because they come or go.
    ///
    /// - Parameters:
    ///   - arriving: the new versions; `replacing`: ids of those of them that are there in another version.
    ///   - leaving: ids of patients who will be there no more.
    func ties(
        arriving: [PatientIdentity], replacing: Set<String>, leaving: Set<String>,
        in session: any EngineSession
    ) async throws -> [String: IdentityResolution.Person] {
        var search = Search(arriving: arriving, leaving: leaving)
        let isEmpty = try await session.query("SELECT 1 FROM \(patients) LIMIT 1").rowCount == 0
        if !isEmpty {
            search.take(
                unusual: try await rows(
                    "SELECT \(Self.columns) FROM \(patients) AND \(Self.isUnusual)", session))
            var ids = replacing.union(leaving)
            while true {
                if !ids.isEmpty { search.take(try await patients(ids, session), of: ids) }
                let numbers = search.nextNumbers()
                if !numbers.isEmpty { search.take(try await patients(numbers: numbers, session), of: []) }
                ids = search.nextIDs()
                if ids.isEmpty, numbers.isEmpty { break }
            }
        }
        return IdentityResolution(search.patients).people
    }

    /// All patients about whom there may be something to tell: who have a link, several numbers, one without
    /// verification, or one that others have.
    func notable(in session: any EngineSession) async throws -> [PatientIdentity] {
        let number = Self.firstNumber
        var found = try await rows(
            """
            SELECT \(Self.columns) FROM \(patients) AND (\(Self.isUnusual)
              OR (number_claims LIKE '%|+%' AND number_claims NOT LIKE '%|+01')
              OR (number_claims <> '' AND \(number) IN (SELECT \(number) FROM \(patients)
                AND number_claims <> '' GROUP BY 1 HAVING count(*) > 1)))
            """, session)
        // Whom a link names, and who bears one of several numbers.
        var known = Set(found.map(\.id))
        while true {
            let ids = Set(found.flatMap { $0.links.compactMap(\.other) }).subtracting(known)
            let numbers = Set(found.flatMap(\.numbers))
            let more = try await patients(ids, session) + patients(numbers: numbers, session)
            let new = Dictionary(more.map { ($0.id, $0) }) { $1 }.values.filter {
                known.insert($0.id).inserted
            }
            if new.isEmpty { return found }
            found += new
        }
    }

    private func rows(_ sql: String, _ session: any EngineSession) async throws -> [PatientIdentity] {
        let found = try await session.query(sql)
        return found.rows.map { row in
            PatientIdentity(
                id: row[0].text, claims: row[1].text, links: row[2].text,
                demographics: Demographics(
                    date: row[3].text, digits: row[4].whole.map { Int($0) }, sex: row[5].text))
        }
    }

    private func patients(_ ids: Set<String>, _ session: any EngineSession) async throws -> [PatientIdentity]
    {
        guard !ids.isEmpty else { return [] }
        try await want(ids, session)
        return try await rows(
            "SELECT \(Self.columns) FROM \(patients) AND resource_id IN (SELECT id FROM sought)", session)
    }

    private func patients(
        numbers: Set<String>, _ session: any EngineSession
    ) async throws -> [PatientIdentity] {
        guard !numbers.isEmpty else { return [] }
        try await want(numbers, session)
        return try await rows(
            "SELECT \(Self.columns) FROM \(patients) AND \(Self.firstNumber) IN (SELECT id FROM sought)",
            session)
    }

    private func want(_ texts: Set<String>, _ session: any EngineSession) async throws {
        try await schema.fill(
            .sought, [ColumnVector(type: .text, storage: .text(texts.sorted()))], in: session)
    }
}

/// Goes from patient to patient by links and by numbers, in what was and in what will be, until there are no more.
private struct Search {
    /// As they will be.
    private var new: [String: PatientIdentity]
    /// As they were, of those that change.
    private var old: [String: PatientIdentity] = [:]
    private let changing: Set<String>
    /// Patients with links or several numbers, who are found from the other end only by reading all of them.
    private var unusual: [String: PatientIdentity] = [:]
    private var linking: [String: [String]] = [:]
    private var bearing: [String: [String]] = [:]
    private var askedIDs: Set<String> = []
    private var askedNumbers: Set<String> = []
    /// Patients who were found since ids or numbers were last told.
    private var unread: [PatientIdentity] = []
    private var wanted: Set<String> = []
    private var wantedNumbers: Set<String> = []

    init(arriving: [PatientIdentity], leaving: Set<String>) {
        new = Dictionary(arriving.map { ($0.id, $0) }) { $1 }
        changing = Set(new.keys).union(leaving)
        askedIDs = Set(new.keys)
        unread = Array(new.values)
        wanted = leaving
    }

    var patients: [PatientIdentity] { Array(new.values) }

    mutating func take(unusual rows: [PatientIdentity]) {
        for patient in rows {
            unusual[patient.id] = patient
            for link in patient.links where link.isMerge {
                if let other = link.other { linking[other, default: []].append(patient.id) }
            }
            for number in patient.numbers { bearing[number, default: []].append(patient.id) }
        }
    }

    /// - Parameter ids: that were asked for, whether they are there or not.
    mutating func take(_ rows: [PatientIdentity], of ids: Set<String>) {
        askedIDs.formUnion(ids)
        for patient in rows { take(patient) }
    }

    private mutating func take(_ patient: PatientIdentity) {
        if changing.contains(patient.id) {
            guard old.updateValue(patient, forKey: patient.id) == nil else { return }
        } else {
            guard new.updateValue(patient, forKey: patient.id) == nil else { return }
        }
        askedIDs.insert(patient.id)
        unread.append(patient)
    }

    /// Follows what was found; whoever is held already is taken at once.
    private mutating func follow() {
        while let patient = unread.popLast() {
            for link in patient.links where link.isMerge {
                if let other = link.other { wanted.insert(other) }
            }
            wantedNumbers.formUnion(patient.numbers)
            for id in linking[patient.id] ?? [] { if let found = unusual[id] { take(found) } }
            for number in patient.numbers {
                for id in bearing[number] ?? [] { if let found = unusual[id] { take(found) } }
            }
        }
    }

    mutating func nextNumbers() -> Set<String> {
        follow()
        let next = wantedNumbers.subtracting(askedNumbers)
        askedNumbers.formUnion(next)
        wantedNumbers = []
        return next
    }

    mutating func nextIDs() -> Set<String> {
        follow()
        // Who links to somebody who is not there waits for them, and with them everybody else who does.
        for id in wanted { for other in linking[id] ?? [] { if let found = unusual[other] { take(found) } } }
        follow()
        let next = wanted.subtracting(askedIDs)
        wanted = []
        return next
    }
}
