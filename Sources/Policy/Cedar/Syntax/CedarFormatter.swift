/// Writes policies in one canonical layout; comments stay before what they stood before.
package enum CedarFormatter {
    /// The longest line that is not broken.
    private static let width = 100

    /// Formats a policy set. Formatting twice changes nothing, and what it decides stays the same.
    /// - Throws: `CedarFault` where the text is not one.
    package static func format(_ text: String) throws(CedarFault) -> String {
        let policies = try CedarParser.policies(in: text)
        var comments = try CedarLexer.read(text).comments[...]
        var lines: [String] = []
        for (place, policy) in policies.enumerated() {
            let start = policy.annotations.first?.position ?? policy.position
            let before = take(&comments, before: start)
            if place > 0 { lines.append("") }
            lines += before
            lines += self.lines(policy, &comments)
        }
        let rest = comments.map { $0.text }
        if !lines.isEmpty, !rest.isEmpty { lines.append("") }
        lines += rest
        return lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n"
    }

    private static func isBefore(_ a: CedarPosition, _ b: CedarPosition) -> Bool {
        (a.line, a.column) < (b.line, b.column)
    }

    private static func take(_ comments: inout ArraySlice<CedarComment>, before position: CedarPosition)
        -> [String]
    {
        let taken = comments.prefix { isBefore($0.position, position) }
        comments = comments.dropFirst(taken.count)
        return taken.map { trimmed($0.text) }
    }

    private static func trimmed(_ text: String) -> String {
        String(text.reversed().drop(while: \.isWhitespace).reversed())
    }

    private static func lines(_ policy: CedarPolicy, _ comments: inout ArraySlice<CedarComment>) -> [String] {
        var lines: [String] = []
        for annotation in policy.annotations {
            lines += take(&comments, before: annotation.position)
            let value = annotation.value.isEmpty ? "" : "(\(CedarEscape.quoted(annotation.value)))"
            lines.append("@\(annotation.name)\(value)")
        }
        let first = policy.conditions.first?.position
        lines += take(&comments, before: first ?? end(of: policy))
        let parts = [
            scope("principal", policy.principal), scope("action", policy.action),
            scope("resource", policy.resource),
        ]
        let single = "\(policy.effect.rawValue) (\(parts.joined(separator: ", ")))"
        if single.count < width {
            lines.append(single)
        } else {
            lines.append("\(policy.effect.rawValue) (")
            lines += parts.enumerated().map { "    \($0.element)\($0.offset < 2 ? "," : "")" }
            lines.append(")")
        }
        for (place, condition) in policy.conditions.enumerated() {
            let next =
                place + 1 < policy.conditions.count ? policy.conditions[place + 1].position : end(of: policy)
            lines += take(&comments, before: next)
            lines += self.lines(condition)
        }
        lines[lines.count - 1] += ";"
        return lines
    }

    /// No later than where the policy's last part begins: what follows stands before the next policy.
    private static func end(of policy: CedarPolicy) -> CedarPosition {
        var last = policy.conditions.last?.position ?? policy.position
        func later(_ position: CedarPosition) { if isBefore(last, position) { last = position } }
        policy.conditions.last?.body.walk { later($0.position) }
        return last
    }

    private static func scope(_ variable: String, _ scope: CedarPolicy.Scope) -> String {
        switch scope {
        case .any: variable
        case .equal(let uid): "\(variable) == \(uid)"
        case .within(let uid): "\(variable) in \(uid)"
        case .withinAny(let uids): "\(variable) in [\(uids.map(\.description).joined(separator: ", "))]"
        case .isType(let type, nil): "\(variable) is \(type)"
        case .isType(let type, let uid?): "\(variable) is \(type) in \(uid)"
        case .equalSlot: "\(variable) == ?\(variable)"
        case .withinSlot: "\(variable) in ?\(variable)"
        case .isTypeWithinSlot(let type): "\(variable) is \(type) in ?\(variable)"
        }
    }

    private static func lines(_ condition: CedarPolicy.Condition) -> [String] {
        let word = condition.isUnless ? "unless" : "when"
        let text = CedarPrinter.text(condition.body)
        let single = "\(word) { \(text) }"
        if single.count < width { return [single] }
        return ["\(word) {"] + broken(condition.body, depth: 1) + ["}"]
    }

    /// A condition over several lines: its parts, where it is a chain.
    private static func broken(_ expression: CedarExpression, depth: Int) -> [String] {
        let margin = String(repeating: "    ", count: depth)
        let (parts, sign): ([CedarExpression], String)
        switch expression.kind {
        case .and(let all): (parts, sign) = (all, "&&")
        case .or(let all): (parts, sign) = (all, "||")
        default: return [margin + CedarPrinter.text(expression)]
        }
        var lines: [String] = []
        for (place, part) in parts.enumerated() {
            let end = place + 1 < parts.count ? " \(sign)" : ""
            let text = CedarPrinter.part(part, of: expression)
            if margin.count + text.count + end.count < width || !text.hasPrefix("(") {
                lines.append(margin + text + end)
            } else {
                lines += [margin + "("] + broken(part, depth: depth + 1) + [margin + ")" + end]
            }
        }
        return lines
    }
}
