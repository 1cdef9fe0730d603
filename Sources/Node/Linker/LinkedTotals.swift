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
        /// Pseudonyms in ascending order, one list a site.
        var people: [ArraySlice<UInt128>] = []
        /// One an aggregate, of one list a site.
        var contributors: [[ArraySlice<UInt128>]]
        /// Sums of the sites' record keys, modulo 256: the same people at the same sites, the same noise.
        var keys: [Int]
    }

    /// - Throws: `Linker.Refusal` where the states do not fit each other.
    func released() throws -> [LinkResult.Fragment] {
        let indices = states.first?.body.fragments.map(\.index) ?? []
        guard states.allSatisfy({ $0.body.fragments.map(\.index) == indices }) else { throw malformed }
        let gathered = try indices.map(gather)
        let blocks = gathered.map { cellBlock($0.cells, $0.shapes) }
        let parts = LinkedParts(
            fragments: gathered.map { fragment in
                LinkedParts.Fragment(
                    people: fragment.cells.map { Self.union($0.people) },
                    contributors: fragment.shapes.indices.map { number in
                        fragment.cells.map { Self.union($0.contributors[number]) }
                    })
            })
        let released = DisclosureControl(profile: profile).release(blocks, relations: parts.relations())
        return try zip(indices, zip(gathered, released)).map { index, pair in
            try result(index, pair.0.cells, pair.1)
        }
    }

    private func result(
        _ index: Int, _ cells: [Cell], _ released: ReleasedBlock
    ) throws -> LinkResult.Fragment {
        guard case .text(let tokens)? = released.keys.columns.first?.vector.storage else { throw malformed }
        return LinkResult.Fragment(
            index: index, labels: tokens.compactMap { place in Int(place).map { cells[$0].label } },
            aggregates: released.aggregates.map(WireReleasedAggregate.init))
    }

    private var malformed: Linker.Refusal {
        Linker.Refusal(rule: "states", words: "the states of the participants do not fit each other")
    }

    /// The cells of one fragment over all sites.
    private func gather(_ index: Int) throws -> (cells: [Cell], shapes: [AggregateShape]) {
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
        return (order.compactMap { cells[$0] }, shapes ?? [])
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
        // Each list once: neither left out nor repeated, which would cost the linker time and memory.
        let lists = [nil] + fragment.aggregates.indices.map(Optional.some)
        guard tokens.count == count, Set(tokens).count == count,
            fragment.pseudonyms.map(\.aggregate) == lists
        else { throw malformed }
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
        var attached: [Int: [UInt128]] = [:]
        for list in fragment.pseudonyms {
            guard list.counts.count == count, attachments.indices.contains(list.attachment) else {
                throw malformed
            }
            let members = try attached[list.attachment] ?? pseudonyms(attachments[list.attachment])
            attached[list.attachment] = members
            try add(list, members, tokens, &cells)
        }
    }

    private func pseudonyms(_ bytes: [UInt8]) throws -> [UInt128] {
        guard bytes.count % Pseudonymiser.byteCount == 0 else { throw malformed }
        return bytes.withUnsafeBytes { raw in
            stride(from: 0, to: raw.count, by: Pseudonymiser.byteCount).map {
                UInt128(bigEndian: raw.loadUnaligned(fromByteOffset: $0, as: UInt128.self))
            }
        }
    }

    private func add(
        _ list: LinkState.Pseudonyms, _ members: [UInt128], _ tokens: [CellToken],
        _ cells: inout [CellToken: Cell]
    ) throws {
        var place = 0
        for (token, count) in zip(tokens, list.counts) {
            guard (0...members.count - place).contains(count) else { throw malformed }
            let own = members[place..<place + count]
            place += count
            guard zip(own, own.dropFirst()).allSatisfy({ $0 < $1 }) else { throw malformed }
            guard let aggregate = list.aggregate else {
                cells[token]?.people.append(own)
                continue
            }
            guard cells[token]?.contributors.indices.contains(aggregate) == true else { throw malformed }
            cells[token]?.contributors[aggregate].append(own)
        }
        guard place == members.count else { throw malformed }
    }

    /// The different pseudonyms of ascending lists.
    private static func union(_ lists: [ArraySlice<UInt128>]) -> [UInt128] {
        guard var union = lists.first else { return [] }
        for other in lists.dropFirst() { union = merged(union, other)[...] }
        return Array(union)
    }

    private static func distinct(_ lists: [ArraySlice<UInt128>]) -> Int64 { Int64(union(lists).count) }

    private static func merged(_ left: ArraySlice<UInt128>, _ right: ArraySlice<UInt128>) -> [UInt128] {
        var union: [UInt128] = []
        union.reserveCapacity(left.count + right.count)
        var (l, r) = (left.startIndex, right.startIndex)
        while l < left.endIndex, r < right.endIndex {
            let (first, second) = (left[l], right[r])
            union.append(min(first, second))
            l += first <= second ? 1 : 0
            r += second <= first ? 1 : 0
        }
        union += left[l...]
        union += right[r...]
        return union
    }

    /// The keys of the block are the places of the cells: the linker knows no other key.
    private func cellBlock(_ merged: [Cell], _ shapes: [AggregateShape]) -> CellBlock {
        let zeros = Array(repeating: 0.0, count: merged.count)
        let aggregates = shapes.enumerated().map { number, shape in
            let counts = merged.map { Self.distinct($0.contributors[number]) }
            return AggregateCells(
                shape: shape, rows: counts, sums: zeros, contributors: counts,
                contributorKey: merged.map { $0.keys[number] % 256 }, largest: zeros, secondLargest: zeros,
                rowBound: merged.map { _ in 1 }, sumBound: zeros)
        }
        let places = ColumnVector(type: .text, storage: .text(merged.indices.map(String.init)))
        return CellBlock(
            keys: Table(columns: [.init(name: "cell", vector: places)], rowCount: merged.count),
            people: merged.map { Self.distinct($0.people) },
            cellKey: merged.map { ($0.keys.first ?? 0) % 256 }, aggregates: aggregates)
    }
}
