package import Catalog
package import Core

extension [Fragment] {
    /// How the fragments of one question hang together, by their plans alone: sub-totals of GROUPING SETS, conditional
    /// counts and their wholes, sums of parts, and the same rows asked for twice.
    package func releaseStructure(in catalog: Catalog) -> ReleaseStructure {
        var families: [FamilyReading] = []
        var index: [String: Int] = [:]
        var places: [Int] = []
        for fragment in self {
            let reading = FragmentReading(fragment, catalog: catalog)
            let family = index[reading.rows] ?? families.count
            if family == families.count {
                index[reading.rows] = family
                families.append(FamilyReading())
            }
            families[family].fragments.append(reading)
            places.append(family)
        }
        for family in families.indices { families[family].slice() }
        var read = families.enumerated().map { number, family in family.finished(number) }
        return ReleaseStructure(
            fragments: places.map { read[$0].fragments.removeFirst() }, families: read.map(\.family))
    }
}

/// One fragment: the rows that it is over, the conditions on them, and its columns in the family's terms.
private struct FragmentReading {
    let rows: String
    let isSingle: Bool
    /// Texts of the group keys.
    let keys: [String]
    let domains: [Set<Value>?]
    /// Conditions on the rows, over columns named alike in the whole family.
    let conditions: [Expression]
    var forms: [MeasureForm]
    /// Texts of keys that conditions fix, and whether conditions speak of its own keys.
    private(set) var fixed: [String: Value] = [:]
    private(set) var isPartial = false
    let texts: PlanText

    init(_ fragment: Fragment, catalog: Catalog) {
        var texts = PlanText()
        var conditions: [Expression] = []
        let rows = Self.rows(of: fragment.aggregate.input, &texts, &conditions)
        let isSingle = fragment.aggregate.input.isOneRowPerPerson
        let nullable = RowFacts(fragment.aggregate.input, catalog: catalog).nullable
        self.rows = rows
        self.isSingle = isSingle
        self.conditions = conditions
        self.texts = texts
        keys = fragment.aggregate.keys.map { texts.text(of: $0.expression) }
        domains = fragment.aggregate.keys.map { KeyDomain.values(of: $0.expression, in: fragment, catalog) }
        forms = zip(fragment.aggregate.aggregates, fragment.shapes).map { [conditions] column, shape in
            MeasureForm(
                column.call, shape, conditions, texts: texts, nullable: nullable, isSingle: isSingle)
        }
    }

    /// Takes conditions on keys of the family out of the measures: they say which cells are asked for.
    mutating func slice(by all: Set<String>) {
        var taken: Set<Expression> = []
        for condition in conditions {
            guard let subject = RowConditions.subject(of: condition) else { continue }
            let text = texts.text(of: subject.expression)
            if keys.contains(text) {
                isPartial = true
            } else if let value = subject.value, all.contains(text), fixed[text] == nil {
                let isFraction = subject.expression.type == .double || subject.expression.type == .numeric
                fixed[text] = isFraction ? value.number.map(Value.double) ?? value : value
            } else {
                continue
            }
            taken.insert(condition)
        }
        guard !taken.isEmpty else { return }
        for place in forms.indices {
            forms[place].rows.conditions.removeAll(where: taken.contains)
            forms[place].sum?.conditions.removeAll(where: taken.contains)
        }
    }

    /// The text of the rows below the filters on top, which become conditions.
    private static func rows(
        of plan: Plan, _ texts: inout PlanText, _ conditions: inout [Expression]
    ) -> String {
        switch plan {
        case .filter(let filter):
            let rows = rows(of: filter.input, &texts, &conditions)
            conditions += filter.predicate.conjuncts
            return rows
        case .project(let project):
            let rows = rows(of: project.input, &texts, &conditions)
            texts.define(project.columns)
            return rows
        default: return texts.rows(of: plan)
        }
    }
}

/// Fragments over the same rows.
private struct FamilyReading {
    var fragments: [FragmentReading] = []

    /// The place of a measure: fragment, aggregate, and whether it is the sum.
    private struct Place: Hashable {
        let fragment: Int
        let aggregate: Int
        let isSum: Bool
    }

    mutating func slice() {
        let keys = Set(fragments.flatMap(\.keys))
        for place in fragments.indices { fragments[place].slice(by: keys) }
    }

