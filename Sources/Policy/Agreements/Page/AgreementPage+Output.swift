internal import Core

extension AgreementPage {
    /// A page of its own: nothing is fetched, nothing runs; set for A4.
    package var html: String {
        let body = sections.map { section in
            "<section><h2>\(HTMLText.escaped(section.heading))</h2>\n"
                + section.blocks.map(Self.html).joined(separator: "\n") + "</section>\n"
        }.joined()
        return """
            <!DOCTYPE html>
            <html lang="en-GB"><head><meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <meta name="viewport" content="width=device-width">
            <title>\(HTMLText.escaped(title))</title>
            <style>\(Self.style)</style></head>
            <body><header><h1>\(HTMLText.escaped(title))</h1><p>\(HTMLText.escaped(subtitle))</p></header>
            \(body)<footer>\(HTMLText.escaped(footer))</footer></body></html>

            """
    }

    private static let style = """
        @page { size: A4; margin: 20mm 18mm }
        body { font: 11pt/1.45 Arial, Helvetica, sans-serif; color: #111; max-width: 174mm; margin: 0 auto; padding: 1em }
        h1 { font-size: 20pt; line-height: 1.2; margin: 0 0 .2em }
        h2 { font-size: 13pt; margin: 1.4em 0 .4em; break-after: avoid }
        p, li { margin: .3em 0; white-space: pre-line; overflow-wrap: anywhere }
        table { border-collapse: collapse; width: 100%; margin: .5em 0 }
        th, td { border: 1px solid #767676; padding: .35em .5em; text-align: left; vertical-align: top;
          overflow-wrap: break-word }
        td:first-child, th:first-child { min-width: 8em }
        th { background: #eee } tr { break-inside: avoid }
        .signing td { height: 14mm } .signing td.line { width: 38% }
        footer { margin-top: 2em; border-top: 1px solid #767676; font-size: 9pt; overflow-wrap: anywhere }
        @media print { body { padding: 0; max-width: none } th { background: none } }
        """

    private static func html(_ block: Block) -> String {
        switch block {
        case .paragraph(let text): "<p>\(HTMLText.escaped(text))</p>"
        case .list(let items): "<ul>" + items.map { "<li>\(HTMLText.escaped($0))</li>" }.joined() + "</ul>"
        case .facts(let facts):
            "<table>"
                + facts.map {
                    "<tr><th scope=\"row\">\(HTMLText.escaped($0.0))</th><td>\(HTMLText.escaped($0.1))</td></tr>"
                }
                .joined()
                + "</table>"
        case .table(let columns, let rows):
            "<table><thead><tr>" + columns.map { "<th scope=\"col\">\(HTMLText.escaped($0))</th>" }.joined()
                + "</tr></thead><tbody>" + rows.map { "<tr>\(cells($0))</tr>" }.joined() + "</tbody></table>"
        case .signing(let rows):
            "<table class=\"signing\"><thead><tr>"
                + ["Name and role", "Organisation", "Date", "Signature"].map {
                    "<th scope=\"col\">\($0)</th>"
                }.joined() + "</tr></thead><tbody>"
                + rows.map { "<tr>\(cells($0))<td class=\"line\"></td></tr>" }.joined() + "</tbody></table>"
        }
    }

    private static func cells(_ row: [String]) -> String {
        row.map { "<td>\(HTMLText.escaped($0))</td>" }.joined()
    }

    /// For a terminal, 100 columns wide.
    package var text: String {
        var lines = [title, String(repeating: "=", count: title.count), subtitle]
        for section in sections {
            lines += ["", section.heading, String(repeating: "-", count: section.heading.count)]
            lines += section.blocks.flatMap(Self.lines)
        }
        return (lines + ["", footer]).map(Self.plain).joined(separator: "\n")
    }

    private static func plain(_ line: String) -> String {
        String(String.UnicodeScalarView(line.unicodeScalars.map { HTMLText.isHidden($0) ? "\u{FFFD}" : $0 }))
    }

    private static func lines(_ block: Block) -> [String] {
        switch block {
        case .paragraph(let text): wrapped(text, "")
        case .list(let items): items.flatMap { wrapped("- " + $0, "  ") }
        case .facts(let facts): facts.flatMap { wrapped("\($0.0): \($0.1)", "  ") }
        case .table(_, let rows): rows.flatMap { wrapped($0.joined(separator: ": "), "  ") }
        case .signing(let rows):
            rows.flatMap { row in
                wrapped(row.filter { !$0.isEmpty }.joined(separator: "; "), "  ")
                    + ["  signature ______________________________  date ______________"]
            }
        }
    }

    private static func wrapped(_ text: String, _ indent: String) -> [String] {
        var lines: [String] = []
        for paragraph in text.split(separator: "\n", omittingEmptySubsequences: true) {
            var line = ""
            for word in paragraph.split(separator: " ") {
                if !line.isEmpty, line.count + word.count + 1 > 100 {
                    lines.append(line)
                    line = indent + word
                } else {
                    line += line.isEmpty || line == indent ? String(word) : " " + word
                }
            }
            lines.append(line)
        }
        return lines
    }
}
