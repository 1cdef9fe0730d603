import Foundation
import Testing

/// The pages of a trust's governance lead, operator and auditor, in a real browser.
@Suite(
    "the controller's desk, operations and the log", .serialized,
    .federation(.synthetic(patients: 300, disclosure: "concordat")))
struct WebDeskTests {
    private static let site = "RJ1"

    private func write(_ text: String, _ name: String, _ federation: Federation) throws -> String {
        let path = "\(federation.root)/\(name)"
        try Data(text.utf8).write(to: URL(filePath: path))
        return path
    }

    /// An agreement that the requester has signed, as it is sent to the trust: its first answers wait.
    private func send(_ federation: Federation) async throws {
        let draft = try write(
            """
            id: desk
            version: 1
            title: Winter pressure
            requester: QWE
            controllers: [RJ1]
            purpose: planning
            legalContext: { article6: e, article9: h, gateway: notConfidential }
            actions: [aggregate]
            datasets: { patient: [sex, deceased, birth_date] }
            disclosureProfile: concordat
            pendingReview: 2
            validFrom: 2020-01-01
            validUntil: 2099-12-31
            examples: ['SELECT sex, count(*) AS n FROM patient GROUP BY sex']
            """, "desk.yaml", federation)
        let made = try await federation.run(["agreement", "make"], at: "QWE", [draft])
        try #require(made.status == 0, "\(made.errors)")
        let file = try write(made.output, "desk-draft.json", federation)
        let signed = try await federation.run(["agreement", "sign"], at: "QWE", [file])
        try #require(signed.status == 0, "\(signed.errors)")
        _ = try write(signed.output, "desk.json", federation)
    }

    /// Questions that are answered, one that is not, a record that cannot be taken in, somebody's number.
    private func prepare(_ federation: Federation) async throws {
        for sql in [
            "SELECT sex, count(*) AS n FROM patient GROUP BY sex ORDER BY sex",
            """
            SELECT count(DISTINCT person) AS people FROM condition
            WHERE in_codelist(code, 'diabetes') AND onset_date >= DATE '2015-01-01'
            """,
            "SELECT sex, ethnic_category, count(*) AS n FROM patient GROUP BY sex, ethnic_category",
        ] {
            #expect(try await federation.ask(sql).status == 0)
        }
        let research = try await federation.ask(
            "SELECT count(*) AS n FROM patient", ["--purpose", "health-research"])
        #expect(research.status != 0)
        let bad = try write("{\"resourceType\":\"Patient\",\"id\":\"p1\",\n", "bad.ndjson", federation)
        _ = try await federation.run(["ingest"], at: Self.site, [bad])
        _ = try write(try PersonChecks.somebody(federation), "desk.number", federation)
        // A list that no agreement here asks for: it may be used for less than two days yet.
        try await takeList(of: 6, federation)
        try await send(federation)
    }

    /// A Type 1 list that was made so many days ago.
    private func takeList(of days: Int, _ federation: Federation) async throws {
        let day = Date(timeIntervalSinceNow: Double(-days) * 86_400).formatted(.iso8601.year().month().day())
        let list = try write("\(try PersonChecks.somebody(federation)),\n", "type-1.dat", federation)
        let taken = try await federation.run(
            ["opt-out", "import"], at: Self.site, ["--scheme", "type-1", "--listed-at", day, list])
        try #require(taken.status == 0, "\(taken.errors)")
        try FileManager.default.removeItem(atPath: list)
    }

