internal import Core

extension Letter {
    /// A page of HTML that prints as a letter on A4: no scripts, nothing from elsewhere.
    var page: String {
        let body = [
            element("address", sender.map(HTMLText.escaped).joined(separator: "<br>")),
            element("p", HTMLText.escaped(date), "class=\"date\""),
            "<div class=\"to\" aria-label=\"Name and address\"></div>",
            mark.isEmpty ? "" : element("p", HTMLText.escaped(mark), "class=\"mark\""),
            element("h1", HTMLText.escaped(subject)),
        ]
        let opening = opening.map { element("p", HTMLText.escaped($0)) }
        let sections = sections.enumerated().map { place, section in
            element(
                "section",
                element("h2", "\(place + 1). \(HTMLText.escaped(section.title))")
                    + section.parts.map(html).joined(separator: "\n"))
        }
        let closing = closing.map { element("p", HTMLText.escaped($0)) }
        let lines = (body + opening + sections + closing).filter { !$0.isEmpty }
        return """
            <!DOCTYPE html>
            <html lang="en-GB">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <meta name="robots" content="noindex">
            <title>\(HTMLText.escaped(subject))</title>
            <style>
            \(Self.style)
            </style>
            </head>
            <body>
            \(lines.joined(separator: "\n"))
            </body>
            </html>
            """
    }

    private static let style = """
        @page { size: A4; margin: 20mm 20mm 22mm 25mm; }
        body { font: 11pt/1.45 Georgia, "Times New Roman", serif; color: #000; background: #fff; max-width: 165mm;
          margin: 2em auto; padding: 0 1em; }
        address { font-style: normal; text-align: right; }
        .to { height: 35mm; width: 85mm; }
        .mark { border: 1pt solid #000; padding: .4em .8em; font-weight: bold; }
        h1 { font-size: 14pt; }
        h2 { font-size: 12pt; margin-top: 1.4em; break-after: avoid; }
        table { border-collapse: collapse; width: 100%; font-size: 9.5pt; margin: .6em 0; }
        th, td { border: .5pt solid #555; padding: .3em .5em; text-align: left; vertical-align: top;
          overflow-wrap: break-word; }
        td:first-child, th:first-child { min-width: 7em; }
        thead { display: table-header-group; }
        tr, li { break-inside: avoid; }
        @media print { body { margin: 0; padding: 0; max-width: none; } }
        """

    private func html(_ part: Part) -> String {
        switch part {
        case .paragraph(let text): return element("p", HTMLText.escaped(text))
        case .list(let items):
            return element("ul", items.map { element("li", HTMLText.escaped($0)) }.joined())
        case .table(let columns, let rows):
            let head = columns.map { element("th", HTMLText.escaped($0), "scope=\"col\"") }.joined()
            let body = rows.map { row in
                element("tr", row.map { element("td", HTMLText.escaped($0)) }.joined())
            }
            return element(
                "table",
                element("thead", element("tr", head)) + element("tbody", body.joined(separator: "\n")))
        }
    }

    private func element(_ name: String, _ content: String, _ attributes: String = "") -> String {
        "<\(name)\(attributes.isEmpty ? "" : " " + attributes)>\(content)</\(name)>"
    }
}
