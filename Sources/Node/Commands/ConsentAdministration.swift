internal import Audit
internal import Core
internal import Exchange
internal import Foundation
internal import Policy
internal import Store

/// What a controller does about opt-out lists and consents.
struct ConsentAdministration: Sendable {
    let context: NodeContext

    func run(_ command: ConsentCommand) async throws -> NodeReply {
        switch command {
        case .exportOptOut(let path, let scheme): .done(try await export(path, scheme))
        case .listOptOuts: try await list()
        case .importConsents(let path, let study): .done(try await importConsents(path, study))
        case .listConsents: try await listConsents()
        }
    }

    private func warehouse() throws -> SiteWarehouse { try context.controllersWarehouse() }

    private func scheme(_ name: String) throws -> OptOutScheme {
        guard let scheme = OptOutScheme(rawValue: name), scheme.isListed else {
            let known = OptOutScheme.listed.map(\.rawValue).joined(separator: ", ")
            throw NodeError(.input, "no list of that scheme is kept; write one of \(known)")
        }
        return scheme
    }

    // MARK: - Opt-out lists

    private func export(_ path: String, _ name: String) async throws -> String {
        let scheme = try scheme(name)
        let asked = try await warehouse().export(scheme, to: path)
        try await context.optOutExports.record(
            .init(scheme: scheme, askedAt: Date(), count: asked.count, digest: asked.digest.description),
            of: context.organisation)
        try await audit(["scheme": scheme.rawValue, "digest": asked.digest.description, "act": "exported"])
        let next =
            scheme == .nationalDataOptOut
            ? "send it by MESH, workflow SPINE_NTT_UPHOLDING" : "send it to the owner of the scheme"
        return """
            wrote \(asked.count) NHS numbers to '\(path)', readable by you alone; \(next); take the reply over with \
            'concordat opt-out import --scheme \(scheme.rawValue) REPLY', then 'concordat publish', and delete both files
            """
    }

    func importList(_ path: String, _ name: String, listedAt: String?) async throws -> String {
        let (scheme, listed) = (try scheme(name), try day(listedAt))
        let asked = try await context.optOutExports.last(scheme, of: context.organisation)
        let read = try await warehouse().replaceAllowed(scheme, path: path, isChecked: asked != nil)
        let entry = OptOutRegister.Entry(
            controller: context.organisation, scheme: scheme, listedAt: listed, importedAt: Date(),
            count: read.outcome.count, digest: read.digest.description,
            usableDays: context.configuration.optOutMaximumAgeDays)
        try await context.optOuts.record(entry)
        try await audit(["scheme": scheme.rawValue, "digest": entry.digest])
        let next =
            try context.publications.current() == nil ? "" : "; 'concordat publish' puts it in force"
        let check = asked == nil ? " (no export is on record to check it against)" : ""
        return "took over the \(scheme.rawValue) list: \(entry.count) people may be counted\(check)\(next)"
    }

    private func list() async throws -> NodeReply {
        var rows: [[String]] = []
        let now = Date()
        for scheme in OptOutScheme.listed {
            let entry = try await context.optOuts.current(scheme, of: context.organisation)
            let asked = try await context.optOutExports.last(scheme, of: context.organisation)
            guard entry != nil || asked != nil else { continue }
            rows.append([
                scheme.rawValue, entry.map { text($0.listedAt) } ?? "",
                entry.map { String(max(0, Int(now.timeIntervalSince($0.listedAt) / 86_400))) } ?? "",
                entry.map { text($0.staleAt) } ?? "", entry?.freshness(at: now).rawValue ?? "none",
                entry.map { String($0.count) } ?? "", asked.map { text($0.askedAt) } ?? "",
                asked.map { String($0.count) } ?? "",
            ])
        }
        return .listing(
            columns: [
                "scheme", "listed at", "age in days", "usable until", "state", "people listed",
                "last asked at",
                "people asked about",
            ], rows: rows)
    }

    private func text(_ date: Date) -> String { Clock.text(Int64(date.timeIntervalSince1970) * 1000) }

    private func day(_ text: String?) throws -> Date {
        guard let text else { return Date() }
        guard let days = Civil.parseDate(text) else {
            throw NodeError(.input, "--listed-at takes a day, YYYY-MM-DD")
        }
        let date = Date(timeIntervalSince1970: Double(days) * 86_400)
        guard date <= Date() else { throw NodeError(.input, "--listed-at is in the future") }
        return date
    }

    // MARK: - Consents

    private func importConsents(_ path: String, _ study: String) async throws -> String {
        // Purposes and agreements are named alike; so are studies.
        guard Purpose(study) != nil else {
            throw NodeError(.input, "a study is named by 1 to 64 lower-case letters, digits and hyphens")
        }
        let warehouse = try warehouse()
        let read = try await warehouse.mergeConsents(study, path: path, today: Int(Clock.days(Clock.now)))
        await warehouse.consentTables.forget()
        try await audit(["study": study, "digest": read.digest, "act": "consents imported"])
        return "took over \(read.people) lines of consents to '\(study)'; in force from the next question on"
    }

    private func listConsents() async throws -> NodeReply {
        let warehouse = try warehouse()
        var rows = try await warehouse.studyConsents().map {
            ["study list", $0.study, String($0.consented), String($0.withdrawn), $0.latest]
        }
        let fhir = try await warehouse.fhirConsents()
        if fhir.documents > 0 {
            rows.append(["FHIR Consent", "\(fhir.forms) forms", String(fhir.people), "", ""])
        }
        return .listing(columns: ["source", "study", "people", "withdrawn", "latest"], rows: rows)
    }

    private func audit(_ details: [String: String]) async throws {
        _ = try await context.audit.append(
            AuditRecord(kind: .optOutList, at: Clock.now, details: details))
    }
}
