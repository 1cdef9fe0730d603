internal import Core

/// What a session keeps: statements that were prepared by SQL, and cursors.
extension SQLSession {
    func keep(_ command: SessionCommand) async throws -> StatementOutcome {
        switch command {
        case .prepare(let name, let sql):
            guard prepared[name] == nil else {
                throw SQLFault(SQLState(rawValue: "42P05"), "prepared statement \"\(name)\" already exists")
            }
            guard prepared.count < 1_000 else {
                throw SQLFault(.programLimitExceeded, "a session has at most 1000 prepared statements")
            }
            _ = try await shape(of: .question, sql, [])
            prepared[name] = sql
            return done("PREPARE")
        case .execute(let name, let values):
            return try await ask(try statement(name), values.map { SQLParameter(oid: 0, text: $0) })
        case .deallocate(let name):
            guard let name else {
                prepared = [:]
                return done("DEALLOCATE ALL")
            }
            _ = try statement(name)
            prepared[name] = nil
            return done("DEALLOCATE")
        case .declare(let name, let sql): return try await declare(name, sql)
        case .fetch(let name, let count, let isMove): return try fetch(name, count, isMove)
        case .closeCursor(let name):
            guard let name else {
                cursors = [:]
                return done("CLOSE CURSOR ALL")
            }
            _ = try cursor(name)
            cursors[name] = nil
            return done("CLOSE CURSOR")
        default: return done("")
        }
    }

    func statement(_ name: String) throws(SQLFault) -> String {
        guard let sql = prepared[name] else {
            throw SQLFault(SQLState(rawValue: "26000"), "prepared statement \"\(name)\" does not exist")
        }
        return sql
    }

    func cursor(_ name: String) throws(SQLFault) -> Cursor {
        guard let cursor = cursors[name] else {
            throw SQLFault(SQLState(rawValue: "34000"), "cursor \"\(name)\" does not exist")
        }
        return cursor
    }

    private func declare(_ name: String, _ sql: String) async throws -> StatementOutcome {
        guard cursors[name] == nil else {
            throw SQLFault(SQLState(rawValue: "42P03"), "cursor \"\(name)\" already exists")
        }
        guard cursors.count < 100 else {
            throw SQLFault(.programLimitExceeded, "a session has at most 100 cursors")
        }
        let outcome = try await ask(sql, [])
        guard case .rows(let rows, _) = outcome.body else { return done("DECLARE CURSOR") }
        cursors[name] = Cursor(rows: rows)
        return StatementOutcome(.done(tag: "DECLARE CURSOR"), notices: outcome.notices)
    }

    private func fetch(_ name: String, _ count: Int?, _ isMove: Bool) throws(SQLFault) -> StatementOutcome {
        var cursor = try cursor(name)
        let all = cursor.rows.table
        let end = min(all.rowCount, cursor.next + (count ?? all.rowCount))
        let range = cursor.next..<end
        cursor.next = end
        cursors[name] = cursor
        guard !isMove else { return done("MOVE \(range.count)") }
        let rows = range.map { all.row($0) }
        return StatementOutcome(
            .rows(ResultRows(columns: cursor.rows.columns, rows: rows), tag: "FETCH"))
    }
}
