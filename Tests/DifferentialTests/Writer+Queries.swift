extension Writer {
    func sql(_ question: Question) -> String {
        var tables: [String] = []
        var text = rows(question.body, question.usesWith ? { tables.append($0); return "w\(tables.count)" } : nil)
        if let order = question.order {
            text += "\nORDER BY " + order.map(self.order).joined(separator: ", ")
        }
        if let limit = question.limit { text += "\nLIMIT \(limit)" }
        if question.offset > 0 { text += " OFFSET \(question.offset)" }
        guard !tables.isEmpty else { return text }
        let with = tables.enumerated().map { "w\($0 + 1) AS (\($1))" }.joined(separator: ",\n  ")
        return "WITH \(with)\n\(text)"
    }

    /// - Parameter share: makes a common table of a query and gives its name.
    private func rows(_ rows: Released, _ share: ((String) -> String)?) -> String {
        switch rows {
        case .cut(let cut): return sql(cut)
        case .filtered(let input, let condition):
            return "SELECT * FROM \(nested(input, "q", share)) WHERE \(sql(condition))"
        case .compared(let input, let column, let symbol, let other):
            let number = other.columns[other.columns.count - 1].name
            return "SELECT * FROM \(nested(input, "q", share)) WHERE q.\(column) \(symbol) "
                + "(SELECT z.\(number) FROM \(nested(other, "z", share)))"
        case .computed(let input, let columns, let isDistinct):
            return "SELECT \(isDistinct ? "DISTINCT " : "")\(list(columns)) FROM \(nested(input, "q", share))"
        case .joined(let join, let left, let right, let pairs, let columns):
            let on = pairs.map { "a.\($0.left) = b.\($0.right)" }.joined(separator: " AND ")
            return "SELECT \(list(columns)) FROM \(nested(left, "a", share)) \(join.rawValue) "
                + "\(nested(right, "b", share)) ON \(on)"
        case .series(let low, let high, let input, let key, let columns):
            let series = isDuckDB ? "range(\(low), \(high + 1))" : "generate_series(\(low), \(high))"
            return "SELECT \(list(columns)) FROM \(series) AS a(g) LEFT JOIN "
                + "\(nested(input, "b", share)) ON a.g = b.\(key)"
        case .combined(let words, let left, let right):
            return "(\(self.rows(left, share))) \(words) (\(self.rows(right, share)))"
        case .regrouped(let input, let keys, let values):
            let groups = keys.isEmpty ? "" : " GROUP BY " + keys.indices.map { String($0 + 1) }.joined(separator: ", ")
            return "SELECT \(list(keys + values)) FROM \(nested(input, "q", share))\(groups)"
        }
    }

    private func nested(_ rows: Released, _ alias: String, _ share: ((String) -> String)?) -> String {
        let text = self.rows(rows, share)
        guard let share else { return "(\(text)) \(alias)" }
        return "\(share(text)) \(alias)"
    }

    private func list(_ columns: [Named]) -> String {
        columns.map { "\(sql($0.term)) AS \($0.name)" }.joined(separator: ", ")
    }

    func sql(_ cut: Cut) -> String {
        var text = "SELECT \(list(cut.keys + cut.values)) \(body(cut.body))"
        let places = cut.keys.indices.map { String($0 + 1) }
        let keys = cut.keys.map { sql($0.term) }
        switch cut.sets {
        case .plain: if !keys.isEmpty { text += " GROUP BY " + places.joined(separator: ", ") }
        case .rollup: text += " GROUP BY ROLLUP (\(keys.joined(separator: ", ")))"
        case .cube: text += " GROUP BY CUBE (\(keys.joined(separator: ", ")))"
        case .sets(let sets):
            let list = sets.map { set in "(\(set.map { keys[$0] }.joined(separator: ", ")))" }
            text += " GROUP BY GROUPING SETS (\(list.joined(separator: ", ")))"
        }
        if let having = cut.having { text += " HAVING \(sql(having))" }
        return text
    }

    private func body(_ body: PersonRows.Body) -> String {
        var text = "FROM " + source(body.items[0])
        var conditions = body.filter.map(sql)
        let first = body.items[0].alias
        for item in body.items.dropFirst() {
            guard item.isAboutPeople else {
                text += " \(item.join.rawValue) \(source(item)) ON \(item.on.map(sql).joined(separator: " AND "))"
                continue
            }
            switch item.style {
            case .using:
                text += " \(item.join.rawValue) \(source(item)) USING (\(isOracle ? "site, " : "")person)"
                conditions += item.on.map(sql)
            case .on:
                let on = [samePerson(item.alias, first)] + item.on.map(sql)
                text += " \(item.join.rawValue) \(source(item)) ON \(on.joined(separator: " AND "))"
            case .comma:
                text += ", " + source(item)
                conditions = [samePerson(item.alias, first)] + item.on.map(sql) + conditions
            }
        }
        if !conditions.isEmpty { text += " WHERE " + conditions.joined(separator: " AND ") }
        return text
    }

    private func source(_ item: Item) -> String {
        switch item.source {
        case .dataset(let name): "\(table(name)) \(item.alias)"
        case .reference(let name): "\(name) \(item.alias)"
        case .people(let rows): "(\(sql(rows))) \(item.alias)"
        }
    }

    private func sql(_ rows: PersonRows) -> String {
        let person = { (alias: String) in isOracle ? "\(alias).site, \(alias).person" : "\(alias).person" }
        func select(_ body: PersonRows.Body, _ columns: [Named], _ words: String = "") -> String {
            let columns = list(columns)
            return "SELECT \(words)\(person(body.person))\(columns.isEmpty ? "" : ", " + columns) \(self.body(body))"
        }
        switch rows {
        case .rows(let body, let columns, let isDistinct):
            return select(body, columns, isDistinct ? "DISTINCT " : "")
        case .grouped(let body, let keys, let values, let having):
            let first = isOracle ? 3 : 2
            let places = keys.indices.map { String($0 + first) }
            return select(body, keys + values) + " GROUP BY "
                + ([person(body.person)] + places).joined(separator: ", ")
                + (having.map { " HAVING \(sql($0))" } ?? "")
        case .first(let body, let columns, let order):
            return select(body, columns, "DISTINCT ON (\(person(body.person))) ") + " ORDER BY "
                + ([person(body.person)] + order.map(self.order)).joined(separator: ", ")
        case .combined(let words, let left, let right): return "\(sql(left)) \(words) \(sql(right))"
        }
    }
}
