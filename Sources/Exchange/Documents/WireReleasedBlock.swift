package import Core

/// A released block as JSON: the table of keys, then an array of states an aggregate.
///
/// `sums` is left out where it follows from `rows`: 0 where a count was released.
package struct WireReleasedBlock: Hashable, Sendable {
    package let block: ReleasedBlock

    package init(_ block: ReleasedBlock) { self.block = block }
}

extension WireReleasedBlock: Codable {
    private enum CodingKeys: String, CodingKey {
        case keys
        case aggregates
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let keys = try container.decode(WireTable.self, forKey: .keys).table
        let aggregates = try container.decode([WireReleasedAggregate].self, forKey: .aggregates)
        guard aggregates.count <= decoder.limits.columns,
            aggregates.allSatisfy({ $0.aggregate.rows.count == keys.rowCount })
        else { throw ExchangeError(.malformed, "states do not align with their keys") }
        block = ReleasedBlock(keys: keys, aggregates: aggregates.map(\.aggregate))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(WireTable(block.keys), forKey: .keys)
        try container.encode(block.aggregates.map(WireReleasedAggregate.init), forKey: .aggregates)
    }
}

/// The released states of one aggregate as JSON.
package struct WireReleasedAggregate: Hashable, Sendable, Codable {
    package let aggregate: ReleasedAggregate

    package init(_ aggregate: ReleasedAggregate) { self.aggregate = aggregate }

    private enum CodingKeys: String, CodingKey {
        case shape
        case rows
        case sums
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        guard try container.nestedUnkeyedContainer(forKey: .rows).count ?? 0 <= decoder.limits.rows else {
            throw ExchangeError(.tooLarge, "cells of an aggregate")
        }
        let rows = try container.decode([Int64?].self, forKey: .rows)
        let sums = try container.decodeIfPresent([WireDouble?].self, forKey: .sums)?.map(\.?.value)
        guard sums?.count ?? rows.count == rows.count else {
            throw ExchangeError(.malformed, "sums do not align with rows")
        }
        // Whoever merges adds them up: what no count can be would overflow there.
        guard rows.allSatisfy({ $0.map(Self.plausible.contains) ?? true }) else {
            throw ExchangeError(.malformed, "a count out of range")
        }
        aggregate = ReleasedAggregate(
            shape: try container.decode(AggregateShape.self, forKey: .shape), rows: rows,
            sums: sums ?? Self.derivedSums(rows))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(aggregate.shape, forKey: .shape)
        try container.encode(aggregate.rows, forKey: .rows)
        if aggregate.sums != Self.derivedSums(aggregate.rows) {
            try container.encode(aggregate.sums.map { $0.map(WireDouble.init) }, forKey: .sums)
        }
    }

    /// What a `Double` carries exactly.
    private static let plausible: ClosedRange<Int64> = 0...(1 << 53)

    private static func derivedSums(_ rows: [Int64?]) -> [Double?] { rows.map { $0 == nil ? nil : 0 } }
}

/// One aggregate's states before disclosure control, as JSON: only ever inside a message to a linker.
package struct WireAggregateCells: Hashable, Sendable, Codable {
    package let cells: AggregateCells

    package init(_ cells: AggregateCells) { self.cells = cells }

    private struct Wire: Codable {
        let shape: AggregateShape
        let rows: [Int64]
        let sums: [WireDouble]
        let contributors: [Int64]
        let contributorKey: [Int]
        let largest: [WireDouble]
        let secondLargest: [WireDouble]
        let rowBound: [WireDouble]
        let sumBound: [WireDouble]
    }

    package init(from decoder: any Decoder) throws {
        let wire = try Wire(from: decoder)
        let count = wire.rows.count
        guard count <= decoder.limits.rows else { throw ExchangeError(.tooLarge, "cells of an aggregate") }
        let lengths = [
            wire.sums.count, wire.contributors.count, wire.contributorKey.count, wire.largest.count,
            wire.secondLargest.count, wire.rowBound.count, wire.sumBound.count,
        ]
        guard lengths.allSatisfy({ $0 == count }) else {
            throw ExchangeError(.malformed, "states of unequal length")
        }
        cells = AggregateCells(
            shape: wire.shape, rows: wire.rows, sums: wire.sums.map(\.value), contributors: wire.contributors,
            contributorKey: wire.contributorKey, largest: wire.largest.map(\.value),
            secondLargest: wire.secondLargest.map(\.value), rowBound: wire.rowBound.map(\.value),
            sumBound: wire.sumBound.map(\.value))
    }

    package func encode(to encoder: any Encoder) throws {
        try Wire(
            shape: cells.shape, rows: cells.rows, sums: cells.sums.map(WireDouble.init),
            contributors: cells.contributors, contributorKey: cells.contributorKey,
            largest: cells.largest.map(WireDouble.init),
            secondLargest: cells.secondLargest.map(WireDouble.init),
            rowBound: cells.rowBound.map(WireDouble.init), sumBound: cells.sumBound.map(WireDouble.init)
        ).encode(to: encoder)
    }
}
