internal import Core

/// One invented person: who they are and where they are registered.
struct SyntheticPerson: Sendable {
    let index: Int
    let nhsNumber: String?
    let female: Bool
    let birthDay: Int
    let deathDay: Int?
    /// ONS 2001 census category, A-S, Z.
    let ethnicity: String
    let area: Population.Area
    let practice: String
    let site: Int
    let secondSite: Int?
    let optedOut: Bool
    /// Latent ill health, mean 0, sd 1: what makes diseases come together.
    let frailty: Double

    /// Age in whole years on the reference day, or at death.
    var age: Int { ageOn(deathDay ?? Population.referenceDay) }

    func ageOn(_ day: Int) -> Int {
        let birth = Civil.date(days: birthDay)
        let then = Civil.date(days: day)
        let hadBirthday = (then.month, then.day) >= (birth.month, birth.day)
        return then.year - birth.year - (hadBirthday ? 0 : 1)
    }

    init(index: Int, population: Population, random: inout RandomStream) {
        self.index = index
        nhsNumber = population.nhsNumber(index)
        female = random.chance(0.507)
        let age = Self.drawAge(&random, female: female)
        birthDay = Population.referenceDay - age * 365 - age / 4 - random.below(365)
        area = population.areas[random.below(population.areas.count)]
        practice = population.practices[random.below(population.practices.count)]
        ethnicity = Self.drawEthnicity(&random)
        let parameters = population.parameters
        site = random.below(parameters.sites)
        let overlaps = random.chance(parameters.overlap) && parameters.sites > 1
        secondSite = overlaps ? (site + 1 + random.below(parameters.sites - 1)) % parameters.sites : nil
        optedOut = random.chance(0.05)
        frailty = random.normal() + 0.04 * Double(6 - area.decile)
        let yearly = 0.00003 * exponential(0.095 * Double(age)) * (female ? 0.8 : 1.1)
        let died = random.chance(min(0.6, yearly * 3))
        deathDay = died ? max(birthDay, Population.referenceDay - random.below(3 * 365)) : nil
    }

    /// England's age structure in broad strokes (ONS mid-2022 estimates, share per band of ages).
    private static func drawAge(_ random: inout RandomStream, female: Bool) -> Int {
        let bands: [(Int, Int, Double)] = [
            (0, 4, 0.054), (5, 14, 0.119), (15, 24, 0.119), (25, 34, 0.136), (35, 44, 0.132), (45, 54, 0.130),
            (55, 64, 0.126), (65, 74, 0.098), (75, 84, 0.062), (85, 99, 0.024),
        ]
        var draw = random.unit()
        for (low, high, share) in bands {
            if draw < share { return low + random.below(high - low + 1) }
            draw -= share
        }
        return 85 + random.below(female ? 16 : 12)
    }

    /// Census 2021, England, mapped to the NHS's 2001 categories (NHS Data Dictionary, "Ethnic Category").
    private static func drawEthnicity(_ random: inout RandomStream) -> String {
        let shares: [(String, Double)] = [
            ("A", 0.735), ("B", 0.009), ("C", 0.062), ("D", 0.009), ("E", 0.004), ("F", 0.008), ("G", 0.008),
            ("H", 0.033), ("J", 0.028), ("K", 0.011), ("L", 0.017), ("M", 0.011), ("N", 0.026), ("P", 0.005),
            ("R", 0.008), ("S", 0.011),
        ]
        var draw = random.unit()
        for (code, share) in shares {
            if draw < share { return code }
            draw -= share
        }
        return "Z"
    }
}
