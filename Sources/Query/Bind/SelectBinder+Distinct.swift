internal import Core

extension SelectBinder {
    /// Binds DISTINCT ON: an item may name a target by place or alias, as in ORDER BY, which must begin with the
    /// same expressions in any order (PostgreSQL 15, SELECT, "DISTINCT Clause").
    func bindDistinctOn(_ items: [ExpressionSyntax]) throws(SQLFault) {
        for item in items {
            let expression = try orderedExpression(item)
            if !distinctOn.contains(expression) { distinctOn.append(expression) }
        }
        let leading = order.prefix { distinctOn.contains($0.expression) }
        let missing = distinctOn.contains { on in !leading.contains { $0.expression == on } }
        guard leading.count < order.count, missing else { return }
        throw SQLFault(
            SQLState(rawValue: "42P10"), "SELECT DISTINCT ON expressions must match initial ORDER BY expressions",
            hint: "Begin ORDER BY with the expressions of DISTINCT ON.",
            position: order[leading.count].expression.position)
    }

    /// What a correlated sub-query orders or numbers, it does for each value of the columns it is correlated by.
    func partitionByCorrelation() throws(SQLFault) {
        guard let outer, !correlation.isEmpty, takesFirst || !windows.isEmpty || !distinctOn.isEmpty else {
            return
        }
        let inner = try equalities(outer).map(\.inner)
        for index in windows.indices { windows[index] = windows[index].partitioned(by: inner) }
        if takesFirst || !distinctOn.isEmpty {
            guard !takesFirst || distinctOn.isEmpty else {
                throw .unsupported(
                    "DISTINCT ON with LIMIT in a correlated sub-query", "Leave DISTINCT ON out.",
                    at: correlation[0].position)
            }
            distinctOn += inner.filter { !distinctOn.contains($0) }
        }
    }

    /// Keeps the first row, in ORDER BY, of those that agree in DISTINCT ON.
    func keepFirst() {
        let id = session.newID(display: "row_number")
        let place = Window.Column(
            id: id, name: "place", function: "row_number", arguments: [], partition: distinctOn,
            order: order.filter { !distinctOn.contains($0.expression) }, frame: nil, type: .bigint)
        plan = .window(Window(input: plan, columns: [place]))
        let first = Expression(
            .call(
                .equal,
                [Expression(.column(id), .bigint), Expression(.literal(.integer(1)), .bigint)]), .boolean)
        plan = .filter(Filter(input: plan, predicate: first))
    }
}

extension Window.Column {
    fileprivate func partitioned(by more: [Expression]) -> Self {
        Self(
            id: id, name: name, function: function, arguments: arguments,
            partition: partition + more.filter { !partition.contains($0) }, order: order, frame: frame, type: type)
    }
}
