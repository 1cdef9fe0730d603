import Foundation

/// Every malformed thing that came to mind, as files of one folder.
enum MalformedInput {
    private typealias F = FHIRText

    /// A record among good ones, and why it is set aside; nil where it is taken in.
    struct Line: Sendable {
        let name: String
        let bytes: [UInt8]
        let reason: String?

        init(_ name: String, _ text: String, _ reason: String?) {
            self.init(name, Array(text.utf8), reason)
        }

        init(_ name: String, _ bytes: [UInt8], _ reason: String?) {
            (self.name, self.bytes, self.reason) = (name, bytes, reason)
        }
    }

    /// A whole file, and what the report says of it.
    struct Whole: Sendable {
        let name: String
        let bytes: [UInt8]
        var note: String?
        var fault: String?
        var taken = 0
        var reasons: [String: Int] = [:]
    }

    private static let subject = #""subject":{"reference":"Patient/p1"}"#

    private static func condition(_ id: String, _ rest: String = "") -> String {
        #"{"resourceType":"Condition","id":"\#(id)",\#(subject)\#(rest)}"#
    }

    private static func of(_ id: String, subject: String) -> String {
        #"{"resourceType":"Condition","id":"\#(id)","subject":\#(subject)}"#
    }

    private static func dated(_ name: String, _ date: String, _ reason: String?) -> Line {
        Line("date " + name, condition("d-" + name, #","onsetDateTime":"\#(date)""#), reason)
    }

    private static func measured(_ name: String, _ value: String, _ reason: String?) -> Line {
        Line("value " + name, F.observation("v-" + name, of: "p1", value: value), reason)
    }

    private static let bytes: [Line] = [
        Line("nul", Array(condition("nul").utf8.dropLast()) + [0, 0x7D], "bad-json"),
        Line("nul escaped", condition("n\\u0000x"), "nul-character"),
        Line(
            "invalid utf-8", Array(#"{"resourceType":"Condition","id":""#.utf8) + [0xFF, 0x22, 0x7D],
            "not-utf-8"),
        Line(
            "overlong utf-8", Array(#"{"resourceType":"Condition","id":""#.utf8) + [0xC0, 0x80, 0x22, 0x7D],
            "not-utf-8"),
        Line(
            "utf-8 surrogate",
            Array(#"{"resourceType":"Condition","id":""#.utf8) + [0xED, 0xA0, 0x80, 0x22, 0x7D], "not-utf-8"),
        Line("lone surrogate", condition("s\\ud800"), "bad-json"),
        Line(
            "long line", condition("long", #","note":"\#(String(repeating: "x", count: 10_000_000))""#), nil),
        Line(
            "too long line", condition("too", #","note":"\#(String(repeating: "x", count: 17_000_000))""#),
            "line-too-long"),
        Line(
            "arrays in arrays",
            condition(
                "a", ",\"x\":" + String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000)
            ), "too-deep"),
        Line(
            "objects in objects",
            condition(
                "o",
                ",\"x\":" + String(repeating: #"{"a":"#, count: 10_000) + "1"
                    + String(repeating: "}", count: 10_000)), "too-deep"),
        Line("never closed", String(repeating: "{", count: 100_000), "bad-json"),
        Line("cut off", String(condition("cut").dropLast(5)), "bad-json"),
        Line("two on a line", condition("one") + condition("two"), "bad-json"),
        Line("comma at the end", String(condition("comma").dropLast()) + ",}", "bad-json"),
        Line("comment", "// a comment", "bad-json"),
        Line("single quotes", condition("quotes").replacing("\"", with: "'"), "bad-json"),
        Line("array", "[\(condition("array"))]", "not-fhir"), Line("number", "5", "not-fhir"),
        Line("string", "\"x\"", "not-fhir"), Line("null", "null", "not-fhir"),
    ]

    private static let content: [Line] = [
        Line("no type", #"{"id":"x"}"#, "not-fhir"),
        Line("type is a number", #"{"resourceType":5,"id":"x"}"#, "not-fhir"),
        Line("type in lower case", #"{"resourceType":"condition","id":"x"}"#, "not-fhir"),
        Line("type is a path", #"{"resourceType":"../../etc","id":"x"}"#, "not-fhir"),
        Line(
            "Bundle among lines", #"{"resourceType":"Bundle","type":"collection","entry":[]}"#,
            "nested-bundle"),
        Line("two ids", #"{"resourceType":"Condition","id":"a","id":"b",\#(subject)}"#, "duplicate-key"),
        Line(
            "two subjects", "{\(subject),\"resourceType\":\"Condition\",\"id\":\"a\",\(subject)}",
            "duplicate-key"),
        Line("no id", #"{"resourceType":"Condition",\#(subject)}"#, "no-id"),
        Line("id null", #"{"resourceType":"Condition","id":null,\#(subject)}"#, "no-id"),
        Line("id is a number", #"{"resourceType":"Condition","id":7,\#(subject)}"#, "no-id"),
        Line("id empty", condition(""), "no-id"),
        Line("id of a megabyte", condition(String(repeating: "i", count: 1_000_000)), "id-too-long"),
        Line("contained patient", of("c", subject: ##"{"reference":"#p9"}"##), "unknown-reference"),
        Line(
            "absolute reference", of("abs", subject: #"{"reference":"https://a.example/fhir/Patient/p1"}"#),
            nil),
        Line("reference to a version", of("ver", subject: #"{"reference":"Patient/p1/_history/3"}"#), nil),
        Line(
            "urn reference",
            of("urn", subject: #"{"reference":"urn:uuid:0b6c2c2e-0000-4000-8000-000000000000"}"#),
            "unknown-reference"),
        Line(
            "conditional reference", of("cond", subject: #"{"reference":"Patient?identifier=x|y"}"#),
            "unknown-reference"),
        Line("reference to a group", of("group", subject: #"{"reference":"Group/p1"}"#), "unknown-reference"),
        Line("subject without reference", of("none", subject: #"{"display":"x"}"#), "unknown-reference"),
        Line("subject is a text", of("text", subject: "\"Patient/p1\""), "unknown-reference"),
        Line("invalid NHS number", F.patient("bad", number: "9990000000"), "invalid-nhs-number"),
    ]

    private static let values: [Line] = [
        measured("1e999", "1e999", "bad-json"), measured("minus 1e999", "-1e999", "bad-json"),
        measured("of 400 digits", String(repeating: "1", count: 400), "bad-json"),
        measured("NaN", "NaN", "bad-json"), measured("Infinity", "Infinity", "bad-json"),
        measured("hexadecimal", "0x10", "bad-json"), measured("with a zero before it", "027", "bad-json"),
        measured("a text", "\"27\"", "wrong-type"), measured("too small", "1e-999", "out-of-bounds"),
        measured("out of bounds", "1e300", "out-of-bounds"),
        dated("year 0", "0000-01-01", "invalid-date"), dated("year 9999", "9999-12-31", nil),
        dated("year 10000", "10000-01-01", "invalid-date"),
        dated("before Christ", "-2020-01-01", "invalid-date"),
        dated("leap second", "2016-12-31T23:59:60Z", nil), dated("30 February", "2020-02-30", "invalid-date"),
        dated("29 February", "2019-02-29", "invalid-date"), dated("month 13", "2020-13-01", "invalid-date"),
        dated("plus 14 hours", "2020-01-01T00:00:00+14:00", nil),
        dated("plus 15 hours", "2020-01-01T00:00:00+15:00", "invalid-date"),
        dated("minus 12 hours", "2020-01-01T00:00:00-12:00", nil),
        dated("no offset", "2020-01-01T00:00:00", "invalid-date"),
        dated("24 o'clock", "2020-01-01T24:00:00Z", "invalid-date"),
        dated("slashes", "01/02/2020", "invalid-date"),
        dated("empty", "", "invalid-date"), dated("blank", " ", "invalid-date"),
        dated("other digits", "٢٠٢٠-01-01", "invalid-date"),
        dated("100,000 digits", "2020-01-01T00:00:00.\(String(repeating: "1", count: 100_000))Z", nil),
    ]

    static let lines = bytes + content + values

    private static func bundle(_ entries: String) -> [UInt8] {
        Array(#"{"resourceType":"Bundle","type":"collection","entry":\#(entries)}"#.utf8)
    }

    static let wholes: [Whole] = [
        Whole(name: "bom.ndjson", bytes: [0xEF, 0xBB, 0xBF] + Array(condition("bom").utf8), taken: 1),
        Whole(
            name: "crlf.ndjson",
            bytes: Array((condition("crlf1") + "\r\n" + condition("crlf2") + "\r\n").utf8), taken: 2),
        Whole(name: "no-end.ndjson", bytes: Array(condition("noend").utf8), taken: 1),
        Whole(name: "plain.ndjson.gz", bytes: Array(condition("plain").utf8), taken: 1),
        Whole(name: "utf16.ndjson", bytes: [0xFF, 0xFE, 0x7B, 0, 0x7D, 0], fault: "not JSON in UTF-8"),
        Whole(name: "utf16be.ndjson", bytes: [0, 0x7B, 0, 0x7D], fault: "not JSON in UTF-8"),
        Whole(name: "utf32.ndjson", bytes: [0x7B, 0, 0, 0, 0x7D, 0, 0, 0], fault: "not JSON in UTF-8"),
        Whole(
            name: "image.ndjson", bytes: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0],
            fault: "not JSON in UTF-8"),
        Whole(name: "zip.json", bytes: [0x50, 0x4B, 3, 4, 0, 0, 0], note: "passed over: not JSON in UTF-8"),
        Whole(
            name: "page.ndjson", bytes: Array("<!DOCTYPE html><html>502</html>".utf8),
            fault: "a web page, no FHIR"),
        Whole(
            name: "patient.xml", bytes: Array(#"<Patient xmlns="http://hl7.org/fhir"/>"#.utf8),
            note: "passed over: FHIR XML is not read"),
        Whole(
            name: "array.json", bytes: Array("[\(condition("x"))]".utf8),
            note: "passed over: JSON, but no FHIR"),
        Whole(name: "empty.ndjson", bytes: [], note: "passed over: empty"),
        Whole(name: "empty.ndjson.gz", bytes: [], note: "passed over: empty"),
        Whole(name: "blank.ndjson", bytes: Array("\n \n\t\r\n".utf8), note: "passed over: empty"),
        Whole(name: "no-entry.json", bytes: Array(#"{"resourceType":"Bundle","type":"collection"}"#.utf8)),
        Whole(
            name: "entry-object.json", bytes: bundle(#"{"resource":\#(condition("eo"))}"#),
            reasons: ["not-fhir": 1]),
        Whole(
            name: "entries.json",
            bytes: bundle(
                #"[null, 1, "x", [], {"resource":null}, {"resource":5}, {"resource":\#(condition("en"))}]"#),
            taken: 1, reasons: ["not-fhir": 5]),
        Whole(
            name: "cut.json",
            bytes: bundle(#"[{"resource":\#(condition("cut1"))},{"resource":\#(condition("cut2"))}]"#)
                .dropLast(20),
            taken: 1, reasons: ["bad-json": 1]),
        Whole(
            name: "nested.json",
            bytes: bundle(
                #"[{"resource":{"resourceType":"Bundle","type":"collection","entry":[{"resource":\#(condition("inner"))}]}},{"resource":\#(condition("beside"))}]"#
            ), taken: 1, reasons: ["nested-bundle": 1]),
        Whole(name: "a name\n;$(x) \u{202E}.ndjson", bytes: Array(condition("named").utf8), taken: 1),
    ]

    /// Good lines before and after each of `lines`, all in one file.
    static var file: [UInt8] {
        var file: [UInt8] = []
        for (place, line) in lines.enumerated() {
            file += Array((condition("good-\(place)") + "\n").utf8) + line.bytes + [0x0A]
        }
        return file + Array(condition("good-last").utf8)
    }

    static var goodCount: Int { lines.count + 1 + lines.count { $0.reason == nil } }
}
