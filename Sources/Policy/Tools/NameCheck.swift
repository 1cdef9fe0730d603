import Core

/// Names in policies that are strings or entities to Cedar and that the schema cannot know: purposes, codelists,
/// profiles, columns, and the words of an agreement. Misspelt, a condition would quietly never hold.
struct NameCheck {
    let names: PolicyCheck.Names
    /// nil where they cannot be read: then purposes are not looked at.
    let purposes: PurposeHierarchy?
    let files: PolicyFiles

    /// What an attribute of an agreement may say.
    private var words: [CedarText: (what: String, known: Set<String>)] {
        func values<T: CaseIterable & RawRepresentable>(_: T.Type) -> Set<String>
        where T.RawValue == String { Set(T.allCases.map(\.rawValue)) }
        return [
            "gateway": ("a gateway", values(LegalContext.Gateway.self)),
            "state": ("a state of an agreement", values(AgreementState.self)),
            "article6": ("a letter of Article 6(1)", values(LegalContext.Article6.self)),
            "article9": ("a letter of Article 9(2)", values(LegalContext.Article9.self)),
            "disclosureProfile": ("a disclosure profile", names.profiles),
        ]
    }

    private var codelists: Set<String> {
        let own = files.texts.keys.filter { $0.hasPrefix("restricted/") && $0.hasSuffix(".csv") }.map {
            "codelist." + $0.dropFirst(11).dropLast(4).prefix { $0 != "@" }
        }
        return names.codelists.union(own)
    }

    func findings(_ entry: PolicyReader.Entry) -> [PolicyFinding] {
        var findings: [PolicyFinding] = []
        func note(_ what: String, _ name: String, _ known: Set<String>, _ position: CedarPosition) {
            guard !known.contains(name) else { return }
            let remedy =
                Spelling.nearest(to: name, among: known).map { "did you mean '\($0)'?" }
                ?? (known.count <= 20
                    ? "known are: \(known.sorted().joined(separator: ", "))" : "write one that there is")
            findings.append(
                entry.source.finding(
                    .error, .unknownName, at: position, of: entry.policy.id,
                    "'\(name)' is not \(what) that is known", remedy))
        }
        for annotation in entry.policy.annotations {
            let items = annotation.value.split(separator: ",").map { $0.trimmed }
            switch annotation.name {
            case "profile":
                for item in items { note("a disclosure profile", item, names.profiles, annotation.position) }
            case "exclude": for item in items { note("a codelist", item, codelists, annotation.position) }
            case "columns":
                for item in items { note("a column", item, columns, annotation.position) }
            default: break
            }
        }
        func note(_ uid: EntityUID, _ position: CedarPosition) {
            switch uid.type {
            case "Purpose":
                if let purposes { note("a purpose", uid.id, Set(purposes.terms.map(\.name)), position) }
            case "Dataset": note("a dataset", uid.id, Set(names.datasets.keys), position)
            case "Codelist":
                note("a codelist", uid.id, Set(codelists.map { String($0.dropFirst(9)) }), position)
            case "ColumnClass": if let classes { note("a class of columns", uid.id, classes, position) }
            case "Role": note("a role", uid.id, Set(UserRole.allCases.map(\.rawValue)), position)
            default: break
            }
        }
        for scope in [entry.policy.principal, entry.policy.action, entry.policy.resource] {
            switch scope {
            case .equal(let uid), .within(let uid), .isType(_, within: let uid?):
                note(uid, entry.policy.position)
            case .withinAny(let uids): for uid in uids { note(uid, entry.policy.position) }
            default: break
            }
        }
        for condition in entry.policy.conditions {
            condition.body.walk { expression in
                if let uid = expression.entityLiteral { note(uid, expression.position) }
                for (attribute, text, position) in Self.comparisons(expression) {
                    if let (what, known) = words[attribute] {
                        note(what, text, known, position)
                    } else if attribute == "columns" {
                        note("a column", text, columns, position)
                    } else if attribute == "codelists" {
                        note("a codelist", text, codelists, position)
                    }
                }
            }
        }
        return findings
    }

    /// Those that `column-classes.yaml` declares, and the one of columns that stand nowhere.
    private var classes: Set<String>? {
        guard let text = files.texts["column-classes.yaml"], let known = try? ColumnClasses(yaml: text) else {
            return nil
        }
        return Set(known.classes.keys).union([ColumnClasses.unclassified])
    }

    private var columns: Set<String> {
        names.datasets.reduce(into: []) { all, dataset in
            all.insert("\(dataset.key).*")
            for column in dataset.value { all.insert("\(dataset.key).\(column)") }
        }
    }

    /// The strings that an expression compares an attribute with: `a.b == "x"`, `["x", "y"].contains(a.b)`,
    /// `a.b.contains("x")`, `a.b.containsAny(["x"])`.
    static func comparisons(
        _ expression: CedarExpression
    ) -> [(attribute: CedarText, text: String, position: CedarPosition)] {
        func attribute(_ expression: CedarExpression) -> CedarText? {
            if case .attribute(_, let name) = expression.kind { return name }
            return nil
        }
        func strings(_ expression: CedarExpression) -> [(String, CedarPosition)] {
            switch expression.kind {
            case .literal(.string(let text)): [(text, expression.position)]
            case .set(let elements): elements.flatMap(strings)
            default: []
            }
        }
        let sides: (CedarExpression, CedarExpression)
        switch expression.kind {
        case .binary(.equal, let left, let right), .binary(.notEqual, let left, let right):
            sides = (left, right)
        case .method(let base, "contains", let arguments) where arguments.count == 1,
            .method(let base, "containsAll", let arguments) where arguments.count == 1,
            .method(let base, "containsAny", let arguments) where arguments.count == 1:
            sides = (base, arguments[0])
        default: return []
        }
        for (one, other) in [sides, (sides.1, sides.0)] {
            if let name = attribute(one) { return strings(other).map { (name, $0.0, $0.1) } }
        }
        return []
    }
}

extension Substring {
    /// Without blanks at either end.
    var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
