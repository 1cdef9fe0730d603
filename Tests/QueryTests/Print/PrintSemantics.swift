import Core
import Testing

@testable import Query

/// An expression with what PostgreSQL 15 makes of it: every dialect must print it so that its engine agrees.
struct SemanticCase: Sendable, CustomTestStringConvertible {
    let name: String
    let expression: Expression
    let expected: Value
    /// SQLSTATE that it raises above the cut; at sites it is NULL then.
    let fails: String?

    init(_ name: String, _ expression: Expression, _ expected: Value, fails: String? = nil) {
        self.name = name
        self.expression = expression
        self.expected = expected
        self.fails = fails
    }

    var testDescription: String { name }
}

/// Short words for building expressions in tests.
enum Make {
    static func int(_ value: Int64?) -> Expression {
        Expression(.literal(value.map(Value.integer) ?? .null), .integer)
    }
    static func big(_ value: Int64) -> Expression { Expression(.literal(.integer(value)), .bigint) }
    static func double(_ value: Double?) -> Expression {
        Expression(.literal(value.map(Value.double) ?? .null), .double)
    }
    static func numeric(_ value: Double) -> Expression { Expression(.literal(.double(value)), .numeric) }
    static func text(_ value: String?) -> Expression {
        Expression(.literal(value.map(Value.text) ?? .null), .text)
    }
    static func bool(_ value: Bool?) -> Expression {
        Expression(.literal(value.map(Value.boolean) ?? .null), .boolean)
    }
    static func date(_ value: String) -> Expression { Expression(.literal(dateValue(value)), .date) }
    static func dateValue(_ value: String) -> Value { .date(Int32(Civil.parseDate(value) ?? 0)) }
    static func timestamp(_ value: String, seconds: Double = 0) -> Expression {
        Expression(.literal(timestampValue(value, seconds: seconds)), .timestamp)
    }
    static func timestampValue(_ value: String, seconds: Double = 0) -> Value {
        .timestamp(Int64(Civil.parseDate(value) ?? 0) * 86_400_000_000 + Int64(seconds * 1_000_000))
    }
    static func interval(months: Int32 = 0, days: Int32 = 0, seconds: Double = 0) -> Expression {
        Expression(
            .literal(.interval(months: months, days: days, microseconds: Int64(seconds * 1_000_000))),
            .interval)
    }
    static func call(_ function: Function, _ type: ColumnType, _ arguments: Expression...) -> Expression {
        Expression(.call(function, arguments), type)
    }
    static func cast(_ inner: Expression, _ type: ColumnType) -> Expression { Expression(.cast(inner), type) }
    static func column(_ number: Int, _ type: ColumnType) -> Expression {
        Expression(.column(ColumnID(number)), type)
    }
}

extension SemanticCase {
    static let all: [SemanticCase] = arithmetic + rounding + comparison + texts + dates + casts

