internal import Core
internal import Logging

/// Whatever went wrong, as SQL's users see it. Words and hints bear no person's data, as those they are made from.
enum FaultWords {
    static func fault(_ error: any Error, log: Logger) -> StatementFault {
        if Task.isCancelled || error is CancellationError {
            return StatementFault(SQLFault(.queryCanceled, "canceling statement due to user request"))
        }
        switch error {
        case let fault as StatementFault: return fault
        case let fault as SQLFault: return StatementFault(fault)
        case let fault as QuestionFault:
            let sites = fault.sites.map { ReceiptText.line($0) }
            return StatementFault(fault.fault, detail: sites.isEmpty ? nil : sites.joined(separator: "\n"))
        case let error as NodeError:
            let state = error.code == .busy ? SQLState(rawValue: "53300") : .objectNotInPrerequisiteState
            return StatementFault(SQLFault(state, error.description))
        default:
            log.error("a statement failed", metadata: ["error": "\(type(of: error))"])
            return StatementFault(
                SQLFault(
                    .internalError, "the statement could not be answered (\(type(of: error)))",
                    hint: "the node's log has more: ask its operator"))
        }
    }

    /// The same for where sites are named one by one.
    static func question(_ error: any Error, log: Logger) -> QuestionFault {
        if let fault = error as? QuestionFault, !Task.isCancelled { return fault }
        return QuestionFault(fault(error, log: log).fault)
    }
}
