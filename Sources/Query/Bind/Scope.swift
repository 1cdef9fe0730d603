internal import Core

/// The columns that names can mean at one place of a statement.
struct Scope {
    struct Entry {
        /// The table's alias; nil for the merged column of USING.
        let qualifier: String?
        let name: String
        let expression: Expression
        /// Whether the bare name and `*` mean it; a column merged by USING is reached by its qualifier only.
        var isBare = true
    }

    private(set) var entries: [Entry] = []
    private(set) var qualifiers: [String] = []

    init() {}

    init(qualifier: String, columns: [PlanColumn]) {
        qualifiers = [qualifier]
        entries = columns.map { column in
            Entry(
                qualifier: qualifier, name: column.name,
                expression: Expression(.column(column.id), column.type))
        }
    }

    /// A table whose columns are computed.
    init(qualifier: String, entries: [Entry]) {
        qualifiers = [qualifier]
        self.entries = entries
    }

    /// The columns of two tables side by side.
    func joined(with other: Scope, at position: Int? = nil) throws(SQLFault) -> Scope {
        if let twice = other.qualifiers.first(where: { qualifiers.contains($0) }) {
            throw SQLFault(
                .duplicateAlias, "table name \"\(twice)\" specified more than once",
                hint: "Give each its own alias.", position: position)
        }
        var result = self
        result.entries += other.entries
        result.qualifiers += other.qualifiers
        return result
    }

    /// Hides the bare names that USING merges and puts the merged columns first.
    func merging(_ merged: [(name: String, expression: Expression)]) -> Scope {
        var result = self
        for index in result.entries.indices where merged.contains(where: { $0.name == entries[index].name }) {
            result.entries[index].isBare = false
        }
        result.entries.removeAll { $0.qualifier == nil && !$0.isBare }
        result.entries.insert(
            contentsOf: merged.map { Entry(qualifier: nil, name: $0.name, expression: $0.expression) }, at: 0)
        return result
    }

    /// What a name of one or two parts can mean here.
    func matches(_ path: [String]) -> [Entry] {
        guard let name = path.last else { return [] }
        if path.count == 1 { return entries.filter { $0.isBare && $0.name == name } }
        return entries.filter { $0.qualifier == path[0] && $0.name == name }
    }

    /// What `*` or `alias.*` stands for; nil if there is no such table.
    func star(_ qualifier: String?) -> [Entry]? {
        guard let qualifier else { return entries.filter(\.isBare) }
        return qualifiers.contains(qualifier) ? entries.filter { $0.qualifier == qualifier } : nil
    }

    /// The meaning of a name; nil if nothing here has it.
    func resolve(_ path: [String], at position: Int?) throws(SQLFault) -> Expression? {
        let found = matches(path)
        guard let first = found.first else { return nil }
        guard found.count == 1 else {
            throw SQLFault(
                .ambiguousColumn, "column reference \"\(path.joined(separator: "."))\" is ambiguous",
                hint: "Write "
                    + found.compactMap { $0.qualifier.map { "\($0).\(path[path.count - 1])" } }
                    .joined(separator: " or ") + ".", position: position)
        }
        return Expression(first.expression.node, first.expression.type, at: position)
    }

    /// The fault for a name that nothing has.
    func unresolved(_ path: [String], at position: Int?) -> SQLFault {
        let name = path[path.count - 1]
        if path.count == 2, !qualifiers.contains(path[0]) {
            let near = Suggestion.nearest(to: path[0], among: qualifiers)
            return SQLFault(
                .undefinedTable, "missing FROM-clause entry for table \"\(path[0])\"",
                hint: near.first.map { "Perhaps you meant to reference the table \"\($0)\"." },
                position: position)
        }
        let candidates = entries.filter {
            $0.qualifier != nil && (path.count == 1 || $0.qualifier == path[0])
        }
        let near = Set(Suggestion.nearest(to: name, among: candidates.map(\.name)))
        let meant = candidates.filter { near.contains($0.name) }.prefix(2)
            .map { "\"\($0.qualifier ?? "").\($0.name)\"" }
        let message =
            path.count == 1
            ? "column \"\(name)\" does not exist" : "column \(path[0]).\(name) does not exist"
        let hint =
            meant.isEmpty
            ? nil : "Perhaps you meant to reference the column \(meant.joined(separator: " or "))."
        return SQLFault(.undefinedColumn, message, hint: hint, position: position)
    }
}
