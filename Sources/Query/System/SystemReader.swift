internal import Core

/// An expression in the engine's SQL, with its type in PostgreSQL.
struct SystemExpression {
    /// What a literal without a type says.
    enum Literal {
        case text(String)
        case null
        /// By its number; a type is noted for it where its surroundings give it one.
        case parameter(Int, String?)
    }

    var sql: String
    var type: SystemType
    var literal: Literal?
    /// Of a composite value, by name.
    var fields: [(name: String, type: SystemType)] = []
    var modifier: Int32 = -1
    /// The column that it is, unchanged.
    var table: UInt32 = 0
    var number: Int16 = 0

    init(_ sql: String, _ type: SystemType, literal: Literal? = nil) {
        self.sql = sql
        self.type = type
        self.literal = literal
    }
}

/// A column that a query or a table offers.
struct SystemOutput {
    var name: String
    var type: SystemType
    var fields: [(name: String, type: SystemType)] = []
    var modifier: Int32 = -1
    var table: UInt32 = 0
    var number: Int16 = 0
    /// An untyped literal, which a set operation gives the other side's type.
    var isUntyped = false
}

/// Columns that expressions may name.
final class SystemScope {
    struct Entry {
        /// Of the table or its alias.
        let name: String
        let schema: String?
        var columns: [(output: SystemOutput, sql: String)]
        /// Columns that another entry has merged by USING: found with the table's name only.
        var hidden: Set<String> = []
    }

    var entries: [Entry] = []
    let parent: SystemScope?

    init(parent: SystemScope?) { self.parent = parent }
}

/// Turns a parse tree of a query about the catalog into the engine's SQL, bottom up, with PostgreSQL's types.
final class SystemReader {
    let schema: SystemSchema
    let session: SystemSession
    let source: SourceText
    let parameters: [String?]
    var parameterTypes: [SystemType]
    /// Common tables by name, innermost last.
    var commonTables: [[String: [SystemOutput]]] = []
    var windows: [String: JSONNode] = [:]
    private var depth = 0
    private var aliases = 0

    init(
        schema: SystemSchema, session: SystemSession, source: SourceText, parameters: [String?],
        types: [SystemType]
    ) {
        self.schema = schema
        self.session = session
        self.source = source
        self.parameters = parameters
        parameterTypes = types.map { $0.oid == 0 ? .unknown : $0 }
    }

    /// Clients are told of a domain what it is made of.
    func statement(_ query: JSONNode) throws(SQLFault) -> SystemStatement {
        let (sql, columns) = try self.query(query, parent: nil, isTop: true)
        return SystemStatement(
            sql: sql,
            columns: columns.map {
                SystemColumn(
                    name: $0.name, type: $0.type == .unknown ? .text : schema.base($0.type), modifier: $0.modifier,
                    table: $0.table, number: $0.number)
            }, parameters: parameterTypes)
    }

    func nested<Success>(_ body: () throws(SQLFault) -> Success) throws(SQLFault) -> Success {
        depth += 1
        defer { depth -= 1 }
        guard depth <= 150 else { throw .tooDeep(nil) }
        return try body()
    }

    func newAlias() -> String {
        aliases += 1
        return "t\(aliases)"
    }

    func unwrap(_ wrapper: JSONNode) throws(SQLFault) -> (kind: String, node: JSONNode) {
        guard let inner = wrapper.children.first else {
            throw SQLFault(.internalError, "the parser returned an empty node")
        }
        return (inner.key, inner)
    }

    func position(_ node: JSONNode) -> Int? {
        node["location"] == nil ? nil : source.position(ofByte: node.integer("location"))
    }

    func names(_ nodes: [JSONNode]) -> [String] { nodes.compactMap { $0["String"]?.string("sval") } }

    func quote(_ name: String) -> String { SQLQuoting.identifier(name) }

    func unsupported(_ what: String, _ node: JSONNode) -> SQLFault {
        .unsupported("\(what) in a statement about the catalog", nil, at: position(node))
    }

    func commonTable(_ name: String) -> [SystemOutput]? {
        for level in commonTables.reversed() {
            if let found = level[name] { return found }
        }
        return nil
    }
}
