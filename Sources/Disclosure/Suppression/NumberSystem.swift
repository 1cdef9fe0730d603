import Core

/// The numbers of one family of fragments, with the equations that whoever asked knows to hold between them.
///
/// Built from the site's own exact states: so an equation that holds of the questions alone, but not of these states
/// (people counted in several parts, contributions cut off), is loosened by what it is off.
struct NumberSystem {
    /// Where a number is released.
    struct Carrier: Hashable {
        let fragment: Int
        let aggregate: Int
        let cell: Int
    }

    struct Number {
        /// nil where the number was not asked for and follows from no other: it is only implied.
        var value: Double?
        var carriers: [Carrier] = []
        /// How finely its cell is divided: the number of group keys.
        let depth: Int
        /// Index into the family's quantities.
        let quantity: Int
    }

    /// `Σ parts - total = slack`.
    struct Equation {
        enum Slack: Hashable {
            case none
            /// Parts may overlap: the slack is zero or more.
            case overlap
            /// Not further from zero than this.
            case within(Double)
        }

        let parts: [Int]
        let total: Int
        let slack: Slack
    }

    private(set) var numbers: [Number] = []
    /// Whether the tables overlap in a ring over more cells than can be looked at.
    private(set) var isTooLarge = false
    private(set) var equations: [Equation] = []

    private struct Place: Hashable {
        let level: [Int]
        let cell: [Value]
        let quantity: Int
        let atoms: [Int]
        /// The one kind of row itself, not a measure over it.
        var isAtom = false
    }

    private struct Term: Hashable {
        let quantity: Int
        let atoms: [Int]
    }

    private let family: ReleaseStructure.Family
    private var places: [Place: Int] = [:]
    /// Cells of each level, in order of appearance.
    private var cells: [[Int]: [[Value]]] = [:]
    private var known: [[Int]: Set<[Value]>] = [:]
    /// Levels of which every cell is there.
    private var complete: Set<[Int]> = []
    private var terms: [Term] = []

    /// - Parameters:
    ///   - family: index of the family.
    ///   - values: of a fragment's aggregate in a cell, what its n and its sum are in the family's quantities.
    init(
        family number: Int, of structure: ReleaseStructure, _ blocks: [CellBlock],
        values: (Carrier, ReleaseStructure.Aggregate) -> (rows: Double, sum: Double?)
    ) {
        family = structure.families[number]
        let fragments = structure.fragments.indices.filter { structure.fragments[$0].family == number }
        for index in fragments {
            take(structure.fragments[index], blocks[index], at: index, values)
        }
        terms = Array(Set(places.keys.map { Term(quantity: $0.quantity, atoms: $0.atoms) })).sorted {
            ($0.quantity, $0.atoms.count, $0.atoms.description)
                < ($1.quantity, $1.atoms.count, $1.atoms.description)
        }
        if Self.isCyclic(Array(cells.keys)) { addJoint() }
        closeLevels()
        addMargins()
        for quantity in Set(terms.map(\.quantity)).sorted() { addParts(of: quantity) }
    }

    /// Counts of people, each a number of its own.
    init(_ blocks: [CellBlock], _ relations: [PeopleRelation]) {
        family = ReleaseStructure.Family(quantities: [.init(.people)], isSingle: false)
        var own: [PeopleRelation.Place: Int] = [:]
        func number(_ place: PeopleRelation.Place) -> Int {
            if let known = own[place] { return known }
            let carrier = Carrier(fragment: place.fragment, aggregate: place.aggregate, cell: place.cell)
            let count = blocks[place.fragment].aggregates[place.aggregate].rows[place.cell]
            own[place] = numbers.count
            numbers.append(Number(value: Double(count), carriers: [carrier], depth: 0, quantity: 0))
            return numbers.count - 1
        }
        var everybody: Int?
        for relation in relations {
            let parts = relation.parts.map(number)
            let total: Int
            if let place = relation.total {
                total = number(place)
            } else {
                if everybody == nil { numbers.append(Number(depth: 0, quantity: 0)) }
                total = everybody ?? numbers.count - 1
                everybody = total
            }
            equations.append(
                Equation(parts: parts, total: total, slack: relation.isDisjoint ? .none : .overlap))
            guard !relation.isDisjoint else { continue }
            equations += parts.map { Equation(parts: [total], total: $0, slack: .overlap) }
        }
    }

