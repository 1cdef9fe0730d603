internal import Catalog
internal import Core

/// Sets of codes: codelists, and what lies below a concept.
extension SelectBinder {
    /// Membership of a codelist of the catalog, by `NAME` or `NAME@VERSION`.
    func inCodelist(
        _ value: Expression, _ name: String, negated: Bool, at position: Int?
    ) throws(SQLFault) -> Expression {
        guard let list = session.catalog.table(.codelist, name) else {
            throw SQLFault(
                .undefinedTable, "codelist \"\(name)\" does not exist", hint: codelistHint(name),
                position: position)
        }
        return try isIn(.codelist(list.key), value, negated: negated, at: position)
    }

    private func codelistHint(_ name: String) -> String? {
        let versions = session.catalog.versions(.codelist, ReferenceTable.bareName(name))
        guard versions.isEmpty else { return "There is version \(versions.joined(separator: ", "))." }
        let near = Suggestion.nearest(to: name, among: session.catalog.codelists.keys)
        return near.isEmpty ? nil : "Perhaps you meant \(near.joined(separator: " or "))."
    }

    /// `descends_from(code, concept[, 'NAME[@VERSION]'])`: whether the code is the concept, or below it.
    ///
    /// Without a third argument the newest release counts that has the concept.
    func descendsFrom(_ arguments: [Expression], at position: Int?) throws(SQLFault) -> Expression {
        let concept = try self.concept(arguments[1], at: position)
        let releases = try self.releases(arguments.dropFirst(2).first, at: position)
        guard let release = releases.first(where: { $0.contains(concept) }) else {
            throw SQLFault(
                SQLState(rawValue: "22023"),
                "concept \(concept) is not in \(releases.map(\.key).joined(separator: ", "))",
                hint:
                    "Only active concepts have descendants: look it up in a terminology browser, or put the codes "
                    + "into a codelist and write in_codelist(code, 'name').",
                position: arguments[1].position ?? position)
        }
        let set = Descendants(concept: concept, terminology: release)
        return try isIn(.descendants(set), arguments[0], negated: false, at: position)
    }

    /// A concept's number, given as a number or as text, `73211009` or `73211009 |Diabetes mellitus|`.
    private func concept(_ argument: Expression, at position: Int?) throws(SQLFault) -> UInt64 {
        switch argument.literal {
        case .integer(let number)? where number > 0: return UInt64(number)
        case .text(let text)?:
            let code = text.prefix { $0 != "|" }
            let digits = code.filter { !$0.isWhitespace }
            if let number = UInt64(digits), number > 0 { return number }
        default: break
        }
        throw .unsupported(
            "a concept that is not a constant number", "Write descends_from(code, 73211009).",
            at: argument.position ?? position)
    }

    private func releases(_ argument: Expression?, at position: Int?) throws(SQLFault) -> [Terminology] {
        let held = session.catalog.terminologies
        guard !held.isEmpty else {
            throw SQLFault(
                .undefinedObject, "no terminology release is loaded at this node",
                hint:
                    "Load one: concordat reference load snomed RELEASE.zip (or dmd). SNOMED CT and dm+d are "
                    + "licensed: they come from NHS England's TRUD.",
                position: position)
        }
        guard let argument else { return held }
        guard case .text(let name)? = argument.literal else {
            throw .unsupported(
                "a terminology that is not a literal", "Write descends_from(code, 73211009, 'snomed').",
                at: argument.position ?? position)
        }
        let named = held.filter { $0.key == name || $0.name == name }
        guard !named.isEmpty else {
            throw SQLFault(
                .undefinedObject, "terminology \"\(name)\" is not loaded at this node",
                hint: "There is \(held.map(\.key).joined(separator: ", ")).", position: position)
        }
        return named
    }

    private func isIn(
        _ set: CodeSet, _ value: Expression, negated: Bool, at position: Int?
    ) throws(SQLFault) -> Expression {
        guard Coercion.isImplicit(from: value.type, to: .text) else {
            throw noOperator("=", value, Expression(.literal(.null), .text), at: position)
        }
        return Expression(
            .inCodelist(try Coercion.implicit(value, to: .text), codelist: set, negated: negated), .boolean,
            at: position)
    }
}
