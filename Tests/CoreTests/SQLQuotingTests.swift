import Core
import Testing

/// A quote ends a literal whatever stands beside it: engines read scalars, Swift compares characters.
@Suite struct SQLQuotingTests {
    /// Marks that make one character of themselves and a quote.
    static let marks = ["\u{600}", "\u{301}", "\u{200D}", "\u{FE0F}", "\u{1F3FD}", ""]

    private func scalars(_ text: String) -> [UInt32] { text.unicodeScalars.map(\.value) }

    @Test(arguments: marks)
    func quotesAreDoubled(_ mark: String) {
        for text in ["'", "''", "a'b", "it's", "' OR 1=1 --"].flatMap({ [mark + $0, $0 + mark] }) {
            let literal = scalars(SQLQuoting.literal(text))
            #expect(literal.count { $0 == 0x27 } == 2 + 2 * scalars(text).count { $0 == 0x27 })
            #expect(literal.filter { $0 != 0x27 } == scalars(text).filter { $0 != 0x27 })
            let name = text.replacing("'", with: "\"")
            let identifier = scalars(SQLQuoting.identifier(mark + "\"" + mark + name))
            let inner = scalars(mark + "\"" + mark + name).count { $0 == 0x22 }
            #expect(identifier.count { $0 == 0x22 } == 2 + 2 * inner)
        }
    }
}
