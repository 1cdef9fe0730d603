internal import Node

/// The plan of a question, drawn: what each organisation does, what crosses, what is done here.
struct PlanView: Sendable {
    let plan: JSONTree
    /// Names of those who would be asked; empty where no agreement is chosen.
    let organisations: [String]
    let linker: String?

    var values: [String: any Sendable] {
        let fragments = plan["fragments"]?.elements ?? []
        var values: [String: any Sendable] = [
            "asksNobody": fragments.isEmpty, "fragments": fragments.enumerated().map(fragment),
            "steps": (plan["merge"]?.elements ?? []).map { step -> [String: any Sendable] in
                ["what": Self.sentence(step["operation"]), "why": step["reason"]?.text ?? ""]
            },
            "output": (plan["output"]?.elements ?? []).compactMap(\.text),
            "organisations": organisations.isEmpty ? ["each organisation of the agreement"] : organisations,
        ]
        if let meaning = plan["join_meaning"]?.text {
            values["joinMeaning"] = Self.sentence(.text(meaning)) + "."
        }
        let merges = fragments.flatMap { $0["columns"]?.elements ?? [] }.compactMap { $0["merge"]?.text }
        if let linker, merges.contains(where: { $0.contains("linker") }) { values["linker"] = linker }
        return values
    }

    private func fragment(_ place: Int, _ fragment: JSONTree) -> [String: any Sendable] {
        [
            "number": String(place + 1), "isFirst": place == 0, "sql": fragment["sql"]?.text ?? "",
            "steps": (fragment["pushed"]?.elements ?? []).compactMap(\.text),
            "columns": (fragment["columns"]?.elements ?? []).map { column -> [String: any Sendable] in
                let isKey = column["merge"]?.text == nil
                return [
                    "name": column["name"]?.text ?? "", "type": column["type"]?.text ?? "",
                    "state": Self.state(column["state"]?.text ?? ""), "merge": column["merge"]?.text ?? "",
                    "disclosure": column["disclosure"]?.text ?? "", "isKey": isKey,
                ]
            },
        ]
    }

    private static func state(_ state: String) -> String { state == "n" ? "a count" : state }

    private static func sentence(_ tree: JSONTree?) -> String {
        let text = tree?.text ?? ""
        return text.prefix(1).uppercased() + text.dropFirst()
    }
}
