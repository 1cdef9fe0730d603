internal import Core
internal import Disclosure
internal import Exchange

/// Which counts of a linked question are parts of which, by the people in them: a linker knows no more of its cells.
///
/// A cell of one fragment is part of a cell of another if all its people are in it; parts that together are the whole
/// make a relation. By chance a few may look like it that are not: then a little more is withheld.
struct LinkedParts {
    /// One fragment's cells: their people, and of each aggregate those that it counts, ascending.
    struct Fragment {
        let people: [[UInt128]]
        let contributors: [[[UInt128]]]
    }

    let fragments: [Fragment]

    func relations() -> [PeopleRelation] {
        var relations: [PeopleRelation] = []
        for coarse in fragments.indices {
            let owners = owners(of: fragments[coarse])
            for fine in fragments.indices where fine != coarse {
                for (total, parts) in parts(of: fragments[fine], owners).sorted(by: { $0.key < $1.key }) {
                    relations += self.relations(parts, in: fine, total, in: coarse)
                }
            }
        }
        return relations + wholes()
    }

    /// The cells that each person is in.
    private func owners(of fragment: Fragment) -> [UInt128: Set<Int>] {
        var owners: [UInt128: Set<Int>] = [:]
        for (cell, people) in fragment.people.enumerated() {
            for person in people { owners[person, default: []].insert(cell) }
        }
        return owners
    }

    /// Of each cell of the owners, the cells that lie in it.
    private func parts(of fine: Fragment, _ owners: [UInt128: Set<Int>]) -> [Int: [Int]] {
        var parts: [Int: [Int]] = [:]
        for (cell, people) in fine.people.enumerated() {
            guard let first = people.first, var within = owners[first] else { continue }
            for person in people.dropFirst() {
                within.formIntersection(owners[person] ?? [])
                if within.isEmpty { break }
            }
            for total in within { parts[total, default: []].append(cell) }
        }
        return parts
    }

    private func relations(
        _ parts: [Int], in fine: Int, _ total: Int, in coarse: Int
    ) -> [PeopleRelation] {
        let (part, whole) = (fragments[fine], fragments[coarse])
        guard parts.count > 1 || part.people.count < whole.people.count || fine < coarse,
            Set(parts.flatMap { part.people[$0] }).count == whole.people[total].count
        else { return [] }
        return zip(part.contributors, whole.contributors).enumerated().compactMap { aggregate, pair in
            let sum = parts.reduce(0) { $0 + pair.0[$1].count }
            guard sum >= pair.1[total].count else { return nil }
            return PeopleRelation(
                parts: parts.map { .init(fragment: fine, aggregate: aggregate, cell: $0) },
                total: .init(fragment: coarse, aggregate: aggregate, cell: total),
                isDisjoint: sum == pair.1[total].count)
        }
    }

    /// Fragments whose cells are the same people, each in one cell, have one total, asked for or not.
    private func wholes() -> [PeopleRelation] {
        var relations: [PeopleRelation] = []
        var everybody: Set<UInt128>?
        for (number, fragment) in fragments.enumerated() {
            guard let counted = fragment.contributors.first else { continue }
            let people = Set(counted.joined())
            guard people.count == counted.reduce(0, { $0 + $1.count }),
                everybody.map({ $0 == people }) ?? true
            else { continue }
            everybody = people
            relations.append(
                PeopleRelation(
                    parts: counted.indices.map { .init(fragment: number, aggregate: 0, cell: $0) },
                    total: nil, isDisjoint: true))
        }
        return relations.count > 1 ? relations : []
    }
}
