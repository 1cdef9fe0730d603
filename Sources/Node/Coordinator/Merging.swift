internal import Catalog
internal import Core
internal import Exchange
internal import Query
internal import Statistics

/// Merges what sites and linker released, fragment by fragment.
struct Merging: Sendable {
    let session: QuestionSession
    let replies: [SiteReply]
    let linked: LinkedReply?
    let catalog: Catalog

    func blocks() throws -> (blocks: [MergedBlock], bounds: [BoundNote]) {
        var blocks: [MergedBlock] = []
        var bounds: [BoundNote] = []
        let structure = session.plan.fragments.releaseStructure(in: catalog)
        let between = between(structure)
        for (index, fragment) in session.plan.fragments.enumerated() {
            let block = try merge(index, fragment, isTied: structure.isTied(index))
            blocks.append(block)
            let isLinked = session.fragments[index].linked
            guard !session.plan.isInner(index) else { continue }
            bounds += Self.notes(fragment, block, isLinked: isLinked).map { note in
                isLinked ? note : note.with(Self.values(note, index, fragment, block, between))
            }
        }
        return (blocks, bounds)
    }

    /// What the totals lie between; nil where a site that was asked did not answer, or did not fit the question.
    private func between(_ structure: ReleaseStructure) -> WithheldBounds? {
        let sites = replies.compactMap { reply -> WithheldBounds.Site? in
            let blocks = reply.releases.compactMap(\.self)
            guard reply.receipt.outcome == .answered, blocks.count == session.plan.fragments.count,
                zip(blocks, session.plan.fragments).allSatisfy(Self.fits)
            else { return nil }
            var errors = session.plan.fragments.map { $0.shapes.map { _ in 0.0 } }
            for bound in reply.evidence.disclosure?.bounds ?? []
            where errors.indices.contains(bound.fragment)
                && errors[bound.fragment].indices.contains(bound.aggregate) && bound.error.isFinite
            {
                errors[bound.fragment][bound.aggregate] = max(0, bound.error)
            }
            return WithheldBounds.Site(
                blocks: blocks, errors: errors,
                minimumPeople: reply.receipt.disclosure?.minimumPeople ?? 0)
        }
        guard sites.count == replies.count else { return nil }
        return WithheldBounds(
            structure: structure, shapes: session.plan.fragments.map(\.shapes), sites: sites)
    }

    private static func fits(_ block: ReleasedBlock, _ fragment: Fragment) -> Bool {
        let rows = block.keys.rowCount
        return block.keys.columns.count == fragment.aggregate.keys.count
            && block.aggregates.count == fragment.shapes.count
            && block.aggregates.allSatisfy { $0.rows.count == rows && $0.sums.count == rows }
    }

    /// Of a column, the values that may lack something.
    private static func values(
        _ note: BoundNote, _ index: Int, _ fragment: Fragment, _ block: MergedBlock,
        _ between: WithheldBounds?
    ) -> [BoundedValue] {
        guard let between,
            let place = fragment.aggregate.aggregates.firstIndex(where: { $0.name == note.column })
        else { return [] }
        return (0..<block.keys.rowCount).compactMap { row in
            let key = block.keys.row(row)
            guard block.columns[place].incomplete[row],
                let bounds = between.bounds(of: place, in: index, at: key)
            else { return nil }
            return BoundedValue(
                keys: key.map { $0 == .null ? nil : $0.text }, lower: bounds.lower, upper: bounds.upper)
        }
    }

    private func merge(_ index: Int, _ fragment: Fragment, isTied: Bool) throws -> MergedBlock {
        let keys = fragment.aggregate.keys.map { (name: $0.name, type: $0.expression.type) }
        let answered = replies.filter { $0.receipt.outcome == .answered }
        let isLinked = session.fragments[index].linked
        let own = fragment.shapes.indices.filter { !isLinked || fragment.shapes[$0].kind != .distinctPeople }
        let releases = try answered.map { reply in
            guard reply.releases.indices.contains(index), let block = reply.releases[index],
                block.aggregates.count == fragment.shapes.count
            else { throw MergeFault(reply.receipt.site) }
            return SiteRelease(
                site: reply.receipt.site,
                block: ReleasedBlock(keys: block.keys, aggregates: own.map { block.aggregates[$0] }),
                minimumPeople: reply.receipt.disclosure?.minimumPeople ?? 0)
        }
        let sites = try FragmentMerge.merge(
            releases, keys: keys, shapes: own.map { fragment.shapes[$0] }, isTied: isTied,
            unanswered: replies.count - answered.count)
        guard isLinked, let people = linked?.blocks[index] else { return sites }
        let counted = fragment.shapes.indices.filter { fragment.shapes[$0].kind == .distinctPeople }
        let linker = try FragmentMerge.merge(
            [
                SiteRelease(
                    site: linked?.receipt.linker ?? "", block: people,
                    minimumPeople: replies.first?.receipt.disclosure?.minimumPeople ?? 0)
            ], keys: keys, shapes: counted.map { fragment.shapes[$0] })
        return Self.joined(sites, at: own, linker, at: counted, keys: keys)
    }

