import Core
import Synthesis

/// Files of one synthetic site.
struct SynthesisedData {
    let root: String
    let patients: Int
    let seed: UInt64

    /// - Returns: the site's folder.
    func write(_ site: OrganisationCode) throws -> String {
        let parameters = try PopulationParameters(patients: patients, seed: seed, sites: 1, overlap: 0)
        _ = try SynthesisRun(parameters, directory: root + "/data", siteNames: [site.text]).write()
        return "\(root)/data/\(site)"
    }
}

/// A generator that replays from its seed (SplitMix64, Steele et al. 2014).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}

/// Legal fragments: a source, predicates, group keys and aggregates, chosen at random.
enum RandomFragment {
    private struct Source {
        let text: String
        let keys: [String]
        let predicates: [String]
        let arguments: [String]
    }

    private static let patientKeys = [
        "p.sex", "p.deceased", "p.lsoa", "p.ethnic_category", "date_part('year', p.birth_date)",
    ]
    private static let patientPredicates = [
        "p.sex = 'female'", "NOT p.deceased", "date_part('year', p.birth_date) >= 1960",
        "EXISTS (SELECT 1 FROM condition x WHERE x.person = p.person AND x.code = '38341003')",
        "NOT EXISTS (SELECT 1 FROM encounter x WHERE x.person = p.person AND x.class = 'IMP')",
        "p.person IN (SELECT person FROM condition GROUP BY person HAVING count(*) >= 2)",
        "(SELECT max(x.value_quantity) FROM observation x WHERE x.person = p.person "
            + "AND x.value_unit = 'mm[Hg]') >= 140",
    ]
    private static let years = "CAST(date_part('year', age(DATE '2025-12-31', p.birth_date)) AS integer)"

    private static let sources = [
        Source(
            text: "patient p", keys: patientKeys, predicates: patientPredicates,
            arguments: [years, "CASE WHEN p.deceased THEN 1 ELSE 0 END"]),
        Source(
            text: "condition c", keys: ["c.code", "c.clinical_status", "date_part('year', c.onset_date)"],
            predicates: ["c.clinical_status = 'active'", "c.code IN ('38341003', '44054006')"],
            arguments: ["CASE WHEN c.clinical_status = 'active' THEN 1 ELSE 0 END"]),
        Source(
            text: "patient p JOIN condition c ON c.person = p.person", keys: patientKeys + ["c.code"],
            predicates: patientPredicates + ["c.clinical_status = 'active'"], arguments: [years]),
        Source(
            text: "patient p LEFT JOIN condition c ON c.person = p.person AND c.code = '38341003'",
            keys: patientKeys + ["c.clinical_status"], predicates: patientPredicates, arguments: [years]),
        Source(
            text: "observation o JOIN patient p USING (person)",
            keys: ["p.sex", "o.code", "o.value_unit", "date_part('year', o.effective_at)"],
            predicates: ["o.value_unit = 'kg/m2'", "o.value_quantity > 30"] + patientPredicates.prefix(2),
            arguments: ["o.value_quantity"]),
        Source(
            text:
                "(SELECT person, count(*) AS k FROM encounter GROUP BY person) e JOIN patient p USING (person)",
            keys: ["e.k", "p.sex"], predicates: ["e.k > 2"], arguments: ["e.k"]),
    ]

    static func sql(using random: inout SeededGenerator) -> String {
        let source = pick(sources, &random)
        let keys = some(source.keys, upTo: 2, &random)
        let predicates = some(source.predicates, upTo: 2, &random)
        let argument = pick(source.arguments, &random)
        let person = source.text.hasPrefix("condition") ? "c.person" : "p.person"
        let all = [
            "count(*)", "count(DISTINCT \(person))", "count(\(argument))", "sum(\(argument))",
            "avg(\(argument))", "count(*) FILTER (WHERE \(pick(source.predicates, &random)))",
        ]
        let aggregates = some(all, upTo: 3, &random)
        let items = keys.enumerated().map { "\($1) AS k\($0)" }
        let numbers = (aggregates.isEmpty ? [all[0]] : aggregates).enumerated().map { "\($1) AS a\($0)" }
        return "SELECT \((items + numbers).joined(separator: ", ")) FROM \(source.text)"
            + (predicates.isEmpty ? "" : " WHERE " + predicates.joined(separator: " AND "))
            + (keys.isEmpty ? "" : " GROUP BY " + keys.joined(separator: ", "))
    }

    private static func pick<T>(_ values: [T], _ random: inout SeededGenerator) -> T {
        values[Int(random.next() % UInt64(values.count))]
    }

    /// Some of the values, none twice.
    private static func some(
        _ values: [String], upTo limit: Int, _ random: inout SeededGenerator
    ) -> [String] {
        Array(values.shuffled(using: &random).prefix(Int(random.next() % UInt64(limit + 1))))
    }
}
