internal import Core
internal import Exchange
internal import Policy
internal import Query

/// What the linker released: totals of people over all participants.
struct LinkedReply: Sendable {
    /// fragment -> the linker's block: group keys, and one aggregate for each `count(DISTINCT person)`.
    let blocks: [Int: ReleasedBlock]
    let receipt: LinkerReceipt
}

/// Hands the sites' sealed states to the linker and opens the labels of what it released.
struct LinkerCall: Sendable {
    let context: NodeContext
    let session: QuestionSession

    /// - Throws: `QuestionFault` where the linker did not answer or refused.
    func ask(_ replies: [SiteReply]) async throws -> LinkedReply {
        guard let linker = session.linker else { throw fault("the question names no linker", nil) }
        let result: LinkResult
        do {
            result = try await send(replies, to: linker)
        } catch let error as ExchangeError {
            throw fault("the linker \(linker) did not answer (\(error.code))", "ask again when it is back")
        }
        guard result.outcome == .answered else {
            throw fault("the linker refused: \(result.refusal?.words ?? "no reason given")", nil)
        }
        let labels = try CellLabels(key: session.cellKey)
        var blocks: [Int: ReleasedBlock] = [:]
        for fragment in result.fragments {
            guard session.plan.fragments.indices.contains(fragment.index) else {
                throw fault("the linker answered another question", nil)
            }
            blocks[fragment.index] = try block(fragment, labels)
        }
        let evidence = result.evidence
        return LinkedReply(
            blocks: blocks,
            receipt: LinkerReceipt(
                linker: linker.text, participants: session.participants.map(\.text),
                cellsReleased: evidence.disclosure?.cellsReleased ?? 0,
                profile: evidence.disclosure?.profile ?? "none",
                audit: evidence.audit.map { AuditNote(index: Int($0.index), commitment: $0.leafHash) }))
    }

    private func fault(_ message: String, _ hint: String?) -> QuestionFault {
        QuestionFault(SQLFault(.connectionFailure, message, hint: hint))
    }

    private func send(_ replies: [SiteReply], to linker: OrganisationCode) async throws -> LinkResult {
        let key = try SealingPrivateKey()
        let now = WireInstant(milliseconds: Clock.now)
        let sealed = try Envelope.seal(
            LinkRequest(
                queryID: session.queryID, questionDigest: session.questionDigest,
                participants: session.participants, agreementID: session.agreement.body.id,
                responseKey: key.publicKey),
            attachments: replies.flatMap(\.linkerMessages),
            addressing: .init(
                from: context.organisation, to: linker,
                key: try context.directory.sealingKey(of: linker, at: now), issuedAt: now,
                expiresAt: now.advanced(bySeconds: 300)), signedBy: context.keys.query)
        let answer = try await context.peers.ask(
            linker, sealed: sealed.bytes, deadline: session.deadline, at: now)
        guard case .sealed(let bytes) = answer else { throw ExchangeError(.deadlineExceeded) }
        return try Envelope.open(
            bytes, as: LinkResult.self,
            expecting: .init(
                recipient: context.organisation, keys: [key], sender: linker, answering: sealed.digest),
            directory: context.directory, at: WireInstant(milliseconds: Clock.now)
        ).body
    }

    private func block(_ fragment: LinkResult.Fragment, _ labels: CellLabels) throws -> ReleasedBlock {
        let columns = session.plan.fragments[fragment.index].aggregate.keys.map {
            ($0.name, $0.expression.type)
        }
        let rows = try fragment.labels.map { try labels.open($0.bytes, fragment: fragment.index) }
        guard rows.allSatisfy({ $0.count == columns.count }) else {
            throw fault("the linker answered another question", nil)
        }
        guard !columns.isEmpty || !rows.isEmpty else {
            // Without group keys there is one cell, released or not.
            let shapes = session.plan.fragments[fragment.index].shapes.filter { $0.kind == .distinctPeople }
            return ReleasedBlock(
                keys: Table(columns: [], rowCount: 1),
                aggregates: shapes.map { ReleasedAggregate(shape: $0, rows: [nil], sums: [nil]) })
        }
        return ReleasedBlock(
            keys: Table(columns, rows: rows), aggregates: fragment.aggregates.map(\.aggregate))
    }
}
