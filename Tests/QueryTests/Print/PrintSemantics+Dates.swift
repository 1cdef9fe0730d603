import Core

@testable import Query

extension SemanticCase {
    static let dates: [SemanticCase] = [
        .init(
            "date + 3", Make.call(.add, .date, Make.date("2020-02-27"), Make.int(3)),
            Make.dateValue("2020-03-01")),
        .init(
            "date - date", Make.call(.subtract, .integer, Make.date("2020-03-01"), Make.date("2020-02-01")),
            .integer(29)),
        .init(
            "date + month", Make.call(.add, .timestamp, Make.date("2020-01-31"), Make.interval(months: 1)),
            Make.timestampValue("2020-02-29")),
        .init(
            "date - year",
            Make.call(.subtract, .timestamp, Make.date("2020-02-29"), Make.interval(months: 12)),
            Make.timestampValue("2019-02-28")),
        .init(
            "date - 90 days",
            Make.call(.subtract, .timestamp, Make.date("2020-03-31"), Make.interval(days: 90)),
            Make.timestampValue("2020-01-01")),
        .init(
            "timestamp - timestamp",
            Make.call(
                .subtract, .interval, Make.timestamp("2020-03-02", seconds: 11045),
                Make.timestamp("2020-01-01")),
            .interval(months: 0, days: 61, microseconds: 11_045_000_000)),
        .init(
            "2 * day", Make.call(.multiply, .interval, Make.int(2), Make.interval(days: 1)),
            .interval(months: 0, days: 2, microseconds: 0)),
        .init(
            "age at a month's end", age("2020-03-31", "2020-02-29"),
            .interval(months: 1, days: 2, microseconds: 0)),
        .init(
            "age before", age("2020-02-29", "2021-03-01"), .interval(months: -12, days: -1, microseconds: 0)),
        .init("age in years", part("year", age("2020-02-28", "1980-02-29"), .interval), .double(39)),
        .init(
            "extract year", Make.call(.extract, .numeric, Make.text("year"), Make.date("2020-02-28")),
            .double(2020)),
        .init("dow", part("dow", Make.date("2020-01-05"), .date), .double(0)),
        .init("isodow", part("isodow", Make.date("2020-01-05"), .date), .double(7)),
        .init("week", part("week", Make.date("2021-01-03"), .date), .double(53)),
        .init("quarter", part("quarter", Make.date("2021-05-03"), .date), .double(2)),
        .init("doy", part("doy", Make.date("2020-12-31"), .date), .double(366)),
        .init("century", part("century", Make.date("2000-01-01"), .date), .double(20)),
        .init("second", part("second", Make.timestamp("2020-01-01", seconds: 1.5), .timestamp), .double(1.5)),
        .init(
            "millisecond", part("milliseconds", Make.timestamp("2020-01-01", seconds: 1.5), .timestamp),
            .double(1500)),
        .init("hour", part("hour", Make.timestamp("2020-01-01", seconds: 7200), .timestamp), .double(2)),
        .init(
            "epoch",
            part("epoch", Make.timestamp("1970-01-02", seconds: 0.5), .timestamp), .double(86_400.5)),
        .init("epoch of a date", part("epoch", Make.date("1970-01-02"), .date), .double(86_400)),
        .init(
            "epoch of 14 months", part("epoch", Make.interval(months: 14, days: 1), .interval),
            .double(36_828_000)),
        .init("months of -14", part("month", Make.interval(months: -14), .interval), .double(-2)),
        .init("days of interval", part("day", Make.interval(days: 40), .interval), .double(40)),
        .init("trunc month", trunc("month", Make.date("2020-05-17")), Make.timestampValue("2020-05-01")),
        .init("trunc week", trunc("week", Make.date("2020-01-05")), Make.timestampValue("2019-12-30")),
        .init(
            "trunc quarter", trunc("quarter", Make.timestamp("2020-05-17", seconds: 5)),
            Make.timestampValue("2020-04-01")),
        .init("trunc decade", trunc("decade", Make.date("2020-05-17")), Make.timestampValue("2020-01-01")),
        .init("trunc century", trunc("century", Make.date("2020-05-17")), Make.timestampValue("2001-01-01")),
        .init("make_date", makeDate(2020, 2, 29), Make.dateValue("2020-02-29")),
        .init("make_date wrong", makeDate(2021, 2, 29), .null, fails: "22008"),
        .init("make_date month 13", makeDate(2021, 13, 1), .null, fails: "22008"),
        .init(
            "to_char",
            Make.call(
                .toChar, .text, Make.timestamp("2020-05-07", seconds: 3723),
                Make.text("YYYY-MM-DD HH24:MI:SS")),
            .text("2020-05-07 01:02:03")),
        .init(
            "to_char month", Make.call(.toChar, .text, Make.timestamp("2020-05-07"), Make.text("Mon YYYY")),
            .text("May 2020")),
        .init(
            "to_char unsupported", Make.call(.toChar, .text, Make.timestamp("2020-05-07"), Make.text("Q")),
            .null,
            fails: "0A000"),
    ]

