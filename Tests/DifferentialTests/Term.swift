/// The kinds of values that generated questions compute with; each is one PostgreSQL type.
enum Kind: String, Hashable, CaseIterable, Sendable {
    case int, big, real, decimal, text, date, time, bool

    var sql: String {
        switch self {
        case .int: "integer"
        case .big: "bigint"
        case .real: "double precision"
        case .decimal: "numeric"
        case .text: "text"
        case .date: "date"
        case .time: "timestamp"
        case .bool: "boolean"
        }
    }
}

/// A scalar expression of a generated question: the generator's own tree, of which SQL is printed for each engine.
indirect enum Term: Hashable, Sendable {
    /// Alias and name.
    case column(String, String, Kind)
    case int(Int)
    case real(String)
    case decimal(String)
    case text(String)
    case date(String)
    case time(String)
    case truth(Bool)
    case null(Kind)
    case arithmetic(String, Term, Term)
    case negate(Term)
    /// = <> < <= > >= IS DISTINCT FROM, IS NOT DISTINCT FROM.
    case compare(String, Term, Term)
    case and([Term])
    case or([Term])
    case not(Term)
    /// IS NULL, IS NOT NULL, IS TRUE, …
    case test(String, Term)
    case inList(Term, [Term], negated: Bool)
    case between(Term, Term, Term, words: String)
    case like(Term, String, word: String)
    case choose([Branch], otherwise: Term?)
    /// coalesce, nullif, greatest, least and functions that both engines call alike.
    case call(String, [Term], Kind)
    case cast(Term, Kind)
    case part(String, Term)
    case trunc(String, Term)
    /// `date_part('year', age(a, b))`.
    case years(Term, Term)
    /// A date and an interval.
    case shift(Term, String, Interval)
    case formatted(Term, String)
    case bucket(Term, Int, Int, Int)
    case inCodelist(Term, String, negated: Bool)
    case exists(Inner, negated: Bool)
    case scalar(Inner)
    /// `person [NOT] IN (SELECT person …)` of the outer alias.
    case personIn(Inner, negated: Bool)
    /// `x op ANY|ALL (SELECT y …)`.
    case quantified(Term, String, String, Inner)
    case aggregate(Aggregation)
    case window(WindowCall)
    /// `grouping(x, …)`.
    case grouping([Term])

    struct Branch: Hashable, Sendable {
        let condition: Term
        let value: Term
    }

    struct Interval: Hashable, Sendable {
        let count: Int
        let unit: String
    }
}

/// A correlated sub-query over one dataset, about the person of the query around it.
struct Inner: Hashable, Sendable {
    var table: String
    var alias: String
    /// The alias around whose person it is about.
    var around: String
    var filter: [Term]
    /// The order in which a scalar sub-query takes the first row; nil for one that aggregates.
    var order: [Order]?
    /// What a scalar sub-query or a quantified one selects; nil for EXISTS.
    var value: Term?
}

struct Aggregation: Hashable, Sendable {
    enum Function: String, Hashable, Sendable {
        case count, sum, avg, min, max
        case boolAnd = "bool_and"
        case boolOr = "bool_or"
        /// count(DISTINCT person) of an alias.
        case people
        case countRows = "count(*)"
        case countDistinct
    }

    var function: Function
    var argument: Term?
    /// The alias whose people are counted.
    var alias = ""
    var filter: Term?
    var kind: Kind
    /// Whether it stands at the cut, where what is not finite counts as missing.
    var atCut = true
}

struct WindowCall: Hashable, Sendable {
    var function: String
    var arguments: [Term]
    /// The alias whose people are the partitions; nil above the cut.
    var person: String?
    var partition: [Term]
    var order: [Order]
    var kind: Kind
    var frame: String?
}

struct Order: Hashable, Sendable {
    var term: Term
    var isDescending = false
    var nullsFirst: Bool?
}

struct Named: Hashable, Sendable {
    var name: String
    var term: Term
}

extension Term {
    var kind: Kind {
        switch self {
        case .column(_, _, let kind), .null(let kind), .call(_, _, let kind), .cast(_, let kind): kind
        case .int: .int
        case .real: .real
        case .decimal: .decimal
        case .text, .formatted: .text
        case .date: .date
        case .time, .trunc, .shift: .time
        case .truth, .compare, .and, .or, .not, .test, .inList, .between, .like, .inCodelist, .exists, .personIn,
            .quantified:
            .bool
        case .arithmetic(let symbol, let left, let right): Self.result(symbol, left.kind, right.kind)
        case .negate(let inner): inner.kind
        case .choose(let branches, let otherwise):
            branches.first?.value.kind ?? otherwise?.kind ?? .int
        case .part, .years: .real
        case .bucket, .grouping: .int
        case .scalar(let inner): inner.value?.kind ?? .int
        case .aggregate(let call): call.kind
        case .window(let call): call.kind
        }
    }

    private static func result(_ symbol: String, _ left: Kind, _ right: Kind) -> Kind {
        switch (left, right) {
        case (.date, .date): return .int
        case (.date, _), (_, .date): return .date
        case (.text, _), (_, .text): return .text
        default: break
        }
        let ladder: [Kind] = [.int, .big, .decimal, .real]
        let place = max(ladder.firstIndex(of: left) ?? 0, ladder.firstIndex(of: right) ?? 0)
        return ladder[place]
    }
}

extension Term {
    /// Whether it depends on any row.
    var readsColumns: Bool {
        switch self {
        case .column, .exists, .scalar, .personIn, .aggregate, .window: true
        default: parts.contains(where: \.readsColumns)
        }
    }
}
