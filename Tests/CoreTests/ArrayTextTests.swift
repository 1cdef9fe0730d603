import Core
import Testing

@Suite struct ArrayTextTests {
    @Test(
        arguments: [
            ("{}", []), (" { } ", []), ("{a,b}", ["a", "b"]), ("{ a b , c }", ["a b", "c"]),
            (#"{"a,\"",NULL,"NULL",null}"#, [#"a,""#, nil, "NULL", nil]), (#"{\NULL,a\ }"#, ["NULL", "a "]),
            (#"{"",é}"#, ["", "é"]),
            // Marks that combine with what has a meaning.
            ("{\"a\\\"\u{301}\",\"\\\\\u{600}\"}", ["a\"\u{301}", "\\\u{600}"]),
        ] as [(String, [String?])])
    func items(_ text: String, _ items: [String?]) throws {
        #expect(try ArrayText.items(text) == items)
        #expect(try ArrayText.items(ArrayText.text(items)) == items)
    }

    @Test(arguments: [
        "", "a", "{", "{a", "{a,}", "{,a}", "{a}b", #"{"a}"#, #"{"a"b}"#, #"{a"b"}"#, #"{a\"#, "{{a},{b}}",
    ])
    func whatIsNoArrayIsRefused(_ text: String) {
        #expect(throws: SQLFault.self) { try ArrayText.items(text) }
    }

    @Test func everyArrayHasItsElements() {
        for oid: Int32 in [16, 20, 23, 25, 701, 1082, 1114, 1700] {
            #expect(ArrayType.element(ArrayType.oid(of: oid)) == oid)
        }
        #expect(ArrayType.element(25) == nil)
    }
}
