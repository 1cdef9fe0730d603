/// A table of FROM with what it is joined by.
struct Item: Hashable, Sendable {
    enum Source: Hashable, Sendable {
        case dataset(String)
        case people(PersonRows)
        /// Replicated; joined by its own condition alone.
        case reference(String)
    }

    enum Join: String, Hashable, Sendable {
        case inner = "JOIN"
        case left = "LEFT JOIN"
        case right = "RIGHT JOIN"
        case full = "FULL JOIN"
    }

    /// How the person is said to be the same.
    enum Style: Hashable, Sendable { case using, on, comma }

    var source: Source
    var alias: String
    var join = Join.inner
    var style = Style.on
    /// Further conditions.
    var on: [Term] = []

    var isAboutPeople: Bool { if case .reference = source { false } else { true } }
}

/// A table of rows about people: a derived table below the cut. Offers `person` and its columns.
indirect enum PersonRows: Hashable, Sendable {
    case rows(Body, [Named], isDistinct: Bool)
    /// GROUP BY person and keys.
    case grouped(Body, keys: [Named], values: [Named], having: Term?)
    /// DISTINCT ON (person).
    case first(Body, [Named], order: [Order])
    case combined(String, PersonRows, PersonRows)

    /// FROM and WHERE; the person is that of `Body.person`.
    struct Body: Hashable, Sendable {
        var items: [Item]
        var filter: [Term]
        var person: String { items[0].alias }
    }

    var columns: [Named] {
        switch self {
        case .rows(_, let columns, _), .first(_, let columns, _): columns
        case .grouped(_, let keys, let values, _): keys + values
        case .combined(_, let left, _): left.columns
        }
    }
}

/// The aggregate at the cut.
struct Cut: Hashable, Sendable {
    enum Sets: Hashable, Sendable {
        case plain
        case rollup
        case cube
        /// Keys by place.
        case sets([[Int]])
    }

    var body: PersonRows.Body
    var keys: [Named]
    var sets = Sets.plain
    /// Aggregates and arithmetic on them, with their names.
    var values: [Named]
    var having: Term?
}

/// Rows above the cut.
indirect enum Released: Hashable, Sendable {
    case cut(Cut)
    case filtered(Released, Term)
    /// Over columns of alias `q`.
    case computed(Released, [Named], isDistinct: Bool)
    /// Alias `a` and `b`; joined where the first columns are equal (not distinct where `nullSafe`).
    case joined(Item.Join, Released, Released, on: [NamePair], [Named])
    case combined(String, Released, Released)
    case regrouped(Released, keys: [Named], values: [Named])
    /// A cut whose condition has a released number in it, such as `count(*) > (SELECT …)`.
    case compared(Released, String, String, Released)
    /// generate_series as `a`, LEFT JOIN the rows as `b`.
    case series(Int, Int, Released, String, [Named])

    var columns: [(name: String, kind: Kind)] {
        switch self {
        case .cut(let cut): (cut.keys + cut.values).map { ($0.name, $0.term.kind) }
        case .filtered(let input, _), .compared(let input, _, _, _): input.columns
        case .computed(_, let columns, _), .joined(_, _, _, _, let columns), .series(_, _, _, _, let columns):
            columns.map { ($0.name, $0.term.kind) }
        case .combined(_, let left, _): left.columns
        case .regrouped(_, let keys, let values): (keys + values).map { ($0.name, $0.term.kind) }
        }
    }
}

/// Pairs of column names, which are hashable unlike tuples.
struct NamePair: Hashable, Sendable {
    let left: String
    let right: String
}

/// A whole statement.
struct Question: Hashable, Sendable {
    var body: Released
    /// Whether the result is ordered by all of its columns, with which LIMIT.
    var order: [Order]?
    var limit: Int?
    var offset = 0
    /// Whether inputs above the cut are written as WITH.
    var usesWith = false
}
