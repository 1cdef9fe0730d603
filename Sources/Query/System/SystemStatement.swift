package import Core

/// Who asks, and with which settings: what `current_user` and its like answer.
package struct SystemSession: Sendable {
    package var user: String
    package var database: String
    package var processID: Int32
    /// What `current_setting` finds before the node's own settings, by names in lower case.
    package var settings: [String: String]
    /// Microseconds since 1970-01-01 00:00:00 UTC.
    package var now: Int64

    package init(
        user: String, database: String, processID: Int32 = 0, settings: [String: String] = [:], now: Int64
    ) {
        self.user = user
        self.database = database
        self.processID = processID
        self.settings = settings
        self.now = now
    }
}

/// One column that a statement gives, as a client of PostgreSQL is told of it.
package struct SystemColumn: Hashable, Sendable {
    package let name: String
    package let type: SystemType
    /// -1 where there is none.
    package let modifier: Int32
    /// OID of the table that it is a column of, and its number there; 0 where it is computed.
    package let table: UInt32
    package let number: Int16

    package init(name: String, type: SystemType, modifier: Int32 = -1, table: UInt32 = 0, number: Int16 = 0) {
        self.name = name
        self.type = type
        self.modifier = modifier
        self.table = table
        self.number = number
    }
}

/// A statement about the catalog itself, in the SQL of the engine that holds it.
package struct SystemStatement: Hashable, Sendable {
    /// DuckDB's; its columns are those of `columns`, in order. Arrays, vectors and names that are numbers inside
    /// come as PostgreSQL prints them.
    package let sql: String
    package let columns: [SystemColumn]
    /// Of `$1`, `$2`, …; `unknown` where nothing tells.
    package let parameters: [SystemType]
}

/// What a statement is about, by its shape alone.
package enum StatementSubject: Hashable, Sendable {
    /// Tables of the catalog itself, or no table at all.
    case system
    /// Tables that sites or the coordinator have.
    case data
    /// Not a query.
    case other
}

/// Reads statements about the catalog itself, as clients send them.
package struct SystemTranslator: Sendable {
    package let schema: SystemSchema
    package let session: SystemSession

    package init(schema: SystemSchema, session: SystemSession) {
        self.schema = schema
        self.session = session
    }

    /// - Throws: syntax faults; `0A000` for a statement that reads both the catalog and data.
    package func subject(of sql: String) throws(SQLFault) -> StatementSubject {
        try BigStack.run { () throws(SQLFault) in
            let tree = try SQLParser.tree(try SourceText(sql))
            guard let query = Self.query(tree) else { return .other }
            return try SubjectFinder(schema: schema).subject(of: query)
        }
    }

    /// A statement about the catalog in the engine's SQL.
    /// - Parameter parameters: values of `$1`, `$2`, … as text, nil for NULL; fewer than are used stand for NULL, as
    ///   where only types are asked for.
    ///   - types: what the client declared of them; `unknown` or absent where it did not.
    /// - Throws: PostgreSQL's faults; `0A000` and `42883` for what is not answered.
    package func translate(
        _ sql: String, parameters: [String?] = [], types: [SystemType] = []
    ) throws(SQLFault) -> SystemStatement {
        try BigStack.run { () throws(SQLFault) in
            let source = try SourceText(sql)
            let tree = try SQLParser.tree(source)
            guard let query = Self.query(tree) else {
                throw SQLFault(.featureNotSupported, "only queries are answered from the catalog")
            }
            let reader = SystemReader(
                schema: schema, session: session, source: source, parameters: parameters, types: types)
            return try reader.statement(query)
        }
    }

    /// The query of the only statement; nil for anything else.
    private static func query(_ tree: JSONTree) -> JSONNode? {
        let statements = tree.root.list("stmts")
        guard statements.count == 1, let wrapper = statements[0]["stmt"] else { return nil }
        return wrapper["SelectStmt"]
    }
}

/// Collects the tables that a statement names.
private struct SubjectFinder {
    let schema: SystemSchema
    private var system = false
    private var data = false
    private var commonTables: Set<String> = []

    init(schema: SystemSchema) { self.schema = schema }

    func subject(of query: JSONNode) throws(SQLFault) -> StatementSubject {
        var finder = self
        finder.names(query)
        finder.visit(query)
        guard !(finder.system && finder.data) else {
            throw SQLFault(
                .featureNotSupported,
                "tables of the catalog and tables of data cannot be read in one statement",
                hint: "Ask pg_catalog and information_schema on their own.")
        }
        return finder.data ? .data : .system
    }

    /// By a stack of its own: trees are as deep as statements are.
    private mutating func names(_ root: JSONNode) {
        var open = [root]
        while let node = open.popLast() {
            if node.key == "CommonTableExpr" { commonTables.insert(node.string("ctename")) }
            open += node.children
        }
    }

    private mutating func visit(_ root: JSONNode) {
        var open = [root]
        while let node = open.popLast() {
            if node.key == "RangeVar" { take(node) }
            open += node.children
        }
    }

    private mutating func take(_ node: JSONNode) {
        let name = node.string("relname")
        let space = node["schemaname"]?.string
        if space == nil, commonTables.contains(name) { return }
        if space == "pg_catalog" || space == "information_schema" {
            system = true
        } else if let found = schema.relation(space, name) {
            if found.isSystem { system = true } else { data = true }
        } else {
            data = true
        }
    }
}
