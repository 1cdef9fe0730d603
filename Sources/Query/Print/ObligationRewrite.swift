import Core

/// Writes obligations into a person-local plan.
///
/// Allowed people (opt-outs, objections) are asked for once, where rows get their person (`PersonThread`'s
/// spine): whether a person is on an allow-list is a column of every dataset, the same in all rows of a
/// person (`SitePhysical`). That holds for every dataset in the plan, because of the law of a fragment: every
/// relation equijoins on `person` with every other.
/// 1. A row of the result has the person p of its spine scan, and p passed the filter there.
/// 2. Whatever else took part in that row (the other side of an inner or left join, a row that an EXISTS
///    found, a row whose absence a NOT EXISTS needed, the rows a per-person sub-query summed) has the same
///    person p by its equijoin; so it belongs to an allowed person too.
/// 3. Rows of people who are not allowed may be read in such a sub-query, but join nothing and change
///    nothing.
/// Restricted episodes are about rows, not people: their rows are taken out at every scan of a dataset.
enum ObligationRewrite {
    /// - Throws: if the plan's rows have no person.
    static func apply(
        _ obligations: EnforcedObligations, to plan: Plan, withRecordKey: Bool
    ) throws(SQLFault) -> PersonThread.Threaded {
        var thread = PersonThread(plan: plan, withRecordKey: withRecordKey) { scan, fresh in
            allowed(scan, obligations, &fresh)
        }
        guard var threaded = thread.thread(plan) else {
            throw SQLFault(
                .featureNotSupported, "the rows of this query belong to no person",
                hint: "Select from a dataset that has a column person.")
        }
        guard !obligations.restrictedColumns.isEmpty else { return threaded }
        var fresh = FreshColumns(after: threaded.plan)
        threaded.plan = withoutRestricted(threaded.plan, obligations, &fresh)
        return threaded
    }

    private static func allowed(
        _ scan: Scan, _ obligations: EnforcedObligations, _ fresh: inout FreshColumns
    ) -> Plan {
        let lists = obligations.optOutTables.map {
            PlanColumn(id: fresh.id(), name: $0, type: .boolean)
        }
        var result = Plan.scan(
            Scan(
                source: scan.source, alias: scan.alias, columns: scan.columns + lists,
                position: scan.position))
        for list in lists {
            let isAllowed = Expression(.column(list.id), .boolean)
            result = .filter(Filter(input: result, predicate: isAllowed))
        }
        guard let person = scan.columns.first(where: { $0.name == "person" }) else { return result }
        func join(_ table: String, _ kind: Join.Kind) {
            let other = PlanColumn(id: fresh.id(), name: "person", type: .text)
            let people = Scan(source: .dataset(table), alias: table, columns: [other])
            let match = Expression(
                .call(.equal, [PersonThread.column(other.id), PersonThread.column(person.id)]), .boolean)
            result = .join(Join(kind: kind, left: result, right: .scan(people), condition: match))
        }
        if let table = obligations.objectionsTable { join(table, .anti) }
        switch obligations.consentTable {
        case .permitted(let table): join(table, .semi)
        case .denied(let table): join(table, .anti)
        case nil: break
        }
        return result
    }

    private static func withoutRestricted(
        _ plan: Plan, _ obligations: EnforcedObligations, _ fresh: inout FreshColumns
    ) -> Plan {
        if case .scan(let scan) = plan { return withoutRestricted(scan, obligations, &fresh) }
        var inputs: [Plan] = []
        for input in plan.inputs { inputs.append(withoutRestricted(input, obligations, &fresh)) }
        return plan.replacing(inputs: inputs)
    }

    private static func withoutRestricted(
        _ scan: Scan, _ obligations: EnforcedObligations, _ fresh: inout FreshColumns
    ) -> Plan {
        guard case .dataset(let name) = scan.source, !obligations.peopleTables.contains(name) else {
            return .scan(scan)
        }
        let marks = obligations.restrictedColumns.map {
            PlanColumn(id: fresh.id(), name: $0, type: .boolean)
        }
        var result = Plan.scan(
            Scan(
                source: scan.source, alias: scan.alias, columns: scan.columns + marks,
                position: scan.position))
        for mark in marks {
            let isFree = Expression(.call(.isNotTrue, [Expression(.column(mark.id), .boolean)]), .boolean)
            result = .filter(Filter(input: result, predicate: isFree))
        }
        // What the node above sees stays the same: it may be a DISTINCT or a set operation.
        let kept = scan.columns.map {
            ComputedColumn(id: $0.id, name: $0.name, expression: Expression(.column($0.id), $0.type))
        }
        return .project(Project(input: result, columns: kept))
    }
}
