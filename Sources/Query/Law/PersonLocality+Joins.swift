import Catalog
import Core

/// Rule 1: every relation about people is joined to every other by person, and rule 3: sub-queries over people.
extension PersonLocality {
    mutating func visit(_ join: Join, given: [Expression]) throws(SQLFault) -> Relation {
        let terms = join.condition.conjuncts
        let isInner = join.kind == .inner || join.kind == .cross
        let known = isInner ? given + terms : terms
        let left = try visit(join.left, given: isInner ? known : join.kind == .full ? [] : given)
        let right = try visit(join.right, given: isInner ? known : [])
        try expressions.checkPredicate(join.condition)
        if left.isPersonal, right.isPersonal {
            try checkSamePerson(join, left, right, known)
        } else if right.isPersonal, !isInner {
            throw startFromPeople(join)
        } else if left.isPersonal || right.isPersonal {
            guard join.kind != .full else { throw fullJoin(join) }
            try checkLink(join, known, reference: left.isPersonal ? join.right : join.left)
        }
        return combined(join.kind, left, right)
    }

    private func combined(_ kind: Join.Kind, _ left: Relation, _ right: Relation) -> Relation {
        switch kind {
        case .semi, .anti: return left
        case .inner, .cross, .full:
            return Relation(
                isPersonal: left.isPersonal || right.isPersonal, person: left.person.union(right.person),
                nullablePerson: left.nullablePerson.union(right.nullablePerson))
        case .left:
            return Relation(
                isPersonal: left.isPersonal, person: left.person,
                nullablePerson: left.nullablePerson.union(right.anyPerson))
        }
    }

    private func checkSamePerson(
        _ join: Join, _ left: Relation, _ right: Relation, _ known: [Expression]
    ) throws(SQLFault) {
        guard join.kind != .full else { throw fullJoin(join) }
        var same = left.anyPerson
        var grows = true
        while grows {
            let before = same.count
            for case .call(.equal, let sides) in known.map(\.node) where sides.count == 2 {
                guard let a = sides[0].plainColumn, let b = sides[1].plainColumn else { continue }
                guard isPerson(a), isPerson(b) else { continue }
                if same.contains(a) { same.insert(b) }
                if same.contains(b) { same.insert(a) }
            }
            grows = same.count != before
        }
        guard same.isDisjoint(with: right.anyPerson) else { return }
        let position = join.position ?? join.right.position
        throw join.kind == .semi || join.kind == .anti ? .gating(at: position) : .secondPerson(at: position)
    }

    private func isPerson(_ id: ColumnID) -> Bool { expressions.lineages[id]?.kind == .person }

    /// A reference table is joined by a key or a band: anything looser multiplies the rows of a person.
    private func checkLink(_ join: Join, _ known: [Expression], reference: Plan) throws(SQLFault) {
        guard join.kind == .inner || join.kind == .cross || join.kind == .left else { return }
        guard !join.left.isOneRow, !join.right.isOneRow else { return }
        let offered = reference.offered
        let people = join.left.offered.union(join.right.offered).subtracting(offered)
        let links = known.compactMap { Link($0, reference: offered, people: people) }
        let lower = Set(links.filter { $0.kind == .from }.map(\.subject))
        let isLinked = links.contains {
            $0.kind == .equal || ($0.kind == .upTo && lower.contains($0.subject))
        }
        guard !isLinked else { return }
        throw SQLFault(
            .insufficientPrivilege,
            "a reference table is joined to people without a key or band between them",
            hint:
                "Join it by area, code or band: JOIN reference.imd USING (lsoa), or … ON age BETWEEN lo AND hi.",
            position: join.position ?? join.right.position)
    }

    private func startFromPeople(_ join: Join) -> SQLFault {
        SQLFault(
            .insufficientPrivilege, "rows without a person may not be joined to people",
            hint: "Start from the table about people: FROM patient LEFT JOIN reference.… ON …; groups that "
                + "nobody is in are added above the aggregate.",
            position: join.position ?? join.right.position)
    }

    private func fullJoin(_ join: Join) -> SQLFault {
        SQLFault(
            .featureNotSupported, "FULL JOIN of tables about people",
            hint: "Write LEFT JOIN from patient, which has every person.",
            position: join.position ?? join.right.position)
    }

    /// Per person everything is legal; over people, inside a fragment, nothing is.
    mutating func visit(_ aggregate: Aggregate) throws(SQLFault) -> Relation {
        let input = try visit(aggregate.input, given: [])
        let isPerPerson = aggregate.keys.contains {
            $0.expression.plainColumn.map(input.person.contains) ?? false
        }
        guard !input.isPersonal || isPerPerson else {
            let position = aggregate.aggregates.compactMap(\.call.position).first ?? aggregate.input.position
            throw .overPeople(at: position)
        }
        var result = Relation(isPersonal: input.isPersonal)
        for key in aggregate.keys {
            expressions.lineages[key.id] = try expressions.lineage(of: key.expression)
            if let origin = key.expression.plainColumn, input.person.contains(origin) {
                result.person.insert(key.id)
            }
        }
        for column in aggregate.aggregates {
            expressions.lineages[column.id] = try lineage(of: column.call)
        }
        return result
    }

    /// Of an aggregate per person: a minimum of birth dates is a birth date.
    private func lineage(of call: AggregateCall) throws(SQLFault) -> Lineage {
        if let filter = call.filter { try expressions.checkCondition(filter) }
        guard let argument = call.argument else { return .free }
        let lineage = try expressions.lineage(of: argument)
        if call.function == .count, call.isDistinct, lineage.kind == .person { return .free }
        if lineage.kind == .person || lineage.kind == .identifier {
            throw .identifier(lineage, at: argument.position ?? call.position)
        }
        if call.function == .percentileCont {
            throw .unsupported(
                "percentile_cont per person", "Take avg(x), min(x) or max(x) per person, or a latest value.",
                at: call.position)
        }
        if call.function == .sum || call.function == .avg { try expressions.checkSummed(argument) }
        switch call.function {
        case .count, .boolAnd, .boolOr: return .free
        case .min, .max, .mode: return lineage
        case .sum, .avg, .stddevSample, .varianceSample, .percentileCont, .stringAgg, .arrayAgg:
            guard !lineage.isRestricted else {
                throw .restricted(lineage, at: argument.position ?? call.position)
            }
            return Lineage(
                kind: .free, column: lineage.column, isFreeText: lineage.isFreeText,
                isExact: !(call.function == .sum && argument.type.isInteger) && call.type != .text)
        }
    }
}

/// A comparison of a reference table's column with a value of the person's side.
private struct Link {
    enum Kind { case equal, from, upTo }

    let kind: Kind
    let subject: Expression

    init?(_ term: Expression, reference: Set<ColumnID>, people: Set<ColumnID>) {
        guard case .call(let function, let sides) = term.node, sides.count == 2 else { return nil }
        let isReferenceFirst = sides[0].withoutCasts.plainColumn.map(reference.contains) ?? false
        let (column, subject) = isReferenceFirst ? (sides[0], sides[1]) : (sides[1], sides[0])
        guard let key = column.withoutCasts.plainColumn, reference.contains(key) else { return nil }
        guard !subject.references.isEmpty, subject.references.isSubset(of: people) else { return nil }
        switch function {
        case .equal: kind = .equal
        case .less, .lessOrEqual: kind = isReferenceFirst ? .from : .upTo
        case .greater, .greaterOrEqual: kind = isReferenceFirst ? .upTo : .from
        default: return nil
        }
        self.subject = subject.withoutCasts
    }
}
