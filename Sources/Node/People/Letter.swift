/// A letter before it has a form: sections of paragraphs, lists and tables.
struct Letter: Sendable {
    enum Part: Sendable {
        case paragraph(String)
        case list([String])
        case table(columns: [String], rows: [[String]])
    }

    struct Section: Sendable {
        let title: String
        let parts: [Part]
    }

    /// Of the sender, a line each.
    let sender: [String]
    /// Written out, e.g. `23 November 2026`.
    let date: String
    let subject: String
    /// A mark that has to be seen, such as that the data are synthetic; empty for none.
    let mark: String
    let opening: [String]
    let sections: [Section]
    let closing: [String]
}