    private mutating func take(
        _ fragment: ReleaseStructure.Fragment, _ block: CellBlock, at index: Int,
        _ values: (Carrier, ReleaseStructure.Aggregate) -> (rows: Double, sum: Double?)
    ) {
        let level = (fragment.keys + fragment.fixed.keys).sorted()
        if !fragment.isPartial { complete.insert(level) }
        for cell in 0..<block.count {
            var labels = fragment.fixed
            for (key, column) in zip(fragment.keys, block.keys.columns) { labels[key] = column.vector[cell] }
            let key = level.map { labels[$0] ?? .null }
            add(key, to: level)
            for (place, aggregate) in fragment.aggregates.enumerated() {
                let carrier = Carrier(fragment: index, aggregate: place, cell: cell)
                let value = values(carrier, aggregate)
                carry(carrier, value.rows, aggregate.rows, level, key)
                if let sum = aggregate.sum, let amount = value.sum { carry(carrier, amount, sum, level, key) }
            }
        }
    }

    private mutating func add(_ cell: [Value], to level: [Int]) {
        if known[level, default: []].insert(cell).inserted { cells[level, default: []].append(cell) }
    }

    private mutating func carry(
        _ carrier: Carrier, _ value: Double, _ measure: ReleaseStructure.Measure, _ level: [Int],
        _ cell: [Value]
    ) {
        let place = Place(level: level, cell: cell, quantity: measure.quantity, atoms: measure.atoms)
        let number = number(at: place)
        numbers[number].value = value
        if numbers[number].carriers.last != carrier { numbers[number].carriers.append(carrier) }
    }

    private mutating func number(at place: Place) -> Int {
        if let known = places[place] { return known }
        places[place] = numbers.count
        numbers.append(Number(depth: place.level.count, quantity: place.quantity))
        return numbers.count - 1
    }
}

extension NumberSystem {
    /// Two tables over other keys have the totals over their common keys in common, asked for or not.
    private mutating func closeLevels() {
        var levels = cells.keys.sorted { ($0.count, $0.description) > ($1.count, $1.description) }
        var next = 0
        while next < levels.count {
            for other in levels[..<next] {
                let common = levels[next].filter(other.contains)
                guard cells[common] == nil else { continue }
                for cell in cells[other] ?? [] {
                    add(Self.project(cell, from: other, to: common), to: common)
                }
                levels.append(common)
            }
            next += 1
        }
    }

    /// Tables that overlap in a ring, such as (a, b), (b, c) and (a, c), say more together than by their common totals:
    /// they are margins of one table over all keys. (Graham's reduction tells: Beeri et al., J. ACM 30, 1983.)
    private static func isCyclic(_ levels: [[Int]]) -> Bool {
        var levels = levels.map(Set.init)
        while true {
            let before = levels
            let keys = levels.flatMap { $0 }
            levels = levels.map { level in level.filter { key in keys.count { $0 == key } > 1 } }
            levels = levels.enumerated().filter { place, level in
                !levels.enumerated().contains { other, larger in
                    other != place && level.isSubset(of: larger) && (level != larger || other < place)
                }
            }.map(\.element)
            if levels.count <= 1 { return false }
            if levels == before { return true }
        }
    }

    /// The cells of the table over all keys that are possible by the cells of the tables that were asked for.
    private mutating func addJoint() {
        let levels = cells.keys.sorted { ($0.count, $0.description) > ($1.count, $1.description) }
        var keys: [Int] = []
        var joint: [[Value]] = [[]]
        for level in levels {
            let shared = level.filter(keys.contains)
            let more = level.filter { !keys.contains($0) }
            let own = Dictionary(grouping: cells[level] ?? []) { Self.project($0, from: level, to: shared) }
            var next: [[Value]] = []
            for cell in joint {
                let known = shared.map { key in cell[keys.firstIndex(of: key) ?? 0] }
                for other in own[known] ?? [] {
                    next.append(cell + Self.project(other, from: level, to: more))
                }
                guard next.count <= Self.mostJointCells else {
                    isTooLarge = true
                    return
                }
            }
            (joint, keys) = (next, keys + more)
        }
        let order = keys.indices.sorted { keys[$0] < keys[$1] }
        for cell in joint { add(order.map { cell[$0] }, to: order.map { keys[$0] }) }
        if levels.allSatisfy(complete.contains) { complete.insert(order.map { keys[$0] }) }
    }

    private static let mostJointCells = 4_096

    private static func project(_ cell: [Value], from fine: [Int], to coarse: [Int]) -> [Value] {
        zip(fine, cell).filter { coarse.contains($0.0) }.map(\.1)
    }

    /// From each level to those next above it.
    private mutating func addMargins() {
        let levels = cells.keys.sorted { ($0.count, $0.description) > ($1.count, $1.description) }
        for fine in levels {
            let above = levels.filter { $0.count < fine.count && $0.allSatisfy(fine.contains) }
            let next = above.filter { level in
                !above.contains { $0.count > level.count && level.allSatisfy($0.contains) }
            }
            for coarse in next {
                for term in terms { addMargin(term, from: fine, to: coarse) }
            }
        }
    }

