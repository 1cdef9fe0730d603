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
        let places = places(of: fragment.cohort, keys)
        var lists: [LinkState.Pseudonyms] = []
        let everybody = fragment.cohort.people.map { _ in true }
        for (aggregate, flags) in [(nil, everybody)]
            + fragment.cohort.isCounted.enumerated().map({ ($0, $1) })
        {
            var people = Array(repeating: [String](), count: cells.count)
            for (row, isCounted) in flags.enumerated() where isCounted {
                people[places[row]].append(fragment.cohort.people[row])
            }
            let pseudonyms = zip(people, tokens).map { people, token in
                self.pseudonyms(people, key.pseudonymiser(cell: token), token)
            }
            lists.append(
                .init(aggregate: aggregate, counts: people.map(\.count), attachment: attachments.count))
            attachments.append(Array(pseudonyms.joined()))
        }
        return LinkState.Fragment(
            index: fragment.index, tokens: Base64Bytes(tokens.flatMap(\.bytes)),
            labels: try zip(keys, tokens).map { Base64Bytes(try labels.label(of: $0, token: $1)) },
            people: cells.people, aggregates: counted.map(WireAggregateCells.init), pseudonyms: lists)
    }

    /// The cell of every row of the cohort.
    private func places(of cohort: CohortQuery.Cohort, _ keys: [[Value]]) -> [Int] {
        guard !cohort.keys.columns.isEmpty else { return cohort.people.map { _ in 0 } }
        let index = Dictionary(keys.enumerated().map { ($1, $0) }) { first, _ in first }
        return (0..<cohort.people.count).map { index[cohort.keys.row($0)] ?? 0 }
    }

    /// People without an NHS number never link: theirs is a pseudonym that no other site can make.
    private func pseudonyms(_ people: [String], _ pseudonymiser: Pseudonymiser, _ token: CellToken) -> [UInt8]
    {
        let numbered = people.filter { $0.utf8.count == 10 }
        let local = people.filter { $0.utf8.count != 10 }
        let site = Array(enforcement.context.organisation.text.utf8)
        let own = local.flatMap { person in
            Digest(of: token.bytes + site + Array(person.utf8)).bytes.prefix(Pseudonymiser.byteCount)
        }
        return pseudonymiser.pseudonyms(ofTexts: numbered) + own
    }
}
