package import Catalog
package import Core

/// A statement with every name resolved against the catalog and every expression typed.
package enum BoundStatement: Sendable {
    case select(BoundQuery)
    case explain(BoundQuery, ExplainOptions)
}

/// Turns SQL into a typed plan, with PostgreSQL's rules for names and types.
///
/// Binding says what a statement means, not whether it may be asked: that is the law of a fragment.
///
///     let binder = Binder(catalog: catalog, now: microseconds)
///     guard case .select(let query) = try binder.bind("SELECT count(*) FROM patient") else { … }
package struct Binder: Sendable {
    package let catalog: Catalog
    /// What `now()` and `current_date` are folded to: microseconds since 1970-01-01 00:00:00 UTC.
    package let now: Int64

    package init(catalog: Catalog, now: Int64) {
        self.catalog = catalog
        self.now = now
    }

    /// Parses and binds one statement. Columns are numbered by first appearance, and scans read only columns
    /// that the statement uses.
    ///
    /// - Throws: what is wrong with the statement, with its place in characters.
    package func bind(_ sql: String) throws(SQLFault) -> BoundStatement {
        try BigStack.run { () throws(SQLFault) in
            switch try SQLParser.parseHere(sql) {
            case .query(let query): return .select(try bound(query))
            case .explain(let query, let options): return .explain(try bound(query), options)
            }
        }
    }

    private func bound(_ query: QuerySyntax) throws(SQLFault) -> BoundQuery {
        let session = BindSession(catalog: catalog, now: now)
        let relation = try QueryBinder(session: session, environment: Environment(), outer: nil).bind(query)
        return BoundQuery(plan: relation.plan, output: relation.output).pruned().renumbered()
    }
}
