extension BulkExport {
    /// What a person should know of an export, in sentences.
    func notes(
        _ export: BulkStore.Export, _ secrets: BulkStore.Secrets, _ files: [BulkFile],
        _ resources: [Int: Int],
        _ issues: BulkIssues
    ) async throws -> [String] {
        let total = files.indices.filter { files[$0].kind == .output }.reduce(0) { $0 + (resources[$1] ?? 0) }
        let asOf = secrets.pages.first?.transactionTime ?? ""
        var notes = [
            "export \(export.id) of \(source.base) (\(source.level.text)), as of "
                + "\(BulkInstant.isValid(asOf) ? asOf : "an unreadable time"): \(total) resources in "
                + "\(files.count) files, \(export.since.map { "what changed since \($0)" } ?? "everything")"
        ]
        for (place, file) in files.enumerated() where file.kind == .output {
            guard let said = file.count, let found = resources[place], said != found else { continue }
            notes.append("\(file.words): the server counts \(said) resources, \(found) came")
        }
        let withheld = await session.tokens.withheld
        if !withheld.isEmpty {
            notes.append("the server gives this client no access to \(withheld.joined(separator: ", "))")
        }
        if !issues.counts.isEmpty { notes.append("the server reports issues: \(issues.text)") }
        let next = try await next(export, asOf, issues)
        if next != asOf {
            let why =
                issues.errors > 0
                ? "the server could not give all"
                : BulkInstant.isValid(asOf) ? "--since left a gap" : "as of when is not told"
            notes.append("\(why): the next export asks \(next.map { "since \($0)" } ?? "for everything")")
        }
        return notes
    }
}