    /// A list that is too old is told on the first page of the desk, and what happens then beside the list.
    private func listsThatAreTooOld(_ federation: Federation, _ door: WebDoor) async throws {
        try await takeList(of: 30, federation)
        let greta = try await door.signIn("greta", WebDoor.theirPassword)
        let first = try await door.page("/desk", greta)
        #expect(
            first.body.contains(
                "The list of the Type 1 opt-out (GP records) is too old: questions that need it are not answered."
            ))
        let lists = try await door.page("/desk/opt-outs", greta)
        #expect(
            lists.body.contains("Too old since") && lists.body.contains("until the operator has taken over"))
    }

    /// The trust's node again, with a door for people.
    private func withDoor(_ federation: Federation, _ body: (WebDoor) async throws -> Void) async throws {
        try await federation.end(Self.site)
        let settings = federation.home(Self.site) + "/concordat.yaml"
        let web = "\nweb:\n  port: \(try await Program.freePort())\n"
        try Data((try ProjectFiles.text(settings) + web).utf8).write(to: URL(filePath: settings))
        let node = try await KeptNode(home: federation.home(Self.site))
        do {
            try await body(try await WebDoor.opened(federation, at: Self.site))
        } catch {
            await node.stop()
            throw error
        }
        await node.stop()
    }

    @Test("each does their work in a browser, and each act is in the log", .timeLimit(.minutes(10)))
    func journeys() async throws {
        let federation = try Federation.required()
        try await prepare(federation)
        let number = try PersonChecks.somebody(federation)
        try await withDoor(federation) { door in
            try await door.add("greta", "governance", at: Self.site)
            try await door.add("olga", "operator", at: Self.site)
            try await door.add("audrey", "auditor", at: Self.site)
            try await door.walk("desk.py", "greta", WebDoor.theirPassword)
            try await waitForHer(federation)
            try await door.walk("reviews.py", "greta", WebDoor.theirPassword)
            // One of the peers is off.
            try await federation.end("RYJ")
            try await door.walk("operations.py", "olga", WebDoor.theirPassword)
            try await door.walk("log.py", "audrey", WebDoor.theirPassword)
            try await listsThatAreTooOld(federation, door)
            try await acts(door)
        }
        #expect(try await federation.run(["audit", "verify"], at: Self.site).status == 0)
        try leavesNoNumber(federation, number)
    }

    /// The agreement that she signed is taken over at the requester; two questions under it wait for her.
    private func waitForHer(_ federation: Federation) async throws {
        let signed = federation.root + "/desk-signed.json"
        #expect(try await federation.run(["agreement", "import"], at: "QWE", [signed]).status == 0)
        for sql in [
            "SELECT sex, count(*) AS n FROM patient GROUP BY sex",
            "SELECT sex, deceased, count(*) AS n FROM patient GROUP BY sex, deceased",
        ] {
            let outcome = try await federation.run(
                ["query"], at: "QWE", ["--agreement", "desk", "--format", "json", sql])
            #expect(outcome.status == 3 || outcome.status == 1, "\(outcome.output)")
        }
        let measure = try await federation.run(
            ["measure", "create"], at: "QWE",
            [
                "deaths", "--agreement", "desk", "--every", "month", "--comment", "For the winter plan",
                "SELECT sex, count(*) FILTER (WHERE deceased) AS deaths FROM patient "
                    + "WHERE date_part('year', age(:as_at, birth_date)) >= 65 GROUP BY sex",
            ])
        #expect(measure.output.contains("RJ1: the measure waits"), "\(measure.output)\(measure.errors)")
    }

    private func acts(_ door: WebDoor) async throws {
        let auditor = try await door.signIn("audrey", WebDoor.theirPassword)
        let page = try await door.send("GET", "/audit/entries?limit=200&kind=administration", nil, auditor)
        let details = try page.json["items"].elements.map { entry in
            Dictionary(
                entry["details"].elements.map { ($0["name"].text ?? "", $0["value"].text ?? "") }
            ) { first, _ in first }
        }
        let asked = Set(details.filter { $0["act"] == "asked for" }.compactMap { $0["operation"] })
        #expect(
            asked.isSuperset(of: [
                "exportQuestions", "rehearseAgreement", "signAgreement", "importAgreement",
                "suspendAgreement",
                "resumeAgreement", "revokeAgreement", "showReview", "approveReview", "declineReview",
                "approveMeasure", "declineMeasure",
                "recordObjection", "withdrawObjection", "personReport", "showQuarantined", "retryQuarantine",
                "quality", "verifyAudit",
            ]), "\(asked.sorted())")
        let done = Set(details.compactMap { $0["act"] })
        #expect(
            done.isSuperset(of: [
                "questions-exported", "review-approved", "review-declined", "measure-approved",
                "measure-declined", "person-report",
            ])
        )
    }

    /// A person's number is in no file that the node writes but for its own sealed and stored data.
    private func leavesNoNumber(_ federation: Federation, _ number: String) throws {
        let home = federation.home(Self.site)
        for path in [home + ".again.log", home + "/tlog/checkpoint"] {
            #expect(try !ProjectFiles.text(path).contains(number), "\(path)")
        }
        let control = FileManager.default.contents(atPath: home + "/control.sqlite") ?? Data()
        #expect(!control.isEmpty && control.range(of: Data(number.utf8)) == nil)
    }
}