    private static let arithmetic: [SemanticCase] = [
        .init("7 / 2", Make.call(.divide, .integer, Make.int(7), Make.int(2)), .integer(3)),
        .init("-7 / 2", Make.call(.divide, .integer, Make.int(-7), Make.int(2)), .integer(-3)),
        .init("7 / -2", Make.call(.divide, .integer, Make.int(7), Make.int(-2)), .integer(-3)),
        .init("7 / 0", Make.call(.divide, .integer, Make.int(7), Make.int(0)), .null, fails: "22012"),
        .init("7 / null", Make.call(.divide, .integer, Make.int(7), Make.int(nil)), .null),
        .init("-7 % 3", Make.call(.modulo, .integer, Make.int(-7), Make.int(3)), .integer(-1)),
        .init("7 % 0", Make.call(.modulo, .integer, Make.int(7), Make.int(0)), .null, fails: "22012"),
        .init("7 / -1", Make.call(.divide, .bigint, Make.big(7), Make.big(-1)), .integer(-7)),
        .init("1.0 / 3", Make.call(.divide, .numeric, Make.numeric(1), Make.numeric(3)), .double(1.0 / 3)),
        .init("1e0 / 0", Make.call(.divide, .double, Make.double(1), Make.double(0)), .null, fails: "22012"),
        .init("5.5 % 0.1", Make.call(.modulo, .numeric, Make.numeric(5.5), Make.numeric(0.1)), .double(0)),
        .init("int + int", Make.call(.add, .integer, Make.int(2), Make.int(3)), .integer(5)),
        .init("int - negative", Make.call(.subtract, .integer, Make.int(2), Make.int(-3)), .integer(5)),
        .init(
            "int overflow", Make.call(.add, .integer, Make.int(2_147_483_647), Make.int(1)), .null,
            fails: "22003"),
        .init(
            "bigint overflow", Make.call(.multiply, .bigint, Make.big(.max), Make.big(2)), .null,
            fails: "22003"),
        .init(
            "double product", Make.call(.multiply, .double, Make.double(1.5), Make.double(-2)), .double(-3)),
        .init(
            "nested division",
            Make.call(
                .divide, .double, Make.double(8),
                Make.call(
                    .divide, .double, Make.double(4),
                    Make.call(.divide, .double, Make.double(6), Make.double(3)))),
            .double(4)),
        .init("negate", Make.call(.negate, .integer, Make.int(-5)), .integer(5)),
        .init("abs", Make.call(.abs, .integer, Make.int(-5)), .integer(5)),
        .init("sign", Make.call(.sign, .double, Make.double(-2.5)), .double(-1)),
        .init("sqrt 9", Make.call(.sqrt, .double, Make.double(9)), .double(3)),
        .init("sqrt -1", Make.call(.sqrt, .double, Make.double(-1)), .null, fails: "2201F"),
        .init("ln 1", Make.call(.ln, .double, Make.double(1)), .double(0)),
        .init("ln 0", Make.call(.ln, .double, Make.double(0)), .null, fails: "2201E"),
        .init("exp 0", Make.call(.exp, .double, Make.double(0)), .double(1)),
        .init("exp 1000", Make.call(.exp, .double, Make.double(1000)), .null, fails: "22003"),
        .init("power", Make.call(.power, .double, Make.double(2), Make.double(-2)), .double(0.25)),
        .init("power of negative", Make.call(.power, .double, Make.double(-2), Make.double(3)), .double(-8)),
        .init(
            "power complex", Make.call(.power, .double, Make.double(-8), Make.double(0.5)), .null,
            fails: "2201F"),
        .init(
            "power of 0", Make.call(.power, .double, Make.double(0), Make.double(-1)), .null, fails: "2201F"),
        .init(
            "power too large for a logarithm",
            Make.call(.power, .double, Make.double(1e300), Make.double(1e150)), .null, fails: "22003"),
        .init("power null", Make.call(.power, .double, Make.double(nil), Make.double(-1)), .null),
        .init("width_bucket", bucket(35), .integer(4)),
        .init("width_bucket below", bucket(-1), .integer(0)),
        .init("width_bucket above", bucket(100), .integer(11)),
        .init("width_bucket null", bucket(nil), .null),
        .init("width_bucket at its bound", bucket(0), .integer(1)),
        .init("width_bucket too near its bound for a quotient", bucket(1e-200, below: 1e150), .integer(1)),
        .init("width_bucket downwards", bucket(35, from: 100, below: 0), .integer(7)),
    ]

    private static func bucket(_ value: Double?, from low: Double = 0, below high: Double = 100) -> Expression
    {
        Make.call(
            .widthBucket, .integer, Make.double(value), Make.double(low), Make.double(high), Make.int(10))
    }

    private static let rounding: [SemanticCase] = [
        .init("round(2.5)", Make.call(.round, .numeric, Make.numeric(2.5)), .double(3)),
        .init("round(-2.5)", Make.call(.round, .numeric, Make.numeric(-2.5)), .double(-3)),
        .init("round(2.5e0)", Make.call(.round, .double, Make.double(2.5)), .double(2)),
        .init("round(3.5e0)", Make.call(.round, .double, Make.double(3.5)), .double(4)),
        .init("round(2.675, 2)", rounded(2.675, 2), .double(2.68)),
        .init("round(1.005, 2)", rounded(1.005, 2), .double(1.01)),
        .init("round(1000.005, 2)", rounded(1000.005, 2), .double(1000.01)),
        .init("round(-0.125, 2)", rounded(-0.125, 2), .double(-0.13)),
        .init("round(1234.5, -2)", rounded(1234.5, -2), .double(1200)),
        .init("round(1e20, 2)", rounded(1e20, 2), .double(1e20)),
        .init(
            "trunc(-2.679, 2)", Make.call(.trunc, .numeric, Make.numeric(-2.679), Make.int(2)), .double(-2.67)
        ),
        .init("trunc(-2.6e0)", Make.call(.trunc, .double, Make.double(-2.6)), .double(-2)),
        .init("floor(-2.5)", Make.call(.floor, .numeric, Make.numeric(-2.5)), .double(-3)),
        .init("ceil(-2.5)", Make.call(.ceil, .double, Make.double(-2.5)), .double(-2)),
    ]

