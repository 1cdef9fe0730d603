import Core
import Testing

@Suite struct CSVQuotingTests {
    struct Case: Sendable {
        let field: String
        let written: String
    }

    /// RFC 4180, section 2, rules 5 to 7.
    @Test(arguments: [
        Case(field: "", written: ""),
        Case(field: "plain text; 'quoted' | other", written: "plain text; 'quoted' | other"),
        Case(field: "a,b", written: "\"a,b\""),
        Case(field: "say \"no\"", written: "\"say \"\"no\"\"\""),
        Case(field: "two\nlines", written: "\"two\nlines\""),
        Case(field: "two\r\nlines", written: "\"two\r\nlines\""),
        Case(field: "\r", written: "\"\r\""),
        // A mark that combines makes one character of it and of the quote or comma before it.
        Case(field: "a\"\u{301}b", written: "\"a\"\"\u{301}b\""),
        Case(field: "a,\u{200D}b", written: "\"a,\u{200D}b\""),
    ])
    func aFieldIsQuotedWhereItMustBe(given: Case) {
        #expect(Array(CSVQuoting.field(given.field).unicodeScalars) == Array(given.written.unicodeScalars))
    }
}

@Suite struct HTMLTextTests {
    @Test func nothingOfATextMeansAnythingInAPage() {
        #expect(
            HTMLText.escaped("<a href=\"x\" id='y'>&amp;</a>")
                == "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;")
        #expect(HTMLText.escaped("<\u{301}") == "&lt;\u{301}")
    }

    @Test func whatIsHiddenIsShown() {
        #expect(
            HTMLText.escaped("a\u{202E}b\u{0}c\u{2028}d\u{200B}e\nf\tg")
                == "a\u{FFFD}b\u{FFFD}c\u{FFFD}d\u{FFFD}e\nf\tg")
    }
}
