extension BulkExport {
    /// What a person should know of an export, in sentences.
    func notes(
        _ export: BulkStore.Export, _ secrets: BulkStore.Secrets, _ files: [BulkFile],
        _ resources: [Int: Int],
        _ issues: BulkIssues
    ) async -> [String] {
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
        if issues.errors > 0 {
            notes.append(
                "because of them the next export asks \(export.since.map { "since \($0)" } ?? "for everything") again; "
                    + "--since overrides that")
        } else if !BulkInstant.isValid(asOf) {
            notes.append(
                "the manifest's transactionTime is no instant: the next export asks from the same time again")
        }
        return notes
    }
}
