internal import Audit

/// What a controller's staff ask about the state of their data.
package struct QualityRequest: Codable, Sendable, Hashable {
    /// Names of datasets; empty: all.
    package var datasets: [String]
    /// Of the publication that questions are answered from, not of what is live.
    package var ofPublication: Bool
    /// ODS code: only this controller's rows.
    package var controller: String?

    package init(datasets: [String] = [], ofPublication: Bool = false, controller: String? = nil) {
        self.datasets = datasets
        self.ofPublication = ofPublication
        self.controller = controller
    }
}

extension CommandRunner {
    /// The report as JSON (`QualityReport`); the log bears that it was made.
    func quality(_ request: QualityRequest, progress: @escaping ProgressSink) async throws -> NodeReply {
        let report = try await QualityRun(context: context, request: request, progress: progress).report()
        _ = try await context.audit.append(
            AuditRecord(
                kind: .administration, at: Clock.now,
                details: [
                    "act": "quality-report", "source": report.source,
                    "datasets": String(report.datasets.count), "findings": String(report.findings.count),
                ]))
        return .document(String(decoding: try JSON.encode(report), as: UTF8.self))
    }
}
