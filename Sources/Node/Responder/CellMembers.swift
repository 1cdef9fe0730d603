internal import Core
internal import Exchange
internal import Query

/// The people of every cell under the pseudonyms of that cell, made once and listed as often as it takes.
struct CellMembers {
    /// The cell of every row of the cohort.
    private let places: [Int]
    /// The pseudonym of every row of the cohort.
    private let pseudonyms: [UInt128]
    private let cells: Int

    /// - Parameters:
    ///   - keys: the group keys of the cells, in order; every row of the cohort has one of them.
    ///   - tokens: one a cell.
    init(
        cohort: CohortQuery.Cohort, keys: [[Value]], tokens: [CellToken], key: QueryLinkageKey,
        site: OrganisationCode
    ) {
        cells = keys.count
        places = Self.places(of: cohort, keys)
        var rows = Array(repeating: [Int](), count: keys.count)
        for (row, place) in places.enumerated() { rows[place].append(row) }
        var pseudonyms = [UInt128](repeating: 0, count: places.count)
        for (rows, token) in zip(rows, tokens) {
            let own = key.pseudonymiser(cell: token).pseudonyms(of: rows.map { cohort.numbers[$0] })
            for (row, pseudonym) in zip(rows, own) { pseudonyms[row] = pseudonym }
        }
        // People without an NHS number never link: theirs is a pseudonym that no other site can make.
        for (row, person) in cohort.localKeys {
            let text = tokens[places[row]].bytes + Array(site.text.utf8) + Array(person.utf8)
            pseudonyms[row] = Digest(of: text).bytes.prefix(Pseudonymiser.byteCount)
                .reduce(0) { $0 << 8 | UInt128($1) }
        }
        self.pseudonyms = pseudonyms
    }

    /// Who counts, cell after cell: how many of each, and their pseudonyms in ascending order, big-endian. The order
    /// tells nothing, and lets the linker merge sites without a table of people.
    /// - Parameter isCounted: one a row of the cohort; nil for everybody.
    func list(_ isCounted: [Bool]?) -> (counts: [Int], bytes: [UInt8]) {
        var members = Array(repeating: [UInt128](), count: cells)
        for (row, place) in places.enumerated() where isCounted?[row] ?? true {
            members[place].append(pseudonyms[row])
        }
        for place in members.indices { members[place].sort() }
        let total = members.reduce(0) { $0 + $1.count } * Pseudonymiser.byteCount
        let bytes = [UInt8](unsafeUninitializedCapacity: total) { buffer, count in
            for member in members.joined() {
                UnsafeMutableRawPointer(buffer.baseAddress! + count).storeBytes(
                    of: member.bigEndian, as: UInt128.self)
                count += Pseudonymiser.byteCount
            }
        }
        return (members.map(\.count), bytes)
    }

    private static func places(of cohort: CohortQuery.Cohort, _ keys: [[Value]]) -> [Int] {
        guard !cohort.keys.columns.isEmpty else { return cohort.numbers.map { _ in 0 } }
        let index = Dictionary(keys.enumerated().map { ($1, $0) }) { first, _ in first }
        var codes = [Int](repeating: 0, count: cohort.numbers.count)
        for column in cohort.keys.columns { column.vector.refine(&codes) }
        var known: [Int: Int] = [:]
        return codes.enumerated().map { row, code in
            if let place = known[code] { return place }
            let place = index[cohort.keys.row(row)] ?? 0
            known[code] = place
            return place
        }
    }
}

extension ColumnVector {
    /// Tells rows apart that had one code by their values here: a code for every combination, from 0.
    fileprivate func refine(_ codes: inout [Int]) {
        switch storage {
        case .text(let values): refine(&codes, values)
        case .int64(let values): refine(&codes, values)
        case .date(let values): refine(&codes, values)
        case .boolean(let values): refine(&codes, values)
        case .double(let values): refine(&codes, values.map(\.bitPattern))
        case .values(let values): refine(&codes, values)
        }
    }

    private func refine<T: Hashable>(_ codes: inout [Int], _ values: [T]) {
        var ofValue: [T: Int] = [:]
        var ofPair: [Pair: Int] = [:]
        for row in codes.indices {
            var value = 0
            if nulls?[row] != true {
                value = ofValue[values[row]] ?? ofValue.count + 1
                ofValue[values[row]] = value
            }
            let pair = Pair(before: codes[row], value: value)
            let code = ofPair[pair] ?? ofPair.count
            ofPair[pair] = code
            codes[row] = code
        }
    }
}

private struct Pair: Hashable {
    let before: Int
    let value: Int
}
