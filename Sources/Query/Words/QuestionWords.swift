package import Catalog

/// What one fragment asks, for people who do not read SQL: everything that its plan says, in their words.
package struct QuestionWords: Codable, Hashable, Sendable {
    /// What is counted or added up: `how many people`.
    package let asks: [String]
    /// By what the numbers are told apart: `sex of patient`. Empty: one number for all.
    package let groups: [String]
    /// Whose rows are read, with what a row is: `condition (one row a recorded condition)`.
    package let records: [String]
    /// All of these hold of what is counted.
    package let conditions: [String]

    /// - Parameter catalog: what the fragment was bound against: it says what tables are about.
    package init(_ fragment: Fragment, catalog: Catalog) {
        var reader = PlanWords(catalog: catalog)
        let aggregate = fragment.aggregate
        reader.read(aggregate.input)
        asks = aggregate.aggregates.map { reader.words($0.call) }
        groups = aggregate.keys.map { reader.value($0.expression) }
        records = reader.records
        conditions = reader.conditions
    }

    /// In one paragraph.
    package var sentence: String {
        var parts = [asks.isEmpty ? "Which groups there are" : Self.capitalised(Self.list(asks))]
        switch groups.count {
        case 0: break
        case 1:
            parts.append(
                "for each \(groups[0].hasPrefix("the ") ? String(groups[0].dropFirst(4)) : groups[0])")
        default: parts.append("for each combination of \(Self.list(groups))")
        }
        var text = parts.joined(separator: ", ") + "."
        if !records.isEmpty { text += " Read from: \(records.joined(separator: "; "))." }
        if !conditions.isEmpty { text += " Only where \(conditions.joined(separator: "; and "))." }
        return text
    }

    private static func capitalised(_ text: String) -> String {
        text.prefix(1).uppercased() + text.dropFirst()
    }

    /// `a, b and c`.
    static func list(_ parts: [String]) -> String {
        guard let last = parts.last, parts.count > 1 else { return parts.first ?? "" }
        return parts.dropLast().joined(separator: ", ") + " and " + last
    }
}