    /// Both blocks side by side, cell by cell; what one of them lacks is withheld.
    private static func joined(
        _ left: MergedBlock, at leftPlaces: [Int], _ right: MergedBlock, at rightPlaces: [Int],
        keys: [(name: String, type: ColumnType)]
    ) -> MergedBlock {
        var order = left.keys.rows
        var index = Dictionary(order.enumerated().map { ($1, $0) }) { first, _ in first }
        var rightRow = Array(repeating: Int?.none, count: order.count)
        for (row, key) in right.keys.rows.enumerated() {
            if let place = index[key] {
                rightRow[place] = row
            } else {
                index[key] = order.count
                order.append(key)
                rightRow.append(row)
            }
        }
        let leftRow = order.indices.map { $0 < left.keys.rowCount ? $0 : nil }
        var columns: [Int: MergedColumn] = [:]
        for (place, column) in zip(leftPlaces, left.columns) { columns[place] = column.at(leftRow) }
        for (place, column) in zip(rightPlaces, right.columns) { columns[place] = column.at(rightRow) }
        let count = leftPlaces.count + rightPlaces.count
        return MergedBlock(
            keys: Table(keys, rows: order), columns: (0..<count).compactMap { columns[$0] })
    }

    static func number(_ value: Double) -> String {
        Int64(exactly: value).map(String.init) ?? String(value)
    }

    private static func notes(_ fragment: Fragment, _ block: MergedBlock, isLinked: Bool) -> [BoundNote] {
        zip(fragment.aggregate.aggregates, block.columns).enumerated().compactMap { place, pair in
            let (aggregate, column) = pair
            let partial = column.incomplete.count { $0 }
            let isPeople = fragment.shapes[place].kind == .distinctPeople
            var words: [String] = []
            if isPeople, !isLinked {
                words.append("people are counted at each site: who is at two counts twice")
            }
            var widest: Double?
            if partial > 0 {
                widest = zip(column.upper, column.lower).compactMap { upper, lower in
                    upper.flatMap { upper in lower.map { upper - $0 } }
                }.max()
                let values = "\(partial) of \(column.incomplete.count) values"
                words.append(
                    isPeople && isLinked
                        ? "\(values) were not released by the linker"
                        : "\(values) may lack the part of a site that released nothing"
                            + (widest.map { $0 > 0 ? ", at most \(Self.number($0))" : "" } ?? ""))
            }
            guard !words.isEmpty else { return nil }
            return BoundNote(
                column: aggregate.name, partial: partial, atMost: widest, words: words.joined(separator: "; ")
            )
        }
    }
}

extension BoundNote {
    fileprivate func with(_ values: [BoundedValue]) -> BoundNote {
        var note = self
        note.values = values.isEmpty ? nil : values
        return note
    }
}

extension MergedColumn {
    /// The values at these rows; nil is a value that is not there.
    fileprivate func at(_ rows: [Int?]) -> MergedColumn {
        MergedColumn(
            values: ColumnVector(type: values.type, values: rows.map { $0.map { values[$0] } ?? .null }),
            withheld: rows.map { $0.map { withheld[$0] } ?? true },
            incomplete: rows.map { $0.map { incomplete[$0] } ?? true },
            lower: rows.map { $0.flatMap { lower[$0] } }, upper: rows.map { $0.flatMap { upper[$0] } })
    }
}

/// A release that lacks a fragment, or has one of another shape.
private struct MergeFault: Error, CustomStringConvertible {
    let description: String

    init(_ site: String) { description = "the answer of \(site) does not fit the question" }
}