    private static func rounded(_ value: Double, _ places: Int64) -> Expression {
        Make.call(.round, .numeric, Make.numeric(value), Make.int(places))
    }

    private static let comparison: [SemanticCase] = [
        .init("bytes order", Make.call(.less, .boolean, Make.text("abc"), Make.text("B")), .boolean(false)),
        .init(
            "NaN is largest", Make.call(.greater, .boolean, Make.double(.nan), Make.double(.infinity)),
            .boolean(true)),
        .init(
            "NaN equals NaN", Make.call(.equal, .boolean, Make.double(.nan), Make.double(.nan)),
            .boolean(true)),
        .init("null = null", Make.call(.equal, .boolean, Make.int(nil), Make.int(nil)), .null),
        .init(
            "is distinct", Make.call(.isDistinctFrom, .boolean, Make.int(nil), Make.int(1)), .boolean(true)),
        .init(
            "is not distinct", Make.call(.isNotDistinctFrom, .boolean, Make.int(nil), Make.int(nil)),
            .boolean(true)),
        .init("null and false", Make.call(.and, .boolean, Make.bool(nil), Make.bool(false)), .boolean(false)),
        .init("null or false", Make.call(.or, .boolean, Make.bool(nil), Make.bool(false)), .null),
        .init(
            "not true is null", Make.call(.isNull, .boolean, Make.call(.not, .boolean, Make.bool(nil))),
            .boolean(true)),
        .init("null is not true", Make.call(.isNotTrue, .boolean, Make.bool(nil)), .boolean(true)),
        .init(
            "greatest skips null", Make.call(.greatest, .integer, Make.int(1), Make.int(nil), Make.int(3)),
            .integer(3)),
        .init("least of text", Make.call(.least, .text, Make.text("abc"), Make.text("B")), .text("B")),
        .init("coalesce", Make.call(.coalesce, .integer, Make.int(nil), Make.int(2)), .integer(2)),
        .init("nullif", Make.call(.nullif, .integer, Make.int(2), Make.int(2)), .null),
        .init(
            "1 not in (2, null)",
            Expression(.inList(Make.int(1), [Make.int(2), Make.int(nil)], negated: true), .boolean), .null),
        .init(
            "month is 30 days",
            Make.call(.equal, .boolean, Make.interval(months: 1), Make.interval(days: 30)), .boolean(true)),
    ]

    private static let texts: [SemanticCase] = [
        .init(
            "like underscore",
            Make.call(.like, .boolean, Make.text("axb"), Make.text("a_b")), .boolean(true)),
        .init(
            "like escape", Make.call(.like, .boolean, Make.text("axb"), Make.text("a\\_b")), .boolean(false)),
        .init(
            "like escaped", Make.call(.like, .boolean, Make.text("a_b"), Make.text("a\\_b")), .boolean(true)),
        .init("ilike", Make.call(.ilike, .boolean, Make.text("ABC"), Make.text("a%c")), .boolean(true)),
        .init("|| null", Make.call(.concatenate, .text, Make.text("a"), Make.text(nil)), .null),
        .init(
            "concat null", Make.call(.concat, .text, Make.text("a"), Make.text(nil), Make.text("b")),
            .text("ab")),
        .init("substring", substring("hello", 2, 3), .text("ell")),
        .init("substring from 0", substring("hello", 0, 3), .text("he")),
        .init("substring from -1", substring("hello", -1, 3), .text("h")),
        .init("substring negative", substring("hello", 1, -1), .null, fails: "22011"),
        .init(
            "substring rest", Make.call(.substring, .text, Make.text("hello"), Make.int(-3)), .text("hello")),
        .init("left -2", Make.call(.left, .text, Make.text("hello"), Make.int(-2)), .text("hel")),
        .init("right 2", Make.call(.right, .text, Make.text("hello"), Make.int(2)), .text("lo")),
        .init("trim", Make.call(.trim, .text, Make.text("  x ")), .text("x")),
        .init("trim x", Make.call(.trim, .text, Make.text("xxaxx"), Make.text("x")), .text("a")),
        .init("length", Make.call(.length, .integer, Make.text("né")), .integer(2)),
        .init("quote", Make.call(.upper, .text, Make.text("it's")), .text("IT'S")),
    ]

    private static func substring(_ text: String, _ start: Int64, _ length: Int64) -> Expression {
        Make.call(.substring, .text, Make.text(text), Make.int(start), Make.int(length))
    }
}
