internal import Core

extension QualityReport {
    /// A page of HTML that prints on A4: no scripts, nothing from elsewhere; the notice stands on every page.
    package var page: String {
        let title = "Data quality: \(name) (\(organisation))"
        return """
            <!DOCTYPE html>
            <html lang="en-GB">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <meta name="viewport" content="width=device-width">
            <meta name="robots" content="noindex">
            <title>\(HTMLText.escaped(title))</title>
            <style>
            \(Self.style)
            </style>
            </head>
            <body>
            <p class="notice">\(HTMLText.escaped(notice))</p>
            <header><h1>\(HTMLText.escaped(title))</h1>
            \(lead.map { "<p>\(HTMLText.escaped($0))</p>" }.joined(separator: "\n"))</header>
            \(findingsPart)
            \(sections.map(Self.part).joined(separator: "\n"))
            <footer>Form \(HTMLText.escaped(form)); catalog \(HTMLText.escaped(String(catalog.prefix(12))))</footer>
            </body>
            </html>

            """
    }

    private static let style = """
        @page { size: A4; margin: 18mm 16mm;
          @bottom-left { content: "Not for release outside of the controller"; font: 8pt Arial, sans-serif; }
          @bottom-right { content: counter(page); font: 8pt Arial, sans-serif; } }
        body { font: 10pt/1.4 Arial, Helvetica, sans-serif; color: #111; background: #fff; max-width: 178mm;
          margin: 0 auto; padding: 1em; }
        h1 { font-size: 17pt; line-height: 1.2; margin: .4em 0 .2em; }
        h2 { font-size: 12pt; margin: 1.4em 0 .3em; break-after: avoid; }
        p { margin: .3em 0; }
        .notice { border: 1pt solid #000; padding: .4em .8em; font-weight: bold; }
        ol { padding-left: 2em; }
        li { margin: .5em 0; break-inside: avoid; }
        .high { font-weight: bold; }
        .remedy { color: #333; }
        table { border-collapse: collapse; width: 100%; margin: .4em 0; font-size: 8.5pt; }
        th, td { border: .5pt solid #767676; padding: .2em .4em; text-align: left; vertical-align: top;
          overflow-wrap: break-word; }
        td.number { text-align: right; font-variant-numeric: tabular-nums; }
        th { background: #eee; }
        thead { display: table-header-group; }
        tr { break-inside: avoid; }
        footer { margin-top: 2em; border-top: 1px solid #767676; font-size: 8.5pt; }
        @media print { body { padding: 0; max-width: none; } th { background: none; } }
        """

    private var findingsPart: String {
        guard !findings.isEmpty else {
            return "<section><h2>Findings</h2><p>Nothing needs attention.</p></section>"
        }
        let items = findings.map { finding in
            "<li><span class=\"\(finding.severity.rawValue)\">[\(finding.severity.rawValue)] "
                + "\(HTMLText.escaped(finding.words))</span><br>"
                + "<span class=\"remedy\">→ \(HTMLText.escaped(finding.remedy))</span></li>"
        }
        return "<section><h2>Findings</h2><ol>\n\(items.joined(separator: "\n"))\n</ol></section>"
    }

    private static func part(_ section: QualitySection) -> String {
        let head = section.columns.map { "<th scope=\"col\">\(HTMLText.escaped($0))</th>" }.joined()
        let body = section.rows.map { row in
            "<tr>" + row.map(cell).joined() + "</tr>"
        }
        let note = section.note.isEmpty ? "" : "<p>\(HTMLText.escaped(section.note))</p>\n"
        return """
            <section><h2>\(HTMLText.escaped(section.title))</h2>
            \(note)<table><thead><tr>\(head)</tr></thead><tbody>
            \(body.joined(separator: "\n"))
            </tbody></table></section>
            """
    }

    private static func cell(_ text: String) -> String {
        let isNumber = !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2E }
        return "<td\(isNumber ? " class=\"number\"" : "")>\(HTMLText.escaped(text))</td>"
    }
}
