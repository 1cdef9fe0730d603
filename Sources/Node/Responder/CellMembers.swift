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
    /// - Throws: `SQLFault` if a row has a key that is not of a cell.
    init(
        cohort: CohortQuery.Cohort, keys: [[Value]], tokens: [CellToken], key: QueryLinkageKey,
        site: OrganisationCode
    ) throws(SQLFault) {
        cells = keys.count
        places = try Self.places(of: cohort, keys)
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
        for place in members.indices { members[place].sortEvenlySpread() }
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

    private static func places(
        of cohort: CohortQuery.Cohort, _ keys: [[Value]]
    ) throws(SQLFault) -> [Int] {
        let unknown = SQLFault(.internalError, "a person of the cohort belongs to no cell")
        if cohort.keys.columns.isEmpty {
            guard cohort.numbers.isEmpty || !keys.isEmpty else { throw unknown }
            return cohort.numbers.map { _ in 0 }
        }
        let index = Dictionary(keys.enumerated().map { ($1, $0) }) { first, _ in first }
        var codes = RowCodes(rows: cohort.numbers.count)
        for column in cohort.keys.columns { codes.refine(by: column.vector) }
        var known: [Int] = []
        for row in codes.firstRows {
            guard let place = index[cohort.keys.row(row)] else { throw unknown }
            known.append(place)
        }
        return codes.codes.map { known[$0] }
    }
}

extension [UInt128] {
    /// Sorts values that are spread evenly, as pseudonyms are: into buckets by their first bits, then by insertion.
    fileprivate mutating func sortEvenlySpread() {
        guard count > 64 else { return sort() }
        let buckets = UInt64(count)
        func bucket(_ value: UInt128) -> Int {
            Int(UInt64(truncatingIfNeeded: value >> 64).multipliedFullWidth(by: buckets).high)
        }
        var starts = [Int](repeating: 0, count: count + 1)
        for value in self { starts[bucket(value) + 1] += 1 }
        for place in 1...count { starts[place] += starts[place - 1] }
        var sorted = self
        for value in self {
            let place = bucket(value)
            sorted[starts[place]] = value
            starts[place] += 1
        }
        for place in 1..<count {
            let value = sorted[place]
            var gap = place
            while gap > 0, sorted[gap - 1] > value {
                sorted[gap] = sorted[gap - 1]
                gap -= 1
            }
            sorted[gap] = value
        }
        self = sorted
    }
}
