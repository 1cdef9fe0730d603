internal import Core

/// Texts of somebody else's as they were written, for people who decide by them.
package enum VisibleText {
    /// What cannot be seen, or turns the direction of writing, is marked; lines and tabs stay.
    package static func of(_ text: String) -> String {
        var shown = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isLine = scalar == "\n" || scalar == "\t"
            shown.append(!isLine && (HTMLText.isHidden(scalar) || isBlank(scalar)) ? "\u{FFFD}" : scalar)
        }
        return String(shown)
    }

    /// Letters and signs that are drawn as nothing: Hangul fillers, the empty Braille pattern, spaces that are not one.
    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0: true
        default: scalar != " " && scalar.properties.isWhitespace
        }
    }

    /// Letters that a reader may take for others; empty for text in ASCII.
    package static func unusual(_ text: String) -> [String] {
        Set(text.unicodeScalars.filter { !$0.isASCII }).sorted { $0.value < $1.value }.map {
            "U+" + String($0.value, radix: 16, uppercase: true)
        }
    }
}