    private mutating func addMargin(_ term: Term, from fine: [Int], to coarse: [Int]) {
        let place = { (level: [Int], cell: [Value]) in
            Place(level: level, cell: cell, quantity: term.quantity, atoms: term.atoms)
        }
        var order: [[Value]] = []
        var parts: [[Value]: [Int]] = [:]
        for cell in cells[fine] ?? [] {
            let total = Self.project(cell, from: fine, to: coarse)
            if parts[total] == nil { order.append(total) }
            parts[total, default: []].append(number(at: place(fine, cell)))
        }
        for total in order {
            connect(
                parts[total] ?? [], number(at: place(coarse, total)), family.quantities[term.quantity].kind)
        }
    }

    private mutating func connect(
        _ parts: [Int], _ total: Int, _ kind: ReleaseStructure.Quantity.Kind
    ) {
        let values = parts.compactMap { numbers[$0].value }
        let isExact = kind == .rows && family.isSingle || kind == .sum && family.isSingle
        guard values.count == parts.count else {
            // What is only implied has no value to compare: the equation holds, or nothing is known.
            if isExact { equations.append(Equation(parts: parts, total: total, slack: .none)) }
            return
        }
        let sum = values.reduce(0, +)
        guard let value = numbers[total].value else {
            numbers[total].value = sum
            equations.append(Equation(parts: parts, total: total, slack: .none))
            return
        }
        let difference = abs(sum - value)
        if difference <= 1e-6 * max(1, abs(sum)) {
            equations.append(Equation(parts: parts, total: total, slack: .none))
        } else if kind == .people {
            guard sum > value, !numbers[total].carriers.isEmpty else { return }
            equations.append(Equation(parts: parts, total: total, slack: .overlap))
            // Nobody is in a part who is not in the whole.
            equations += parts.map { Equation(parts: [total], total: $0, slack: .overlap) }
        } else {
            equations.append(Equation(parts: parts, total: total, slack: .within(2 * difference)))
        }
    }
}

extension NumberSystem {
    /// Within a cell, what is counted under several conditions is made of the kinds of row that these tell apart.
    private mutating func addParts(of quantity: Int) {
        let measures = terms.filter { $0.quantity == quantity }
        guard measures.count > 1 else { return }
        for level in cells.keys.sorted(by: { ($0.count, $0.description) > ($1.count, $1.description) }) {
            for cell in cells[level] ?? [] { addParts(measures, level, cell) }
        }
    }

    private mutating func addParts(_ measures: [Term], _ level: [Int], _ cell: [Value]) {
        var own: [(atoms: [Int], number: Int)] = []
        for measure in measures {
            let place = Place(
                level: level, cell: cell, quantity: measure.quantity, atoms: measure.atoms)
            if let number = places[place] { own.append((measure.atoms, number)) }
        }
        guard own.count > 1, let quantity = measures.first?.quantity else { return }
        let atoms = Set(own.flatMap(\.atoms)).sorted()
        let kind = family.quantities[quantity].kind
        let slack = slack(own, atoms, kind)
        var numberOf: [Int: Int] = [:]
        for atom in atoms {
            numberOf[atom] = number(
                at: Place(level: level, cell: cell, quantity: quantity, atoms: [atom], isAtom: true))
        }
        for measure in own {
            equations.append(
                Equation(
                    parts: measure.atoms.compactMap { numberOf[$0] }, total: measure.number, slack: slack))
            guard slack == .overlap else { continue }
            for atom in measure.atoms {
                guard let part = numberOf[atom] else { continue }
                equations.append(Equation(parts: [measure.number], total: part, slack: .overlap))
            }
        }
    }

    /// How far the cell's own numbers are from adding up.
    private func slack(
        _ own: [(atoms: [Int], number: Int)], _ atoms: [Int], _ kind: ReleaseStructure.Quantity.Kind
    ) -> Equation.Slack {
        if family.isSingle, kind != .people { return .none }
        // Each measure's atoms and what it is off, either way: the least that all are off together.
        let count = atoms.count
        var equations: [LinearProgram.Equation] = []
        for measure in own {
            guard let value = numbers[measure.number].value else { continue }
            let off = count + 2 * equations.count
            let parts = measure.atoms.compactMap { atom in
                atoms.firstIndex(of: atom).map { (variable: $0, coefficient: 1.0) }
            }
            equations.append(
                .init(terms: parts + [(off, 1), (off + 1, -1)], constant: value))
        }
        let total = count + 2 * equations.count
        equations.append(
            .init(
                terms: [(total, -1)] + (count..<total).map { (variable: $0, coefficient: 1) }, constant: 0))
        guard var program = try? LinearProgram(variables: total + 1, equations: equations),
            case .value(let least) = program.extreme(of: total, isLargest: false)
        else { return .within(0) }
        if least <= 1e-6 { return .none }
        return kind == .people ? .overlap : .within(2 * least)
    }
}
