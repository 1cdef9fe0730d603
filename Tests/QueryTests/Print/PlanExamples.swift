import Core

@testable import Query

/// Plans for the printers' tests, over `patient`, `condition` and `observation`.
enum PlanExamples {
    static func column(_ number: Int, _ name: String, _ type: ColumnType) -> PlanColumn {
        PlanColumn(id: ColumnID(number), name: name, type: type)
    }

    static func scan(_ dataset: String, _ alias: String, _ columns: PlanColumn...) -> Plan {
        .scan(Scan(source: .dataset(dataset), alias: alias, columns: columns))
    }

    static func key(_ number: Int, _ name: String, _ expression: Expression) -> ComputedColumn {
        ComputedColumn(id: ColumnID(number), name: name, expression: expression)
    }

    static func aggregate(
        _ number: Int, _ name: String, _ function: AggregateCall.Function, _ argument: Expression?,
        distinct: Bool = false, filter: Expression? = nil, _ type: ColumnType
    ) -> AggregateColumn {
        AggregateColumn(
            id: ColumnID(number), name: name,
            call: AggregateCall(
                function, argument: argument, isDistinct: distinct, filter: filter, type: type))
    }

    static func equal(_ left: Int, _ right: Int) -> Expression {
        Make.call(.equal, .boolean, Make.column(left, .text), Make.column(right, .text))
    }

    static func shape(
        _ kind: AggregateShape.Kind, _ type: ColumnType, _ lower: Double? = nil, _ upper: Double? = nil,
        conditional: Bool = false
    ) -> AggregateShape {
        AggregateShape(kind: kind, type: type, lower: lower, upper: upper, isConditional: conditional)
    }

    static func fragment(_ aggregate: Aggregate, _ shapes: AggregateShape...) -> Fragment {
        Fragment(aggregate: aggregate, sql: LogicalPrinter.print(aggregate), shapes: shapes)
    }

    private static let patient = scan(
        "patient", "p", column(1, "person", .text), column(2, "sex", .text), column(3, "birth_date", .date))

    /// One row a person: no first reduction.
    static let patientsBySex = fragment(
        Aggregate(
            input: .filter(
                Filter(
                    input: patient,
                    predicate: Make.call(
                        .and, .boolean,
                        Make.call(
                            .greaterOrEqual, .boolean,
                            Make.call(.extract, .numeric, Make.text("year"), Make.column(3, .date)),
                            Make.numeric(1950)),
                        Make.call(.isNotNull, .boolean, Make.column(2, .text))))),
            keys: [key(10, "sex", Make.column(2, .text))],
            aggregates: [
                aggregate(11, "n", .count, nil, .bigint),
                aggregate(12, "people", .count, Make.column(1, .text), distinct: true, .bigint),
                aggregate(
                    13, "year", .avg, Make.call(.extract, .numeric, Make.text("year"), Make.column(3, .date)),
                    .numeric),
            ]),
        shape(.count, .bigint, 0, 1), shape(.distinctPeople, .bigint), shape(.average, .numeric, 1900, 2026))

    /// Rows of events, a left join with a condition of its own, FILTER, and the literal `site`.
    static let observations = fragment(
        Aggregate(
            input: .join(
                Join(
                    kind: .left,
                    left: .join(
                        Join(
                            kind: .inner, left: patient,
                            right: scan(
                                "observation", "o", column(4, "person", .text), column(5, "code", .text),
                                column(6, "value_quantity", .double), column(7, "site", .text)),
                            condition: equal(4, 1))),
                    right: .filter(
                        Filter(
                            input: scan(
                                "condition", "c", column(8, "person", .text), column(9, "code", .text)),
                            predicate: Expression(
                                .inCodelist(Make.column(9, .text), codelist: "diabetes", negated: false),
                                .boolean))),
                    condition: equal(8, 1))),
            keys: [
                key(20, "sex", Make.column(2, .text)), key(21, "code", Make.column(5, .text)),
                key(22, "site", Make.column(7, .text)),
            ],
            aggregates: [
                aggregate(23, "n", .count, nil, .bigint),
                aggregate(24, "mean", .avg, Make.column(6, .double), .double),
                aggregate(
                    25, "high", .sum, Make.column(6, .double),
                    filter: Make.call(.greater, .boolean, Make.column(6, .double), Make.double(140)),
                    .double),
                aggregate(26, "diabetic", .count, Make.column(8, .text), distinct: true, .bigint),
            ]),
        shape(.count, .bigint, 0, 1), shape(.average, .double, 40, 300),
        shape(.sum, .double, 40, 300, conditional: true), shape(.distinctPeople, .bigint, conditional: true))

    /// A per-person sub-query that hides its person, EXISTS below it.
    static let perPerson: Fragment = {
        let events = Plan.join(
            Join(
                kind: .semi,
                left: scan("condition", "c", column(1, "person", .text), column(2, "onset_date", .date)),
                right: scan("observation", "o", column(3, "person", .text)), condition: equal(3, 1)))
        let counted = Plan.aggregate(
            Aggregate(
                input: events, keys: [key(4, "person", Make.column(1, .text))],
                aggregates: [aggregate(5, "n", .count, nil, .bigint)]))
        let hidden = Plan.project(Project(input: counted, columns: [key(6, "n", Make.column(5, .bigint))]))
        return fragment(
            Aggregate(
                input: hidden, keys: [],
                aggregates: [
                    aggregate(7, "people", .count, nil, .bigint),
                    aggregate(8, "events", .sum, Make.column(6, .bigint), .numeric),
                ]),
            shape(.count, .bigint, 0, 1), shape(.sum, .numeric, 1, 50))
    }()

    /// The same rows counted without any column of a person.
    static let countOnly = fragment(
        Aggregate(
            input: scan("condition", "condition"), keys: [],
            aggregates: [aggregate(1, "n", .count, nil, .bigint)]),
        shape(.count, .bigint, 0, 1))

    static let all: [(String, Fragment)] = [
        ("patients by sex", patientsBySex), ("observations", observations), ("per person", perPerson),
        ("count only", countOnly), ("conditions by code", conditionsByCode),
        ("observations by year and code", observationsByYear), ("value by sex", valueBySex),
        ("prevalence", prevalence), ("either dataset", eitherDataset),
        ("rows repeated by a diagnosis", repeated), ("a left join for some of the left side", partly),
    ]

    /// What the snapshot of the tests is stored in the order of.
    static let order = [
        "condition": ["code", "person", "onset_date"], "observation": ["code", "person", "effective_at"],
    ]

    static let obligations = EnforcedObligations(
        optOutTables: ["allowed_national_data_opt_out"], objectionsTable: "objections",
        restrictedColumns: ["restricted_1"])

    /// Opt-outs alone: nothing here is a join.
    static let allowed = EnforcedObligations(optOutTables: obligations.optOutTables)
}
