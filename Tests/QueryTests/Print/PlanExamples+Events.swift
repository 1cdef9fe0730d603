import Core

@testable import Query

/// Plans over events, and what joins them to people.
extension PlanExamples {
    private static let conditions = scan(
        "condition", "c", column(1, "person", .text), column(2, "code", .text),
        column(3, "onset_date", .date))
    private static let patients = scan(
        "patient", "p", column(4, "person", .text), column(5, "sex", .text), column(6, "birth_date", .date))
    private static let measured = scan(
        "observation", "o", column(7, "person", .text), column(8, "code", .text),
        column(9, "effective_at", .timestamp), column(10, "value_quantity", .double))

    private static func filter(_ input: Plan, _ predicate: Expression) -> Plan {
        .filter(Filter(input: input, predicate: predicate))
    }

    private static func isCode(_ number: Int, _ code: String) -> Expression {
        Make.call(.equal, .boolean, Make.column(number, .text), Make.text(code))
    }

    private static func year(_ number: Int, _ type: ColumnType) -> Expression {
        Make.call(.extract, .numeric, Make.text("year"), Make.column(number, type))
    }

    /// Reduced in one pass over the stored order.
    static let conditionsByCode = fragment(
        Aggregate(
            input: conditions, keys: [key(20, "code", Make.column(2, .text))],
            aggregates: [
                aggregate(21, "n", .count, nil, .bigint),
                aggregate(22, "people", .count, Make.column(1, .text), distinct: true, .bigint),
            ]),
        shape(.count, .bigint, 0, 1), shape(.distinctPeople, .bigint))

    static let observationsByYear = fragment(
        Aggregate(
            input: filter(
                measured,
                Make.call(
                    .greater, .boolean, Make.column(9, .timestamp), Make.timestamp("2011-01-01"))),
            keys: [key(20, "year", year(9, .timestamp)), key(21, "code", Make.column(8, .text))],
            aggregates: [
                aggregate(22, "n", .count, nil, .bigint),
                aggregate(23, "values", .count, Make.column(10, .double), .bigint),
                aggregate(
                    24, "high", .count, Make.column(7, .text), distinct: true,
                    filter: Make.call(.greater, .boolean, Make.column(10, .double), Make.double(140)), .bigint
                ),
            ]),
        shape(.count, .bigint, 0, 1), shape(.count, .bigint, 0, 1),
        shape(.distinctPeople, .bigint, conditional: true))

    static let valueBySex = fragment(
        Aggregate(
            input: .join(
                Join(
                    kind: .inner, left: patients, right: filter(measured, isCode(8, "bp")),
                    condition: equal(7, 4))),
            keys: [key(20, "sex", Make.column(5, .text))],
            aggregates: [
                aggregate(21, "n", .count, Make.column(10, .double), .bigint),
                aggregate(22, "sum", .sum, Make.column(10, .double), .double),
            ]),
        shape(.count, .bigint, 0, 1), shape(.sum, .double, 40, 300))

    /// Those with a condition among all, by decade of birth: one row a person.
    static let prevalence: Fragment = {
        let having = Plan.distinct(
            .project(
                Project(
                    input: filter(conditions, isCode(2, "d1")),
                    columns: [key(11, "person", Make.column(1, .text))])))
        let decade = Make.call(.dateTrunc, .timestamp, Make.text("decade"), Make.column(6, .date))
        return fragment(
            Aggregate(
                input: .join(
                    Join(kind: .left, left: patients, right: having, condition: equal(11, 4))),
                keys: [key(20, "decade", decade), key(21, "sex", Make.column(5, .text))],
                aggregates: [
                    aggregate(22, "people", .count, nil, .bigint),
                    aggregate(23, "with", .count, Make.column(11, .text), .bigint),
                ]),
            shape(.count, .bigint, 0, 1), shape(.count, .bigint, 0, 1, conditional: true))
    }()

    /// A set operation that offers its person itself.
    static let eitherDataset: Fragment = {
        let sides = [
            Plan.project(
                Project(input: conditions, columns: [key(11, "person", Make.column(1, .text))])),
            scan("observation", "o", column(7, "person", .text)),
        ]
        let union = SetOperation(
            kind: .union, all: false, left: sides[0], right: sides[1],
            columns: [column(12, "person", .text)])
        return fragment(
            Aggregate(
                input: .setOperation(union), keys: [],
                aggregates: [aggregate(20, "n", .count, nil, .bigint)]),
            shape(.count, .bigint, 0, 1))
    }()

    /// What DuckDB would make a nested loop of.
    static let partly: Fragment = {
        let some = Make.call(
            .and, .boolean, equal(1, 4), Make.call(.isNotNull, .boolean, Make.column(5, .text)))
        return fragment(
            Aggregate(
                input: .join(Join(kind: .left, left: patients, right: conditions, condition: some)),
                keys: [key(20, "sex", Make.column(5, .text))],
                aggregates: [aggregate(21, "n", .count, Make.column(2, .text), .bigint)]),
            shape(.count, .bigint, 0, 1, conditional: true))
    }()

    /// Everybody's rows, and those with a diagnosis many times: what nobody may stand out by.
    static let repeated: Fragment = {
        let band = Plan.scan(
            Scan(source: .reference("age_band"), alias: "b", columns: [column(11, "lo", .integer)]))
        let once = Make.call(
            .or, .boolean, Make.call(.equal, .boolean, Make.column(11, .integer), Make.int(0)),
            Make.call(.isNotNull, .boolean, Make.column(2, .text)))
        let diagnosed = Plan.join(
            Join(kind: .left, left: patients, right: conditions, condition: equal(1, 4)))
        return fragment(
            Aggregate(
                input: .join(Join(kind: .inner, left: diagnosed, right: band, condition: once)),
                keys: [key(20, "sex", Make.column(5, .text))],
                aggregates: [
                    aggregate(21, "n", .count, nil, .bigint),
                    aggregate(22, "low", .sum, Make.column(11, .integer), .bigint),
                    aggregate(
                        23, "less", .sum, Make.call(.negate, .integer, Make.column(11, .integer)), .bigint),
                ]),
            shape(.count, .bigint, 0, 1), shape(.sum, .bigint, 0, 90), shape(.sum, .bigint, -90, 0))
    }()
}
