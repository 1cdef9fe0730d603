internal import Core

extension SystemReader {
    /// What PostgreSQL calls a column that is given no name (parse_target.c, FigureColname).
    func outputName(_ wrapper: JSONNode) -> String { figured(wrapper)?.name ?? "?column?" }

    /// The name, and whether it is a strong one, which a cast leaves.
    private func figured(_ wrapper: JSONNode) -> (name: String, isStrong: Bool)? {
        guard let node = wrapper.children.first else { return nil }
        switch node.key {
        case "ColumnRef": return names(node.list("fields")).last.map { ($0, true) }
        case "A_Indirection":
            if let field = names(node.list("indirection")).last { return (field, true) }
            return node["arg"].flatMap(figured)
        case "FuncCall": return names(node.list("funcname")).last.map { ($0, true) }
        case "A_Expr" where node.string("kind") == "AEXPR_NULLIF": return ("nullif", true)
        case "TypeCast":
            let inner = node["arg"].flatMap(figured)
            if let inner, inner.isStrong { return inner }
            return names(node["typeName"]?.list("names") ?? []).last.map { ($0, false) } ?? inner
        case "CollateClause": return node["arg"].flatMap(figured)
        case "SubLink": return sublinkName(node)
        case "CaseExpr":
            if let inner = node["defresult"].flatMap(figured), inner.isStrong { return inner }
            return ("case", false)
        case "A_ArrayExpr": return ("array", true)
        case "RowExpr": return ("row", true)
        case "CoalesceExpr": return ("coalesce", true)
        case "MinMaxExpr": return (node.string("op") == "IS_LEAST" ? "least" : "greatest", true)
        case "SQLValueFunction":
            let word = node.string("op").dropFirst("SVFOP_".count).lowercased()
            return (word.hasSuffix("_n") ? String(word.dropLast(2)) : word, true)
        default: return nil
        }
    }

    private func sublinkName(_ node: JSONNode) -> (name: String, isStrong: Bool)? {
        switch node.string("subLinkType") {
        case "EXISTS_SUBLINK": return ("exists", true)
        case "ARRAY_SUBLINK": return ("array", true)
        case "EXPR_SUBLINK":
            guard let target = node["subselect"]?["SelectStmt"]?.list("targetList").first?["ResTarget"]
            else { return nil }
            if let name = target["name"]?.string { return (name, true) }
            return target["val"].flatMap(figured)
        default: return nil
        }
    }
}
