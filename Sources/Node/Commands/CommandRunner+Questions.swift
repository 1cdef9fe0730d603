internal import Core
internal import Query

extension CommandRunner {
    /// A question, or what is done to show its plan; a statement that begins with EXPLAIN is the latter.
    func answer(_ command: NodeCommand, progress: @escaping ProgressSink) async throws -> NodeReply {
        let coordinator = Coordinator(context: context)
        switch command {
        case .ask(let question):
            if let options = try Coordinator.options(question.sql) {
                return try document(
                    await coordinator.explained(question, options), options.format == .json)
            }
            let count = SiteCount(progress)
            return .answer(try await coordinator.ask(question) { count.take($0) })
        case .explain(let sql, let json): return try document(coordinator.explain(sql), json)
        case .explainAtSites(let question, let analyze, let json):
            var options = ExplainOptions()
            (options.analyze, options.sites) = (analyze, !analyze)
            return try document(await coordinator.explained(question, options), json)
        default: return .failed("this command is no question")
        }
    }

    private func document(_ explained: ExplainedStatement, _ isJSON: Bool) throws -> NodeReply {
        .document(isJSON ? try ScriptJSON.encode(explained) : explained.text)
    }
}
