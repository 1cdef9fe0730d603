import Core
import Testing

@testable import Query

/// Which numbers of a question are parts of which, whatever the words it is asked in.
@Suite struct ReleaseStructureTests {
    private func structure(_ sql: String) throws -> ReleaseStructure {
        try Planning.plan(sql).fragments.releaseStructure(in: TestCatalog.catalog)
    }

    @Test("sub-totals are over the same rows, and share their keys")
    func groupingSets() throws {
        let structure = try structure(
            """
            SELECT sex, ethnic_category, count(*) FROM patient WHERE deceased IS NOT TRUE
            GROUP BY CUBE (sex, ethnic_category)
            """)
        #expect(structure.families.count == 1)
        #expect(structure.families[0].isSingle && !structure.families[0].isEntangled)
        let keys = structure.fragments.map { Set($0.keys) }
        #expect(Set(keys) == [[0, 1], [0], [1], []])
        #expect(Set(structure.fragments.flatMap(\.aggregates)).count == 1)
        #expect(structure.fragments.indices.allSatisfy(structure.isTied))
    }

    @Test(
        "a percentile's bins are parts of its group's count of values: one family, all of the same rows")
    func bins() throws {
        for sql in [
            "SELECT code, median(least(greatest(rank, 0), 63)) AS m FROM condition GROUP BY code",
            "SELECT code, median(value_quantity), count(*) FROM observation WHERE code = '8480-6' GROUP BY code",
            "SELECT sex, median(date_part('year', age(birth_date))) FROM patient GROUP BY sex",
        ] {
            let structure = try structure(sql)
            #expect(structure.families.count == 1 && !structure.families[0].isEntangled)
            #expect(structure.fragments.count == 2)
            let levels = structure.fragments.map { Set($0.keys) }
            for (coarse, fine) in zip(levels, levels.dropFirst()) {
                #expect(coarse.isSubset(of: fine) && fine.count == coarse.count + 1)
            }
            let counted = structure.fragments.map { fragment in fragment.aggregates.map(\.rows) }
            let tree = Set(counted.dropFirst().joined())
            #expect(tree.count == 1 && counted[0].contains { tree.contains($0) })
            #expect(structure.fragments.allSatisfy { $0.fixed.isEmpty })
        }
    }

    @Test("sub-queries over the same people are one family, those over others are not")
    func families() throws {
        let same = try structure(
            "SELECT (SELECT count(*) FROM patient), (SELECT count(*) FROM patient WHERE sex = 'female')")
        #expect(same.families.count == 1)
        #expect(same.fragments[0].aggregates[0].rows.atoms.count == 2)
        #expect(same.fragments[1].aggregates[0].rows.atoms.count == 1)
        let other = try structure("SELECT (SELECT count(*) FROM patient), (SELECT count(*) FROM condition)")
        #expect(other.families.count == 2)
        #expect(!other.isTied(0) && !other.isTied(1))
    }

    @Test("a condition on what another fragment groups by picks one of its cells")
    func slices() throws {
        let structure = try structure(
            """
            SELECT sex, count(*), (SELECT count(*) FROM patient WHERE sex = 'female' AND deceased) AS f
            FROM patient GROUP BY sex
            """)
        #expect(structure.families.count == 1)
        let slice = try #require(structure.fragments.first { $0.keys.isEmpty })
        #expect(slice.fixed == [0: .text("female")] && slice.isPartial)
        let whole = try #require(structure.fragments.first { !$0.keys.isEmpty })
        #expect(!whole.isPartial && whole.aggregates[0].rows.atoms.count == 2)
        #expect(Set(slice.aggregates[0].rows.atoms).isSubset(of: whole.aggregates[0].rows.atoms))
        let own = try self.structure("SELECT sex, count(*) FROM patient WHERE sex <> 'male' GROUP BY sex")
        #expect(own.fragments[0].isPartial && own.fragments[0].aggregates[0].rows.atoms.count == 1)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let items: String
        /// Of each item, the kinds of row it counts, in letters.
        let kinds: String
        var testDescription: String { items }
    }

