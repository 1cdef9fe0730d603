internal import Core
internal import Disclosure
internal import Exchange

/// Merges the sites' states cell by cell and applies disclosure control to the totals.
struct LinkedTotals {
    let states: [Opened<LinkState>]
    let profile: DisclosureProfile

    /// One cell over all sites.
    private struct Cell {
        var label: Base64Bytes
        var people: Set<Pseudonym> = []
        /// One an aggregate.
        var contributors: [Set<Pseudonym>]
        /// Sums of the sites' record keys, modulo 256: the same people at the same sites, the same noise.
        var keys: [Int]
    }

    private struct Pseudonym: Hashable {
        let high: UInt64
        let low: UInt64
    }

    /// - Throws: `Linker.Refusal` where the states do not fit each other.
    func released() throws -> [LinkResult.Fragment] {
        let indices = states.first?.body.fragments.map(\.index) ?? []
        guard states.allSatisfy({ $0.body.fragments.map(\.index) == indices }) else { throw malformed }
        return try indices.map(release)
    }

    private var malformed: Linker.Refusal {
        Linker.Refusal(rule: "states", words: "the states of the participants do not fit each other")
    }

    private func release(_ index: Int) throws -> LinkResult.Fragment {
        var order: [CellToken] = []
        var cells: [CellToken: Cell] = [:]
        var shapes: [AggregateShape]?
        for state in states {
            guard let fragment = state.body.fragments.first(where: { $0.index == index }) else {
                throw malformed
            }
            let own = fragment.aggregates.map(\.cells.shape)
            guard shapes == nil || shapes == own, own.allSatisfy({ $0.kind == .distinctPeople }) else {
                throw malformed
            }
            shapes = own
            try add(fragment, attachments: state.attachments, &order, &cells)
        }
        let block = cellBlock(order, cells, shapes ?? [])
        let (released, _) = DisclosureControl(profile: profile).release(block)
        guard case .text(let tokens)? = released.keys.columns.first?.vector.storage else { throw malformed }
        return LinkResult.Fragment(
            index: index, labels: tokens.compactMap { place in Int(place).map { cells[order[$0]]!.label } },
            aggregates: released.aggregates.map(WireReleasedAggregate.init))
    }

    private func add(
        _ fragment: LinkState.Fragment, attachments: [[UInt8]], _ order: inout [CellToken],
        _ cells: inout [CellToken: Cell]
    ) throws {
        let count = fragment.people.count
        let bytes = fragment.tokens.bytes
        guard bytes.count == count * CellToken.byteCount, fragment.labels.count == count else {
            throw malformed
        }
        let tokens = (0..<count).compactMap {
            CellToken(bytes: Array(bytes[($0 * CellToken.byteCount)..<(($0 + 1) * CellToken.byteCount)]))
        }
        for (place, token) in tokens.enumerated() where cells[token] == nil {
            order.append(token)
            cells[token] = Cell(
                label: fragment.labels[place],
                contributors: Array(repeating: [], count: fragment.aggregates.count),
                keys: Array(repeating: 0, count: fragment.aggregates.count))
        }
        for (number, aggregate) in fragment.aggregates.enumerated() {
            guard aggregate.cells.contributorKey.count == count,
                aggregate.cells.contributorKey.allSatisfy({ (0...255).contains($0) })
            else { throw malformed }
            for (place, token) in tokens.enumerated() {
                cells[token]?.keys[number] += aggregate.cells.contributorKey[place]
            }
        }
        for list in fragment.pseudonyms {
            guard list.counts.count == count, attachments.indices.contains(list.attachment) else {
                throw malformed
            }
            try add(list, from: attachments[list.attachment], tokens, &cells)
        }
    }

    private func add(
        _ list: LinkState.Pseudonyms, from bytes: [UInt8], _ tokens: [CellToken],
        _ cells: inout [CellToken: Cell]
    ) throws {
        let most = bytes.count / Pseudonymiser.byteCount
        guard list.counts.allSatisfy({ (0...most).contains($0) }),
            list.counts.reduce(0, +) * Pseudonymiser.byteCount == bytes.count
        else { throw malformed }
        try bytes.withUnsafeBytes { raw in
            var place = 0
            for (token, count) in zip(tokens, list.counts) {
                for _ in 0..<count {
                    let pseudonym = Pseudonym(
                        high: raw.loadUnaligned(fromByteOffset: place, as: UInt64.self),
                        low: raw.loadUnaligned(fromByteOffset: place + 8, as: UInt64.self))
                    place += Pseudonymiser.byteCount
                    guard let aggregate = list.aggregate else {
                        cells[token]?.people.insert(pseudonym)
                        continue
                    }
                    guard cells[token]?.contributors.indices.contains(aggregate) == true else {
                        throw malformed
                    }
                    cells[token]?.contributors[aggregate].insert(pseudonym)
                }
            }
        }
    }

    /// The keys of the block are the places of the cells: the linker knows no other key.
    private func cellBlock(
        _ order: [CellToken], _ cells: [CellToken: Cell], _ shapes: [AggregateShape]
    ) -> CellBlock {
        let merged = order.compactMap { cells[$0] }
        let zeros = Array(repeating: 0.0, count: merged.count)
        let aggregates = shapes.enumerated().map { number, shape in
            let counts = merged.map { Int64($0.contributors[number].count) }
            return AggregateCells(
                shape: shape, rows: counts, sums: zeros, contributors: counts,
                contributorKey: merged.map { $0.keys[number] % 256 }, largest: zeros, secondLargest: zeros,
                rowBound: merged.map { _ in 1 }, sumBound: zeros)
        }
        let places = ColumnVector(type: .text, storage: .text(merged.indices.map(String.init)))
        return CellBlock(
            keys: Table(columns: [.init(name: "cell", vector: places)], rowCount: merged.count),
            people: merged.map { Int64($0.people.count) },
            cellKey: merged.map { ($0.keys.first ?? 0) % 256 }, aggregates: aggregates)
    }
}
