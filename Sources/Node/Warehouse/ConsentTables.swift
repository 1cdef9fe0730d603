internal import Core
internal import Exchange
internal import Policy
internal import Query
internal import Warehouse

/// What a question asks of people's consents; the same question has the same answer for as long as its publication,
/// the study's list and the periods of the consents stand still.
struct ConsentQuestion: Hashable, Sendable {
    let publication: Int
    let purpose: Purpose
    let actions: Set<AccessAction>
    let requester: OrganisationCode
    let controller: OrganisationCode
    /// FHIR resource types of the datasets that are read.
    let classes: Set<String>
    let study: String
    /// Of the policies whose table says what purposes in consents stand for.
    let policies: Digest
    /// Whether consent is what the question rests on: only those who gave it are counted. Otherwise those are left out
    /// whose consents deny it.
    let isRequired: Bool
}

/// What comes of it.
enum ConsentOutcome: Hashable, Sendable {
    /// Consents take nobody out.
    case everybody
    /// Nobody gave the consent that is required.
    case nobody
    case table(EnforcedObligations.ConsentTable)
}

/// Evaluates consents once for each kind of question and keeps what comes of it as a table of the publication, named
/// after its members (`PeopleTable`), so that the ledger knows a question again as long as the people are the same.
actor ConsentTables {
    /// What was evaluated, and the instant until which it stands.
    struct Made: Sendable {
        let outcome: ConsentOutcome
        let until: Int64
    }

    private var known: [ConsentQuestion: Made] = [:]
    private var last: Task<Made, any Error>?
    private var generation = 0

    /// - Parameter make: evaluates; never runs twice at a time.
    func outcome(
        of question: ConsentQuestion, at now: Int64, make: @escaping @Sendable () async throws -> Made
    ) async throws -> ConsentOutcome {
        if let made = current(question, now) { return made.outcome }
        let previous = last
        let task = Task {
            _ = await previous?.result
            if let made = self.current(question, now) { return made }
            let generation = self.generation
            let made = try await make()
            // What was recorded meanwhile may not be in it.
            if generation == self.generation { self.keep(made, question) }
            return made
        }
        last = task
        return try await task.value.outcome
    }

    /// Something was recorded: the next question is evaluated anew.
    func forget() {
        generation += 1
        known = [:]
    }

    private func current(_ question: ConsentQuestion, _ now: Int64) -> Made? {
        known[question].flatMap { now < $0.until ? $0 : nil }
    }

    private func keep(_ made: Made, _ question: ConsentQuestion) {
        known = known.filter { $0.key.publication >= question.publication - 1 }
        known[question] = made
    }
}

/// Evaluates the consents of one publication for one kind of question.
struct ConsentEvaluation: Sendable {
    let question: ConsentQuestion
    let schema: String
    let now: Int64
    let hierarchy: PurposeHierarchy
    /// Under which the table is named.
    let secret: [UInt8]

    /// - Parameters:
    ///   - record: where consents are recorded.
    ///   - questions: where the table of people is made: what questions about the publication are run on.
    func run(_ record: any Engine, for questions: any Engine) async throws -> ConsentTables.Made {
        let (people, until) = try await record.withSession { session in
            try await session.transaction { session in
                let (answers, until) = try await answers(session)
                return (
                    question.isRequired ? try await permitted(answers, session) : denied(answers), until
                )
            }
        }
        guard !people.isEmpty else {
            return ConsentTables.Made(outcome: question.isRequired ? .nobody : .everybody, until: until)
        }
        let name = try await questions.withSession { session in
            try await session.transaction { try await table(of: people, $0) }
        }
        return ConsentTables.Made(
            outcome: .table(question.isRequired ? .permitted(name) : .denied(name)), until: until)
    }

    /// What the FHIR Consents of each person come to; people without one are not there.
    private func answers(
        _ session: any EngineSession
    ) async throws -> (people: [Int64: ConsentAnswer], until: Int64) {
        var until = Int64.max
        // A publication from before consents were taken in has none.
        let found = try await session.query(
            """
            SELECT count(*) AS n FROM information_schema.tables
            WHERE table_schema = \(SQLQuoting.literal(schema)) AND table_name = 'consent_form'
            """)
        guard found.row(0)[0] != .integer(0) else { return ([:], until) }
        let forms = try await session.query("SELECT form, terms FROM \(schema).consent_form")
        var byForm: [Int64: ConsentAnswer] = [:]
        for row in forms.rows {
            guard let form = row[0].whole else { continue }
            guard let consent = try? FHIRConsent(terms: row[1].text) else {
                // It could be read when it was taken in: what cannot be read now denies.
                byForm[form] = ConsentAnswer(.deny)
                continue
            }
            byForm[form] = answer(consent)
            for instant in ConsentEvaluator.instants(consent) where instant > now {
                until = min(until, instant)
            }
        }
        var people: [Int64: ConsentAnswer] = [:]
        let rows = try await session.query("SELECT person_id, form FROM \(schema).consent")
        let (persons, places) = (rows.columns[0].vector, rows.columns[1].vector)
        for row in 0..<rows.rowCount {
            guard let person = persons[row].whole, let form = places[row].whole,
                let answer = byForm[form]
            else { continue }
            people[person] = ConsentEvaluator.join([people[person] ?? .silent, answer])
        }
        return (people, until)
    }

    private func answer(_ consent: FHIRConsent) -> ConsentAnswer {
        let answers = question.actions.sorted { $0.rawValue < $1.rawValue }.map { action in
            ConsentEvaluator.evaluate(
                consent,
                ConsentRequest(
                    purpose: question.purpose, action: action, requester: question.requester,
                    controller: question.controller, classes: question.classes, study: question.study,
                    now: now, hierarchy: hierarchy))
        }
        return answers.dropFirst().reduce(answers.first ?? .silent) { $0.stricter($1) }
    }

    private func denied(_ answers: [Int64: ConsentAnswer]) -> [Int64] {
        answers.filter { $0.value.effect == .deny }.keys.sorted()
    }

    /// Those on the study's list, and those whose FHIR Consents permit this very use; less those who withdrew, and those
    /// whose FHIR Consents deny it.
    private func permitted(
        _ answers: [Int64: ConsentAnswer], _ session: any EngineSession
    ) async throws -> [Int64] {
        let listed = try await session.query(
            """
            SELECT p.person_id, s.given FROM governance.study_consent s JOIN \(schema).person p ON p.person = s.person
            WHERE s.study = \(SQLQuoting.literal(question.study))
            """)
        var people = Set(answers.filter(\.value.isSpecific).keys)
        for row in listed.rows {
            guard let person = row[0].whole else { continue }
            if row[1] == .boolean(true) { people.insert(person) } else { people.remove(person) }
        }
        return people.subtracting(denied(answers)).sorted()
    }

    private func table(of people: [Int64], _ session: any EngineSession) async throws -> String {
        let name = PeopleTable("consent", people, secret: secret).name
        try await session.execute("CREATE TEMPORARY TABLE people_consenting (person_id INTEGER)")
        try await session.load(
            QualifiedName("people_consenting"), columns: [("person_id", .integer)],
            batch: Table(
                columns: [
                    .init(
                        name: "person_id", vector: ColumnVector(type: .integer, storage: .int64(people)))
                ], rowCount: people.count))
        try await session.execute(
            """
            CREATE TABLE IF NOT EXISTS \(QualifiedName(schema: schema, name).sql) AS
            SELECT person_id FROM people_consenting ORDER BY person_id;
            DROP TABLE people_consenting
            """)
        return name
    }
}
