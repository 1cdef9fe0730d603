import Catalog
import Core

/// Makes random questions that keep the law of a fragment, from a seed.
struct Generator {
    /// A column that a term may read.
    struct Column {
        enum Role {
            case free
            /// Only its year, or whole years of age.
            case birth
            /// Only a group key.
            case area
        }

        let alias: String
        let name: String
        let kind: Kind
        var role = Role.free

        var term: Term { .column(alias, name, kind) }
    }

    /// What can be named at a place.
    struct Scope {
        var columns: [Column] = []
        /// Aliases whose person is never NULL.
        var people: [String] = []
        /// All aliases that have a person.
        var anyPeople: [String] = []

        func columns(_ kinds: Set<Kind>, _ role: Column.Role = .free) -> [Column] {
            columns.filter { kinds.contains($0.kind) && $0.role == role }
        }
    }

    let catalog: Catalog
    var random: SeededGenerator
    /// What the question has in it: counted over a run.
    var features: Set<String> = []
    private var aliases = 0

    init(catalog: Catalog, seed: UInt64) {
        self.catalog = catalog
        random = SeededGenerator(seed: seed)
    }

    mutating func note(_ feature: String) { features.insert(feature) }

    mutating func alias() -> String {
        aliases += 1
        return "t\(aliases)"
    }

    /// One of the alternatives, by weight.
    mutating func weighted<Choice>(_ choices: [(Int, Choice)]) -> Choice {
        var place = random.below(choices.reduce(0) { $0 + $1.0 })
        for (weight, choice) in choices {
            if place < weight { return choice }
            place -= weight
        }
        return choices[0].1
    }

    /// The columns of a dataset under an alias.
    func columns(of dataset: String, as alias: String) -> [Column] {
        NastyData.columns(catalog, dataset).compactMap { column in
            guard column.columnClass != .identifier, let kind = Kind(column.type) else { return nil }
            guard column.columnClass == .quasiIdentifier else {
                return Column(alias: alias, name: column.name, kind: kind)
            }
            let isDate = kind == .date || kind == .time
            return Column(alias: alias, name: column.name, kind: kind, role: isDate ? .birth : .area)
        }
    }

    // MARK: FROM

    mutating func body(depth: Int, most: Int = 3) -> (PersonRows.Body, Scope) {
        var scope = Scope()
        var items: [Item] = []
        let style = weighted([(5, Item.Style.on), (3, .using), (2, .comma)])
        let count = 1 + weighted([(4, 0), (4, 1), (2, 2)])
        for place in 0..<min(count, most) {
            var item = item(depth: depth, &scope, isFirst: place == 0)
            item.style = style
            if place > 0 { joinUp(&item, &scope, style) }
            items.append(item)
        }
        if random.chance(15), items.contains(where: { $0.alias == scope.people.first }) {
            if let link = reference(&scope) { items.append(link) }
        }
        var filter: [Term] = []
        for _ in 0..<weighted([(4, 0), (4, 1), (2, 2)]) {
            filter.append(condition(scope, depth: 2, isConjunct: true))
        }
        return (PersonRows.Body(items: items, filter: filter), scope)
    }

    private mutating func item(depth: Int, _ scope: inout Scope, isFirst: Bool) -> Item {
        let alias = alias()
        if depth > 0, random.chance(isFirst ? 20 : 35) {
            let (rows, columns) = personRows(depth: depth - 1)
            scope.columns += columns.map {
                Column(alias: alias, name: $0.name, kind: $0.kind, role: $0.role)
            }
            scope.people.append(alias)
            scope.anyPeople.append(alias)
            return Item(source: .people(rows), alias: alias)
        }
        let dataset = isFirst && random.chance(40) ? "patient" : random.pick(NastyData.datasets)
        scope.columns += columns(of: dataset, as: alias)
        scope.people.append(alias)
        scope.anyPeople.append(alias)
        return Item(source: .dataset(dataset), alias: alias)
    }

    private mutating func joinUp(_ item: inout Item, _ scope: inout Scope, _ style: Item.Style) {
        item.join = style == .comma ? .inner : weighted([(6, .inner), (4, .left)])
        note("\(item.join.rawValue.lowercased()) \(style)")
        if style == .on, random.chance(40) {
            let own = scope.columns.filter { $0.alias == item.alias }
            item.on = [condition(Scope(columns: own), depth: 1)]
            note("join with a condition")
        }
        if item.join == .left { scope.people.removeAll { $0 == item.alias } }
    }

    /// A reference table joined by its key or band.
    private mutating func reference(_ scope: inout Scope) -> Item? {
        let alias = alias()
        if let birth = scope.columns([.date], .birth).first(where: { $0.name == "birth_date" }) {
            note("reference by band")
            let age = Term.years(.date("2025-12-31"), birth.term)
            scope.columns += [
                Column(alias: alias, name: "name", kind: .text), Column(alias: alias, name: "lo", kind: .int),
            ]
            return Item(
                source: .reference("reference.age_band"), alias: alias,
                on: [.between(age, .column(alias, "lo", .int), .column(alias, "hi", .int), words: "BETWEEN")])
        }
        guard let code = scope.columns([.text]).first(where: { $0.name == "code" }) else { return nil }
        note("codelist joined")
        scope.columns.append(Column(alias: alias, name: "term", kind: .text))
        return Item(
            source: .reference("codelist.diabetes"), alias: alias,
            join: random.chance(50) ? .left : .inner,
            on: [.compare("=", .column(alias, "code", .text), code.term)])
    }

    // MARK: statements

    mutating func question() -> Question {
        var question = Question(body: released(depth: 2))
        if random.chance(50) {
            note("order by")
            question.order = (1...question.body.columns.count).shuffled(using: &random).map { place in
                Order(
                    term: .int(place), isDescending: random.chance(40),
                    nullsFirst: random.pick([nil, nil, true, false]))
            }
            if random.chance(30) {
                note("limit")
                question.limit = random.below(8)
                if random.chance(40) { question.offset = 1 + random.below(3) }
            }
        }
        question.usesWith = random.chance(40)
        return question
    }
}

extension Kind {
    init?(_ type: ColumnType) {
        switch type {
        case .boolean: self = .bool
        case .integer: self = .int
        case .bigint: self = .big
        case .double: self = .real
        case .numeric: self = .decimal
        case .text: self = .text
        case .date: self = .date
        case .timestamp: self = .time
        default: return nil
        }
    }
}
