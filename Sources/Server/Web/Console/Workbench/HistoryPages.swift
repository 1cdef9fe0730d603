internal import Core
internal import Node

/// What one asked: questions of the last hour with their answers, and the receipts of all.
enum HistoryPages {
    static let all = [history, receipt]

    private static let mostReceipts = 100

    private static let history = ConsolePage.show(
        "/workbench/history", "listReceipts", WorkbenchPages.analysts
    ) { call in
        let user = try call.caller.user.name
        let runs = await call.house.questions.runs(of: user)
        let receipts = try await call.house.context.keptReceipts(of: user)
        return .page(
            "workbench-history", title: "History",
            [
                "cut": receipts.count > mostReceipts ? "The last \(mostReceipts) of \(receipts.count)." : nil,
                "runs": runs.map(line), "hasRuns": !runs.isEmpty, "hasReceipts": !receipts.isEmpty,
                "receipts": receipts.prefix(mostReceipts).map { receipt -> [String: any Sendable] in
                    [
                        "id": receipt.queryID, "at": ConsoleWords.time(receipt.askedAt),
                        "agreement": receipt.agreement, "purpose": receipt.purpose,
                        "answered":
                            "\(receipt.sites.count { $0.outcome == .answered }) of \(receipt.sites.count)",
                    ]
                },
            ])
    }

    private static func line(_ run: QuestionRun) -> [String: any Sendable] {
        let (words, tag) =
            switch run.state {
            case .running: ("running", "wait")
            case .done: ("answered", "good")
            case .failed: ("no answer", "bad")
            case .cancelled: ("broken off", "bad")
            }
        var values: [String: any Sendable] = [
            "id": run.id, "sql": run.question.sql, "at": ConsoleWords.time(run.beganAt), "words": words,
            "tag": tag,
        ]
        if let answer = run.answer { values["rows"] = ConsoleWords.count(answer.table.rowCount, "row") }
        return values
    }

    private static let receipt = ConsolePage.show(
        "/workbench/history/{id}", "showReceipt", WorkbenchPages.analysts
    ) { call in
        let receipts = try await call.house.context.keptReceipts(of: try call.caller.user.name)
        guard let receipt = receipts.first(where: { $0.queryID == call.item("id") }) else {
            throw Problem.notFound
        }
        let agreements = try await WorkbenchFacts(call).agreements
        let view = ReceiptView(
            receipt: receipt, names: FragmentNames(nil),
            purposeTitle: agreements.flatMap(\.purposes).first { $0.name == receipt.purpose }?.title,
            linkerName: agreements.compactMap(\.linker).first { $0.code == receipt.linker?.linker }?.name)
        return .page("workbench-receipt", title: "Receipt", ["receipt": view.values])
    }
}