    private static func age(_ later: String, _ earlier: String) -> Expression {
        Make.call(.age, .interval, Make.date(later), Make.date(earlier))
    }

    private static func part(_ field: String, _ source: Expression, _ type: ColumnType) -> Expression {
        Make.call(.datePart, .double, Make.text(field), source)
    }

    private static func trunc(_ field: String, _ source: Expression) -> Expression {
        Make.call(.dateTrunc, .timestamp, Make.text(field), source)
    }

    private static func makeDate(_ year: Int64, _ month: Int64, _ day: Int64) -> Expression {
        Make.call(.makeDate, .date, Make.int(year), Make.int(month), Make.int(day))
    }

    static let casts: [SemanticCase] = [
        .init("'12' integer", Make.cast(Make.text("12"), .integer), .integer(12)),
        .init("' -12 ' integer", Make.cast(Make.text(" -12 "), .integer), .integer(-12)),
        .init("'2147483647' integer", Make.cast(Make.text("2147483647"), .integer), .integer(2_147_483_647)),
        .init("'12.5' integer", Make.cast(Make.text("12.5"), .integer), .null, fails: "22P02"),
        .init("'1e3' integer", Make.cast(Make.text("1e3"), .integer), .null, fails: "22P02"),
        .init("'0x10' integer", Make.cast(Make.text("0x10"), .integer), .null, fails: "22P02"),
        .init("'1.5e3' double", Make.cast(Make.text("1.5e3"), .double), .double(1500)),
        .init("'abc' double", Make.cast(Make.text("abc"), .double), .null, fails: "22P02"),
        .init("null text to integer", Make.cast(Make.text(nil), .integer), .null),
        .init("2.5e0 to integer", Make.cast(Make.double(2.5), .integer), .integer(2)),
        .init("2.5 to integer", Make.cast(Make.numeric(2.5), .integer), .integer(3)),
        .init("-2.5 to integer", Make.cast(Make.numeric(-2.5), .integer), .integer(-3)),
        .init("1e10 to integer", Make.cast(Make.double(1e10), .integer), .null, fails: "22003"),
        .init("bigint to integer", Make.cast(Make.big(5_000_000_000), .integer), .null, fails: "22003"),
        .init("true to integer", Make.cast(Make.bool(true), .integer), .integer(1)),
        .init("'yes' boolean", Make.cast(Make.text("yes"), .boolean), .boolean(true)),
        .init("'maybe' boolean", Make.cast(Make.text("maybe"), .boolean), .null, fails: "22P02"),
        .init("'2020-02-29' date", Make.cast(Make.text("2020-02-29"), .date), Make.dateValue("2020-02-29")),
        .init("'2000-02-29' date", Make.cast(Make.text("2000-02-29"), .date), Make.dateValue("2000-02-29")),
        .init("'1900-02-29' date", Make.cast(Make.text("1900-02-29"), .date), .null, fails: "22007"),
        .init("'2021-02-29' date", Make.cast(Make.text("2021-02-29"), .date), .null, fails: "22007"),
        .init("'2021-04-31' date", Make.cast(Make.text("2021-04-31"), .date), .null, fails: "22007"),
        .init(
            "text timestamp", Make.cast(Make.text("2020-02-29T01:00:00"), .timestamp),
            Make.timestampValue("2020-02-29", seconds: 3600)),
        .init(
            "date to timestamp", Make.cast(Make.date("2020-02-29"), .timestamp),
            Make.timestampValue("2020-02-29")),
        .init(
            "timestamp to date", Make.cast(Make.timestamp("2020-02-29", seconds: 86_399), .date),
            Make.dateValue("2020-02-29")),
        .init("1.0 to text", Make.cast(Make.double(1), .text), .text("1")),
        .init("0.1 to text", Make.cast(Make.double(0.1), .text), .text("0.1")),
        .init("true to text", Make.cast(Make.bool(true), .text), .text("true")),
        .init("date to text", Make.cast(Make.date("2020-02-29"), .text), .text("2020-02-29")),
        .init(
            "timestamp to text",
            Make.cast(Make.timestamp("2020-02-29"), .text), .text("2020-02-29 00:00:00")),
    ]
}
