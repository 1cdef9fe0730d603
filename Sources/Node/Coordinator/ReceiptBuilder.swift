internal import Catalog
internal import Core
internal import Exchange
internal import Policy
internal import Query

/// Puts the evidence of sites and linker into one receipt.
struct ReceiptBuilder: Sendable {
    let session: QuestionSession
    let context: NodeContext

    func receipt(_ replies: [SiteReply], linked: LinkedReply?, bounds: [BoundNote]) -> Receipt {
        let names = UsedNames(session.plan.fragments).tables.sorted()
        let answered = replies.filter { $0.receipt.outcome == .answered }
        return Receipt(
            queryID: session.queryID, askedAt: Clock.text(session.now.milliseconds),
            requester: session.agreement.body.requester.text, agreement: session.agreement.body.id,
            purpose: session.purpose.name, releaseForm: session.agreement.body.releaseForm,
            require: session.question.require.text,
            synthetic: !answered.isEmpty && answered.allSatisfy { $0.receipt.synthetic == true },
            joins: "a join ties records of one person at one site: a registration, not a life",
            sites: replies.map { $0.receipt }, linker: linked?.receipt, bounds: bounds,
            references: names.compactMap { name in
                context.reference(name).map {
                    ReferenceNote($0)
                }
            })
    }
}
