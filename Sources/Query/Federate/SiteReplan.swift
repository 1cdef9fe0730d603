package import Catalog
package import Core

/// What a site does with the logical SQL it is asked: it parses, binds, checks the law and derives shapes anew,
/// and trusts nothing else of the request.
package enum SiteReplan {
    /// - Parameter now: what the site's own clock says, microseconds since 1970-01-01 00:00:00 UTC: the
    ///   requester has folded `now()` to literals already.
    /// - Throws: the fault of the statement; 42501 also if it is more or less than one aggregate over people.
    package static func fragment(
        sql: String, catalog: Catalog, now: Int64
    ) throws(SQLFault) -> Fragment {
        guard case .select(let query) = try Binder(catalog: catalog, now: now).bind(sql) else {
            throw notAFragment
        }
        try PlanVerifier.verify(query)
        guard let aggregate = query.plan.underRenaming(query.output) else { throw notAFragment }
        let perDay: Int64 = 86_400_000_000
        return try Fragment.checked(
            try Rewriter().rewrite(aggregate), sql: sql, catalog: catalog,
            today: Int((now - (now % perDay + perDay) % perDay) / perDay))
    }

    private static var notAFragment: SQLFault {
        SQLFault(
            .insufficientPrivilege, "a fragment is one level of aggregation over people and nothing above it",
            hint: "HAVING, ORDER BY, LIMIT and arithmetic on results belong to the requester's node.")
    }
}

extension Plan {
    /// The aggregate that the plan is, if above it columns are renamed at most and all are returned, in order.
    fileprivate func underRenaming(_ output: [PlanColumn]) -> Aggregate? {
        switch self {
        case .aggregate(let aggregate):
            return columns.map(\.id) == output.map(\.id) && columns.map(\.type) == output.map(\.type)
                ? aggregate : nil
        case .project(let project):
            guard project.isRenaming else { return nil }
            let below = output.compactMap { column -> PlanColumn? in
                guard let origin = project.definitions[column.id]?.plainColumn else { return nil }
                return PlanColumn(id: origin, name: column.name, type: column.type)
            }
            return below.count == output.count ? project.input.underRenaming(below) : nil
        default: return nil
        }
    }
}
