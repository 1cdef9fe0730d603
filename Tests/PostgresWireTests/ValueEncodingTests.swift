import Core
import Testing

@testable import PostgresWire

/// Values as PostgreSQL 15 sends them: the expected bytes are those of `SELECT … ` read with a binary client there.
@Suite struct ValueEncodingTests {
    @Test(
        arguments: [
            (.boolean(true), 16, "t"), (.integer(-5), 20, "-5"), (.double(1.5), 701, "1.5"),
            (.double(1e15), 701, "1e+15"), (.double(-0.0), 701, "-0"), (.double(.nan), 701, "NaN"),
            (.double(.infinity), 701, "Infinity"), (.double(1e15), 1700, "1000000000000000"),
            (.double(1.25e-7), 1700, "0.000000125"), (.double(-12.5), 1700, "-12.5"), (.double(3), 1700, "3"),
            (.date(0), 1082, "1970-01-01"), (.timestamp(1_500_000), 1114, "1970-01-01 00:00:01.5"),
            (.timestamp(0), 1184, "1970-01-01 00:00:00+00"),
            (
                .interval(months: 14, days: 3, microseconds: 90_061_500_000), 1186,
                "1 year 2 mons 3 days 25:01:01.5"
            ),
            (.interval(months: 0, days: 0, microseconds: -1_000_000), 1186, "-00:00:01"),
            (.text("é"), 25, "é"),
        ] as [(Value, Int32, String)])
    func text(_ value: Value, _ oid: Int32, _ expected: String) {
        #expect(
            ValueEncoding.encode(value, oid: oid, .text).map { String(decoding: $0, as: UTF8.self) }
                == expected)
    }

    @Test(
        arguments: [
            (.boolean(true), 16, [1]), (.integer(-2), 21, [0xFF, 0xFE]), (.integer(258), 23, [0, 0, 1, 2]),
            (.integer(1), 20, [0, 0, 0, 0, 0, 0, 0, 1]), (.double(1), 701, [0x3F, 0xF0, 0, 0, 0, 0, 0, 0]),
            (.date(10_958), 1082, [0, 0, 0, 1]),
            (.timestamp(946_684_800_000_001), 1114, [0, 0, 0, 0, 0, 0, 0, 1]),
            (
                .interval(months: 1, days: 2, microseconds: 3), 1186,
                [0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 1]
            ),
            // 12345.678: two groups before the point, one after.
            (.double(12_345.678), 1700, [0, 3, 0, 1, 0, 0, 0, 3, 0, 1, 0x09, 0x29, 0x1A, 0x7C]),
            (.double(0), 1700, [0, 0, 0, 0, 0, 0, 0, 0]),
            (.double(-0.0001), 1700, [0, 1, 0xFF, 0xFF, 0x40, 0, 0, 4, 0, 1]),
            (.double(.nan), 1700, [0, 0, 0, 0, 0xC0, 0, 0, 0]), (.text("é"), 25, [0xC3, 0xA9]),
            (.text("{}"), 3802, [1, 0x7B, 0x7D]),
            (
                .text("{a,NULL}"), 1009,
                [
                    0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 25, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0x61, 0xFF, 0xFF,
                    0xFF, 0xFF,
                ]
            ),
            (.text("5"), 26, [0, 0, 0, 5]),
        ] as [(Value, Int32, [UInt8])])
    func binary(_ value: Value, _ oid: Int32, _ expected: [UInt8]) {
        #expect(ValueEncoding.encode(value, oid: oid, .binary) == expected)
    }

    @Test func nullIsNeither() {
        #expect(ValueEncoding.encode(.null, oid: 25, .text) == nil)
        #expect(ValueEncoding.encode(.null, oid: 20, .binary) == nil)
    }

    @Test(
        arguments: [
            ([0, 0, 1, 2], 23, "258"),
            ([0, 3, 0, 1, 0, 0, 0, 3, 0, 1, 0x09, 0x29, 0x1A, 0x7C], 1700, "12345.678"),
            ([0, 0, 0, 1], 1082, "2000-01-02"),
            ([0, 0, 0, 0, 0, 0, 0, 1], 1114, "2000-01-01 00:00:00.000001"),
            ([1], 16, "true"), ([0x61], 25, "a"), ([0x7F, 0xFF, 0xFF, 0xFF], 1082, nil), ([1, 2], 23, nil),
            ([0, 0, 0, 0, 0], 23, nil), ([0x61, 0], 25, nil), ([1], 17, nil),
            (
                [
                    0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 25, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0x2C, 255, 255,
                    255, 255,
                ],
                1009, #"{",",NULL}"#
            ),
            ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 23], 1007, "{}"),
            // Two dimensions; elements of another type; fewer than are said.
            ([0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 23], 1007, nil),
            ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 25], 1007, nil),
            (
                [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 23, 0, 0, 0, 9, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 1], 1007,
                nil
            ),
        ] as [([UInt8], Int32, String?)])
    func parameters(_ bytes: [UInt8], _ oid: Int32, _ expected: String?) {
        #expect((try? ParameterDecoding.decode(bytes, oid: oid, .binary)) == expected)
    }
}
