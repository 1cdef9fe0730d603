/// Text as it stands in a page of HTML, between tags or in an attribute's quotes.
package enum HTMLText {
    /// Escapes the five characters that mean something in HTML, by scalars, as browsers read.
    ///
    /// Controls, and marks that turn the direction of writing, become U+FFFD: what is read must be what was signed, or
    /// what a record says.
    package static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\n", "\t": result.unicodeScalars.append(scalar)
            case _ where isHidden(scalar): result.unicodeScalars.append("\u{FFFD}")
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// Whether a character cannot be seen, or changes how others are.
    package static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
