import Foundation
import Testing

/// The console in a real browser: each journey looks at its pages as people do, and no rule of WCAG 2.2 AA is broken.
@Suite("the web console", .serialized, .federation(.synthetic(patients: 1_500, disclosure: "concordat")))
struct WebConsoleTests {
    /// What stands in each answer: nothing of another site, no script or style in a page, no cookie that a script reads.
    @Test("pages bear what keeps them safe")
    func headers() async throws {
        let door = try WebDoor(try Federation.required())
        let page = try await door.page("/sign-in")
        #expect(page.status == 200)
        let policy = try #require(page.headers["content-security-policy"])
        #expect(policy.contains("script-src 'self'; style-src 'self'") && !policy.contains("unsafe"))
        #expect(policy.contains("frame-ancestors 'none'"))
        #expect(page.headers["cache-control"] == "no-store")
        #expect(
            !page.body.contains("<style") && !page.body.contains(" style=") && !page.body.contains("onclick"))
        #expect(!page.body.contains("<script>"))
        let away = try await door.page("/workbench")
        #expect(away.status == 303 && away.headers["location"] == "/sign-in?next=%2Fworkbench")
        // A form without the session's token changes nothing; a token of the API opens no page.
        let mine = try await door.signIn()
        let cookie = ["Cookie": mine["Cookie"] ?? "", "Content-Type": "application/x-www-form-urlencoded"]
        #expect(try await door.page("/sign-out", form: "", cookie).status == 403)
        #expect(try await door.page("/sign-out", form: "change_token=x", cookie).status == 403)
        #expect(try await door.page("/account", cookie).status == 200)
        #expect(
            try await door.page(
                "/sign-in", form: "user=analyst&password=x", ["Origin": "https://example.org"]
            ).status == 403)
        let left = try await door.page(
            "/sign-out", form: "change_token=\(mine["X-CSRF-Token"] ?? "")", cookie)
        #expect(left.status == 303)
        #expect(try await door.page("/account", cookie).status == 303)
        let late = try await door.page("/workbench/questions", form: "sql=SELECT+1", cookie)
        #expect(late.status == 401 && late.body.contains("You are signed out"))
        // Nobody is led elsewhere by a link to the sign-in page.
        let names = "user=analyst&password=\(door.password)"
        for next in ["https://example.org", "//example.org", "/api/v1/me", "/\\example.org"] {
            let entered = try await door.page("/sign-in", form: "\(names)&next=\(next)")
            #expect(entered.headers["location"] == "/workbench", "\(next)")
        }
    }

    @Test("a journey in a browser", .timeLimit(.minutes(5)), arguments: ["frame.py", "workbench.py"])
    func journey(_ program: String) async throws {
        let federation = try Federation.required()
        if program == "workbench.py" { try await agreeOnce(federation) }
        let door = try WebDoor(federation)
        try await door.walk(program, "analyst", door.password)
    }

    /// Another agreement beside the demonstration's: with two trusts, for something narrower, and for thirty days.
    private func agreeOnce(_ federation: Federation) async throws {
        let end = Date(timeIntervalSinceNow: 30 * 86_400).formatted(.iso8601.year().month().day())
        let draft = federation.root + "/beds.yaml"
        let text = """
            id: winter-beds
            version: 1
            title: Winter beds
            requester: QWE
            controllers: [RJ1, RAX]
            purpose: capacity-and-demand
            purposeText: Beds in the coming winter
            legalContext: { article6: e, article9: h, gateway: notConfidential }
            actions: [aggregate]
            datasets: { patient: [sex, deceased] }
            disclosureProfile: concordat
            validFrom: 2020-01-01
            validUntil: \(end)
            examples: ['SELECT sex, count(*) AS n FROM patient GROUP BY sex']
            """
        try Data(text.utf8).write(to: URL(filePath: draft))
        var file = draft
        for (member, verb) in [
            ("QWE", "make"), ("QWE", "sign"), ("RJ1", "countersign"), ("RAX", "countersign"),
        ] {
            let outcome = try await federation.run(["agreement", verb], at: member, [file])
            try #require(outcome.status == 0, "\(verb): \(outcome.errors)")
            file = federation.root + "/beds.json"
            try Data(outcome.output.utf8).write(to: URL(filePath: file))
        }
        for member in ["QWE", "RJ1", "RAX"] {
            let outcome = try await federation.run(["agreement", "import"], at: member, [file])
            try #require(outcome.status == 0, "\(outcome.errors)")
        }
    }

    @Test("progress while a site does not answer, and breaking it off", .timeLimit(.minutes(5)))
    func running() async throws {
        let federation = try Federation.required()
        let door = try WebDoor(federation)
        let pids = try JSONDecoder().decode(
            [Int32].self, from: Data(try ProjectFiles.text(federation.root + "/nodes.json").utf8))
        let place = try #require(Federation.members.firstIndex(of: "RAX"))
        // With a connection that stands the site is waited for; a new one to it would be given up sooner. Several: one of
        // them may be in use for something else when the journey asks.
        try await withThrowingTaskGroup(of: Int32.self) { group in
            for least in 1...4 {
                group.addTask {
                    try await federation.ask(
                        "SELECT sex, count(*) FROM patient GROUP BY sex HAVING count(*) > \(least)"
                    ).status
                }
            }
            for try await status in group { #expect(status == 0) }
        }
        kill(pids[place], SIGSTOP)
        defer { kill(pids[place], SIGCONT) }
        try await door.walk("running.py", "analyst", door.password)
    }
}

extension WebDoor {
    /// A page of the console, as it comes without a browser.
    /// - Parameter form: what is sent; nil: it is only looked at.
    func page(_ path: String, form: String? = nil, _ headers: [String: String] = [:]) async throws -> Answer {
        var headers = headers
        if form != nil { headers["Content-Type"] = "application/x-www-form-urlencoded" }
        return try await send(form == nil ? "GET" : "POST", path, form, headers, below: "")
    }

    /// Has a browser walk one of the journeys in `Browser/`; what is wrong is a failure.
    func walk(_ program: String, _ user: String, _ password: String) async throws {
        let folder = ProjectFiles.root + "/Tests/ConcordatTests/Browser/"
        var rest = [
            "NODE_HOME=\(federation.home("QWE"))", "PYTHONPATH=\(ProjectFiles.root)/.lib/web:\(folder)",
            "PYTHONDONTWRITEBYTECODE=1",
        ]
        let asked = ProcessInfo.processInfo.environment
        if let shots = asked["SCREENSHOTS"] { rest.append("SCREENSHOTS=\(shots)") }
        let outcome = try await Program.run(
            // Chromium keeps its settings where the home is.
            other: "HOME=\(federation.root)",
            rest + ["python3", folder + program, origin, user, password])
        #expect(outcome.status == 0, "\(outcome.output.suffix(8_000))\(outcome.errors.suffix(4_000))")
        #expect(outcome.output.contains("looked at: "))
    }
}
