internal import Core

/// Turns libpg_query's tree into the syntax that Concordat understands.
///
/// INVARIANT: no node and no member of a node is skipped: each reader names the members it reads (`only`),
/// and whatever else a node bears is refused by name.
final class SyntaxReader {
    /// Nesting that is accepted: deep enough for people, shallow enough for every recursive walker of plans
    /// on an ordinary stack.
    static let maximumDepth = 100

    let source: SourceText
    private var depth = 0

    init(source: SourceText) { self.source = source }

    /// Counts one more level of nesting while `body` runs.
    func nested<Success>(
        _ levels: Int = 1, at node: JSONNode, _ body: () throws(SQLFault) -> Success
    ) throws(SQLFault) -> Success {
        depth += levels
        defer { depth -= levels }
        guard depth <= Self.maximumDepth else { throw .tooDeep(position(node)) }
        return try body()
    }

    /// Where a node stands in the statement; nil where the grammar does not say. (No place is printed for
    /// the very first byte either, as zeros are left out: no expression begins there.)
    func position(_ node: JSONNode) -> Int? {
        node["location"] == nil ? nil : source.position(ofByte: node.integer("location"))
    }

    /// Refuses members that the caller does not read.
    func only(_ node: JSONNode, _ known: Set<String>, in construct: String) throws(SQLFault) {
        for child in node.children where !known.contains(child.key) && child.key != "location" {
            throw refusal(of: child.key, in: construct, at: position(node))
        }
    }

    /// The single typed node inside a wrapper such as `{"ColumnRef": {…}}`.
    func unwrap(_ wrapper: JSONNode) throws(SQLFault) -> (name: String, node: JSONNode) {
        guard let inner = wrapper.children.first else {
            throw SQLFault(.internalError, "the parser returned an empty node")
        }
        return (inner.key, inner)
    }

    func names(_ node: JSONNode, _ member: StaticString) -> [String] {
        node.list(member).compactMap { $0["String"]?.string("sval") }
    }

    /// Reads every element of a list.
    func list<Element>(
        _ nodes: [JSONNode], _ read: (JSONNode) throws(SQLFault) -> Element
    ) throws(SQLFault) -> [Element] {
        var result: [Element] = []
        result.reserveCapacity(nodes.count)
        for node in nodes { result.append(try read(node)) }
        return result
    }

    func statement(_ root: JSONNode) throws(SQLFault) -> StatementSyntax {
        let statements = root.list("stmts")
        guard let first = statements.first, let wrapper = first["stmt"] else {
            throw SQLFault(.syntaxError, "there is no statement", hint: "Write one SELECT.")
        }
        guard statements.count == 1 else {
            let second = source.position(ofByte: statements[1].integer("stmt_location"))
            throw SQLFault(
                .featureNotSupported, "more than one statement is not supported",
                hint: "Send one SELECT at a time.", position: second)
        }
        let (name, node) = try unwrap(wrapper)
        switch name {
        case "SelectStmt": return .query(try query(node))
        case "ExplainStmt": return try explain(node)
        default: throw statementRefusal(name)
        }
    }

    private func explain(_ node: JSONNode) throws(SQLFault) -> StatementSyntax {
        try only(node, ["query", "options"], in: "EXPLAIN")
        guard let query = node["query"]?["SelectStmt"] else {
            throw .unsupported("EXPLAIN of anything but SELECT", "Write EXPLAIN SELECT ….")
        }
        var options = ExplainOptions()
        for wrapper in node.list("options") {
            let option = try unwrap(wrapper).node
            switch option.string("defname") {
            case "analyze": options.analyze = try isOn(option)
            case "sites": options.sites = try isOn(option)
            case "format":
                guard let format = ExplainOptions.Format(rawValue: optionText(option).lowercased()) else {
                    throw .unsupported("that EXPLAIN format", "Write text or json.", at: position(option))
                }
                options.format = format
            case let other:
                throw .unsupported(
                    "EXPLAIN option \(other)", "Options are ANALYZE, SITES and FORMAT.", at: position(option))
            }
        }
        return .explain(try self.query(query), options)
    }

    private func optionText(_ option: JSONNode) -> String { option["arg"]?["String"]?.string("sval") ?? "" }

    private func isOn(_ option: JSONNode) throws(SQLFault) -> Bool {
        guard let argument = option["arg"] else { return true }
        if let number = argument["Integer"] { return number.integer("ival") != 0 }
        switch optionText(option).lowercased() {
        case "true", "on": return true
        case "false", "off": return false
        default:
            throw SQLFault(
                .syntaxError, "\(option.string("defname")) requires a Boolean value",
                position: position(option))
        }
    }
}
