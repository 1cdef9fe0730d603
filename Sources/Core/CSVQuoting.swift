/// How a field stands in a file of comma-separated values.
package enum CSVQuoting {
    /// A field as RFC 4180, section 2, writes it: in double quotes, with inner ones doubled, where it holds a quote, a comma or
    /// the end of a line; as it is otherwise.
    ///
    /// By scalars, as readers read: CR LF is one `Character`, and so is a quote with a mark that combines.
    package static func field(_ text: String) -> String {
        text.unicodeScalars.contains(where: isSpecial) ? SQLQuoting.identifier(text) : text
    }

    private static func isSpecial(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "\"" || scalar == "," || scalar == "\n" || scalar == "\r"
    }
}
