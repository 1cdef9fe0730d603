internal import Core

/// What to synthesise.
package struct PopulationParameters: Sendable {
    package let patients: Int
    package let seed: UInt64
    /// Sites the people are spread over, 1 or more.
    package let sites: Int
    /// Share of people with records at two sites, 0 to 1.
    package let overlap: Double

    /// - Throws: `SynthesisError` with the remedy if a number is out of range.
    package init(patients: Int, seed: UInt64, sites: Int = 1, overlap: Double = 0) throws(SynthesisError) {
        guard (1...5_000_000).contains(patients) else {
            throw SynthesisError("--patients must be between 1 and 5,000,000")
        }
        guard (1...50).contains(sites) else { throw SynthesisError("--sites must be between 1 and 50") }
        guard (0...1).contains(overlap) else { throw SynthesisError("--overlap must be between 0 and 1") }
        self.patients = patients
        self.seed = seed
        self.sites = sites
        self.overlap = overlap
    }
}

/// A fault in what was asked of the synthesiser, in words that name the remedy.
package struct SynthesisError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// The invented country: areas with deprivation, practices, and who lives where.
package struct Population: Sendable {
    /// The day on which the population is described: nothing is recorded after it.
    package static let referenceDay = Civil.days(year: 2026, month: 6, day: 30)

    package let parameters: PopulationParameters
    let areas: [Area]
    let practices: [String]
    private let numbers: [Int32]

    /// A Lower-layer Super Output Area of our own: about 1,600 people each.
    struct Area: Sendable {
        let code: String
        let rank: Int
        let decile: Int
        let population: Int
    }

    package init(_ parameters: PopulationParameters) {
        self.parameters = parameters
        let count = max(20, min(3_000, parameters.patients / 400))
        areas = (0..<count).map { index in
            // Ranks spread evenly over 1...32,844, in an order that hides them from the code.
            let place = (index * 7_919 + Int(parameters.seed % 97)) % count
            let rank = 1 + place * 32_843 / max(1, count - 1)
            return Area(
                code: "E0199" + pad(index + 1, 4), rank: rank, decile: min(10, 1 + (rank - 1) * 10 / 32_844),
                population: 1_200 + (index * 131) % 900)
        }
        practices = (0..<max(6, min(400, parameters.patients / 2_500))).map { "Y9" + pad($0 + 1, 4) }
        numbers = Self.validNumbers()
    }

    /// How many people can have an NHS number of the 999 range.
    package var capacity: Int { numbers.count }

    /// The person's NHS number, or nil for those beyond the range's capacity.
    package func nhsNumber(_ index: Int) -> String? {
        guard index < numbers.count else { return nil }
        // A stride that is coprime with any count below it visits every number once.
        let place = (index * 612_361 + Int(parameters.seed % 1_000_003)) % numbers.count
        return "999" + pad(Int(numbers[place]), 7)
    }

    /// All seven-digit endings (six digits and the check digit) that make a valid number after 999.
    ///
    /// Modulus 11 as `NHSNumber.checkDigit` says it, without an array a number: 999 adds 9 * (10 + 9 + 8).
    private static func validNumbers() -> [Int32] {
        var result: [Int32] = []
        result.reserveCapacity(910_000)
        for ending in 0..<1_000_000 {
            var sum = 243
            var rest = ending
            var weight = 2
            while weight <= 7 {
                sum += rest % 10 * weight
                rest /= 10
                weight += 1
            }
            let check = 11 - sum % 11
            if check != 10 { result.append(Int32(ending * 10 + check % 11)) }
        }
        return result
    }

    /// `reference.imd` for the invented areas, as CSV with a header.
    package var imdCSV: String {
        var text = "lsoa,lsoa_year,rank,decile,population\n"
        for area in areas { text += "\(area.code),2011,\(area.rank),\(area.decile),\(area.population)\n" }
        return text
    }
}

/// Decimal digits with leading zeros.
func pad(_ number: Int, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.count)) + text
}
