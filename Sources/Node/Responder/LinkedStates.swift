internal import Core
internal import Disclosure
internal import Exchange
internal import Policy
internal import Query

/// A controller's states for the linker: people under pseudonyms of one use, cells under opaque tokens.
struct LinkedStates {
    struct Fragment: Sendable {
        let index: Int
        let cells: CellBlock
        let cohort: CohortQuery.Cohort
    }

    let enforcement: Enforcement

    /// The sealed message for the linker, or none where nothing is linked.
    func sealed(
        _ fragments: [Fragment], _ profile: DisclosureProfile, _ agreement: LiveAgreement
    ) async throws -> [[UInt8]] {
        guard !fragments.isEmpty, let linker = agreement.body.linker else { return [] }
        let (context, request, now) = (enforcement.context, enforcement.request, enforcement.now)
        let key = try await linkageKey(agreement)
        guard let cellKey = request.cellKey else {
            throw SiteRefusal(rule: "linkage", words: "a linked question needs a cell key")
        }
        let labels = try CellLabels(key: cellKey.bytes)
        var attachments: [[UInt8]] = []
        let states = try fragments.map { try state($0, labels, key, &attachments) }
        let document = LinkState(
            queryID: request.queryID, requester: request.requester, questionDigest: request.questionDigest,
            participants: request.participants, agreementDigest: agreement.digest,
            profiles: profile.name.split(separator: "+").map(String.init),
            minimumPeople: profile.minimumPeople,
            fragments: states)
        let sealed = try Envelope.seal(
            document, attachments: attachments,
            addressing: .init(
                from: context.organisation, to: linker,
                key: try context.directory.sealingKey(of: linker, at: now),
                issuedAt: now, expiresAt: now.advanced(bySeconds: 3600)), signedBy: context.keys.query)
        return [sealed.bytes]
    }

    /// One use: the nonces of every participant, verified, and this controller's own, spent.
    private func linkageKey(_ agreement: LiveAgreement) async throws -> QueryLinkageKey {
        let (context, request) = (enforcement.context, enforcement.request)
        do {
            let nonces = try LinkNonces.verified(
                in: request, directory: context.directory, at: enforcement.now)
            try await context.nonces.consume(
                queryID: request.queryID, question: request.questionDigest,
                nonce: nonces[context.organisation] ?? [])
            return try context.linkage.secret(agreement.digest).queryKey(
                question: request.questionDigest, nonces: Array(nonces.values))
        } catch let error as ExchangeError {
            throw SiteRefusal(
                rule: "linkage", words: "the nonces of the participants do not verify (\(error.code))")
        }
    }

    private func state(
        _ fragment: Fragment, _ labels: CellLabels, _ key: QueryLinkageKey, _ attachments: inout [[UInt8]]
    ) throws -> LinkState.Fragment {
        let cells = fragment.cells
        let keys = (0..<cells.count).map { cells.keys.row($0) }
        let tokens = keys.map { labels.token(of: $0, fragment: fragment.index) }
        let counted = cells.aggregates.filter { $0.shape.kind == .distinctPeople }
        let members = try CellMembers(
            cohort: fragment.cohort, keys: keys, tokens: tokens, key: key,
            site: enforcement.context.organisation)
        let everybody = attachments.count
        let (counts, bytes) = members.list(nil)
        attachments.append(bytes)
        var lists = [LinkState.Pseudonyms(aggregate: nil, counts: counts, attachment: everybody)]
        for (aggregate, flags) in fragment.cohort.isCounted.enumerated() {
            guard let flags else {
                lists.append(.init(aggregate: aggregate, counts: counts, attachment: everybody))
                continue
            }
            let (counts, bytes) = members.list(flags)
            lists.append(.init(aggregate: aggregate, counts: counts, attachment: attachments.count))
            attachments.append(bytes)
        }
        return LinkState.Fragment(
            index: fragment.index, tokens: Base64Bytes(tokens.flatMap(\.bytes)),
            labels: try zip(keys, tokens).map { Base64Bytes(try labels.label(of: $0, token: $1)) },
            people: cells.people, aggregates: counted.map(WireAggregateCells.init), pseudonyms: lists)
    }
}
