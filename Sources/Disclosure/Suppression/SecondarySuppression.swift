import Core

/// Withholds further numbers, so that no number that the rules withhold is the difference of others in one release.
///
/// The method: of every withheld number the least and the largest value are found that fit all numbers that are
/// released, taken as exact, before noise and rounding (`Inference`); where that interval is too narrow, the smallest
/// released number of the equation that holds it narrowest is withheld too, and so on until every interval is wide
/// enough. What is tied by too many equations to be solved has its totals withheld instead, which frees the parts. The
/// same states are always treated alike. (Complementary suppression by linear bounds: Hundepool et al., Statistical
/// Disclosure Control, 2012, 4.2; Fischetti and Salazar, 2001.)
struct SecondarySuppression {
    typealias Carrier = NumberSystem.Carrier

    /// What a withheld number must still be able to be, told from the states that bear it.
    struct Demand {
        let isSum: Bool
        /// In the unit of the number.
        let value: Double
        /// As much as the fewest people that a number may stand for can make up.
        let unit: Double
        /// By dominance: within this share of the largest contribution nobody may estimate it.
        let protection: Double
        let hasComplement: Bool
    }

    let system: NumberSystem
    /// Of a number, what its withholding asks for; computed only where it is withheld.
    let demand: (Int) -> Demand

    /// - Parameter withheld: by the rules.
    /// - Returns: those, and what is withheld for their sake: everything, where the tables are too large to tell.
    func completed(_ withheld: Set<Carrier>) -> Set<Carrier> {
        if system.isTooLarge { return Set(system.numbers.flatMap(\.carriers)) }
        var withheld = withheld
        var safe: Set<[Int]> = []
        while true {
            let unknown = system.numbers.indices.map { isUnknown($0, withheld) }
            var more: Set<Carrier> = []
            for component in components(unknown) where !safe.contains(component.unknowns) {
                let added = additions(to: component, unknown)
                if added.isEmpty { safe.insert(component.unknowns) }
                for number in added { more.formUnion(system.numbers[number].carriers) }
            }
            if more.isEmpty { return withheld }
            withheld.formUnion(more)
        }
    }

    /// A number is known if any of the aggregates that bear it is released.
    private func isUnknown(_ number: Int, _ withheld: Set<Carrier>) -> Bool {
        system.numbers[number].carriers.allSatisfy(withheld.contains)
    }

    /// Unknown numbers that equations tie together; those with no withheld number among them are left out.
    private func components(_ unknown: [Bool]) -> [Inference] {
        var parent = Array(unknown.indices)
        func root(_ number: Int) -> Int {
            var number = number
            while parent[number] != number {
                parent[number] = parent[parent[number]]
                number = parent[number]
            }
            return number
        }
        var live: [(equation: NumberSystem.Equation, first: Int)] = []
        for equation in system.equations {
            let own = (equation.parts + [equation.total]).filter { unknown[$0] }
            guard let first = own.first, !says(nothing: equation, unknown) else { continue }
            for other in own.dropFirst() { parent[root(other)] = root(first) }
            live.append((equation, first))
        }
        var equations: [Int: [NumberSystem.Equation]] = [:]
        for (equation, first) in live { equations[root(first), default: []].append(equation) }
        var members: [Int: [Int]] = [:]
        for number in unknown.indices where unknown[number] && equations[root(number)] != nil {
            members[root(number), default: []].append(number)
        }
        return members.keys.sorted().compactMap { key in
            guard let unknowns = members[key], unknowns.contains(where: isAsked) else { return nil }
            return Inference(unknowns: unknowns, equations: equations[key] ?? [])
        }
    }

    private func isAsked(_ number: Int) -> Bool { !system.numbers[number].carriers.isEmpty }

    /// Parts that overlap say nothing where those that are known exceed the whole already; nor does a whole that is
    /// known say more of a part than that it is no larger.
    private func says(nothing equation: NumberSystem.Equation, _ unknown: [Bool]) -> Bool {
        guard equation.slack == .overlap, !unknown[equation.total] else {
            guard equation.slack == .overlap, equation.parts.count == 1, let whole = equation.parts.first
            else { return false }
            return !unknown[whole] && system.numbers[whole].depth < system.numbers[equation.total].depth
        }
        let known = equation.parts.filter { !unknown[$0] }.compactMap { system.numbers[$0].value }
        return known.reduce(0, +) >= (system.numbers[equation.total].value ?? 0)
    }

    /// What must be withheld so that the component is safe, or becomes safer; nothing if it is.
    private func additions(to component: Inference, _ unknown: [Bool]) -> Set<Int> {
        let asked = component.unknowns.filter(isAsked)
        let needs = Dictionary(uniqueKeysWithValues: asked.map { ($0, need(demand($0))) })
        switch component.verdict(system.numbers, needs) {
        case .safe: return []
        case .known(let number):
            return candidate(for: number, component, unknown).map { [$0] } ?? []
        case .tooLarge:
            return Set(component.equations.map(\.total).filter { !unknown[$0] })
        }
    }

    private func need(_ demand: Demand) -> Inference.Need {
        guard !demand.isSum else {
            return .init(width: max(demand.unit, demand.protection))
        }
        return .init(
            high: demand.value < demand.unit ? demand.unit : nil,
            low: demand.hasComplement ? max(0, demand.value - demand.unit) : nil, width: demand.unit)
    }

    /// Of the equations about the number, the one that leaves it the least room; of its released numbers the
    /// smallest, a part rather than the total. Where none is left there, any of the component.
    private func candidate(for number: Int, _ component: Inference, _ unknown: [Bool]) -> Int? {
        let own = component.equations.filter { $0.total == number || $0.parts.contains(number) }
        for equations in [own, component.equations] {
            let offers = equations.compactMap { equation -> (room: Double, number: Int)? in
                let isFree = { (place: Int) in !unknown[place] && isAsked(place) }
                let parts = equation.parts.filter(isFree)
                let choice =
                    parts.min { smaller($0, $1) } ?? (isFree(equation.total) ? equation.total : nil)
                guard let choice else { return nil }
                let room = equation.parts.filter { unknown[$0] && $0 != number }
                    .reduce(0) { $0 + abs(system.numbers[$1].value ?? 0) }
                return (room, choice)
            }
            if let best = offers.min(by: { ($0.room, $0.number) < ($1.room, $1.number) }) {
                return best.number
            }
        }
        return nil
    }

    private func smaller(_ left: Int, _ right: Int) -> Bool {
        (system.numbers[left].value ?? 0, left) < (system.numbers[right].value ?? 0, right)
    }
}
