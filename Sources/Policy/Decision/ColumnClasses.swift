import Yams

/// What kind of data each column holds, in the words that policies use: data of `column-classes.yaml`.
///
/// A column that stands nowhere is `unclassified`: the shipped baseline refuses every question that uses one.
package struct ColumnClasses: Sendable {
    /// The class of a column that nobody has classified.
    package static let unclassified = "unclassified"

    /// Class -> what belongs to it.
    package let classes: [String: String]
    /// `dataset.column` -> class.
    package let columns: [String: String]

    private struct Document: Decodable {
        let version: Int
        let classes: [String: String]
        let datasets: [String: [String: String]]
    }

    /// Every column is unclassified.
    package static let none = ColumnClasses(classes: [:], columns: [:])

    private init(classes: [String: String], columns: [String: String]) {
        self.classes = classes
        self.columns = columns
    }

    /// Reads dataset -> column -> class.
    /// - Throws: `PolicyFault` for a class that the file does not declare: misspelt, it would escape the rules.
    package init(yaml: String) throws {
        let document: Document
        do {
            document = try YAMLDecoder().decode(Document.self, from: yaml)
        } catch {
            throw PolicyFault(
                "column-classes.yaml",
                "cannot be read: it has a version, classes with what belongs to them, and datasets with columns"
            )
        }
        var columns: [String: String] = [:]
        for (dataset, named) in document.datasets {
            for (column, name) in named {
                guard document.classes[name] != nil, name != Self.unclassified else {
                    throw PolicyFault(
                        "column-classes.yaml", "\(dataset).\(column): the class '\(name)' is not declared")
                }
                columns["\(dataset).\(column)"] = name
            }
        }
        self.init(classes: document.classes, columns: columns)
    }

    /// The class of `dataset.column`.
    package func of(_ column: String) -> String { columns[column] ?? Self.unclassified }
}
