internal import Core
internal import Node

/// Tables and lists of the node, as templates take them.
enum ConsoleTable {
    /// - Parameters:
    ///   - name: what the table is called for who does not see it; no two of a page are called alike.
    ///   - labels: leading columns that are no numbers.
    static func values(
        _ name: String, _ columns: [String], _ rows: [[String]], labels: Int? = nil
    ) -> [String: any Sendable] {
        let labels = labels ?? .max
        func cells(_ row: [String]) -> [[String: any Sendable]] {
            row.enumerated().map { place, text in
                [
                    "text": VisibleText.of(text), "isNumber": place >= labels, "isFirst": place == 0,
                    "isWithheld": place >= labels && text == "withheld",
                ]
            }
        }
        return [
            "name": name,
            "columns": columns.enumerated().map { place, name in
                ["text": name, "isNumber": place >= labels] as [String: any Sendable]
            }, "rows": rows.map { ["cells": cells($0)] as [String: any Sendable] },
            "hasRows": !rows.isEmpty, "hasColumns": !columns.isEmpty,
        ]
    }
}

extension NodeReply {
    /// Rows of a listing by the names of its columns.
    /// - Throws: `APIFailure` for another reply.
    var records: [[String: String]] {
        get throws {
            guard case .listing(let columns, let rows) = self else { throw APIFailure.anotherReply }
            return rows.map { Dictionary(zip(columns, $0)) { first, _ in first } }
        }
    }

    /// What was done, as a sentence.
    /// - Throws: `APIFailure` for another reply.
    var sentence: String {
        get throws {
            guard case .done(let words) = self else { throw APIFailure.anotherReply }
            return words.prefix(1).uppercased() + words.dropFirst() + (words.hasSuffix(".") ? "" : ".")
        }
    }

    /// - Throws: what decoding throws, `APIFailure` for another reply.
    func decoded<T: Decodable>(_ type: T.Type) throws -> T { try ScriptJSON.decode(type, from: document) }

    /// - Throws: what parsing throws, `APIFailure` for another reply.
    var tree: JSONTree { get throws { try JSONTree.parse(document.utf8) } }
}

extension ReadingText {
    /// For the template `reading`.
    var values: [String: any Sendable] {
        [
            "title": title, "opening": opening.map(VisibleText.of),
            "parts": sections.map { section in
                [
                    "heading": section.heading,
                    "blocks": section.blocks.enumerated().map { place, block in
                        block.values("\(section.heading), table \(place + 1)")
                    },
                ] as [String: any Sendable]
            }, "closing": closing.map(VisibleText.of),
        ]
    }
}

extension ReadingText.Block {
    fileprivate func values(_ name: String) -> [String: any Sendable] {
        let values: ConsoleValues = [
            "paragraph": paragraph.map(VisibleText.of), "items": list?.map(VisibleText.of),
            "hasItems": list.map { !$0.isEmpty },
            "table": table.map { ConsoleTable.values(name, $0.columns, $0.rows) },
        ]
        return values.members
    }
}
