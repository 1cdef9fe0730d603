internal import Policy

/// A document to be read on a page of somebody else's making: an agreement, a letter.
package struct ReadingText: Codable, Hashable, Sendable {
    package struct Block: Codable, Hashable, Sendable {
        package var paragraph: String?
        package var list: [String]?
        package var table: Table?
    }

    package struct Table: Codable, Hashable, Sendable {
        /// Empty where the first cell of each row is its heading.
        package let columns: [String]
        package let rows: [[String]]
    }

    package struct Section: Codable, Hashable, Sendable {
        package let heading: String
        package let blocks: [Block]
    }

    package let title: String
    package let opening: [String]
    package let sections: [Section]
    package let closing: [String]
}

extension ReadingText {
    init(_ page: AgreementPage) {
        title = page.title
        opening = [page.subtitle]
        sections = page.sections.map { Section(heading: $0.heading, blocks: $0.blocks.map(Block.init)) }
        closing = [page.footer]
    }

    init(_ letter: Letter) {
        title = letter.subject
        opening =
            [letter.sender.joined(separator: ", "), letter.date] + (letter.mark.isEmpty ? [] : [letter.mark])
            + letter.opening
        sections = letter.sections.enumerated().map { place, section in
            Section(heading: "\(place + 1). \(section.title)", blocks: section.parts.map(Block.init))
        }
        closing = letter.closing
    }
}

extension ReadingText.Block {
    fileprivate init(_ block: AgreementPage.Block) {
        switch block {
        case .paragraph(let text): paragraph = text
        case .list(let items): list = items
        case .facts(let facts): table = .init(columns: [], rows: facts.map { [$0.0, $0.1] })
        case .table(let columns, let rows): table = .init(columns: columns, rows: rows)
        case .signing(let rows):
            table = .init(
                columns: ["Name and role", "Organisation", "Date", "Signature"], rows: rows.map { $0 + [""] })
        }
    }

    fileprivate init(_ part: Letter.Part) {
        switch part {
        case .paragraph(let text): paragraph = text
        case .list(let items): list = items
        case .table(let columns, let rows): table = .init(columns: columns, rows: rows)
        }
    }
}