    func finished(
        _ number: Int
    ) -> (family: ReleaseStructure.Family, fragments: [ReleaseStructure.Fragment]) {
        var bases: [MeasureForm.Base] = []
        var measures: [MeasureForm.Base: [(place: Place, part: MeasureForm.Part)]] = [:]
        for (fragment, reading) in fragments.enumerated() {
            for (aggregate, form) in reading.forms.enumerated() {
                for part in [form.rows, form.sum].compactMap(\.self).enumerated() {
                    let base = part.element.base
                    if measures[base] == nil { bases.append(base) }
                    measures[base, default: []].append(
                        (
                            Place(fragment: fragment, aggregate: aggregate, isSum: part.offset == 1),
                            part.element
                        ))
                }
            }
        }
        var isEntangled = false
        var finished: [Place: ReleaseStructure.Measure] = [:]
        for (quantity, base) in bases.enumerated() {
            let own = measures[base] ?? []
            var kinds = kinds(of: own)
            if kinds == nil {
                isEntangled = true
                kinds = apart(own)
            }
            for (measure, atoms) in zip(own, kinds ?? []) {
                finished[measure.place] = ReleaseStructure.Measure(
                    quantity: quantity, atoms: atoms, scale: measure.part.scale, shift: measure.part.shift)
            }
        }
        let family = ReleaseStructure.Family(
            quantities: bases.map { Self.quantity($0, among: bases) }, isEntangled: isEntangled,
            isSingle: fragments.allSatisfy(\.isSingle))
        return (family, fragments.indices.map { self.fragment($0, number, finished) })
    }

    private static func quantity(
        _ base: MeasureForm.Base, among bases: [MeasureForm.Base]
    ) -> ReleaseStructure.Quantity {
        switch base {
        case .rows: return .init(.rows)
        case .people: return .init(.people)
        case .value: return .init(.sum)
        case .product(let first, let second):
            let factors = [first, second].compactMap { bases.firstIndex(of: .value($0)) }
            return .init(.sum, factors: factors.count == 2 ? factors : nil)
        }
    }

    private func fragment(
        _ index: Int, _ number: Int, _ measures: [Place: ReleaseStructure.Measure]
    ) -> ReleaseStructure.Fragment {
        let all = Array(Set(fragments.flatMap(\.keys))).sorted()
        let reading = fragments[index]
        return ReleaseStructure.Fragment(
            family: number, keys: reading.keys.map { key in all.firstIndex(of: key) ?? 0 },
            aggregates: reading.forms.indices.map { aggregate in
                let place = { Place(fragment: index, aggregate: aggregate, isSum: $0) }
                return ReleaseStructure.Aggregate(
                    rows: measures[place(false)] ?? .init(quantity: 0, atoms: []), sum: measures[place(true)])
            }, domains: reading.domains,
            fixed: Dictionary(
                uniqueKeysWithValues: reading.fixed.map { (all.firstIndex(of: $0.key) ?? 0, $0.value) }),
            isPartial: reading.isPartial)
    }

    /// The kinds of row of each measure, over conditions whose columns have one number in the whole family.
    private func kinds(of measures: [(place: Place, part: MeasureForm.Part)]) -> [[Int]]? {
        var columns: [String: ColumnID] = [:]
        var texts = PlanText()
        let sets = measures.map { measure in
            measure.part.conditions.map { condition in
                let own = fragments[measure.place.fragment].texts
                var map: [ColumnID: Expression] = [:]
                for id in condition.references {
                    let name = own.names[id] ?? "?"
                    let column = columns[name] ?? ColumnID(columns.count)
                    columns[name] = column
                    texts.name(column, name)
                    map[id] = Expression(.column(column), .unknown)
                }
                return condition.substituting(map)
            }
        }
        var conditions = RowConditions(texts)
        for condition in sets.joined() { conditions.take(condition) }
        return conditions.kinds(of: sets)
    }

    /// Each set of conditions as a kind of its own.
    private func apart(_ measures: [(place: Place, part: MeasureForm.Part)]) -> [[Int]] {
        var known: [[String]: Int] = [:]
        return measures.map { measure in
            let own = fragments[measure.place.fragment].texts
            let text = measure.part.conditions.map { own.text(of: $0) }.sorted()
            if known[text] == nil { known[text] = known.count }
            return [known[text] ?? 0]
        }
    }
}
