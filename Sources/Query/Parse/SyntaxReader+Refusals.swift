internal import Core

extension SyntaxReader {
    /// A statement that is no question.
    func statementRefusal(_ name: String) -> SQLFault {
        let writes: Set<String> = [
            "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "TruncateStmt", "CopyStmt", "CreateStmt",
            "CreateTableAsStmt", "DropStmt", "AlterTableStmt", "GrantStmt", "DoStmt", "CallStmt",
        ]
        var verb = name
        if verb.hasSuffix("Stmt") { verb.removeLast(4) }
        let hint = "Write one SELECT, or EXPLAIN and a SELECT."
        if writes.contains(name) {
            return SQLFault(
                .insufficientPrivilege,
                "\(verb.uppercased()) is not permitted: data are only asked, never changed",
                hint: hint, position: 1)
        }
        return SQLFault(
            .featureNotSupported, "the statement \(verb) is not supported", hint: hint, position: 1)
    }

    /// A node of the grammar that is not answered.
    func nodeRefusal(_ name: String, at position: Int?) -> SQLFault {
        switch name {
        case "ParamRef":
            SQLFault(
                SQLState(rawValue: "42P02"), "parameters are not supported", hint: "Write the value itself.",
                position: position)
        case "A_ArrayExpr": .unsupported("ARRAY", "Use IN (…) or a codelist.", at: position)
        case "RowExpr": .unsupported("a row of values", "Compare the columns one by one.", at: position)
        case "A_Indirection": .unsupported("a subscript or field", "Name a column.", at: position)
        case "CollateClause": .unsupported("COLLATE", "Text is compared by bytes.", at: position)
        case "GroupingSet":
            .unsupported(
                "GROUPING SETS, ROLLUP or CUBE of that shape",
                "Name the sets: GROUPING SETS ((a, b), (a), ()).",
                at: position)
        case "RangeFunction":
            .unsupported(
                "a function in FROM", "Select from a dataset, or from generate_series(…).", at: position)
        case "RangeTableSample":
            .unsupported("TABLESAMPLE", "Ask about everybody: answers are aggregates.", at: position)
        case "BitString": .unsupported("a bit string", "Write a number or a text.", at: position)
        case "SetToDefault": .unsupported("DEFAULT", "Write a value.", at: position)
        default: .unsupported("the construct \(name)", "Write it with plain operators.", at: position)
        }
    }

    /// A member of a node that is not answered.
    func refusal(of member: String, in construct: String, at position: Int?) -> SQLFault {
        switch member {
        case "lockingClause":
            .unsupported("FOR UPDATE or FOR SHARE", "Leave it out: nothing is changed.", at: position)
        case "intoClause": .unsupported("SELECT INTO", "Leave INTO out.", at: position)
        case "groupDistinct": .unsupported("GROUP BY DISTINCT", "Name each grouping once.", at: position)
        case "agg_within_group":
            .unsupported(
                "\(construct)(…) WITHIN GROUP",
                construct == "percentile_disc"
                    ? "Write percentile_cont(fraction) WITHIN GROUP (ORDER BY value)."
                    : "Count people in bands instead: GROUP BY width_bucket(value, lo, hi, n).", at: position)
        case "agg_order":
            .unsupported("ORDER BY within \(construct)(…)", "Order the result instead.", at: position)
        case "func_variadic": .unsupported("VARIADIC", "Write the arguments one by one.", at: position)
        case "refname":
            .unsupported("a window built on another window", "Write it out in full.", at: position)
        case "startOffset", "endOffset":
            .unsupported("a window frame", "Leave the frame out.", at: position)
        case "catalogname":
            .unsupported("a table of another database", "Leave the database's name out.", at: position)
        case "arrayBounds", "setof": .unsupported("an array type", "Use IN (…).", at: position)
        case "alias", "join_using_alias":
            .unsupported("an alias of a join", "Name the tables, not the join.", at: position)
        case "search_clause", "cycle_clause":
            .unsupported("SEARCH or CYCLE", "Join a fixed number of levels.", at: position)
        default: .unsupported("\(member) in \(construct)", nil, at: position)
        }
    }
}