    static let cases = [
        Case(items: "count(*), count(*) FILTER (WHERE sex = 'male')", kinds: "ab a"),
        Case(
            items: """
                count(*) FILTER (WHERE sex = 'male'), count(*) FILTER (WHERE NOT sex = 'male'),
                count(*) FILTER (WHERE sex IS NULL), count(*)
                """, kinds: "a b c abc"),
        Case(
            items: "count(*) FILTER (WHERE sex IN ('male', 'female')), count(*) FILTER (WHERE sex <> 'male')",
            kinds: "ab bc"),
        Case(
            items: "sum(CASE WHEN sex = 'male' THEN 1 ELSE 0 END), count(*) FILTER (WHERE 'male' = sex)",
            kinds: "a a"),
        Case(
            items: """
                count(*) FILTER (WHERE date_part('year', birth_date) < 1960),
                count(*) FILTER (WHERE date_part('year', birth_date) < 1980),
                count(*) FILTER (WHERE date_part('year', birth_date) >= 1980)
                """, kinds: "a ab c"),
        Case(
            items: "count(*) FILTER (WHERE deceased), count(*) FILTER (WHERE deceased IS NOT TRUE)",
            kinds: "a b"),
        Case(items: "count(DISTINCT person), count(*)", kinds: "a a"),
    ]

    @Test("conditions divide rows as they mean it", arguments: cases)
    func conditions(given: Case) throws {
        let structure = try structure("SELECT \(given.items) FROM patient")
        let sets = structure.fragments[0].aggregates.map { Set(($0.sum ?? $0.rows).atoms) }
        #expect(
            structure.families[0].quantities[(structure.fragments[0].aggregates[0].rows).quantity].kind
                == .rows)
        // Letters name kinds up to renaming: the sizes of all intersections are the same.
        let letters = given.kinds.split(separator: " ").map(Set.init)
        for first in sets.indices {
            for second in sets.indices {
                #expect(
                    sets[first].intersection(sets[second]).count
                        == letters[first].intersection(letters[second]).count)
                #expect(
                    sets[first].subtracting(sets[second]).isEmpty
                        == letters[first].subtracting(letters[second]).isEmpty)
            }
        }
    }

    @Test("a sum, its average, its shift and its multiples are one quantity; a square is of it")
    func sums() throws {
        let structure = try structure(
            """
            SELECT avg(value_quantity), sum(value_quantity), sum(2 * value_quantity - 10),
              avg(value_quantity * value_quantity)
            FROM observation WHERE code = '8480-6'
            """)
        let sums = structure.fragments[0].aggregates.compactMap(\.sum)
        #expect(sums[0] == sums[1])
        #expect(sums[2].quantity == sums[0].quantity && sums[2].scale == 2 && sums[2].shift == -10)
        let quantities = structure.families[0].quantities
        #expect(quantities[sums[3].quantity].factors == [sums[0].quantity, sums[0].quantity])
        #expect(!structure.families[0].isSingle)
    }

    @Test("only what the catalog lists may be a key of a closed domain")
    func domains() throws {
        let domains = try structure(
            """
            SELECT sex, lsoa, CASE WHEN deceased THEN 'dead' END, deceased, count(*) FROM patient
            GROUP BY 1, 2, 3, 4
            """
        ).fragments[0].domains
        #expect(domains[0] == [.text("male"), .text("female"), .text("other"), .text("unknown")])
        #expect(domains[1] == nil)
        #expect(domains[2] == [.text("dead")])
        #expect(domains[3] == [.boolean(true), .boolean(false)])
    }

    @Test("conditions that are too many to tell apart are said to be entangled")
    func entangled() throws {
        let items = (0..<20).map { "count(*) FILTER (WHERE ethnic_category LIKE '\($0)%')" }
        let structure = try structure("SELECT \(items.joined(separator: ", ")) FROM patient")
        #expect(structure.families[0].isEntangled)
        #expect(structure.isTied(0))
    }
}
