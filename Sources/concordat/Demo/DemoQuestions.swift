internal import Foundation

/// Asks the demonstration's questions and verifies every log.
struct DemoQuestions {
    let federation: DemoFederation

    func ask() throws {
        for (number, question) in DemoPlan.questions.enumerated() {
            heading("Question \(number + 1): \(question.title)")
            let (status, text) = try query(question)
            Terminal.print(text, terminator: "")
            guard status == 0 else {
                throw ChildProcess.Failure(description: "question \(number + 1) was not answered (\(status))")
            }
        }
        heading("A question that is refused: \(DemoPlan.refused.title)")
        let (status, _) = try query(DemoPlan.refused)
        guard status == 2 || status == 3 else {
            throw ChildProcess.Failure(description: "the question about one person was not refused")
        }
        heading("Verifying all logs")
        for member in DemoPlan.members {
            let text = try ChildProcess.run(["audit", "verify", "--home", federation.home(member)])
            Terminal.print("\(member.code): \(text)", terminator: "")
        }
    }

    private func query(_ question: DemoPlan.Question) throws -> (Int32, String) {
        Terminal.print(question.sql + "\n")
        return try ChildProcess.runAnyway([
            "query", "--home", federation.home(DemoPlan.requester), "--agreement", DemoPlan.agreement,
            question.sql,
        ])
    }

    private func heading(_ text: String) {
        Terminal.print("\n\(text)\n\(String(repeating: "=", count: text.count))\n")
    }
}
