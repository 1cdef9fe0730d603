internal import Hummingbird
internal import Node
internal import Store

/// Data that were taken in, and what was set aside.
enum IngestPages {
    static let all = [data, records, record, retry]

    private static let outcomes = [
        "whole": "Complete", "failed": "Failed", "broken-off": "Broken off: the node stopped",
    ]

    private static let data = ConsolePage.show(
        "/operations/data", "quarantineSummary", OperationsPages.operators
    ) { call in
        let note = try await call.run(.inquire(.operations)).decoded(OperationsNote.self)
        let counts = try await held(call, entries: false)
        let total = counts.reduce(0) { $0 + (Int($1["records"] ?? "") ?? 0) }
        let values: ConsoleValues = [
            "loads": note.loads.map(load), "hasLoads": !note.loads.isEmpty,
            "reasons": counts.map { count in
                [
                    "file": count["file"] ?? "",
                    "dataset": (count["dataset"] ?? "").replacing("_", with: " "),
                    "reasons": count["reasons"] ?? "",
                    "records": Int(count["records"] ?? "").map(ConsoleWords.grouped) ?? "",
                ] as [String: any Sendable]
            }, "hasReasons": !counts.isEmpty, "total": ConsoleWords.count(total, "record"),
        ]
        return .page("operations-data", title: "Data taken in", values)
    }

    /// None where the node holds no data.
    private static func held(_ call: ConsoleCall, entries: Bool) async throws -> [[String: String]] {
        guard call.house.context.configuration.roles.contains(.controller) else { return [] }
        return try await call.run(.quarantineList(entries: entries)).records
    }

    private static func load(_ load: OperationsNote.Load) -> [String: any Sendable] {
        let values: ConsoleValues = [
            "source": load.source, "controller": load.controller,
            "started": ConsoleWords.time(load.startedAt),
            "ended": load.endedAt.map(ConsoleWords.time),
            "outcome": load.outcome.map { outcomes[$0] ?? $0 } ?? "Running",
            "isWhole": load.outcome == "whole", "isRunning": load.outcome == nil,
            "isBad": load.outcome == "failed" || load.outcome == "broken-off",
            "records": load.records.map(ConsoleWords.grouped),
            "setAside": load.setAside.map(ConsoleWords.grouped),
        ]
        return values.members
    }

    // MARK: Each record

    private static let perPage = 50

    private static let records = ConsolePage.show(
        "/operations/quarantine", "listQuarantine", OperationsPages.operators
    ) { call in
        let all = try await held(call, entries: true)
        let start = min(max(0, call.query.number("from") ?? 0), all.count)
        let lines = all[start...].prefix(perPage).map { record in
            [
                "id": record["id"] ?? "", "file": record["file"] ?? "", "position": record["position"] ?? "",
                "dataset": (record["dataset"] ?? "").replacing("_", with: " "),
                "reasons": record["reasons"] ?? "",
                "column": record["column"] ?? "", "setAside": ConsoleWords.time(record["set_aside_at"] ?? ""),
            ] as [String: any Sendable]
        }
        let end = start + lines.count
        let values: ConsoleValues = [
            "records": lines, "hasRecords": !lines.isEmpty,
            "place":
                "\(ConsoleWords.grouped(start + 1)) to \(ConsoleWords.grouped(end)) of \(ConsoleWords.grouped(all.count))",
            "next": end < all.count ? "/operations/quarantine?from=\(end)" : nil,
            "before": start > 0 ? "/operations/quarantine?from=\(max(0, start - perPage))" : nil,
        ]
        return .page("operations-quarantine", title: "Records that were set aside", values)
    }

    private static let record = ConsolePage(
        method: .get, path: "/operations/quarantine/{id}", operation: "showQuarantined",
        access: OperationsPages.operators, isPrivileged: true
    ) { call in
        let record = try await call.run(.quarantineShow(id: call.item("id"), json: true)).tree
        let values: ConsoleValues = [
            "id": record["id"]?.text, "file": record["file"]?.text, "position": record["position"]?.text,
            "dataset": record["dataset"]?.text?.replacing("_", with: " "), "column": record["column"]?.text,
            "reasons": record["reasons"]?.elements.compactMap(\.text),
            "setAside": record["set_aside_at"]?.text.map(ConsoleWords.time),
            "text": record["text"]?.text.map(VisibleText.of),
            "isBinary": record["text"]?.text == nil ? true : nil,
        ]
        return .page("operations-record", title: "A record that was set aside", values)
    }

    private static let retry = ConsolePage.act(
        "/operations/quarantine/retry", "retryQuarantine", OperationsPages.operators
    ) { call in
        guard case .ingested(let report) = try await call.run(.quarantineRetry) else {
            throw APIFailure.anotherReply
        }
        let tried = report.files.reduce(0) { $0 + $1.records }
        let still = report.files.reduce(0) { $0 + $1.setAside }
        return .away(
            "/operations/data",
            saying:
                "\(ConsoleWords.count(tried, "record")) tried again: \(ConsoleWords.grouped(tried - still)) taken in, "
                + "\(ConsoleWords.grouped(still)) still set aside.")
    }
}
